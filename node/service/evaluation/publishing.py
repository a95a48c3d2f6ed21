"""Publishing: a sheet becomes a record that is kept as it was, signed by this node.

What is signed is the sheet's document, in one canonical form of JSON, so that whoever holds the
file, the node's public key and the journal can check the seal and compute the figures again. The
rules themselves are kept with it, word for word: a later version changes nothing about it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Protocol

from hub.store.tx import Tx, Writer
from node.core.capability import Capability
from node.core.errors import Invalid, NotPermitted
from node.core.periods import last_finished
from node.service.audit import AuditEntry, Recorder
from node.service.canonical import canonical
from node.service.evaluation.port import EvaluationStore
from node.service.evaluation.room import Ask, Evaluation
from node.service.evaluation.sheet import document
from node.service.instants import to_time
from node.service.ports import Row
from node.service.surroundings import Surroundings, uuid_bytes
from node.service.views import Page

FILE_BYTES_MAX: Final = 32 * 1024 * 1024
"""One rendered file: twenty thousand lines of a workbook are a few megabytes."""
BY_ITSELF: Final = "schedule"
"""Who published what the rules schedule."""
SIGNED_WITH: Final = b"wanmi/evaluation/1\0"
"""Goes before the document into the signature, so that it can be mistaken for nothing else."""

Render = Callable[[Mapping[str, Any]], bytes]
"""A document as a file for people."""


class Seal(Protocol):
    """The node's signature (``hub.seal.Signer``)."""

    @property
    def key_id(self) -> str: ...

    def sign(self, data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One file of a publication, as it was published. ``digest`` is its SHA-256 in hex."""

    format: str
    digest: str
    data: bytes


class Publishing:
    """Publish, list, read what was published."""

    def __init__(
        self,
        *,
        evaluation: Evaluation,
        store: EvaluationStore,
        writer: Writer,
        audit: Recorder,
        surroundings: Surroundings,
        renders: Mapping[str, Render],
        seal: Seal | None,
        now_us: Callable[[], int],
        rows_max: int,
    ) -> None:
        self._evaluation = evaluation
        self._store = store
        self._writer = writer
        self._audit = audit
        self._surroundings = surroundings
        self._renders = renders
        self._seal = seal
        self._now_us = now_us
        self._rows_max = rows_max

    async def rendered(self, ask: Ask, format_: str, *, open_to_all: bool) -> bytes:
        """A sheet as a file, kept nowhere. ``Invalid`` (``evaluation.format``): no such format."""
        render = self._render(format_)
        told = await self._evaluation.figures(ask, open_to_all=open_to_all)
        return await asyncio.to_thread(render, told)

    def _render(self, format_: str) -> Render:
        render = self._renders.get(format_)
        if render is None:
            known = ", ".join(sorted(self._renders))
            raise Invalid(f"{format_!r} is none of {known}", code="evaluation.format")
        return render

    async def publish(self, ask: Ask, *, open_to_all: bool, actor: str) -> dict[str, Any]:
        """Keep a sheet for ever in every format, with the rules in force and our signature.
        ``NotPermitted`` without the capability to evaluate; ``Invalid`` while the period runs."""
        if Capability.EVALUATE not in self._surroundings.capabilities:
            raise NotPermitted(
                "this office does not evaluate: its profile lacks the capability",
                capability=Capability.EVALUATE.value,
                why="evaluate",
            )
        sheet = await self._evaluation.sheet(ask, open_to_all=open_to_all)
        if sheet.cut < sheet.period.ends:
            raise Invalid(
                f"{sheet.period.name} is not over before {sheet.period.ends.isoformat()}",
                code="evaluation.unfinished",
            )
        version = self._evaluation.definitions.named(sheet.definition.version)
        told = document(sheet)
        raw = canonical(told)
        files = [Kept(format="json", digest=sha256(raw).hexdigest(), data=raw)]
        for name, render in self._renders.items():
            if name != files[0].format:
                data = await asyncio.to_thread(render, told)
                files.append(Kept(format=name, digest=sha256(data).hexdigest(), data=data))
        for one in files:
            if len(one.data) > FILE_BYTES_MAX:
                raise Invalid(
                    f"the {one.format} file is larger than {FILE_BYTES_MAX} bytes",
                    code="evaluation.too_many",
                )
        seal = self._seal
        publication_id = self._surroundings.fresh_id()

        def write(tx: Tx) -> Row:
            row = {
                "publication_id": publication_id,
                "subject": sheet.subject.name,
                "period": sheet.period.name,
                "begins_at": int(sheet.period.begins.timestamp()) * 1_000_000,
                "definition": version.definition.version,
                "definition_digest": version.definition.digest,
                "definition_text": version.text,
                "open": open_to_all,
                "published_at": tx.now_us,
                "published_by": actor,
                "digest": files[0].digest,
                "key_id": seal.key_id if seal is not None else "",
                "signature": seal.sign(SIGNED_WITH + raw) if seal is not None else b"",
            }
            self._store.add_publication(
                tx.conn,
                row,
                [
                    {
                        "publication_id": publication_id,
                        "format": one.format,
                        "digest": one.digest,
                        "bytes": one.data,
                    }
                    for one in files
                ],
            )
            self._audit.record(tx, AuditEntry(
                action="PublishSheet", actor=actor, subject=f"publication:{publication_id}",
                detail={"subject": sheet.subject.name, "period": sheet.period.name}))
            return row

        row = await self._writer.write(write, urgent=True)
        return {**_listed(row), "signature": bytes(row["signature"]).hex(), "files": _files(files)}

    async def publish_due(self) -> int:
        """Publish what the rules in force schedule and a finished period lacks; returns how many
        sheets. An office that does not evaluate publishes nothing, nor does an empty sheet come
        of it. Safe to call at any time: what was published is not published again."""
        if Capability.EVALUATE not in self._surroundings.capabilities:
            return 0
        done = 0
        now = to_time(self._now_us())
        for one in self._evaluation.definitions.all()[-1].definition.schedule:
            period = last_finished(one.every, now).name
            there = await self._writer.read(
                lambda conn, one=one, period=period: self._store.was_published(  # type: ignore[misc]
                    conn, subject=one.subject, period=period, by=BY_ITSELF,
                    open_to_all=one.open_to_all,
                )
            )
            ask = Ask(subject=one.subject, period=period)
            if there or not (await self._evaluation.figures(ask))["lines"]:
                continue
            await self.publish(ask, open_to_all=one.open_to_all, actor=BY_ITSELF)
            done += 1
        return done

    async def publications(self, after: str, limit: int, *, open_only: bool = False) -> Page:
        """What was published, newest first; ``open_only``: for everybody, without personal
        data."""
        before = _cursor(after)
        limit = max(1, min(limit, self._rows_max))
        rows = await self._writer.read(
            lambda conn: self._store.publications(conn, before, limit, open_only=open_only)
        )
        last = rows[-1] if len(rows) == limit else None
        return Page(
            items=tuple(_listed(row) for row in rows),
            next=f"{last['published_at']}.{last['publication_id']}" if last is not None else "",
        )

    async def publication(self, publication_id: str) -> dict[str, Any]:
        """One publication with its signature, its rules and the list of its files. ``Invalid``
        (``evaluation.publication``) if there is none."""
        row, files = await self._load(publication_id)
        return {
            **_listed(row),
            "definition_text": row["definition_text"],
            "signature": bytes(row["signature"]).hex(),
            "files": _files(files),
        }

    async def file(
        self, publication_id: str, format_: str, *, open_only: bool = False
    ) -> Kept:
        """One file, byte for byte as it was published. ``open_only``: what was not published for
        everybody is not there."""
        row, files = await self._load(publication_id)
        if open_only and not row["open"]:
            raise Invalid(
                f"nothing was published as {publication_id}", code="evaluation.publication"
            )
        for one in files:
            if one.format == format_:
                return one
        raise Invalid(f"it was not published as {format_!r}", code="evaluation.format")

    async def _load(self, publication_id: str) -> tuple[Row, Sequence[Kept]]:
        try:
            uuid_bytes(publication_id)
        except ValueError:
            row: Row | None = None
            files: Sequence[Kept] = ()
        else:
            row, files = await self._writer.read(
                lambda conn: (
                    self._store.one_publication(conn, publication_id),
                    [
                        Kept(format=one["format"], digest=one["digest"], data=bytes(one["bytes"]))
                        for one in self._store.publication_files(conn, publication_id)
                    ],
                )
            )
        if row is None:
            raise Invalid(
                f"nothing was published as {publication_id}", code="evaluation.publication"
            )
        return row, files


def _listed(row: Row) -> dict[str, Any]:
    return {
        "publication_id": row["publication_id"],
        "subject": row["subject"],
        "period": row["period"],
        "definition": row["definition"],
        "definition_digest": row["definition_digest"],
        "open": bool(row["open"]),
        "published_at": to_time(row["published_at"]).isoformat(),
        "published_by": row["published_by"],
        "digest": row["digest"],
        "key_id": row["key_id"],
    }


def _files(files: Sequence[Kept]) -> list[dict[str, Any]]:
    return [
        {"format": one.format, "digest": one.digest, "bytes": len(one.data)} for one in files
    ]


def _cursor(after: str) -> tuple[int, str] | None:
    if not after:
        return None
    at, dot, publication_id = after.partition(".")
    if not dot or not at.isdecimal():
        raise Invalid("this is no cursor of a page", code="page.cursor")
    return int(at), publication_id
