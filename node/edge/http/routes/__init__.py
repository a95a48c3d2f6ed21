"""The routes, one module per noun. Each decodes, calls the office once and encodes."""
