"""Sheets of the problem library (问题库报表): drawn up for finished periods, kept as published,
and sent to the office above."""
