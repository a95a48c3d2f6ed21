"""The supervisor's desk (督查台): what is late, and answers that are owed."""
