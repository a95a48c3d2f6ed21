"""The dispatcher's desk (派遣台): what waits to be handed over, to whom by the tables, and why."""
