"""Labels of lots (HJ 1276-2022): laid out once in millimetres, written as SVG for pages and as PDF for printers."""
