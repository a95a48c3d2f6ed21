"""Papers in the machine: when a child asks, who is heard, and the contact that follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.carriers.port import Kind
from hub.link import messages as msg
from hub.link import session, steps
from hub.link.checkpoint import LinkState
from tests.unit.hub.link.test_session import MARK, PARENT, End, heartbeat, hello

ASKED = msg.Renew(request=b"a request", grpc=("localhost:8443",))
GIVEN = msg.Renew(kit=b"a kit")


class Child(End):
    """The end that dials."""

    def __init__(self, *, renews: bool = True) -> None:
        super().__init__(replace(MARK, peer_is_parent=True), kinds=(Kind.GRPC,))
        self.state = session.begin(
            checkpoint=replace(MARK, peer_is_parent=True), me=PARENT, kinds=(Kind.GRPC,),
            types=(), renews=renews,
        )

    def met(self, peer_proto: int = msg.PROTO_MAX) -> list[steps.Action]:
        """It dials, both say hello; what it does then."""
        self.feed(steps.Started(checkpoint=self.state.mark))
        self.feed(steps.Arrived(contact=self.state.dialed, kind=Kind.GRPC))
        contact = self.state.contact
        self.feed(steps.Done(ticket=steps.Ticket("survey", contact), result=self.state.mark))
        self.say(hello(), contact)
        actions = self.judged(contact, hello=replace(hello(), proto_max=peer_proto))
        assert self.state.phase is session.Phase.UP
        return actions


def offers(actions: list[steps.Action] | tuple[steps.Action, ...]) -> int:
    return sum(isinstance(one, steps.OfferRenewal) for one in actions)


def parent(*, renews: bool = True) -> End:
    end = End()
    end.state = session.begin(checkpoint=MARK, me=PARENT, kinds=(), types=(), renews=renews)
    end.feed(steps.Started(checkpoint=MARK))
    return end.up()


def test_a_child_looks_when_the_contact_begins_when_told_and_every_minute() -> None:
    child = Child()
    assert offers(child.met()) == 1
    seen = 0
    for _ in range(12):
        child.say(heartbeat(), child.state.contact)
        seen += offers(child.wait(10))
    assert seen == 2
    assert offers(child.feed(steps.Aged())) == 1


def test_an_older_parent_hears_nothing_of_papers_and_a_parent_never_asks() -> None:
    assert offers(Child().met(msg.RENEW_PROTO - 1)) == 0
    assert offers(Child(renews=False).met()) == 0
    above = parent()
    assert offers(above.feed(steps.Aged())) == 0


def test_a_parent_is_asked_and_a_child_answered_and_nothing_else_counts() -> None:
    above, below = parent(), Child()
    below.met()
    contact = below.state.contact
    assert above.say(ASKED) == [steps.TakeRenewal(contact=1, renew=ASKED)]
    assert above.say(msg.Renew(in_use="1f")) == [
        steps.TakeRenewal(contact=1, renew=msg.Renew(in_use="1f"))]
    assert above.say(GIVEN) == []
    assert below.say(GIVEN, contact) == [steps.TakeRenewal(contact=contact, renew=GIVEN)]
    assert below.say(ASKED, contact) == []
    assert parent(renews=False).say(ASKED) == []


def test_papers_are_heard_only_on_the_contact_that_is_up() -> None:
    above = parent()
    above.feed(steps.Arrived(contact=2, kind=Kind.NATS))
    assert above.say(ASKED, 2) == []


def test_newer_papers_say_goodbye_and_dial_at_once() -> None:
    child = Child()
    child.met()
    before = child.state.contact
    actions = child.feed(steps.Renewed())
    said = [one.message for one in actions if isinstance(one, steps.Say)]
    assert said == [msg.Fault(code="GOODBYE", detail="our papers were renewed")]
    assert [one.contact for one in actions if isinstance(one, steps.Drop)] == [before]
    dialled = [one for one in actions if isinstance(one, steps.Dial)]
    assert [one.contact for one in dialled] == [before + 1]
    assert actions.index(dialled[0]) > next(
        n for n, one in enumerate(actions) if isinstance(one, steps.Drop))
    assert child.state.retry_n == 0, "nobody failed"


def test_newer_papers_end_a_long_wait() -> None:
    child = Child()
    child.feed(steps.Started(checkpoint=child.state.mark))
    child.feed(steps.Closed(contact=child.state.dialed, why="no", refused=True))
    assert not [one for one in child.wait(60) if isinstance(one, steps.Dial)]
    assert [one for one in child.feed(steps.Renewed()) if isinstance(one, steps.Dial)]


@pytest.mark.parametrize("state", [LinkState.FENCED, LinkState.RETIRED])
def test_newer_papers_let_no_standing_link_flow(state: LinkState) -> None:
    child = Child()
    still = replace(child.state.mark, state=state, reason="link.fenced: x")
    child.feed(steps.Started(checkpoint=still))
    child.feed(steps.Renewed())
    assert child.state.mark.state is state


def test_a_parent_goes_on_when_its_own_papers_were_renewed() -> None:
    above = parent()
    assert above.feed(steps.Renewed()) == ()
    assert above.state.phase is session.Phase.UP


def test_a_refused_dial_is_told_as_one() -> None:
    child = Child()
    child.feed(steps.Started(checkpoint=child.state.mark))
    actions = child.feed(steps.Closed(contact=child.state.dialed, why="no link", refused=True))
    [kept] = [one.operation for one in actions if isinstance(one, steps.Write)]
    assert isinstance(kept, steps.Postpone)
    assert kept.reason == "link.refused: no link"
