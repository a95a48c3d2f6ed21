"""Papers of the child: asked for while a contact is up, and a new contact once they came.

The machine only knows that there may be something to say; when, and what, is for whoever keeps the
papers. A contact is made under the papers of its beginning, so newer ones begin another at once:
what is under way is said again on it.
"""

from __future__ import annotations

from hub.link import contacts
from hub.link import messages as msg
from hub.link.steps import OfferRenewal, TakeRenewal
from hub.link.turn import SECOND, Phase, Turn

RENEW_EVERY_US = 60 * SECOND
"""How often it is asked whether there is something to say."""


def ask(turn: Turn) -> None:
    """A child says it when the contact begins, whenever there is something new, and again."""
    if (
        turn.s.renews
        and turn.s.mark.peer_is_parent
        and turn.s.peer_proto >= msg.RENEW_PROTO
        and turn.now.mono - turn.s.renewed_at >= RENEW_EVERY_US
    ):
        turn.set(renewed_at=turn.now.mono)
        turn.do(OfferRenewal(contact=turn.s.contact))


def aged(turn: Turn) -> None:
    turn.set(renewed_at=turn.now.mono - RENEW_EVERY_US)


def got(turn: Turn, renew: msg.Renew) -> None:
    """A parent is asked, a child is answered; what is said the wrong way round counts for
    nothing."""
    asks = bool(renew.request or renew.in_use)
    if turn.s.renews and asks != turn.s.mark.peer_is_parent:
        turn.do(TakeRenewal(contact=turn.s.contact, renew=renew))


def renewed(turn: Turn) -> None:
    """The peer hears goodbye, so that it does not wait for a silent contact to lapse."""
    if not turn.s.dials:
        return
    if turn.s.phase in (Phase.UP, Phase.ECHO, Phase.GREETING):
        turn.say(msg.Fault(code="GOODBYE", detail="our papers were renewed"))
        contacts.end(turn, turn.s.contact, "our papers were renewed")
        contacts.lost(turn, "our papers were renewed", soon=True)
    else:
        # What was refused, or waits for a person, may be good now.
        turn.set(retry_at=turn.now.mono, retry_n=0)
