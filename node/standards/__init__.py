"""Data of the trade that comes with the program; a city may put its own in their place."""
