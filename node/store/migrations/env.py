"""Alembic's entry: runs the migrations on the connection that ``node.store.schema`` hands over."""

from __future__ import annotations

from alembic import context

from hub.store.tables import metadata as hub_metadata
from node.store.tables import metadata as node_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[hub_metadata, node_metadata],
    render_as_batch=True,  # SQLite changes a table by copying it
    transactional_ddl=True,  # all of it or nothing, on both databases
)
with context.begin_transaction():
    context.run_migrations()
