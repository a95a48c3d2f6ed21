"""The console: pages for people, made on the server from the use cases that the API calls too.

Nothing of it is loaded before somebody opens the first page. ``docs/console.md`` is the plan of
this house: rooms, pages, fragments, words.
"""
