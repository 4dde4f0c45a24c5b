"""The HTTP face: facts in, questions out, and the dashboards."""
