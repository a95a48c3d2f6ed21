"""The comprehensive evaluation: rows from the journal, figures from rows, sheets from figures."""
