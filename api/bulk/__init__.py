"""批量: sheets for people who live in Excel: templates, uploads row by row, the same file back, and exports."""
