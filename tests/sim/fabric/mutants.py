"""The production code with one thing broken each: what the simulator must notice.

A mutant patches a name of the production modules for the length of one seed. It lives in test
code only; nothing in the product can be switched to behave like this.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest import mock

from hub import wire
from hub.envelope import Flag
from hub.link import (
    answers,
    applying,
    epochs,
    incoming,
    operations,
    outgoing,
    recovering,
    recovery,
    sender,
    sequencer,
)
from hub.link.messages import Ack, Frame
from hub.link.steps import SettleEcho, Ticket, Verified
from hub.link.turn import Phase, Turn
from hub.store import inbox, links, outbox
from tests.sim.fabric.office import SimOffice
from tests.sim.fabric.world import End, Mutant


class Patched(Mutant):
    """Patches ``(owner, name, replacement)`` while a seed runs."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return []

    def __enter__(self) -> Mutant:
        self._active = [
            mock.patch.object(owner, name, replacement)
            for owner, name, replacement in self.patches()
        ]
        for patch in self._active:
            patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        for patch in self._active:
            patch.stop()


class AckBeforeCommit(Patched):
    """Acknowledges what was verified, before its transaction."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        original = incoming.verified

        def verified(turn: Turn, result: Verified) -> None:
            original(turn, result)
            if result.envelopes and turn.s.phase is Phase.UP:
                last = result.envelopes[-1].opened
                turn.say(
                    Ack(inn=last.header.position, in_head=last.chain, credit=512,
                        sent_at_us=turn.now.wall)
                )

        return [(incoming, "verified", verified)]


class NoInboxUniqueness(Patched):
    """Does not recognise a word that comes again under another position."""

    unique_inbox = False

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [
            (inbox, "seen", lambda _conn, _ids: set()),
        ]


class DuplicateWithoutChainCheck(Patched):
    """Takes every envelope at a known position for a duplicate."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        def chains(_conn: Any, _row: Any, envelopes: Any) -> Any:
            return {one.opened.header.position: one.opened.chain for one in envelopes}

        return [(operations, "_stored_chains", chains)]


class LaneNotHeld(Patched):
    """Lets words pass a parked one of their lane."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        def remember(header: Any, _what: Any, known: set[bytes], _held: set[bytes]) -> None:
            known.add(header.msg_id)

        return [
            (inbox, "held_lanes", lambda _conn, _link, _lanes: set()),
            (applying, "_remember", remember),
        ]


class OvertakeForAll(Patched):
    """Every word may pass a held lane."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        original = applying.Applier._refusal

        def refusal(self: Any, word: Any, known: set[bytes], held: set[bytes]) -> Any:
            header = replace(word.opened.header, flags=word.opened.header.flags | Flag.OVERTAKE)
            passing = word._replace(opened=replace(word.opened, header=header))
            return original(self, passing, known, held)

        return [(applying.Applier, "_refusal", refusal)]


class NumbersBeforeHello(Patched):
    """Gives numbers whenever there are drafts, in a contact or not."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        flow = outgoing.flow
        planned, sealed = sequencer.planned, sequencer.sealed

        def eager(turn: Turn) -> None:
            if turn.s.phase is not Phase.OFF:
                turn.sequencing(sequencer.start(turn.s.seq, unacked=turn.s.snd.unacked))
            flow(turn)

        return [
            (outgoing, "flow", eager),
            (sequencer, "planned", lambda s, rows, in_contact: planned(s, rows, in_contact=True)),
            (sequencer, "sealed", lambda s, rows, in_contact: sealed(s, rows, in_contact=True)),
        ]


class PublishTakenAsAck(Patched):
    """Marks a frame as delivered once a carrier took it."""

    def after_publish(self, end: End, frame: Frame) -> None:
        head, _, _ = wire.sealed_parts(frame.envelopes[-1])
        upto = wire.header_from(head).position

        def mark(tx: Any) -> None:
            row = links.read(tx.conn, end.link)
            assert row is not None
            if upto > row.acked:
                outbox.acknowledge(tx, end.link, after=row.acked, upto=upto)
                links.set_acked(tx, end.link, upto)

        end.node.disk.write(mark)
        end.node.world.observe_commit(end)


class NoResendAfterHello(Patched):
    """Takes everything numbered for delivered when a contact begins."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        begin = sender.begin

        def ahead(state: Any, **values: Any) -> Any:
            return begin(state, **{**values, "acked": values["out"]})

        return [(sender, "begin", ahead)]


class SentBeforeNumbered(Patched):
    """Sends envelopes whose numbers are not durable yet."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        original = answers.done

        def done(turn: Turn, ticket: Ticket, result: Any) -> None:
            if ticket.kind == "seal" and result and turn.up():
                sealed = tuple(row.sealed for row in result)
                turn.say(Frame(link=turn.s.link, origin=turn.s.me, envelopes=sealed))
            original(turn, ticket, result)

        return [(answers, "done", done)]


class NoticeForNotice(Patched):
    """Answers a Notice that could not be heard with another one."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        original = applying.Applier.notices

        def notices(self: Any, tx: Any, became: Any) -> None:
            original(self, tx, [(msg_id, "any", *rest) for msg_id, _, *rest in became])

        return [(applying.Applier, "notices", notices), *DEAF]


class NoEpochBump(Patched):
    """Goes on in the old epoch after a recovery, from where the peer stands."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        def go_on(tx: Any, sealing: Any, *, cut: Any, head: Any, **_: Any) -> int:
            outbox.remove(
                tx, [one.id for one in outbox.numbered_after(tx.conn, sealing.link, cut)]
            )
            links.move_out(tx, sealing.link, cut, head)
            links.set_acked(tx, sealing.link, cut)
            return int(cut.epoch)

        return [(recovering, "open_epoch", go_on)]


class EpochIsHighestPlusOne(Patched):
    """Numbers a new epoch by the highest that this copy knows."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(epochs, "next_epoch", lambda highest, _now: highest + 1)]


class ReadoptSkipped(Patched):
    """Puts what came back into the outbox and does not tell the office."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        def deaf(_office: SimOffice, _tx: Any, _link: Any, word: Any) -> int:
            return int(word.header.lane.partition(b"/")[2] or 0) % 3

        return [(SimOffice, "readopt", deaf)]


class BranchNotSet(Patched):
    """Goes on counting after a recovery where the backup stood, and what came back."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return [(SimOffice, "set_branch", lambda _office, _tx, _value: None)]


class EchoNotReattached(Patched):
    """Takes an echo that does not join on for its end."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        def give_up(turn: Turn) -> None:
            recovery._write(turn, recovery.SETTLE, SettleEcho(bare=True))

        return [(recovery, "_ask_for_everything", give_up)]


class LeftoversIntoTheInbox(Patched):
    """Takes what an older copy left in a mailbox like any other word."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        def take(tx: Any, applier: Any, leftover: Any) -> None:
            at = leftover.opened.header.position
            if inbox.row(tx.conn, applier.link, at) is not None:
                return
            became = applier.apply(tx, [leftover], 0)
            operations._record(tx, applier, [leftover], became, 0)

        return [(operations, "_fence_off", take)]


def _deaf(_office: SimOffice, _tx: Any, _link: Any, _notice: Any) -> None:
    raise RuntimeError("this office cannot hear notices")


DEAF = ((SimOffice, "notice", _deaf),)
"""Weather rather than a mutation: every Notice parks. A sound link stays quiet in it."""


class DeafToNotices(Patched):
    """The unbroken code in offices that cannot hear a Notice."""

    def patches(self) -> list[tuple[Any, str, Any]]:
        return list(DEAF)
