"""Parked words and what a person, an upgrade or a new roster does about them.

Within a lane only the oldest parked word may be settled; those that wait behind it
(``lane.held``) go on in order as soon as it is, until one of them parks on its own account. Each
settling is told to the peer by a Notice, so that both consoles show the same item.

Everything runs inside the caller's transaction and needs no holder number: settling touches no
position, and the lane's own rows keep it in order.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from hub.envelope import Flag, Opened, Outcome
from hub.errors import FabricError, Malformed, Retry
from hub.ids import LinkId, Position
from hub.link.applying import HANDLER_FAILED, LANE_HELD, Applier, Became
from hub.link.checkpoint import LinkState
from hub.link.steps import Checked
from hub.seal import KeyRing, open_original, reopen
from hub.store import inbox, links
from hub.store.inbox import InboxRow
from hub.store.tx import Tx

LANE_RELEASE_MAX = 1_000
"""Held words that go on in one transaction; the rest follows with the next release."""
RELEASE_PAGE = 200
REASON_CHARS_MAX = 500


class NotSettled(FabricError):
    """The word cannot be settled now: it is not parked, or another of its lane comes first."""

    retry = Retry.AFTER_CHANGE
    family = "inbox.not_settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settler:
    """Settles parked words of one link."""

    applier: Applier
    keys: KeyRing

    @property
    def link(self) -> LinkId:
        return self.applier.link

    def replay(self, tx: Tx, position: Position, *, actor: str) -> Became:
        """Offer a parked word to the application again. It may park again, with a new code.
        Raises ``NotSettled`` unless it is the oldest parked word of its lane."""
        row = self._settleable(tx, position)
        what = self._offer(tx, row)
        self._close(tx, row, what, by=actor)
        if what.outcome is not Outcome.PARKED:
            self._release_lane(tx, row.lane, by=actor)
        return what

    def discard(self, tx: Tx, position: Position, *, reason: str, actor: str) -> None:
        """Give a parked word up for good, by name and with a reason; its lane goes on. Raises
        ``NotSettled`` unless it is the oldest parked word of its lane."""
        if not reason.strip():
            raise Malformed("discarding a parked word: a reason is needed", code="reason.missing")
        row = self._settleable(tx, position)
        what = Became(Outcome.DISCARDED, row.code, reason[:REASON_CHARS_MAX])
        self._close(tx, row, what, by=f"{actor}: {reason}"[:REASON_CHARS_MAX])
        self._release_lane(tx, row.lane, by=actor)

    def release(self, tx: Tx, codes: Collection[str], *, actor: str) -> int:
        """Offer again what waited for a change (an upgrade, a roster, a code table), oldest
        first; how many words were settled."""
        settled = 0
        after = Position(0, 0)
        while page := inbox.parked(tx.conn, self.link, after=after, limit=RELEASE_PAGE):
            for row in page:
                if row.code in codes and self._is_head(tx, row):
                    what = self._offer(tx, row)
                    self._close(tx, row, what, by=actor)
                    if what.outcome is not Outcome.PARKED:
                        settled += 1 + self._release_lane(tx, row.lane, by=actor)
            after = page[-1].position
        return settled

    def _settleable(self, tx: Tx, position: Position) -> InboxRow:
        row = inbox.row(tx.conn, self.link, position)
        if row is None or row.outcome is not Outcome.PARKED:
            raise NotSettled(f"settling {position} on {self.link}: it is not parked")
        if not self._is_head(tx, row):
            raise NotSettled(
                f"settling {position} on {self.link}: an older word of its lane waits",
                code="inbox.lane_held",
            )
        return row

    def _is_head(self, tx: Tx, row: InboxRow) -> bool:
        if not row.lane:
            return True
        head = inbox.lane_head(tx.conn, self.link, row.lane)
        return head is not None and head.position == row.position

    def _offer(self, tx: Tx, row: InboxRow) -> Became:
        """What the application makes of the word now."""
        if row.sealed is None:
            return Became(Outcome.PARKED, HANDLER_FAILED, "its bytes are gone")
        opened, park = self._open(row.sealed)
        checked = Checked(opened, park)
        return self.applier.apply_alone(tx, checked, row.offset_ms)

    def _open(self, sealed: bytes) -> tuple[Opened, str]:
        opened = reopen(sealed)
        if opened.header.flags & Flag.RELAYED:
            return open_original(opened, keys=self.keys, sender=self.applier.peer)
        return opened, ""

    def _close(self, tx: Tx, row: InboxRow, what: Became, *, by: str) -> None:
        inbox.settle(
            tx, self.link, row.position, outcome=what.outcome, code=what.code, by=by
        )
        if what.outcome is Outcome.PARKED and what.code == row.code:
            return  # nothing new to tell
        if row.code != LANE_HELD or what.outcome is Outcome.PARKED:
            self.applier.notices(tx, [(row.msg_id, row.type, what, b"")])

    def _release_lane(self, tx: Tx, lane: bytes, *, by: str) -> int:
        """Let the words behind a settled one go on, in order; how many were settled."""
        settled = 0
        while lane and settled < LANE_RELEASE_MAX:
            head = inbox.lane_head(tx.conn, self.link, lane)
            if head is None or head.code != LANE_HELD:
                break
            what = self._offer(tx, head)
            self._close(tx, head, what, by=by)
            if what.outcome is Outcome.PARKED:
                break
            settled += 1
        return settled


def release_link(tx: Tx, link: LinkId, *, actor: str) -> None:
    """A person has looked at broken seals and lets the link speak again. A fork or a second copy
    is not lifted this way: ``NotSettled``."""
    row = links.read(tx.conn, link)
    if row is None or row.state is not LinkState.QUARANTINED:
        raise NotSettled(f"releasing {link}: it is not quarantined", code="link.not_quarantined")
    if not row.reason.startswith("link.unsealed"):
        raise NotSettled(
            f"releasing {link}: {row.reason.split(':', 1)[0]} needs recovery",
            code="link.needs_recovery",
        )
    links.set_state(tx, link, LinkState.DOWN, f"link.released: by {actor}")
    links.set_retry(tx, link, n=0, at_us=0)
    tx.wake(f"link:{link}")
