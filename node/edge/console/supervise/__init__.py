"""The supervisor's desk (督查台): what is late, answers that are owed, the problem library."""
