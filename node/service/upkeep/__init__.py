"""Maintenance of what an office is set up with (应用维护): one way for every kind of table.

A file is checked and waits as a draft; what it would change is shown; it is taken, and is a
version; an earlier version is put back in the same way. ``room`` holds the way, ``kinds`` what a
kind of table must know; one module each for tables whose versions are kept beside them (``kept``),
the calendar (``year``), what goes into an edition of a standard (``lists``), places (``layers``).
"""
