"""The composition root, as the command line reaches it.

``node.main`` knows every layer and lies above this package, so it is not imported here: it is
loaded by name at the moment it is needed, the way a console script's entry point is. That also
keeps ``wanmi case list`` from loading brokers and databases.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from node.cli.speech import Exit, Speech
from node.service.views import Finding, ImportResult

if TYPE_CHECKING:
    from node.cli.place_sinks import PlaceSink


class Damage(Protocol):
    """One thing that is not what was written."""

    kind: str
    where: str
    what: str
    detail: str
    digest: str


class Looked(Protocol):
    """What was compared, by kind, and what is damaged."""

    counts: dict[str, int]
    damages: tuple[Damage, ...]
    differing: tuple[str, ...]


class DataKey(Protocol):
    """A key for names and phones."""

    @property
    def alg(self) -> str: ...

    @property
    def key_id(self) -> bytes: ...


Progress = Callable[[str, int, int], None]
"""Told ``(step, done, total)``."""


class Kept(Protocol):
    """A whole backup."""

    @property
    def path(self) -> Path: ...

    def document(self) -> dict[str, Any]:
        """path node taken_at schema files bytes keys missing_photos removed."""
        ...


class Composition(Protocol):
    """What ``node.main`` offers to whoever stands at the node's machine."""

    def serve(self, home: Path) -> int:
        """Run the node until a signal; returns the exit status."""
        ...

    def migrate(self, home: Path) -> None:
        """Bring the database to this version's schema."""
        ...

    def offline_places(self, home: Path) -> AbstractContextManager[PlaceSink]:
        """The steps of an import of places on the database of a stopped node."""
        ...

    def offline_findings(self, home: Path) -> list[Finding]:
        """What can be said of the database without a running node."""
        ...

    def look_through(self, home: Path, progress: Callable[[str, int], None]) -> Looked:
        """Compare everything in this home with its digests and second forms; read only."""
        ...

    def check_profile(self, home: Path, name: str) -> None:
        """Raises OSError or ValueError if a node in this home could not use the profile."""
        ...

    def verify_audit(self, home: Path, anchors: Path | None) -> dict[str, Any]:
        """Look through the audit log of this home; see ``node.main.auditing``."""
        ...

    def note(
        self, home: Path, action: str, subject: str, detail: Mapping[str, str | int | bool]
    ) -> None:
        """Write into the audit log of a stopped node what was done to it from outside."""
        ...

    def told(self, home: Path) -> dict[str, tuple[str, ...]]:
        """What the roster is to say of this node: ``doors`` and ``capabilities``."""
        ...

    def create_token(
        self, home: Path, name: str, scope: str, roles: Collection[str] = ()
    ) -> str:
        """Make a token in the database of a stopped node."""
        ...

    def account(self, home: Path, act: str, given: Mapping[str, Any]) -> Any:
        """create, roles, lock, unlock, reset or end an account of a stopped node; the link that
        was made, if any."""
        ...

    def accounts(self, home: Path) -> Sequence[Any]:
        """The accounts of a stopped node."""
        ...

    def first_link(self, home: Path) -> Any:
        """The link that makes the first account of a stopped node; None if there is one."""
        ...

    def renew_data_key(self, home: Path, *, suite: str, cipher: str) -> DataKey:
        """A new key for names and phones, at a stopped node."""
        ...

    def reseal(
        self, home: Path, *, suite: str, progress: Callable[[int], None]
    ) -> dict[str, int]:
        """Write every name and phone of a stopped node as its settings want them."""
        ...

    def forget_rosters(self, home: Path) -> None:
        """Forget whom the present root has named: a stopped node is to have another one."""
        ...

    def backup(
        self, home: Path, to: Path | None, *, keep: int, passphrase_file: Path | None,
        progress: Progress,
    ) -> Kept:
        """Take a backup of a node, running or not."""
        ...

    def verify_backup(self, folder: Path, *, progress: Progress) -> Kept:
        """Read every byte of a backup again."""
        ...

    def restore(
        self, folder: Path, home: Path, *, passphrase_file: Path | None, database_url: str,
        progress: Progress,
    ) -> Kept:
        """Put a backup into an empty home."""
        ...

    def recover(self, home: Path, talk: Any, wishes: Any) -> Any:
        """Lead the node through the recovery of its links; see ``node.main.recovering``."""
        ...

    def import_rows(self, home: Path, table: str, rows: Sequence[Any]) -> ImportResult:
        """Store rows of an imported table (by its name) in the database of a stopped node."""
        ...


def composition(speech: Speech) -> Composition:
    """``node.main``. Raises ``Trouble`` where the installation lacks it."""
    name = "node.main"
    try:
        return cast("Composition", import_module(name))
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise speech.trouble(Exit.HOME, "main.absent", name=name) from error
