"""The audit log as a rule: what a row says, how rows hang together, where they do not.

Every row carries a chain value: a digest over a tag, the value before it and the row in its one
form. Changing, taking out or slipping in a row breaks the chain at that row; whoever works the
chain out anew contradicts the next signed head. A head names the last row at some time; one of kind
PURGE says that what lies up to its row was deleted because it had been kept long enough, and the
chain goes on from its value.

Nothing here reads a clock or a database. Source of the time of keeping: 网络安全法 art. 21 (3).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from node.core.approvals import role_for
from node.core.errors import NotPermitted

TAG: Final = b"wanmi/audit/1\0"
"""Begins what a chain value is made over, so that it can be nothing else's."""
HEAD_TAG: Final = b"wanmi/audit-head/1\0"
"""Begins what a head's signature is made over."""
SHA256: Final = "sha256"
START: Final = hashlib.sha256(TAG).digest()
"""What the first row follows."""
KEEP_MIN: Final = timedelta(days=184)
"""The longest six months there are: no row goes sooner."""
REBORN: Final = "ResumeAfterRecovery"
"""Action of the row by which a recovered office goes on: rows after the copy that it came back from
are lost, and whoever holds a head of them finds out from here why."""
FLAWS_MAX: Final = 20
"""Flaws that are named; one forged row tends to bring others along."""

Plain = str | int | bool | None
"""What a detail may hold."""


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class HeadKind(StrEnum):
    """What a signed head is for."""

    HEAD = "HEAD"
    PURGE = "PURGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row. ``at_us``: microseconds since the epoch; ``roles``: commas between; ``origin``:
    the address or the neighbour it came from; ``subject``: ``kind:id``, e.g. ``case:…`` or
    ``token:…``; ``detail``: a JSON object in its one form; ``alg``: digest of the chain."""

    n: int
    at_us: int
    actor: str
    roles: str
    origin: str
    action: str
    subject: str
    outcome: str
    reason: str
    detail: str
    alg: str = SHA256


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A row with the chain value that is kept beside it."""

    row: Row
    chain: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is signed: the log of ``node`` had this value at row ``n``. ``branch`` rises with each
    recovery of the office. PURGE: rows up to ``n`` are older than ``before_us`` and were
    deleted."""

    kind: HeadKind
    node: str
    branch: int
    n: int
    chain: bytes
    at_us: int
    before_us: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A head and whether its signature holds ("" = it does, else the code of why not)."""

    head: Head
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Where the log does not hold. ``n``: the first row concerned; ``code``: audit.gap,
    audit.chain, audit.begin, audit.tail, audit.head, audit.seal, audit.young, audit.node,
    audit.anchor; ``other``: the row it was compared with."""

    n: int
    code: str
    other: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a look through the whole log found. ``lost``: heads kept elsewhere whose rows went with
    a lost disk, as a recovery since then explains."""

    rows: int
    first: int
    last: int
    heads: int
    lost: int
    proven: int
    """The last row that a signed head confirms: of later ones nobody could say that the last are
    missing."""
    flaws: tuple[Flaw, ...]


def detail_text(detail: Mapping[str, Plain]) -> str:
    """A detail in its one form; "" for nothing."""
    if not detail:
        return ""
    return json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def row_bytes(row: Row) -> bytes:
    """The one form of a row: a JSON array of its values in the order of its fields, no spaces,
    UTF-8."""
    return json.dumps(
        [row.n, row.at_us, row.actor, row.roles, row.origin, row.action, row.subject, row.outcome,
         row.reason, row.detail, row.alg],
        ensure_ascii=False, separators=(",", ":"),
    ).encode()


def chained(before: bytes, row: Row) -> bytes:
    """The chain value of a row that follows ``before``."""
    return hashlib.new(row.alg, TAG + before + row_bytes(row)).digest()


def statement(head: Head) -> bytes:
    """What the signature of a head is made over."""
    told = {
        "kind": head.kind.value, "node": head.node, "branch": head.branch, "n": head.n,
        "chain": head.chain.hex(), "at": head.at_us, "before": head.before_us,
    }
    return HEAD_TAG + json.dumps(
        told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def permit(
    roles: frozenset[str], needed: tuple[str, ...], *, code: str = "audit.role"
) -> None:
    """Reading the log, or taking evidence out, takes one of the roles that the office's profile
    names; tokens of programs are asked here alone. ``NotPermitted`` with this code."""
    if not role_for(roles, needed):
        raise NotPermitted(
            f"this takes the role {' or '.join(needed)}", code=code,
            needed=", ".join(needed), held=", ".join(sorted(roles)) or "-")


def cut(now_us: int, keep: timedelta) -> int:
    """The time before which a row may go. Never less than ``KEEP_MIN`` ago, whatever is asked."""
    return now_us - max(keep, KEEP_MIN) // timedelta(microseconds=1)


def examine(
    rows: Iterable[Linked], heads: Sequence[Sealed], *, node: str, branch: int = 0,
    anchors: Sequence[Sealed] = (),
) -> Verdict:
    """Look through the whole log. ``rows`` in the order of ``n``; ``heads`` those of the log
    itself, ``anchors`` those that were kept elsewhere. The first flaw is the first broken row."""
    floor = _floor(heads)
    flaws = list(_unsound(heads, node))
    marks: dict[int, list[Head]] = {}
    for one in heads:
        if not one.trouble and one.head.node == node:
            marks.setdefault(one.head.n, []).append(one.head)
    watched: dict[int, list[Head]] = {}
    for one in anchors:
        watched.setdefault(one.head.n, []).append(one.head)
    before = floor.chain if floor is not None else START
    last = floor.n if floor is not None else 0
    first = last + 1
    reborn = 0
    # Heads from elsewhere that the log contradicts, with when their row was recorded here.
    differing: list[tuple[Head, int]] = []
    proven = last
    count = 0
    for linked in rows:
        row = linked.row
        if row.n < first and floor is not None:
            continue  # kept long enough, and not deleted yet
        count += 1
        if len(flaws) < FLAWS_MAX:
            if row.n != last + 1:
                flaws.append(Flaw(n=last + 1, code="audit.begin" if count == 1 else "audit.gap",
                                  other=row.n))
            elif not _follows(before, linked):
                flaws.append(Flaw(n=row.n, code="audit.chain"))
            for head in marks.get(row.n, ()):
                if head.chain == linked.chain:
                    proven = row.n
                elif not any(one.n > proven for one in flaws):
                    # Every row since the last head that held may be another one.
                    flaws.append(Flaw(n=proven + 1, code="audit.head", other=row.n))
        differing += [
            (head, row.at_us) for head in watched.get(row.n, ()) if head.chain != linked.chain]
        if row.action == REBORN:
            reborn = max(reborn, _branch_of(row.detail))
        before, last = linked.chain, row.n
    flaws += [
        Flaw(n=last + 1, code="audit.tail", other=n) for n in sorted(marks) if n > last
    ][:1]
    differing += [(one.head, one.head.at_us + 1) for one in anchors if one.head.n > last]
    # Rows that came after the head was signed took the place of those that went with a lost disk.
    lost = [
        head for head, at_us in differing
        if head.branch < min(reborn, branch) and at_us > head.at_us
    ]
    flaws += [
        Flaw(n=head.n, code="audit.anchor") for head, _ in differing if head not in lost]
    flaws += [Flaw(n=one.head.n, code="audit.seal") for one in anchors if one.trouble]
    flaws += [Flaw(n=one.head.n, code="audit.node") for one in anchors if one.head.node != node]
    return Verdict(
        rows=count, first=first, last=last, heads=len(heads) + len(anchors), lost=len(lost),
        proven=proven,
        flaws=tuple(sorted(flaws, key=lambda one: one.n)[:FLAWS_MAX]),
    )


def _floor(heads: Sequence[Sealed]) -> Head | None:
    """The head that the oldest row follows; None: nothing was ever deleted."""
    purges = [one.head for one in heads if one.head.kind is HeadKind.PURGE and not one.trouble]
    return max(purges, key=lambda head: head.n, default=None)


def _unsound(heads: Sequence[Sealed], node: str) -> Iterator[Flaw]:
    for one in heads:
        head = one.head
        if one.trouble:
            yield Flaw(n=head.n, code="audit.seal")
        elif head.node != node:
            yield Flaw(n=head.n, code="audit.node")
        elif head.kind is HeadKind.PURGE and head.before_us > cut(head.at_us, KEEP_MIN):
            yield Flaw(n=head.n, code="audit.young")


def _follows(before: bytes, linked: Linked) -> bool:
    try:
        return chained(before, linked.row) == linked.chain
    except ValueError:  # a digest that this build does not have
        return False


def _branch_of(detail: str) -> int:
    """The branch that a row of ``REBORN`` begins; 0 if it does not say."""
    try:
        found = json.loads(detail).get("branch")
    except (ValueError, AttributeError):
        return 0
    return found if isinstance(found, int) else 0
