"""The production code with one rule off each: what the town's observer must notice.

A mutant patches names of the production modules for the length of one seed. It lives in test code
only; nothing in the product can be switched to behave like this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from hub import wire
from hub.envelope import Header
from hub.seal import digest, seal
from hub.store import outbox
from node.core import handover
from node.core.capability import Capability
from node.core.decide import handed as deciding
from node.core.decide import requests, timing
from node.core.facts import RequestKind
from node.core.hear import directives, endings, fences, heard
from node.core.words import Directive, Withdraw
from node.service import adapters, desk, receive
from node.service.stock import room
from node.service.surroundings import Surroundings
from node.store.repository import NodeStore
from tests.sim.fabric.keys import signer_of
from tests.sim.fabric.mutants import LaneNotHeld, Patched
from tests.sim.fabric.world import MS
from tests.sim.town.places import Weather
from tests.sim.town.world import TownNode


class OrderFenceOff(Patched):
    """Takes an order whatever its number."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(fences, "is_older", lambda generation, held: False)]


class TombstoneOff(Patched):
    """A withdrawal that outran its order leaves nothing that would stop the order."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        bury = directives.bury

        def forget(case: Any, word: Any, ctx: Any) -> heard.Heard:
            if case is not None:
                return heard.late_word(word, ctx)
            (buried,) = bury(case, word, ctx).events
            return heard.Heard(events=(replace(buried, generation=0),))

        return [(directives, "bury", forget), (fences, "is_buried", lambda duty: False)]


class ReportFenceOff(Patched):
    """Any report of the assignee counts for what is live now."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(fences, "speaks_for", lambda live, report: live is not None)]


class RankRuleOff(Patched):
    """Reports may move backwards."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(fences, "moves", lambda rank, said: True)]


class ReworkKeepsNumber(Patched):
    """A rework goes out under the number of the round before."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        def same(*args: Any, **values: Any) -> Any:
            again = handover.send_round_again(*args, **values)
            return replace(again, generation=again.previous_generation)

        return [(endings, "send_round_again", same), (deciding, "send_round_again", same)]


class InnerSurvivesOuter(Patched):
    """The end of a duty leaves what was handed on at work."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(endings, "end_inner", lambda case, ending, text, ctx: ())]


class VoidedBelow(Patched):
    """A middle office voids a case that it did not file."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(requests, "_ours_to_decide", lambda case, one, request, ctx: None)]


class NeverResumes(Patched):
    """A suspension whose end has come goes on."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(timing, "_wait_over", lambda case, command, ctx: ())]


class BoundOff(Patched):
    """A middle office grants more time than it has itself."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(requests, "_within", lambda limits, outer: None)]


class AnsweredTwice(Patched):
    """An answer counts every time it is said."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(fences, "is_answered", lambda request: False)]


class ResumedTwice(Patched):
    """A clock is set going every time somebody says so."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(fences, "ends_pause", lambda duty, request_id: True)]


class RightsOff(Patched):
    """Nobody is refused anything by right, and the same hands judge what they did."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(Surroundings, "context", _unrighteous(Surroundings.context))]


def _unrighteous(context: Callable[..., Any]) -> Callable[..., Any]:
    def every(self: Any, **values: Any) -> Any:
        return replace(context(self, **values), rights=None, capabilities=frozenset(Capability))

    return every


class TraceOutsideTransaction(Patched):
    """Traces are enqueued a moment after the commit; whoever dies in between has lost them."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        enqueue, flush, woken = desk.Desk._enqueue, desk.Desk.flush, TownNode.woken
        staged: dict[int, list[Any]] = {}
        owed: dict[str, list[Any]] = {}

        def put_aside(self: Any, link: Any, draft: Any) -> None:
            if draft.prio == desk.PRIO_TRACE and not draft.flags:
                staged.setdefault(id(self), []).append((link, draft))
            else:
                enqueue(self, link, draft)

        def flushed(self: Any, tx: Any) -> None:
            flush(self, tx)
            owed.setdefault(self.surroundings.node, []).extend(staged.pop(id(self), ()))

        def committed(self: TownNode, topics: set[str]) -> None:
            woken(self, topics)
            for link, draft in owed.pop(self.id, ()):
                self.later(50 * MS, lambda link=link, draft=draft: woken(
                    self, self.disk.write(lambda tx: outbox.enqueue(tx, link, [draft]))[1]))

        return [(desk.Desk, "_enqueue", put_aside), (desk.Desk, "flush", flushed),
                (TownNode, "woken", committed)]


class CauseUnchecked(Patched):
    """A word that comes again acts again."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(NodeStore, "known_causes", staticmethod(lambda _conn, _causes: set()))]


class EventsUnchecked(Patched):
    """What a unit's system says again acts again."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        hear = adapters.UnitDesk._hear

        def unchecked(self: Any, tx: Any, adapter: str, words: Any) -> Any:
            with patch.multiple(
                NodeStore,
                known_adapter_events=staticmethod(lambda _conn, _adapter, _events: set()),
                known_causes=staticmethod(lambda _conn, _causes: set()),
            ):
                return hear(self, tx, adapter, words)

        return [(adapters.UnitDesk, "_hear", unchecked)]


class RelayResigned(Patched):
    """A middle office passes evidence up under its own seal."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        pass_up = receive.Receiver._pass_up

        def resigned(self: Any, tx: Any, received: Any, case_id: str, sealed: bytes) -> Any:
            head, body, _ = wire.sealed_parts(sealed)
            header: Header = wire.header_from(head)
            mine = signer_of(self._desk.surroundings.node)
            again, _ = seal(replace(header, body_digest=digest(header.digest_alg, body)), body,
                            (mine,))
            return pass_up(self, tx, received, case_id, again)

        return [(receive.Receiver, "_pass_up", resigned)]


class NoLookUp(Patched):
    """A call with an unknown outcome is simply made again."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        job = adapters.UnitDesk._job

        def fresh(self: Any, tx: Any, row: Any) -> Any:
            return replace(job(self, tx, row), outcome="")

        return [(adapters.UnitDesk, "_job", fresh)]


class TownLaneNotHeld(LaneNotHeld):
    """Words pass a parked one of their lane, whole offices behind them."""


class SheetNotSent(Patched):
    """A sheet is published and put on no way up."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(room, "enqueue", lambda tx, link, drafts: None)]


class NumberGivenTwice(Patched):
    """The allocator gives the number that was given last."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(handover, "next_generation", lambda issued, branch: max(1, issued, branch))]


class InnerOutlastsOuter(Patched):
    """What is handed on may take longer than what is held."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(handover, "leg_limits", lambda _calendar, _now, limits, **_bounds: limits)]


class TimersForgetful(Patched):
    """A timer that fired is not marked as fired."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(NodeStore, "fire_timers", staticmethod(lambda _conn, _rows, _now: None))]


class CallBackLost(Patched):
    """A unit is not told that its work was called back."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        commission = desk.Desk._commission

        def but_withdrawals(self: Any, tx: Any, adapter: str, word: Any) -> None:
            if not (isinstance(word, Directive) and isinstance(word.act, Withdraw)):
                commission(self, tx, adapter, word)

        return [(desk.Desk, "_commission", but_withdrawals)]


class CommandIdUnchecked(Patched):
    """Whoever asks again under the same id is served again."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(NodeStore, "command", staticmethod(lambda _conn, _id: None))]


def busy(**faults: Any) -> Weather:
    return Weather(acts=150, cases=4, delay_ms=400, **faults)


def poisoned() -> Weather:
    return busy(poison=0.1)


def crashing() -> Weather:
    return busy(crash=0.01, loss=0.02)


def forgetful() -> Weather:
    return busy(trims=3, new_epochs=6)


def crossing() -> Weather:
    return busy(cuts=5)


def silent_units() -> Weather:
    return busy(unit_silent=0.4)


def asking_a_lot(**faults: Any) -> Weather:
    """Calm, but with many acts about few cases, so that requests come to their end."""
    return Weather(acts=200, cases=4, delay_ms=40, auto_route=1.0, photos=0.0, **faults)


def voiding() -> Weather:
    """Below, nobody asks for anything but an end without handling."""
    return Weather(acts=400, cases=3, delay_ms=40, auto_route=1.0, photos=0.0,
                   asks=(RequestKind.VOID,))


def by_hand(**faults: Any) -> Weather:
    """The same where people hand everything on themselves, under limits of their own."""
    return Weather(acts=300, cases=3, delay_ms=40, auto_route=0.0, photos=0.0, short_limits=0.0,
                   **faults)


def delaying() -> Weather:
    """Below, nobody asks for anything but more time."""
    return by_hand(asks=(RequestKind.EXTENSION, RequestKind.SUSPENSION))


def echoing() -> Weather:
    return by_hand(echoes=300)


def pausing() -> Weather:
    """The same where people ask for nothing but that the clock stand still."""
    return by_hand(echoes=300, asks=(RequestKind.SUSPENSION,))


def arranged() -> Weather:
    return busy(arrangement="two levels of command")


KILLED_BY: tuple[tuple[type[Patched], Callable[[], Weather], int], ...] = (
    (OrderFenceOff, poisoned, 52),
    (TombstoneOff, poisoned, 8),
    (ReportFenceOff, crossing, 120),
    (RankRuleOff, crossing, 7),
    (ReworkKeepsNumber, crossing, 0),
    (InnerSurvivesOuter, crossing, 2),
    (VoidedBelow, voiding, 0),
    (NeverResumes, delaying, 6),
    (BoundOff, delaying, 74),
    (AnsweredTwice, echoing, 1),
    (ResumedTwice, pausing, 6),
    (RightsOff, arranged, 0),
    (TraceOutsideTransaction, crashing, 10),
    (CauseUnchecked, forgetful, 20),
    (EventsUnchecked, crossing, 1),
    (RelayResigned, crossing, 2),
    (NoLookUp, silent_units, 1),
    (TownLaneNotHeld, poisoned, 1),
    (SheetNotSent, crossing, 0),
    (NumberGivenTwice, crossing, 0),
    (InnerOutlastsOuter, crossing, 0),
    (TimersForgetful, crossing, 0),
    (CallBackLost, crossing, 49),
    (CommandIdUnchecked, crashing, 13),
)
"""Each mutant, the weather in which it is looked for, and the recorded seed that kills it."""
