"""The composition root: the only place that knows every layer and puts a node together.

The command line loads this package by name: ``serve`` runs a node until a signal, the others work
on a node that is not running.
"""

from __future__ import annotations

from node.main.offline import (
    create_token,
    import_conditions,
    import_responsibilities,
    migrate,
    offline_findings,
)
from node.main.serving import run, serve

__all__ = [
    "create_token",
    "import_conditions",
    "import_responsibilities",
    "migrate",
    "offline_findings",
    "run",
    "serve",
]
