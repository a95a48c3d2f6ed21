"""Tables from outside: one way to read, check, report and take over a sheet, whatever it holds.

``sheet`` turns bytes (CSV or .xlsx) into lines of cells; ``table`` says which columns a kind of
table has and reads its lines; ``line`` is one line with its cells; ``report`` is what came of it:
rows, faults and warnings with line, column and mending, and the rejected lines as a sheet. One
module per kind of table declares a ``Table`` and a function from line to row, nothing else.
"""
