"""Which seed kills which mutant of the fabric, and in what weather."""

from __future__ import annotations

from collections.abc import Callable

from hub.carriers.port import Kind
from tests.sim.fabric import mutants as m
from tests.sim.fabric import mutants_wire as w
from tests.sim.fabric.faults import Profile
from tests.sim.fabric.world import Mutant


def restoring() -> Profile:
    return Profile(restores=1, cuts=2, words=60, crash=0.005)


def reworking() -> Profile:
    return Profile(new_epochs=2, words=60)


def reworking_often() -> Profile:
    return Profile(new_epochs=6, words=80)


def poisoned() -> Profile:
    return Profile(poison=0.1, words=60)


def given_up() -> Profile:
    return Profile(poison=0.3, discard=0.5, words=80)


def attacked() -> Profile:
    return Profile(zombies=2, words=60)


def impersonated() -> Profile:
    return Profile(impostors=2, words=80)


def crashing() -> Profile:
    return Profile(crash=0.01, loss=0.05, words=60)


def troubled() -> Profile:
    return Profile(crash=0.01, disk_trouble=0.2, words=200)


def powerless() -> Profile:
    return Profile(power=6, words=80)


def full() -> Profile:
    return Profile(disk_full=4, words=200, delay_ms=400)


def forging() -> Profile:
    return Profile(forgers=4, words=60)


def rotating() -> Profile:
    return Profile(trust=True, rotations=3, forgers=6, cuts=2, words=60, delay_ms=400)


def renewing() -> Profile:
    return Profile(trust=True, renewals=5, cuts=3, loss=0.1, crash=0.01, words=60, delay_ms=400)


def renewing_often() -> Profile:
    return Profile(trust=True, renewals=20, cuts=6, loss=0.1, reorder=0.3, crash=0.01, words=40,
                   delay_ms=3_000)


def lying() -> Profile:
    return Profile(liars=4, words=60)


def paused() -> Profile:
    return Profile(pauses=3, words=60)


def shared() -> Profile:
    return Profile(takeovers=2, words=80, delay_ms=400)


def silent() -> Profile:
    return Profile(cuts=3, one_way=3, words=40, kinds=(Kind.NATS,))


def mixed() -> Profile:
    return Profile(mixed=True, upgrades=3, words=60, poison=0.1)


def from_the_future() -> Profile:
    return Profile(future_headers=True, words=20)


def losing() -> Profile:
    return Profile(recoveries=2, cuts=2, words=60, crash=0.005, delay_ms=400)


def losing_often() -> Profile:
    return Profile(
        recoveries=5, cuts=2, words=80, crash=0.005, loss=0.05, double=0.1, delay_ms=400
    )


def losing_with_boxes() -> Profile:
    return Profile(recoveries=3, cuts=1, words=80, kinds=(Kind.NATS,), stale=0.3)


def losing_copies() -> Profile:
    return Profile(recoveries=2, clones=2, words=80, kinds=(Kind.GRPC,))


KILLED_BY: tuple[tuple[type[Mutant], Callable[[], Profile], int], ...] = (
    (m.AckBeforeCommit, crashing, 0),
    (m.NoInboxUniqueness, reworking, 0),
    (m.DuplicateWithoutChainCheck, attacked, 0),
    (m.LaneNotHeld, poisoned, 0),
    (m.OvertakeForAll, poisoned, 0),
    (m.NumbersBeforeHello, restoring, 10),
    (m.PublishTakenAsAck, crashing, 0),
    (m.NoResendAfterHello, crashing, 2),
    (m.SentBeforeNumbered, troubled, 0),
    (w.DedupByTimeWindow, reworking_often, 0),
    (w.RetryWithNewId, crashing, 0),
    (w.PollByLastId, crashing, 0),
    (w.SyncNormal, powerless, 0),
    (w.AckHeadUnchecked, impersonated, 0),
    (w.ResendWithoutHello, silent, 0),
    (w.FencedWithoutProof, lying, 0),
    (w.CreditIgnored, full, 0),
    (w.BackoffResetByInbound, paused, 0),
    (w.RevisionUnchecked, mixed, 0),
    (w.SealUnchecked, forging, 0),
    (w.StrangerBelieved, forging, 0),
    (w.RevokedKeyTaken, rotating, 0),
    (w.OldSealResent, rotating, 0),
    (w.OldPapersEndAtOnce, renewing, 0),
    (w.UnheardPapersForgotten, renewing_often, 5),
    (w.RenewedAndSilent, renewing, 0),
    (w.SealedAfterReserialising, from_the_future, 0),
    (w.NoWatchdog, silent, 0),
    (w.FailureAcknowledged, troubled, 0),
    (w.NoNotices, given_up, 0),
    (m.NoEpochBump, losing_often, 0),
    (m.EpochIsHighestPlusOne, losing_with_boxes, 4),
    (m.ReadoptSkipped, losing, 0),
    (m.BranchNotSet, losing_often, 0),
    (m.EchoNotReattached, losing_copies, 36),
    (m.LeftoversIntoTheInbox, losing_with_boxes, 3),
)
"""Each mutant, the weather in which it is looked for, and the seed at which the hunt begins."""

NOT_KILLED: tuple[tuple[type[Mutant], Callable[[], Profile], str], ...] = (
    (
        w.LeaseGuardOff, shared,
        "two processes over one database go on side by side, and nothing is lost or doubled: every "
        "statement is bound to the position in the row that it locks. The guard spares them the "
        "quarrel over the contact; that it refuses is shown by the tests of the statements.",
    ),
)
"""Mutants that no seed kills, the weather in which they live, and why that is believed."""
