"""A short bad day of real processes, and proof that its account would have noticed.

One run for the whole module: people work while lines and processes break, then everything heals.
The other tests damage what the run left behind and ask the account again.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from node.cli.demo.verdict import LegacyOrder
from tests.chaos.account import INVARIANTS, Scene, account, isolated
from tests.chaos.clients import Answer
from tests.chaos.run import Outcome, Wanted, live
from tests.chaos.stores import Store
from tests.chaos.town import Town

pytestmark = [pytest.mark.slow, pytest.mark.nats, pytest.mark.postgres, pytest.mark.timeout(400)]
SEED, SECONDS, EVERY_S = 46, 30.0, 1.7
"""A seed without ``restore``: a whole recovery needs more time than this run has."""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    wanted = Wanted(seed=SEED, seconds=SECONDS, every_s=EVERY_S)
    town = Town(tmp_path_factory.mktemp("chaos"), wanted.shape)
    with asyncio.Runner() as runner:
        try:
            yield runner.run(live(town, wanted, print))
        finally:
            runner.run(town.remove())


def test_every_invariant_holds_after_a_short_bad_day(outcome: Outcome) -> None:
    assert [] == outcome.broken, f"seed {SEED}; files of the run in {outcome.folder}"
    assert len(outcome.faults) > 8
    assert outcome.answered.total() > 50
    assert outcome.words > 50
    assert outcome.quiet_s < 60


def damaged(scene: Scene, folder: Path, node: str, statement: str) -> Scene:
    """The scene with one database changed behind everybody's back."""
    copy = folder / "damaged.db"
    with closing(sqlite3.connect(scene.homes[node] / "data" / "wanmi.db")) as db:
        db.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as db, db:
        changed = db.execute(statement).rowcount
    assert changed == 1, statement
    store = Store(node, f"sqlite:///{copy}")
    return replace(scene, stores={**scene.stores, node: store}, folders={})


LAST = "(SELECT n FROM journal WHERE trace_msg IS NOT NULL ORDER BY n DESC LIMIT 1)"
OLDEST = "(SELECT rowid FROM {} ORDER BY rowid LIMIT 1)"


@pytest.mark.parametrize(("node", "statement", "names"), [
    ("420202", f"DELETE FROM journal WHERE n = {LAST}", {"I7", "every"}),
    ("420202", "DELETE FROM inbox WHERE rowid = " + OLDEST.format("inbox"), {"I2", "I10"}),
    ("420202", "UPDATE inbox SET chain = zeroblob(32) WHERE rowid = " + OLDEST.format("inbox"),
     {"I10"}),
    ("420202", "DELETE FROM outbox WHERE rowid = " + OLDEST.format("outbox"), {"I2", "I3"}),
    ("420202", "UPDATE inbox SET outcome = 'PARKED', code = 'x' WHERE rowid = "
     + OLDEST.format("inbox"), {"I11"}),
    ("420202", "UPDATE blob SET state = 'PARTIAL' WHERE rowid = " + OLDEST.format("blob"), {"I15"}),
    ("420200", "DELETE FROM trace WHERE rowid = " + OLDEST.format("trace"), {"I7"}),
    ("420200", "UPDATE trace SET digest = zeroblob(32) WHERE rowid = " + OLDEST.format("trace"),
     {"I7"}),
    ("420200", "DELETE FROM cases WHERE case_id = (SELECT case_id FROM cases WHERE assignee IS "
     "NOT NULL LIMIT 1)", {"every", "I1"}),
])
def test_the_account_notices_a_row_that_was_tampered_with(
    outcome: Outcome, tmp_path: Path, node: str, statement: str, names: set[str]
) -> None:
    assert names <= noticed(damaged(outcome.scene, tmp_path, node, statement))


def noticed(scene: Scene) -> set[str]:
    """First words of the findings that are broken."""
    cheap = [one for one in INVARIANTS if one is not isolated or scene.folders]
    return {one.name.split(":")[0].split()[0] for one in account(scene, cheap) if one.broken}


def _forgotten(scene: Scene, folder: Path) -> Scene:
    invented = Answer(node="420202", verb="sign", key="k", version=999,
                      case_id=next(iter(scene.stores["420202"].journals)))
    scene.log.answers.append(invented)
    return scene


def _photo_lost(scene: Scene, folder: Path) -> Scene:
    scene.log.photos.add(("420200", "0" * 64))
    return scene


def _doubled(scene: Scene, folder: Path) -> Scene:
    order = LegacyOrder(system="oms", key="a/1", live=False)
    return replace(scene, orders=(order, order))


def _orphan(scene: Scene, folder: Path) -> Scene:
    after = damaged(scene, folder, "420200", "UPDATE assignment SET ended = 'withdrawn' WHERE "
                    "rowid = " + OLDEST.format("assignment"))
    ended = after.stores["420200"].rows(
        "SELECT assignment_id FROM assignment WHERE ended IS NOT NULL")
    return replace(after, orders=(LegacyOrder(system="oms", key=f"{ended[0][0]}/1", live=True),))


def _leaked(scene: Scene, folder: Path) -> Scene:
    leak = folder / "leak.bin"
    leak.write_bytes(b"\x00" * 100 + b"canary<420200-420202>7")
    return replace(scene, folders={"420203": (leak,)})


@pytest.mark.parametrize(("harm", "name"), [
    (_forgotten, "I1"), (_photo_lost, "I15"), (_doubled, "I4"), (_orphan, "I16"), (_leaked, "I9"),
])
def test_the_account_notices_what_is_not_in_a_database(
    outcome: Outcome, tmp_path: Path, harm: Callable[[Scene, Path], Scene], name: str
) -> None:
    log = replace(outcome.scene.log, answers=list(outcome.scene.log.answers),
                  photos=set(outcome.scene.log.photos))
    assert name in noticed(harm(replace(outcome.scene, log=log, folders={}), tmp_path))


def test_what_a_run_did_is_told_to_machines(outcome: Outcome) -> None:
    told = outcome.summary()
    assert told["outcome"] == "held"
    assert set(told["faults"]) <= {"kill", "stop", "delay", "thin", "slice", "hole", "reset",
                                   "wipe", "full", "flip", "rot", "expire", "leader", "quorum",
                                   "roll", "restore", "cut"}
    assert told["commands_answered"] == sum(told["verbs"].values())
    assert Path(outcome.folder / "summary.json").is_file()
