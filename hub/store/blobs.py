"""Statements over ``blob``, ``blob_chunk`` and ``blob_ref``, on the caller's open connection.

``refer`` and ``want`` run inside the link's own transactions, once per frame, so both return at
once when no word carries an attachment. The bytes themselves are files (``hub.blobs.files``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import (
    Connection,
    RowMapping,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)

from hub.envelope import Alg, Attachment
from hub.ids import LinkId
from hub.store.dialect import insert_ignore
from hub.store.tables import blob, blob_chunk, blob_ref

PRIO_ON_VIEW, PRIO_EAGER = 0, 1
"""What a person looks at is pulled before what is only fetched in advance."""
BLOB_BYTES_MAX = 64 * 1024 * 1024
"""Bytes of one attachment: a minute of phone video. Larger ones are GONE from the start, so that
a peer cannot fill the disk by naming them."""
DIGEST_BYTES = 32
"""Both digest algorithms of the layout give 32 bytes."""


class BlobState(StrEnum):
    """``blob.state``."""

    WANTED = "WANTED"
    PARTIAL = "PARTIAL"
    WHOLE = "WHOLE"
    GONE = "GONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobRow:
    """One attachment as this node knows it. ``source_link`` None: made here, or, where it is not
    whole, lost, and nobody has told us of it since: whoever we told of it may have it."""

    digest: bytes
    alg: Alg
    size: int
    media_type: str
    state: BlobState
    source_link: LinkId | None = None
    prio: int = PRIO_EAGER
    tries: int = 0
    next_try_at_us: int | None = None


MISSED_WAIT_US = 20 * 1_000_000
"""Time for neighbours to tell us again of what we lost, before those are asked whom we told."""

_REFER = insert_ignore(blob_ref, ["link", "digest"])
_WANT = insert_ignore(blob, ["digest"])
# A second neighbour names what the first could not give: ask the second. Something that was
# given up is tried again for any neighbour that names it anew.
_WANT_ELSEWHERE = (
    update(blob)
    .where(
        blob.c.digest == bindparam("wanted"),
        blob.c.state != BlobState.WHOLE.value,
        or_(
            blob.c.state == BlobState.GONE.value,
            and_(blob.c.source_link != bindparam("from_link"), blob.c.tries > 0),
            blob.c.source_link.is_(None),
        ),
    )
    .values(
        source_link=bindparam("from_link"),
        state=BlobState.WANTED.value,
        tries=0,
        next_try_at=bindparam("at"),
    )
)
_ADOPT = insert_ignore(blob, ["digest"])
_BY_DIGEST = select(blob).where(blob.c.digest == bindparam("wanted"))
_REFERRED = select(blob_ref.c.digest).where(
    blob_ref.c.link == bindparam("to_link"), blob_ref.c.digest == bindparam("wanted")
)
_GIVERS = (
    select(blob_ref.c.link).where(blob_ref.c.digest == bindparam("wanted"))
    .order_by(blob_ref.c.link)
)
_TOLD = select(blob_ref.c.digest).where(
    blob_ref.c.link == bindparam("from_link"), blob_ref.c.digest == blob.c.digest
)
_PENDING = and_(
    # As the index has it: every blob was read for a bound value, the whole ones of years too.
    blob.c.state.in_([literal_column("'WANTED'"), literal_column("'PARTIAL'")]),
    or_(
        blob.c.source_link == bindparam("from_link"),
        and_(blob.c.source_link.is_(None), _TOLD.exists()),
    ),
)
_NEXT = (
    select(blob)
    .where(_PENDING, func.coalesce(blob.c.next_try_at, 0) <= bindparam("now"))
    .order_by(blob.c.prio, blob.c.tries, blob.c.next_try_at, blob.c.digest)
    .limit(bindparam("rows"))
)
_NEXT_AT = select(func.min(func.coalesce(blob.c.next_try_at, 0))).where(_PENDING)
_VIEW = (
    update(blob)
    .where(
        blob.c.digest == bindparam("wanted"),
        blob.c.state.in_([BlobState.WANTED.value, BlobState.PARTIAL.value]),
    )
    .values(prio=PRIO_ON_VIEW, next_try_at=bindparam("at"))
)
_PULL_AGAIN = (
    update(blob)
    .where(blob.c.digest == bindparam("wanted"))
    .values(state=BlobState.WANTED.value, tries=bindparam("strikes"), next_try_at=bindparam("at"))
)
_MOVE = (
    update(blob)
    .where(blob.c.digest == bindparam("wanted"))
    .values(source_link=bindparam("from_link"))
)
_POSTPONE = (
    update(blob).where(blob.c.digest == bindparam("wanted")).values(next_try_at=bindparam("at"))
)
_SET_STATE = (
    update(blob).where(blob.c.digest == bindparam("wanted")).values(state=bindparam("new_state"))
)
_DROP_CHUNKS = delete(blob_chunk).where(blob_chunk.c.digest == bindparam("wanted"))
_ADD_CHUNKS = insert_ignore(blob_chunk, ["digest", "n"])
_CHUNKS = (
    select(blob_chunk.c.n, blob_chunk.c.chunk_digest, blob_chunk.c.have)
    .where(blob_chunk.c.digest == bindparam("wanted"))
    .order_by(blob_chunk.c.n)
)
_MARK = (
    update(blob_chunk)
    .where(blob_chunk.c.digest == bindparam("wanted"), blob_chunk.c.n == bindparam("chunk"))
    .values(have=bindparam("got"))
)
_COUNT = select(blob.c.state, func.count(), func.coalesce(func.sum(blob.c.size), 0)).group_by(
    blob.c.state
)


def refer(conn: Connection, link: LinkId, digests: Sequence[bytes], msg_id: bytes) -> None:
    """A word on ``link`` names these attachments: from now on the peer may ask for them."""
    if digests:
        rows = [{"link": link, "digest": digest, "msg_id": msg_id} for digest in digests]
        _REFER.run(conn, rows)


def want(
    conn: Connection,
    link: LinkId,
    attachments: Sequence[Attachment],
    msg_id: bytes,
    now_us: int,
) -> bool:
    """A word from ``link`` names these attachments: pull what is not here.

    Nothing is listed in ``blob_ref``: naming a digest must not let a peer fetch it from us. True
    when there may be something to pull; the caller then wakes topic ``blob``. ``msg_id`` is the
    word that names them, as in ``refer``; a pull does not depend on which word it was.
    """
    del msg_id
    if not attachments:
        return False
    sane = [one for one in attachments if _sane(one)]
    _WANT.run(
        conn,
        [
            {
                "digest": one.digest,
                "alg": one.alg.value,
                "size": one.size,
                "media_type": one.media_type,
                "state": (BlobState.WANTED if one in sane else BlobState.GONE).value,
                "source_link": link,
                "prio": PRIO_EAGER,
                "tries": 0,
                "next_try_at": now_us,
            }
            for one in attachments
        ],
    )
    if sane:
        conn.execute(
            _WANT_ELSEWHERE,
            [{"wanted": one.digest, "from_link": link, "at": now_us} for one in sane],
        )
    return bool(sane)


def miss(conn: Connection, attachments: Sequence[Attachment], now_us: int) -> bool:
    """A word of ours that was lost and came back names these attachments: those that are lost as
    well are wanted of whoever tells us of them again, and after a while of whoever we told. True
    when there may be something to pull."""
    rows = [
        {
            "digest": one.digest,
            "alg": one.alg.value,
            "size": one.size,
            "media_type": one.media_type,
            "state": BlobState.WANTED.value,
            "source_link": None,
            "prio": PRIO_EAGER,
            "tries": 0,
            "next_try_at": now_us + MISSED_WAIT_US,
        }
        for one in attachments
        if _sane(one)
    ]
    if rows:
        _WANT.run(conn, rows)
    return bool(rows)


def adopt(conn: Connection, *, digest: bytes, size: int, media_type: str) -> None:
    """Record bytes that are in the file store already (a photo taken here, a finished pull).

    Also settles a pull that was waiting for the same bytes; they did not come from where they were
    waited for, so nobody there may ask for them because of it.
    """
    row = {
        "digest": digest,
        "alg": Alg.SHA256.value,
        "size": size,
        "media_type": media_type,
        "state": BlobState.WHOLE.value,
        "prio": PRIO_EAGER,
        "tries": 0,
    }
    if _ADOPT.run(conn, row).rowcount != 1:
        known = find(conn, digest)
        if known is not None and known.state is not BlobState.WHOLE:
            conn.execute(_MOVE, {"wanted": digest, "from_link": None})
        finish(conn, digest)


def find(conn: Connection, digest: bytes) -> BlobRow | None:
    """The row of this digest."""
    row = conn.execute(_BY_DIGEST, {"wanted": digest}).mappings().first()
    return None if row is None else _row(row)


def referred(conn: Connection, link: LinkId, digest: bytes) -> bool:
    """Whether the peer of ``link`` may ask for this digest."""
    return conn.execute(_REFERRED, {"to_link": link, "wanted": digest}).first() is not None


def givers(conn: Connection, digest: bytes) -> list[LinkId]:
    """Links whose peers may hold it: where it came from, and to whom a word of ours named it."""
    row = find(conn, digest)
    named: list[LinkId] = list(conn.execute(_GIVERS, {"wanted": digest}).scalars())
    source = [row.source_link] if row is not None and row.source_link is not None else []
    return [*source, *(link for link in named if link not in source)]


def next_wanted(
    conn: Connection, link: LinkId, now_us: int, *, besides: Collection[bytes] = ()
) -> BlobRow | None:
    """What to pull next on ``link``: on-view before eager, fewest failures first. ``besides``:
    what another stream of the link is pulling already (a handful)."""
    found = conn.execute(
        _NEXT, {"from_link": link, "now": now_us, "rows": len(besides) + 1}
    ).mappings()
    return next((_row(row) for row in found if row["digest"] not in besides), None)


def next_try_at(conn: Connection, link: LinkId) -> int | None:
    """When the next pull on ``link`` is due (µs); None when nothing is wanted from it."""
    due: int | None = conn.execute(_NEXT_AT, {"from_link": link}).scalar()
    return due


def view(conn: Connection, digest: bytes, now_us: int) -> bool:
    """A person looks at it: pull it before the others, now. False when there is no pull."""
    return conn.execute(_VIEW, {"wanted": digest, "at": now_us}).rowcount == 1


def begin(conn: Connection, digest: bytes, chunk_digests: Sequence[bytes]) -> None:
    """A manifest arrived: the chunks are known, none is here yet."""
    conn.execute(_DROP_CHUNKS, {"wanted": digest})
    if chunk_digests:
        _ADD_CHUNKS.run(
            conn,
            [
                {"digest": digest, "n": n, "chunk_digest": value, "have": False}
                for n, value in enumerate(chunk_digests)
            ],
        )
    conn.execute(_SET_STATE, {"wanted": digest, "new_state": BlobState.PARTIAL.value})


def chunks(conn: Connection, digest: bytes) -> list[tuple[int, bytes, bool]]:
    """(number, digest, have) of every chunk, in order."""
    return [(n, value, have) for n, value, have in conn.execute(_CHUNKS, {"wanted": digest})]


def mark(conn: Connection, digest: bytes, numbers: Sequence[int], *, have: bool = True) -> None:
    """These chunks are (or are no longer) in the partial file."""
    if numbers:
        conn.execute(_MARK, [{"wanted": digest, "chunk": n, "got": have} for n in numbers])


def finish(conn: Connection, digest: bytes) -> None:
    """The file is complete, verified and durable."""
    conn.execute(_SET_STATE, {"wanted": digest, "new_state": BlobState.WHOLE.value})
    conn.execute(_DROP_CHUNKS, {"wanted": digest})


def pull_again(
    conn: Connection, digest: bytes, *, tries: int, at_us: int, link: LinkId | None = None
) -> None:
    """Start this blob from zero at ``at_us``, having failed ``tries`` times; from ``link``, if one
    is named, and from there on."""
    conn.execute(_DROP_CHUNKS, {"wanted": digest})
    if link is not None:
        conn.execute(_MOVE, {"wanted": digest, "from_link": link})
    conn.execute(_PULL_AGAIN, {"wanted": digest, "strikes": tries, "at": at_us})


def postpone(conn: Connection, digest: bytes, at_us: int) -> None:
    """Try again later; what is here stays here and nothing is held against the source."""
    conn.execute(_POSTPONE, {"wanted": digest, "at": at_us})


def give_up(conn: Connection, digest: bytes) -> None:
    """Nobody we know can give it to us any more."""
    conn.execute(_SET_STATE, {"wanted": digest, "new_state": BlobState.GONE.value})
    conn.execute(_DROP_CHUNKS, {"wanted": digest})


def totals(conn: Connection) -> dict[BlobState, tuple[int, int]]:
    """(how many, how many bytes) per state, for metrics and doctor."""
    return {BlobState(state): (count, int(size)) for state, count, size in conn.execute(_COUNT)}


def _sane(one: Attachment) -> bool:
    return len(one.digest) == DIGEST_BYTES and 0 <= one.size <= BLOB_BYTES_MAX


def _row(row: RowMapping) -> BlobRow:
    return BlobRow(
        digest=row["digest"],
        alg=Alg(row["alg"]),
        size=row["size"],
        media_type=row["media_type"],
        state=BlobState(row["state"]),
        source_link=row["source_link"],
        prio=row["prio"],
        tries=row["tries"],
        next_try_at_us=row["next_try_at"],
    )
