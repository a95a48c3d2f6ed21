"""Calling back (回访回告): what is owed to whoever reported, and how telling them went."""
