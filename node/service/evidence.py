"""Evidence and its bookkeeping: which journal entries and assignments both ends of a link hold.

The parent asks, the child compares (anti-entropy). Scope ``trace``: keys are journal entries, what
the parent lacks is sent again. Scope ``assignment``: keys are assignments; where the lane is quiet,
the parent hands an order over again that its child does not hold, and repeats the end of one that
its child still holds. Orphan work is found, not hoped away.

Key of a journal entry: ``case_id ‖ node ‖ 0 ‖ branch ‖ version`` (16 bytes, text, 1, 8, 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from hub.application import Compared
from hub.envelope import PRIO_RESUPPLY, Draft, Flag, Notice
from hub.ids import LinkId, MsgId
from hub.link.messages import DigestRow
from hub.store.outbox import enqueue
from hub.store.tx import Tx
from node.core.case import Assignment, Case
from node.core.facts import AssignmentId, CaseId, Ending
from node.core.words import ClosedVerdict, Directive, Order, Withdraw, Word
from node.service.desk import Desk, attachments
from node.service.ports import Row, TraceKey
from node.service.staged_work import work_id
from node.service.surroundings import uuid_bytes, uuid_text

TRACE, ASSIGNMENT = "trace", "assignment"
WINDOW_BYTES = 3
"""Depth 0 groups by this much of a case id: a UUIDv7 prefix, 4.66 hours."""
PAGE_ROWS = 2_000
"""Rows read at a time while grouping; bounds memory, not the answer."""
_CASE_BYTES = 16
_DEPTH_BYTES = {0: WINDOW_BYTES, 1: _CASE_BYTES}


class Held(NamedTuple):
    """One element of a side's set: its key on the wire, and the value both sides must share."""

    key: bytes
    value: bytes


def trace_bytes(key: TraceKey) -> bytes:
    """A journal entry's key on the wire."""
    return b"".join(
        (
            uuid_bytes(key.case_id),
            key.node.encode(),
            b"\0",
            key.branch.to_bytes(8, "big"),
            key.version.to_bytes(8, "big"),
        )
    )


def trace_key(raw: bytes) -> TraceKey:
    """The journal entry a wire key names; ``ValueError`` if it is none."""
    if len(raw) < _CASE_BYTES + 17 or raw[-17] != 0:
        raise ValueError("not the key of a journal entry")
    return TraceKey(
        uuid_text(raw[:_CASE_BYTES]),
        raw[_CASE_BYTES:-17].decode(),
        int.from_bytes(raw[-16:-8], "big"),
        int.from_bytes(raw[-8:], "big"),
    )


def fold(rows: Iterable[Held], depth: int) -> Iterator[DigestRow]:
    """Rows of one depth: groups of keys with the digest over the sorted ``key ‖ value``."""
    if depth not in _DEPTH_BYTES:
        for held in rows:
            yield DigestRow(key=held.key, count=1, value=held.value)
        return
    length = _DEPTH_BYTES[depth]
    for prefix, group in groupby(rows, key=lambda held: held.key[:length]):
        digest, count = sha256(), 0
        for held in group:
            digest.update(held.key)
            digest.update(held.value)
            count += 1
        yield DigestRow(key=prefix, count=count, value=digest.digest())


class Evidence:
    """Both sides of anti-entropy, and notices of neighbours, inside a transaction."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store
        self._surroundings = desk.surroundings
        self.unclaimed: list[tuple[LinkId, str]] | None = None
        """Set during a recovery: assignments that a neighbour works for and we do not know are
        listed here, for a person to take over or to call back, instead of ended."""

    # --- saying what we hold ------------------------------------------------------------------

    def digest(  # noqa: PLR0917 - the fabric's port
        self,
        tx: Tx,
        link: LinkId,
        scope: str,
        depth: int,
        prefix: bytes,
        after: bytes,
        limit: int,
    ) -> Sequence[DigestRow]:
        """At most ``limit`` rows after ``after``, ordered by key."""
        found: list[DigestRow] = []
        for row in fold(self._held(tx, link, scope, prefix, after), depth):
            found.append(row)
            if len(found) == limit:
                break
        return found

    def _peer(self, link: LinkId) -> str:
        if link == self._surroundings.parent_link:
            return self._surroundings.parent
        return next(
            child
            for child in self._surroundings.children
            if self._surroundings.link_to(child) == link
        )

    def _held(
        self, tx: Tx, link: LinkId, scope: str, prefix: bytes, after: bytes
    ) -> Iterator[Held]:
        if scope == TRACE:
            return self._traces(tx, link, prefix, after)
        if scope == ASSIGNMENT:
            return self._assignments(tx, link, prefix, after)
        raise ValueError(f"unknown scope {scope!r}")

    def _traces(self, tx: Tx, link: LinkId, prefix: bytes, after: bytes) -> Iterator[Held]:
        found = self._trace_rows(tx, link, prefix, after)
        for _, rows in groupby(found, key=itemgetter("case_id")):
            # The store puts our own entries first inside a case, the wire sorts them by node.
            case = sorted(
                Held(trace_bytes(self._wire_key(row)), bytes(row["digest"])) for row in rows
            )
            if len(after) > _CASE_BYTES:
                yield from (held for held in case if held.key > after)
            else:
                yield from case

    def _trace_rows(
        self, tx: Tx, link: LinkId, prefix: bytes, after: bytes
    ) -> Iterator[Row]:
        text = _hex_prefix(prefix[:_CASE_BYTES])
        at = _resume(after)
        while True:
            rows: Sequence[Row]
            if link == self._surroundings.parent_link:
                rows = self._store.trace_set_below(
                    tx.conn,
                    assignor=self._surroundings.parent,
                    prefix=text,
                    after=at,
                    limit=PAGE_ROWS,
                )
            else:
                rows = self._store.trace_set_above(
                    tx.conn, via=self._peer(link), prefix=text, after=at, limit=PAGE_ROWS
                )
            yield from rows
            if len(rows) < PAGE_ROWS:
                return
            at = _row_key(rows[-1])

    def _wire_key(self, row: Row) -> TraceKey:
        key = _row_key(row)
        return key if key.node else key._replace(node=self._surroundings.node)

    def _assignments(self, tx: Tx, link: LinkId, prefix: bytes, after: bytes) -> Iterator[Held]:
        text = _hex_prefix(prefix)
        if link == self._surroundings.parent_link:
            rows = self._store.duties_from(tx.conn, self._surroundings.parent, text)
            generation = "held_generation"
        else:
            rows = self._store.assignments_on(tx.conn, f"node:{self._peer(link)}", text)
            generation = "generation"
        for row in sorted(rows, key=lambda row: str(row["assignment_id"])):
            key = uuid_bytes(row["assignment_id"])
            # A page that ended inside a group goes on behind the whole group.
            if not after or key[: len(after)] > after:
                yield Held(key, int(row[generation]).to_bytes(8, "big"))

    # --- the child compares -------------------------------------------------------------------

    def compare(
        self, tx: Tx, link: LinkId, scope: str, prefix: bytes, rows: Sequence[DigestRow]
    ) -> Compared:
        """The asker's keys against ours under one prefix. Scope assignment: nothing is missing at
        the asker, who alone assigns; ``surplus`` is what only we hold, ``differ`` what we lack or
        hold under another generation, and the asker heals both."""
        theirs = {row.key: row.value for row in rows}
        ours = {held.key: held.value for held in self._held(tx, link, scope, prefix, b"")}
        differ = [key for key, value in ours.items() if theirs.get(key, value) != value]
        if scope == ASSIGNMENT:
            lacking = theirs.keys() - ours.keys()
            return Compared(
                missing=(),
                pending=0,
                surplus=sorted(ours.keys() - theirs.keys()),
                differ=sorted([*differ, *lacking]),
            )
        text = _hex_prefix(prefix[:_CASE_BYTES])
        waiting = self._store.unacked_traces(tx.conn, link, text)
        pending = {
            trace_bytes(TraceKey(case_id, node or self._surroundings.node, branch, version))
            for case_id, node, branch, version in waiting
        }
        return Compared(
            missing=sorted(ours.keys() - theirs.keys() - pending),
            pending=len(pending - theirs.keys()),
            surplus=sorted(theirs.keys() - ours.keys() - pending),
            differ=differ,
        )

    def resupply(self, tx: Tx, link: LinkId, scope: str, keys: Sequence[bytes]) -> int:
        """Enqueue again what the peer lacks. Entries: our own sealed anew around the same bytes,
        others' under the seal they came with. Assignments: the order."""
        if scope == ASSIGNMENT:
            return self._heal(tx, link, keys)
        surroundings, codec = self._surroundings, self._desk.codec
        own = surroundings.node
        wanted = [trace_key(key) for key in keys]
        rows = self._store.evidence(
            tx.conn, [key._replace(node="") if key.node == own else key for key in wanted]
        )
        drafts: list[Draft] = []
        marks: list[Row] = []
        for row in rows:
            msg_id = MsgId(surroundings.ids.uuid7())
            entry = codec.read_entry(bytes(row["entry"]))
            type_, rev, body = codec.say_trace(entry, bytes(row["entry"]))
            sealed = row["sealed"]
            drafts.append(
                Draft(
                    msg_id=msg_id,
                    type=type_,
                    schema_rev=rev,
                    occurred_at_us=entry.occurred_at_us if sealed is None else tx.now_us,
                    hlc=entry.hlc,
                    body=body if sealed is None else bytes(sealed),
                    prio=PRIO_RESUPPLY,
                    flags=Flag.NONE if sealed is None else Flag.RELAYED,
                )
            )
            marks.append({**_row_key(row)._asdict(), "msg": msg_id})
        enqueue(tx, link, drafts)
        if marks:
            self._store.mark_trace_msg(tx.conn, marks)
        return len(drafts)

    # --- the parent heals ---------------------------------------------------------------------

    def surplus(self, tx: Tx, link: LinkId, scope: str, keys: Sequence[bytes]) -> int:
        """The peer holds keys that we do not. Traces: an alarm of the fabric, for evidence is
        never deleted. Assignments: their end is said again."""
        if scope != ASSIGNMENT:
            return 0
        if self.unclaimed is not None:
            fresh = [(link, uuid_text(key)) for key in keys]
            self.unclaimed += [one for one in fresh if one not in self.unclaimed]
            return 0
        return self._heal(tx, link, keys)

    def _heal(self, tx: Tx, link: LinkId, keys: Sequence[bytes]) -> int:
        """Say again where our assignments stand, where nothing is under way."""
        if link == self._surroundings.parent_link:
            return 0
        known = {
            row["assignment_id"]: row
            for row in self._store.assignments(tx.conn, [uuid_text(key) for key in keys])
        }
        self._desk.clear()
        self._desk.load(tx, {row["case_id"] for row in known.values()})
        said = 0
        for key in keys:
            row = known.get(uuid_text(key))
            if row is not None:
                said += self._say_again(tx, link, row)
            else:
                self._desk.work.open(
                    "",
                    "orphan",
                    key.hex(),
                    f"{self._peer(link)} works on assignment {uuid_text(key)}, unknown here",
                    now_us=tx.now_us,
                )
        self._desk.flush(tx)
        return said

    def _say_again(self, tx: Tx, link: LinkId, row: Row) -> bool:
        case_id = row["case_id"]
        lane = uuid_bytes(case_id)
        for bond in self._store.bonds(tx.conn, lane):
            if bond["link"] == link and (bond["drafts"] or bond["unacked"]):
                return False  # what is under way may settle it
        case = self._desk.case(case_id)
        word = _word_again(case, row) if case is not None else None
        if word is None:
            return False
        type_, rev, body = self._desk.codec.say(word)
        overtake = isinstance(word, Directive) and isinstance(word.act, Withdraw)
        enqueue(
            tx,
            link,
            [
                Draft(
                    msg_id=MsgId(self._surroundings.ids.uuid7()),
                    type=type_,
                    schema_rev=rev,
                    occurred_at_us=tx.now_us,
                    hlc=self._desk.clock.tick(tx.now_us),
                    body=body,
                    lane=lane,
                    attachments=attachments(word),
                    flags=Flag.OVERTAKE if overtake else Flag.NONE,
                )
            ],
        )
        return True

    # --- notices ------------------------------------------------------------------------------

    def notice(self, tx: Tx, link: LinkId, notice: Notice) -> None:
        """A neighbour parked, fenced or settled a word of ours: an item for a person appears, or
        goes."""
        case_id = self._case_of(tx, notice.msg_id)
        ref = notice.msg_id.hex()
        if notice.outcome in ("PARKED", "FENCED"):
            self._store.add_work_items(
                tx.conn,
                [
                    {
                        "id": work_id(case_id, "notice", ref),
                        "case_id": case_id or None,
                        "kind": "notice",
                        "detail": f"{self._peer(link)}: {notice.code} {notice.detail}".rstrip(),
                        "created_at": tx.now_us,
                    }
                ],
            )
        else:
            self._store.settle_work_items(
                tx.conn, tx.now_us, item=work_id(case_id, "notice", ref)
            )
        self._store.add_changes(
            tx.conn, [{"case_id": case_id, "version": 0, "kind": "notice", "at": tx.now_us}]
        )
        tx.wake("case")

    def _case_of(self, tx: Tx, msg_id: bytes) -> str:
        lane = self._store.lane_of(tx.conn, msg_id)
        return uuid_text(lane) if lane is not None and len(lane) == _CASE_BYTES else ""


def _word_again(case: Case, row: Row) -> Word | None:
    """The order of a live assignment again, or the end of an ended one."""
    assignment_id = AssignmentId(row["assignment_id"])
    live: Assignment | None = case.live
    if live is not None and live.assignment_id == assignment_id:
        assert case.facts is not None, "what was handed over is known"
        return Order(
            case_id=case.case_id,
            assignment_id=live.assignment_id,
            generation=live.generation,
            limits=live.limits,
            facts=case.facts,
            text=live.text,
        )
    ended = row["ended"]
    if ended is None:
        return None
    return Directive(
        case_id=CaseId(row["case_id"]),
        assignment_id=assignment_id,
        generation=row["generation"],
        act=(
            ClosedVerdict()
            if ended == Ending.CLOSED.value
            else Withdraw(reason="the assignment has ended")
        ),
    )


def _row_key(row: Row) -> TraceKey:
    return TraceKey(row["case_id"], row["node"], row["branch"], row["version"])


def _hex_prefix(prefix: bytes) -> str:
    """The start of a UUID's text that these first bytes of it give."""
    text = prefix.hex()
    parts = (text[:8], text[8:12], text[12:16], text[16:20], text[20:])
    return "-".join(part for part in parts if part)


def _resume(after: bytes) -> TraceKey | None:
    """Where to read on for what lies behind ``after``: the next window, the next case, or the
    beginning of the case in which a single key lies."""
    if not after:
        return None
    if len(after) > _CASE_BYTES:
        return TraceKey(uuid_text(after[:_CASE_BYTES]), "", -1, -1)
    following = int.from_bytes(after, "big") + 1
    if following >> (8 * len(after)):
        following -= 1  # the very last group: nothing follows
        return TraceKey(_hex_prefix(following.to_bytes(len(after), "big")), "\x7f", 0, 0)
    return TraceKey(_hex_prefix(following.to_bytes(len(after), "big")), "", -1, -1)
