"""Hello: said at the beginning of every contact, judged, and what its verdict opens or ends.

A Hello that cannot be read for want of a key asks for the roster first: the peer may have the one
that lists it.
"""

from __future__ import annotations

from dataclasses import replace

from hub.ids import START
from hub.link import acks, contacts, recovery, renewing, sender, sequencer, standstill
from hub.link import messages as msg
from hub.link import receiver as rx
from hub.link.checkpoint import FLOWING, LinkState
from hub.link.judge import Holder
from hub.link.steps import (
    Alarm,
    Greet,
    Judged,
    OfferClaims,
    OfferRoster,
    Say,
    Strange,
    TakeClaims,
    TakeRoster,
    Ticket,
    Write,
)
from hub.link.turn import SECOND, Phase, Turn

CLAIM_EVERY_US = 60 * SECOND
"""How often what the roster does not show yet is claimed again."""


def say_hello(turn: Turn) -> None:
    mark = turn.s.mark
    turn.say(
        msg.Hello(
            link=turn.s.link,
            sender=turn.s.me,
            out=mark.out,
            inn=mark.inn,
            in_head=mark.in_head,
            holder_no=mark.holder_no,
            holder_id=mark.holder_id,
            backlog=mark.drafts,
            roster_serial=turn.s.roster_serial,
            types=turn.s.types,
            credit=0 if mark.recovers else rx.credit(turn.s.rcv, turn.now.mono),
            recovering=mark.recovers,
            standing=mark.state not in FLOWING and not mark.recovers,
            sent_at_us=turn.now.wall,
        )
    )


def got_hello(turn: Turn, contact: int, hello: msg.Hello) -> None:
    if contact not in dict(turn.s.contacts):
        return
    if contact == turn.s.contact and hello.signed == turn.s.greeted:
        return
    if turn.s.dials and turn.s.phase not in (Phase.GREETING, Phase.UP, Phase.ECHO):
        return
    if turn.s.mark.paused:
        turn.do(
            Say(
                contact=contact,
                message=msg.Fault(code="GOODBYE", detail="link.paused: paused by a person"),
            )
        )
        return
    turn.do(
        Write(
            operation=Greet(hello=hello, min_proto=turn.s.min_proto),
            ticket=Ticket("greet", contact),
        )
    )


def judged(turn: Turn, contact: int, result: Judged) -> None:
    hello = result.hello
    known = dict(turn.s.contacts)
    turn.set(mark=result.checkpoint)
    still = result.checkpoint.state not in FLOWING
    if contact not in known:
        if still:
            standstill.stand_still(turn, result.detail)
        elif result.checkpoint.state is LinkState.UP and turn.s.phase is not Phase.UP:
            contacts.down(turn, "the contact ended while its hello was judged")
        return
    if not result.fault and (result.echo is not None or result.holder is Holder.ECHO_ONLY):
        recovery.met(turn, contact, result)
        if not turn.s.dials:
            say_hello(turn)
        acks.ack(turn)
        recovery.proceed(turn)
        return
    if result.fault:
        fault = msg.Fault(
            code=result.fault, detail=result.detail, inn=result.checkpoint.inn,
            in_head=result.checkpoint.in_head, proof=result.proof,
        )
        turn.do(Say(contact=contact, message=fault))
    if result.fault or still:
        if not hello.standing:
            turn.do(Alarm(code=result.detail.split(":", 1)[0], detail=result.detail))
        if contact == turn.s.contact:
            contacts.drop(turn, result.detail, slow=result.fault == "INCOMPATIBLE")
        else:
            contacts.end(turn, contact, result.detail)
        if still:
            standstill.stand_still(turn, result.detail)
        return
    if turn.s.contact and turn.s.contact != contact:
        # The peer says Hello on another carrier: that is where we speak from now on.
        contacts.end(turn, turn.s.contact, "replaced by a newer contact")
    mark = result.checkpoint
    turn.set(
        phase=Phase.UP, contact=contact, kind=known[contact], since=turn.now.mono,
        greeted=hello.signed, heard_at=turn.now.mono,
        echo_stamp=hello.sent_at_us, echo_heard=turn.now.mono,
        peer_out=hello.out, peer_backlog=hello.backlog, peer_serial=hello.roster_serial,
        peer_proto=hello.proto_max, claimed_at=turn.now.mono - CLAIM_EVERY_US,
        renewed_at=turn.now.mono - renewing.RENEW_EVERY_US,
        backlog=mark.drafts,
        seq=sequencer.greeted(
            turn.s.seq, out=mark.out, head=mark.out_head, types=hello.types
        ),
        snd=sender.begin(
            turn.s.snd, acked=mark.acked, acked_head=result.acked_head, out=mark.out,
            unacked=mark.unacked, credit=hello.credit, now=turn.now.mono,
        ),
        rcv=replace(
            turn.s.rcv,
            gap_since=turn.now.mono if turn.s.rcv.held else 0,
            lifting=b"",
            broken=b"",
            # The last countersign may have been lost with the contact: it is said again.
            fresh=max(turn.s.rcv.fresh, 1 if turn.s.rcv.inn > START else 0),
        ),
    )
    offset = hello.sent_at_us - turn.now.wall
    if abs(offset) > acks.OFFSET_ALARM_US and not turn.s.offset_us:
        # Rough, but the first words shall not pass for punctual until heartbeats tell.
        acks.clocks_differ(turn, offset)
    if not turn.s.dials:
        say_hello(turn)
    acks.ack(turn)
    if hello.roster_serial > turn.s.roster_serial:
        turn.say(msg.RosterOffer(want_serial=hello.roster_serial))


def strange(turn: Turn, given: Strange) -> None:
    """A Hello under a key that we do not know. It may be newer than our roster, and the peer
    may have the roster that lists it: ask for it, once per contact."""
    if given.contact not in dict(turn.s.contacts):
        return
    if given.contact in (turn.s.asked, turn.s.contact if turn.s.phase is Phase.UP else 0):
        fault = msg.Fault(code="UNKNOWN_KEY", detail=given.why)
        turn.do(
            Alarm(code="link.unknown_key", detail=given.why),
            Say(contact=given.contact, message=fault),
        )
        if given.contact == turn.s.contact:
            contacts.drop(turn, given.why, slow=True)
        else:
            contacts.end(turn, given.contact, given.why)
        return
    turn.set(asked=given.contact)
    want = msg.RosterOffer(want_serial=turn.s.roster_serial + 1)
    turn.do(Say(contact=given.contact, message=want))


def got_roster(turn: Turn, contact: int, offer: msg.RosterOffer) -> None:
    if contact == turn.s.contact:
        turn.set(heard_at=turn.now.mono)
    if offer.signed:
        turn.do(TakeRoster(signed=offer.signed))
    else:
        turn.do(OfferRoster(contact=contact, serial=offer.want_serial))


def claim(turn: Turn) -> None:
    """A child claims: when the contact begins, whenever there is something new, and again and
    again, for the roster that shows it may be long in coming."""
    if (
        turn.s.claims
        and turn.s.mark.peer_is_parent
        and turn.s.peer_proto >= msg.CLAIMS_PROTO
        and turn.now.mono - turn.s.claimed_at >= CLAIM_EVERY_US
    ):
        turn.set(claimed_at=turn.now.mono)
        turn.do(OfferClaims(contact=turn.s.contact))


def claimed(turn: Turn) -> None:
    turn.set(claimed_at=turn.now.mono - CLAIM_EVERY_US)


def got_claims(turn: Turn, claims: msg.Claims) -> None:
    """Only a child claims."""
    if turn.s.claims and not turn.s.mark.peer_is_parent:
        turn.do(TakeClaims(signed=claims.signed))


def rostered(turn: Turn, serial: int, min_proto: int) -> None:
    newer = serial > turn.s.roster_serial
    turn.set(roster_serial=max(serial, turn.s.roster_serial), min_proto=min_proto)
    if turn.up() and turn.s.peer_proto < min_proto:
        # The roster calls it too old from now on: its next Hello is refused, in so many words.
        reason = f"the roster asks for protocol {min_proto}"
        turn.say(msg.Fault(code="GOODBYE", detail=reason))
        contacts.drop(turn, reason, slow=True)
        return
    if newer and turn.s.asked in dict(turn.s.contacts):
        _hello_again(turn, turn.s.asked)
    if turn.s.rcv.key_retry:
        turn.receiving(rx.try_key_again(turn.s.rcv))
    if turn.up() and not turn.s.mark.peer_is_parent and turn.s.peer_serial < serial:
        turn.do(OfferRoster(contact=turn.s.contact, serial=serial))


def _hello_again(turn: Turn, contact: int) -> None:
    """A Hello could not be read before this roster came: begin anew, at once."""
    turn.set(asked=0)
    if contact != turn.s.contact:
        fault = msg.Fault(code="GOODBYE", detail="we have the roster now, say hello again")
        turn.do(Say(contact=contact, message=fault))
        contacts.end(turn, contact, "a newer roster")
    elif turn.s.phase is Phase.GREETING:
        contacts.end(turn, contact, "a newer roster")
        contacts.lost(turn, "a newer roster", soon=True)
