"""Mutants that no simulated world can show: each with the test that fails because of it.

Brokers, files and databases of their own are not played in a world; what they must refuse is shown
by tests of real ones. Here the product is broken in the same way as for the worlds, and the named
test must fail.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub import seal, wire
from hub.nats.subjects import LinkSubjects
from hub.store import blobs
from node.main import serving
from tests.contract import test_lease
from tests.integration.nats import test_permissions
from tests.integration.node import test_backups
from tests.integration.trust import test_blobs
from tests.sim.fabric.mutants import Patched
from tests.sim.fabric.mutants_wire import LeaseGuardOff
from tests.unit.hub import test_seal_order


class WildcardPermission(Patched):
    """A child's user may publish wherever its account reaches (``lk.>``)."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        allowed = LinkSubjects.child_may_publish
        return [(LinkSubjects, "child_may_publish", lambda self: [*allowed(self), "lk.>"])]


class NoMarkerCheck(Patched):
    """A database older than its node begins to serve as if it were the newest."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(serving, "copied", lambda _settings, _boot_no: "")]


class BlobReferenceUnchecked(Patched):
    """Whoever names a digest gets the photo."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(blobs, "referred", lambda _conn, _link, _digest: True)]


class HeaderReadFirst(Patched):
    """Reads a header before anybody has looked at its seal."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        check = seal._check_seals

        def late(data: bytes, *args: Any, **values: Any) -> None:
            if data.startswith(seal.SEAL_TAG):
                wire.header_from(data[len(seal.SEAL_TAG):])
            check(data, *args, **values)

        return [(seal, "_check_seals", late)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """``run`` is the test, as the page names it, with what it is given."""

    mutant: type[Patched]
    test: str
    run: Callable[[Path], None]


def _lease(folder: Path) -> None:
    from hub.store.engine import open_engine
    from hub.store.tables import metadata

    url = f"sqlite:///{folder / 'node.db'}"
    made = open_engine(url)
    metadata.create_all(made)
    made.dispose()
    test_lease.test_a_process_that_lost_its_lease_writes_nothing(url)


ELSEWHERE: tuple[Elsewhere, ...] = (
    Elsewhere(
        mutant=WildcardPermission,
        test="tests/integration/nats/test_permissions.py::test_a_child_may_not_publish",
        run=lambda folder: test_permissions.test_a_child_may_not_publish(
            folder, test_permissions.MINE.down.subject),
    ),
    Elsewhere(
        mutant=BlobReferenceUnchecked,
        test="tests/integration/trust/test_blobs.py::"
             "test_what_no_word_on_this_link_named_is_refused",
        run=test_blobs.test_what_no_word_on_this_link_named_is_refused,
    ),
    Elsewhere(
        mutant=NoMarkerCheck,
        test="tests/integration/node/test_backups.py::"
             "test_a_restored_home_does_not_serve_before_it_is_recovered",
        run=test_backups.test_a_restored_home_does_not_serve_before_it_is_recovered,
    ),
    Elsewhere(
        mutant=HeaderReadFirst,
        test="tests/unit/hub/test_seal_order.py::test_a_header_under_a_broken_seal_is_never_read",
        run=lambda _folder: test_seal_order.test_a_header_under_a_broken_seal_is_never_read(),
    ),
    Elsewhere(
        mutant=LeaseGuardOff,
        test="tests/contract/test_lease.py::test_a_process_that_lost_its_lease_writes_nothing",
        run=_lease,
    ),
)


def fails(one: Elsewhere) -> str:
    """What the test says of the mutant, "" if it passes."""
    with tempfile.TemporaryDirectory(prefix="wanmi-mutant-") as folder, one.mutant():
        try:
            one.run(Path(folder))
        except BaseException as err:  # pytest's own failures are no Exceptions
            if isinstance(err, KeyboardInterrupt):
                raise
            return f"{type(err).__name__}: {err}".splitlines()[0]
    return ""
