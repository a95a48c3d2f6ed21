"""One end of a link, driven by hand: what it says and where it stands after each input."""

from __future__ import annotations

from dataclasses import replace

from hub.carriers.port import Kind
from hub.ids import ZERO_CHAIN, Chain, LinkId, NodeId, Position
from hub.link import answers, contacts, receiver, sender, session, steps
from hub.link import messages as msg
from hub.link.checkpoint import Checkpoint, LinkState
from hub.link.judge import Holder, Verdict

PARENT, CHILD = NodeId("420200"), NodeId("420203")
LINK = LinkId("420200-420203")
SECOND = 1_000_000
WALL = 1_760_000_000_000_000
HEAD = Chain(bytes([7]) * 32)
MARK = Checkpoint(
    link=LINK, peer=CHILD, peer_is_parent=False, holder_no=3, holder_id=b"me",
    inn=Position(2, 5), in_head=HEAD, out=Position(2, 9),
)


class End:
    """The parent's end; time passes only in ``wait``."""

    def __init__(self, mark: Checkpoint = MARK, kinds: tuple[Kind, ...] = ()) -> None:
        self.mono = SECOND
        self.state = session.begin(checkpoint=mark, me=PARENT, kinds=kinds, types=())
        self.feed(steps.Started(checkpoint=mark))

    def feed(self, given: steps.Input) -> tuple[steps.Action, ...]:
        now = steps.Now(self.mono, WALL + self.mono)
        self.state, actions = session.step(self.state, given, now)
        return actions

    def wait(self, seconds: float) -> tuple[steps.Action, ...]:
        self.mono += int(seconds * SECOND)
        return self.feed(steps.Tick())

    def say(self, message: msg.Message, contact: int = 1, **more: object) -> list[steps.Action]:
        return list(self.feed(steps.Got(contact=contact, message=message, **more)))  # type: ignore[arg-type]

    def judged(self, contact: int = 1, **more: object) -> list[steps.Action]:
        """The peer's Hello went well, or as ``more`` says."""
        values: dict[str, object] = {
            "hello": hello(), "holder": Holder.ACCEPT, "verdict": Verdict.NORMAL,
            "checkpoint": replace(self.state.mark, state=LinkState.UP),
        }
        ticket = steps.Ticket("greet", contact)
        result = steps.Judged(**(values | more))  # type: ignore[arg-type]
        return list(self.feed(steps.Done(ticket=ticket, result=result)))

    def up(self) -> End:
        self.feed(steps.Arrived(contact=1, kind=Kind.GRPC))
        self.say(hello())
        self.judged()
        assert self.state.phase is session.Phase.UP
        return self


def hello() -> msg.Hello:
    return msg.Hello(
        link=LINK, sender=CHILD, out=Position(2, 5), inn=Position(2, 9), in_head=HEAD,
        holder_no=1, holder_id=b"child", credit=100, sent_at_us=WALL, signed=b"hello",
    )


def heartbeat(**more: object) -> msg.Ack:
    values: dict[str, object] = {
        "inn": Position(2, 9), "in_head": HEAD, "credit": 100, "sent_at_us": WALL,
        "out": Position(2, 5),
    }
    return msg.Ack(**(values | more))  # type: ignore[arg-type]


def faults(actions: list[steps.Action] | tuple[steps.Action, ...]) -> list[str]:
    return [
        action.message.code for action in actions
        if isinstance(action, steps.Say) and isinstance(action.message, msg.Fault)
    ]


def alarms(actions: list[steps.Action] | tuple[steps.Action, ...]) -> list[str]:
    return [action.code for action in actions if isinstance(action, steps.Alarm)]


def test_a_countersign_in_a_heartbeat_is_kept() -> None:
    """It says nothing new about the position, but it is the evidence of delivery."""
    state = replace(sender.Sender(), acked=Position(2, 9), acked_head=HEAD)
    assert sender.heard(state, heartbeat())[1] == ()
    evidence = msg.Countersign(
        position=Position(2, 9), head=HEAD, committed_at_us=WALL, signed=b"signed"
    )
    state, actions = sender.heard(state, heartbeat(countersign=evidence))
    assert [type(action) for action in actions] == [steps.Write]
    _, more = sender.heard(state, heartbeat(countersign=evidence))
    assert more == ()
    later = sender.heard(sender.heard(state, heartbeat(countersign=evidence))[0], heartbeat())[0]
    assert later.waiting is not None
    assert later.waiting.countersign == evidence


def test_the_last_countersign_is_said_again_in_the_next_contact() -> None:
    end = End().up()
    for _ in range(8):
        said = [
            action.message for action in end.wait(10)
            if isinstance(action, steps.Say) and isinstance(action.message, msg.Ack)
        ]
        end.say(heartbeat())
        if said[-1].countersign is not None:
            break
    assert said[-1].countersign is not None
    assert said[-1].countersign.position == Position(2, 5)


def test_a_leftover_in_a_mailbox_does_not_stop_the_living_copy() -> None:
    end = End().up()
    end.state = replace(end.state, rcv=replace(
        end.state.rcv, writing=(receiver.Held(0, (), 1),), writes=1,
    ))
    leftover = steps.Accepted(
        inn=Position(2, 5), in_head=HEAD, fresh=0, taken=steps.Taken.LEFTOVER
    )
    actions = end.feed(steps.Done(ticket=steps.Ticket("accept", 1), result=leftover))
    assert faults(actions) == []
    assert end.state.phase is session.Phase.UP
    end.say(msg.Fault(code="FENCED", inn=Position(2, 9)))
    assert end.state.mark.state not in (LinkState.FENCED, LinkState.QUARANTINED)


def test_a_copy_below_the_epoch_of_the_peer_stops() -> None:
    end = End().up()
    actions = end.say(msg.Fault(code="FENCED", detail="epoch", inn=Position(3, 1)))
    assert end.state.mark.state is LinkState.FENCED
    assert "copy.proven" not in alarms(actions)


def test_only_a_hello_of_another_holder_proves_a_copy() -> None:
    fault = msg.Fault(code="FENCED", inn=Position(2, 9))
    for holder_no, holder_id, proven in (
        (2, b"before", False), (3, b"me", False), (3, b"other", True), (4, b"other", True),
    ):
        end = End().up()
        own = replace(hello(), holder_no=holder_no, holder_id=holder_id)
        assert ("copy.proven" in alarms(end.say(fault, own=own))) is proven
        assert (end.state.mark.state is LinkState.FENCED) is proven


def test_a_second_copy_of_the_peer_ends_the_first_contact_too() -> None:
    end = End().up()
    end.feed(steps.Arrived(contact=2, kind=Kind.NATS))
    still = replace(end.state.mark, state=LinkState.QUARANTINED, reason="link.twin: two")
    actions = end.judged(
        2, holder=Holder.TWIN, verdict=None, checkpoint=still, fault="TWIN", detail="link.twin: two"
    )
    assert {a.contact for a in actions if isinstance(a, steps.Drop)} == {1, 2}
    assert end.state.contact == 0
    assert end.wait(60) == ()


def test_a_hello_under_a_new_key_asks_for_the_roster_first() -> None:
    end = End()
    end.feed(steps.Arrived(contact=1, kind=Kind.GRPC))
    actions = end.feed(steps.Strange(contact=1, why="no key"))
    assert [a.message for a in actions if isinstance(a, steps.Say)] == [
        msg.RosterOffer(want_serial=1)
    ]
    actions = end.say(msg.RosterOffer(signed=b"roster"))  # type: ignore[assignment]
    assert [type(a) for a in actions] == [steps.TakeRoster]
    actions = list(end.feed(steps.Rostered(serial=1)))
    assert faults(actions) == ["GOODBYE"]
    assert [a.contact for a in actions if isinstance(a, steps.Drop)] == [1]


def test_a_key_nobody_lists_is_an_alarm() -> None:
    end = End()
    end.feed(steps.Arrived(contact=1, kind=Kind.GRPC))
    end.feed(steps.Strange(contact=1, why="no key"))
    actions = end.feed(steps.Strange(contact=1, why="no key"))
    assert faults(actions) == ["UNKNOWN_KEY"]
    assert alarms(actions) == ["link.unknown_key"]


def test_a_link_that_falls_after_every_hello_backs_off() -> None:
    end = End(replace(MARK, peer_is_parent=True), kinds=(Kind.GRPC,))
    waits = []
    for contact in range(1, 7):
        end.wait(max(0, (end.state.retry_at - end.mono) / SECOND))
        end.feed(steps.Arrived(contact=contact, kind=Kind.GRPC))
        end.judged(contact)
        end.say(heartbeat(inn=end.state.snd.out, in_head=end.state.snd.acked_head), contact)
        end.feed(steps.Closed(contact=contact, why="gone"))
        waits.append((end.state.retry_at - end.mono) // SECOND)
    assert waits == [1, 2, 4, 8, 16, 32]


def test_a_refused_carrier_does_not_keep_the_other_waiting() -> None:
    end = End(replace(MARK, peer_is_parent=True), kinds=(Kind.GRPC, Kind.NATS))
    actions = end.feed(steps.Closed(contact=1, why="certificate", refused=True))
    assert alarms(actions) == ["link.refused"]
    assert [a.kind for a in actions if isinstance(a, steps.Dial)] == [Kind.NATS]
    end.feed(steps.Closed(contact=2, why="certificate", refused=True))
    assert end.state.retry_at - end.mono == 300 * SECOND


def test_what_a_person_has_to_change_is_tried_at_once_after_a_restart() -> None:
    """A certificate is renewed by papers and a restart; the wait of the old one is not kept."""
    end = End(replace(MARK, peer_is_parent=True), kinds=(Kind.GRPC,))
    actions = end.feed(steps.Closed(contact=1, why="certificate", refused=True))
    kept = [a.operation for a in actions
            if isinstance(a, steps.Write) and isinstance(a.operation, steps.Postpone)]
    assert len(kept) == 1
    restarted = End(replace(MARK, peer_is_parent=True, retry_n=kept[0].n,
                            retry_at_us=kept[0].at_us), kinds=(Kind.GRPC,))
    assert restarted.state.retry_at - restarted.mono <= 0


def test_what_passes_by_itself_waits_on_after_a_restart() -> None:
    end = End(replace(MARK, peer_is_parent=True), kinds=(Kind.GRPC,))
    actions = end.feed(steps.Closed(contact=1, why="gone"))
    kept = [a.operation for a in actions
            if isinstance(a, steps.Write) and isinstance(a.operation, steps.Postpone)]
    restarted = End(replace(MARK, peer_is_parent=True, retry_n=kept[0].n,
                            retry_at_us=kept[0].at_us), kinds=(Kind.GRPC,))
    assert restarted.state.retry_at - restarted.mono > 0


def test_a_flood_of_frames_waits_unverified() -> None:
    state = receiver.Receiver(inn=Position(2, 5), in_head=HEAD)
    frame = msg.Frame(link=LINK, origin=CHILD, envelopes=(b"x",))
    writes = dropped = 0
    for token in range(1, 60):
        state, actions = receiver.arrived(state, token, frame)
        dropped += sum(isinstance(action, steps.Finish) for action in actions)
        while state.verifying:
            sound = steps.Verified(envelopes=())
            state, actions = receiver.verified(state, sound, offset_ms=0)
            writes += sum(isinstance(action, steps.Write) for action in actions)
    assert writes == receiver.WRITING_FRAMES_MAX
    assert len(state.queue) == receiver.QUEUE_FRAMES_MAX
    assert dropped == 59 - writes - receiver.QUEUE_FRAMES_MAX
    taken = steps.Accepted(
        inn=Position(2, 6), in_head=ZERO_CHAIN, fresh=1, taken=steps.Taken.WHOLE
    )
    state, actions = receiver.accepted(state, 1, taken, SECOND)
    assert state.verifying
    assert any(isinstance(action, steps.Verify) for action in actions)


def test_a_child_that_opens_contacts_without_end_loses_the_oldest() -> None:
    end = End().up()
    actions: tuple[steps.Action, ...] = ()
    for contact in range(2, contacts.CONTACTS_MAX + 2):
        actions = end.feed(steps.Arrived(contact=contact, kind=Kind.GRPC))
    assert [a.contact for a in actions if isinstance(a, steps.Drop)] == [2]
    assert len(end.state.contacts) == contacts.CONTACTS_MAX


def test_only_broken_seals_are_strikes() -> None:
    end = End().up()
    frame = msg.Frame(link=LINK, origin=CHILD, envelopes=(b"x",))
    for flaw in (steps.Flaw.MALFORMED, steps.Flaw.INCOMPATIBLE, steps.Flaw.UNSEALED):
        end.say(frame, token=1)
        flawed = steps.Verified(envelopes=(), flaw=flaw, detail="x", flawed=b"x")
        actions = end.feed(steps.Done(ticket=receiver.VERIFY, result=flawed))
        assert faults(actions) == ([flaw.value] if end.state.contacts == () else [])
        end.feed(steps.Arrived(contact=1, kind=Kind.GRPC))
        end.judged()
    assert end.state.rcv.strikes == 1
    assert end.state.mark.state is LinkState.UP


def test_one_broken_copy_is_one_strike_in_a_contact_however_often_a_mailbox_gives_it_out() -> None:
    end = End().up()
    frame = msg.Frame(link=LINK, origin=CHILD, envelopes=(b"x",))

    def broken(copy: bytes) -> None:
        end.say(frame, token=1)
        flawed = steps.Verified(
            envelopes=(), flaw=steps.Flaw.UNSEALED, detail="x", flawed=copy)
        end.feed(steps.Done(ticket=receiver.VERIFY, result=flawed))

    for _ in range(receiver.STRIKES_MAX + 1):
        broken(b"from the mailbox")
    assert end.state.rcv.strikes == 1
    assert end.state.mark.state is LinkState.DOWN
    # Said again in other contacts: the peer itself has no other.
    for _ in range(receiver.STRIKES_MAX - 1):
        end.feed(steps.Arrived(contact=1, kind=Kind.GRPC))
        end.judged()
        broken(b"from the mailbox")
    assert end.state.mark.state is LinkState.QUARANTINED


def test_a_frame_under_way_at_a_standstill_is_let_go() -> None:
    end = End().up()
    end.state = replace(end.state, rcv=replace(
        end.state.rcv, writing=(receiver.Held(5, (), 1),), writes=1,
    ))
    failed = steps.Failed(ticket=steps.Ticket("accept", 1), code=answers.STOPPED)
    actions = end.feed(failed)
    assert [a.token for a in actions if isinstance(a, steps.Finish)] == [5]
    assert end.state.rcv.held == ()
    assert end.wait(5) == ()


def test_a_clock_that_is_wrong_by_hours_shows_with_the_first_word() -> None:
    end = End()
    end.feed(steps.Arrived(contact=1, kind=Kind.GRPC))
    late = replace(hello(), sent_at_us=WALL - 7_200 * SECOND)
    actions = end.judged(hello=late)
    assert alarms(actions) == ["clock.offset"]
    assert abs(end.state.offset_us // SECOND) >= 7_200


def child_that_waited_long() -> End:
    """Its parent has been away for so long that it dials every five minutes."""
    above = replace(MARK, peer=PARENT, peer_is_parent=True, retry_n=9)
    end = End(above, kinds=(Kind.GRPC,))
    end.wait(1)
    return end


def dials_within(end: End, seconds: int) -> bool:
    return any(isinstance(action, steps.Dial) for _ in range(seconds) for action in end.wait(1))


def test_a_parent_that_is_being_recovered_is_dialled_again_soon() -> None:
    """A recovery opens and closes its doors between its steps; a person waits for it."""
    for recovering, soon in ((True, True), (False, False)):
        end = child_that_waited_long()
        contact = end.state.dialed
        end.feed(steps.Arrived(contact=contact, kind=Kind.GRPC))
        recalled = replace(hello(), sender=PARENT, recovering=recovering)
        end.say(recalled, contact=contact)
        if recovering:
            end.judged(contact, hello=recalled, holder=Holder.ECHO_ONLY, echo=steps.EchoPlan(
                upto=Position(2, 9), after=Position(2, 5)))
            assert end.state.phase is session.Phase.ECHO
        end.feed(steps.Closed(contact=contact, why="the peer closed its door"))
        assert dials_within(end, 3) is soon


def claiming(peer_proto: int, *, below: bool = True) -> tuple[End, list[steps.Action]]:
    """An end that claims, just up with a peer of this protocol; ``below``: it is the child."""
    end = End()
    mark = replace(MARK, peer_is_parent=below)
    end.state = session.begin(checkpoint=mark, me=PARENT, kinds=(), types=(), claims=True)
    end.feed(steps.Started(checkpoint=mark))
    end.feed(steps.Arrived(contact=1, kind=Kind.GRPC))
    end.say(hello())
    actions = end.judged(hello=replace(hello(), proto_max=peer_proto))
    assert end.state.phase is session.Phase.UP
    return end, [one for one in actions if isinstance(one, steps.OfferClaims)]


def test_a_child_claims_when_the_contact_begins_and_every_minute() -> None:
    end, begun = claiming(msg.CLAIMS_PROTO)
    assert begun == [steps.OfferClaims(contact=1)]
    said = 0
    for _ in range(12):
        end.say(heartbeat())
        said += sum(isinstance(one, steps.OfferClaims) for one in end.wait(10))
    assert said == 2
    assert end.feed(steps.Claimed()) == (steps.OfferClaims(contact=1),)


def test_an_older_parent_is_told_no_claims_and_a_parent_claims_nothing_from_its_child() -> None:
    assert claiming(msg.CLAIMS_PROTO - 1)[1] == []
    parent, begun = claiming(msg.CLAIMS_PROTO, below=False)
    assert begun == []
    claims = msg.Claims(signed=(b"a",))
    assert parent.say(claims) == [steps.TakeClaims(signed=(b"a",))]
    child, _ = claiming(msg.CLAIMS_PROTO)
    assert child.say(claims) == []


def test_a_roster_that_asks_for_more_ends_a_contact_that_stands() -> None:
    end = End().up()
    assert faults(end.feed(steps.Rostered(serial=5, min_proto=msg.PROTO_MAX))) == []
    assert end.state.phase is session.Phase.UP
    actions = end.feed(steps.Rostered(serial=6, min_proto=msg.PROTO_MAX + 1))
    assert faults(actions) == ["GOODBYE"]
    assert end.state.phase is not session.Phase.UP
    end.feed(steps.Arrived(contact=2, kind=Kind.GRPC))
    [greet] = [one for one in end.say(hello(), contact=2) if isinstance(one, steps.Write)]
    assert isinstance(greet.operation, steps.Greet)
    assert greet.operation.min_proto == msg.PROTO_MAX + 1
