"""The console without a node: words, files, forms."""
