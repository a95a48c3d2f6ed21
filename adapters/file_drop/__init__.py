"""Work orders out and results in, as CSV files in a shared folder."""
