"""People and programs over HTTP: REST with OpenAPI, server-sent changes, health and metrics.

Routes decode, call the office and encode; they decide nothing. ``app.create_app`` puts them
together, ``server.Server`` runs them inside an event loop that somebody else owns.
"""
