"""The units' own systems: simulators as separate processes, and what joins them to their nodes.

The mapping of each system is a file of the example; only addresses and secrets are written here.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from hub.ports import free_port
from node.cli.demo.federation import AdapterPlan, Federation, Process
from node.cli.demo.verdict import LegacyOrder

STEP_S = 0.8
"""How long a unit's people take for each step of a work order on this compressed day."""
FAULTS = "lose_answer=0.06,error_after_commit=0.04,duplicate=0.1,reorder=0.1"
"""What these systems do wrong all day."""
RETURN_SHARE = 0.02
LIVE = ("10", "20", "30")
"""Statuses of a work order that somebody is still working on."""


class Legacy:
    """The legacy systems of one federation."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._stores: dict[str, Path] = {}

    def equip(self) -> None:
        """Lay each adapter's folder into its node's home and name the processes to start."""
        for plan in self._federation.plan.adapters:
            if plan.kind == "rest":
                self._rest(plan)
            elif plan.kind == "file_drop":
                self._file_drop(plan)
            else:
                office = self._federation.offices[plan.node]
                self._manifest(plan, {"public_url": office.url})

    async def orders(self) -> list[LegacyOrder]:
        """Every work order of every system, read from the systems' own stores."""
        return [
            LegacyOrder(system=system, key=key, live=status in LIVE)
            for system, store in self._stores.items()
            for key, status in _work_orders(store)
        ]

    def _rest(self, plan: AdapterPlan) -> None:
        port = free_port()
        store = self._federation.folder / f"{plan.id}.legacy.db"
        token = self._federation.folder / f"{plan.id}.token"
        _secret(token)
        folder = self._manifest(plan, {
            "base_url": f"http://127.0.0.1:{port}/api", "auth": "bearer", "secret_file": "token",
        })
        shutil.copy(token, folder / "token")
        self._simulate(plan, store, "adapters.rest.simulator", "--port", str(port),
                       "--token-file", str(token))

    def _file_drop(self, plan: AdapterPlan) -> None:
        store = self._federation.folder / f"{plan.id}.legacy.db"
        share = self._federation.folder / f"{plan.id}.share"
        for name in ("orders", "results"):
            (share / name).mkdir(parents=True)
        self._manifest(plan, {"folder": str(share), "encoding_out": "utf-8-sig"})
        self._simulate(plan, store, "adapters.file_drop.simulator", "--folder", str(share))

    def _manifest(self, plan: AdapterPlan, config: dict[str, str]) -> Path:
        folder = self._federation.offices[plan.node].home / "adapters" / plan.id
        folder.mkdir(parents=True)
        lines = [f'id = "{plan.id}"', f'kind = "{plan.kind}"', f'name = "{plan.name}"',
                 "poll_every_s = 0.5", "doubt_s = 1.0", "", "[config]"]
        lines += [f'{name} = "{value}"' for name, value in config.items()]
        (folder / "manifest.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        mapping = self._federation.example / "adapters" / plan.id / "mapping.toml"
        if mapping.exists():
            shutil.copy(mapping, folder / "mapping.toml")
        return folder

    def _simulate(self, plan: AdapterPlan, store: Path, module: str, *args: str) -> None:
        self._stores[plan.id] = store
        self._federation.legacy[plan.id] = Process(
            name=plan.id, log=self._federation.folder / f"{plan.id}.log",
            command=(sys.executable, "-m", module, *args, "--store", str(store),
                     "--step-s", str(STEP_S), "--return-share", str(RETURN_SHARE),
                     "--faults", FAULTS))


def _work_orders(store: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        return db.execute("SELECT ext, status FROM work_order").fetchall()


def _secret(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(24), encoding="utf-8")
