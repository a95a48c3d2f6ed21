"""Homes with their settings file, as ``wanmi init`` leaves them, for tests that work on files."""

from __future__ import annotations

from pathlib import Path

from node.cli.home import render_settings
from node.settings import FILE_NAME, Settings


def write_settings(settings: Settings) -> None:
    """Lay the settings of a planned town's node into its home."""
    text = render_settings(
        id_=settings.node.id, name=settings.node.name, profile=settings.node.profile,
        parent=settings.parent.id if settings.parent is not None else "",
        http_port=settings.http.port, grpc_port=settings.grpc.port, nats_port=settings.nats.port,
        nats=settings.nats.embedded, database_url=settings.database.url.get_secret_value(),
    )
    (settings.home / FILE_NAME).write_text(text, encoding="utf-8")


def nothing(step: str, done: int, total: int) -> None:
    """Nobody watches the progress."""
    Path(step), done, total
