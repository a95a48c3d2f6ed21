"""The composition root: the only place that knows every layer and puts a node together.

The command line loads this package by name: ``serve`` runs a node until a signal, the others work
on a node that is not running. Each loads what it needs and nothing else: a node that serves does
not carry the readers of lists and layers, and the others nothing of brokers and web servers.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from node.main.auditing import verify_audit
    from node.main.backups import backup
    from node.main.backups import verify as verify_backup
    from node.main.data_keys import renew_data_key
    from node.main.geography import offline_places
    from node.main.offline import (
        check_profile,
        create_token,
        forget_rosters,
        import_rows,
        migrate,
        note,
        offline_findings,
        told,
    )
    from node.main.peopling import account, accounts, first_link
    from node.main.recovering import recover
    from node.main.resealing import reseal
    from node.main.restoring import restore
    from node.main.soundness import look_through

__all__ = [
    "account",
    "accounts",
    "backup",
    "check_profile",
    "create_token",
    "first_link",
    "forget_rosters",
    "import_rows",
    "look_through",
    "migrate",
    "note",
    "offline_findings",
    "offline_places",
    "recover",
    "renew_data_key",
    "reseal",
    "restore",
    "serve",
    "told",
    "verify_audit",
    "verify_backup",
]

_LIES_IN = MappingProxyType({
    "backup": "node.main.backups",
    "offline_places": "node.main.geography",
    "look_through": "node.main.soundness",
    "recover": "node.main.recovering",
    "renew_data_key": "node.main.data_keys",
    "reseal": "node.main.resealing",
    "restore": "node.main.restoring",
    "verify_audit": "node.main.auditing",
    "verify_backup": "node.main.backups",
    **dict.fromkeys(("account", "accounts", "first_link"), "node.main.peopling"),
    **dict.fromkeys(
        ("check_profile", "create_token", "forget_rosters", "import_rows", "migrate",
         "note", "offline_findings", "told"),
        "node.main.offline",
    ),
})

_CALLED_THERE = MappingProxyType({"verify_backup": "verify"})


def __getattr__(name: str) -> Any:
    if name not in _LIES_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LIES_IN[name]), _CALLED_THERE.get(name, name))


def serve(home: Path) -> int:
    """Run the node of a home directory until SIGTERM or SIGINT; returns the exit status.
    Raises the FabricError for which it could not start."""
    from node.main.serving import serve as run_node

    return run_node(home)
