"""The composition root: the only place that knows every layer and puts a node together.

The command line loads this package by name: ``serve`` runs a node until a signal, the others work
on a node that is not running and load nothing of brokers and web servers.
"""

from __future__ import annotations

from pathlib import Path

from node.main.geography import offline_places
from node.main.offline import (
    check_profile,
    create_token,
    import_rows,
    migrate,
    offline_findings,
)

__all__ = [
    "check_profile",
    "create_token",
    "import_rows",
    "migrate",
    "offline_findings",
    "offline_places",
    "serve",
]


def serve(home: Path) -> int:
    """Run the node of a home directory until SIGTERM or SIGINT; returns the exit status.
    Raises the FabricError for which it could not start."""
    from node.main.serving import serve as run_node

    return run_node(home)
