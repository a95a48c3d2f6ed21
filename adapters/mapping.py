"""The declarative mapping between our words and a unit's fields: data, linted before it runs.

A ``mapping.toml`` says which of our fields goes where (``[out]``), where theirs come from
(``[in]``), which codes correspond (``[codes.*]``), how times are written (``[times]``) and what
every status means (``[status]``). The status mapping is total both ways: each status the unit's
system declares has a meaning for us, each of our acts has a status or a sentence why there is
none, and no code means two things. What nobody foresaw raises ``UnitUnreadable`` at run time and
ends in quarantine; it is never guessed.

This module must never know a transport: it sees nested dicts and flat rows, not HTTP or files.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from adapters.contract import (
    UnitAct,
    UnitEvent,
    UnitPhoto,
    UnitUnreadable,
    Unreadable,
    WorkOrder,
)
from adapters.remarks import Remark

OUT_FIELDS = frozenset(
    {
        "key", "case_id", "case_no", "generation", "standard_ref", "kind", "code", "code_name",
        "area", "address", "lon", "lat", "text", "urgent", "finish_by", "act", "reason",
        "unit_reference", "now", "closing",
    }
)  # fmt: skip
"""Our fields a mapping may send. ``act`` is the mapped out-status, ``reason`` a withdrawal's."""

IN_REQUIRED = ("key", "status", "order")
IN_FIELDS = frozenset(
    {
        "event_id", "key", "status", "order", "text", "unit_reference", "reason", "photos",
        "closing_met",
    }
)  # fmt: skip
YES = frozenset({"yes", "true", "1"})
"""What ``closing_met`` must say, after its code table: done, and the closing condition is met."""

TEXT_MAX = 4_000
"""Characters of a remark we take over; longer ones are cut with an ellipsis. Legacy systems put
whole call transcripts there, and a journal entry must stay small."""
ID_MAX = 200
"""Characters of a key, a number or an event id: they become parts of database keys. A longer event
id is replaced by its digest; the others are unreadable."""
PHOTOS_MAX = 16
"""Photos of one event; a closing needs two, a diligent crew sends a dozen."""

EVIDENCE_BYTES_MAX = 65_536
"""Bytes of one unreadable thing we keep; enough to see what went wrong."""

_MAGIC: Mapping[bytes, str] = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_UNSPEAKABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL, which no database takes, and halves of characters, which no encoder takes: JSON can carry
both, and one event with them must not stop all that follow it."""
_PATH = re.compile(r"[^.\[\]]+|\[(\d+)\]")
_DIGITS = re.compile(r"\d+")
TEMPLATE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How the unit's system writes an instant. ``form`` is a strptime pattern, ``"iso"``,
    ``"unix"`` (seconds) or ``"unix_ms"``; ``zone`` holds for times that carry none."""

    zone: tzinfo
    form: str

    def read(self, value: object) -> datetime:
        """The instant in aware UTC; ``ValueError`` if it is not one."""
        text = str(value).strip()
        if self.form in {"unix", "unix_ms"}:
            seconds = float(text) / (1000 if self.form == "unix_ms" else 1)
            try:
                return datetime.fromtimestamp(seconds, UTC)
            except (OverflowError, OSError) as err:
                raise ValueError(f"{text!r} is no instant") from err
        when = (
            datetime.fromisoformat(text)
            if self.form == "iso"
            else datetime.strptime(text, self.form)  # noqa: DTZ007 - the declared zone is set below
        )
        if when.tzinfo is None:
            when = when.replace(tzinfo=self.zone)
        try:
            return when.astimezone(UTC)
        except OverflowError as err:
            raise ValueError(f"{text!r} is no instant") from err

    def write(self, when: datetime) -> str | int:
        """The instant as the unit's system expects it."""
        if self.form == "unix":
            return int(when.timestamp())
        if self.form == "unix_ms":
            return int(when.timestamp() * 1000)
        local = when.astimezone(self.zone)
        return local.isoformat() if self.form == "iso" else local.strftime(self.form)


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """One code table, ours to theirs. ``fallback`` is theirs for anything unlisted, if any."""

    out: Mapping[str, str]
    back: Mapping[str, str]
    fallback: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutRule:
    """Where one value of theirs comes from: exactly one of ``const``, ``template``, ``field``."""

    const: Any = None
    template: str = ""
    field: str = ""
    codes: str = ""
    form: str = ""  # "", "text" or "yes/no" pair like "1|0"
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InRule:
    """Where one value of ours is found: a path, several joined, or a constant."""

    paths: tuple[str, ...]
    codes: str = ""
    time: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRule:
    """Where an event's photos are. ``content``: base64; ``href``: fetched through the same door.
    ``media_type`` may be a path or, with a leading ``=``, a constant."""

    path: str
    content: str = ""
    href: str = ""
    media_type: str = "=image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemotePhoto:
    """A photo as an event mentions it: base64 text or a reference."""

    content: str
    href: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An event read from theirs; its photos are still as they were sent."""

    event: UnitEvent
    photos: tuple[RemotePhoto, ...] = ()

    def with_photos(self, photos: tuple[UnitPhoto, ...]) -> UnitEvent:
        """The event with its photos' bytes."""
        return replace(self.event, photos=photos)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """A mapping that has passed the linter."""

    times: Times
    out: Mapping[str, OutRule]
    into: Mapping[str, InRule]
    photos: PhotoRule | None
    codes: Mapping[str, Codes]
    status_in: Mapping[str, UnitAct]
    status_out: Mapping[str, str]
    # Tables beside the mapping proper: they belong to the kind, which validates them.
    extra: Mapping[str, Any] = field(default_factory=dict)

    def row(
        self,
        order: WorkOrder,
        *,
        act: str,
        now: datetime,
        reason: str = "",
        unit_reference: str = "",
    ) -> dict[str, Any]:
        """The flat outgoing record: their path or column → value."""
        ours = self._ours(order, act=act, now=now, reason=reason, unit_reference=unit_reference)
        return {path: value for path, rule in self.out.items()
                if (value := self._out(path, rule, ours)) is not None}  # fmt: skip

    def withdrawal(
        self, key: str, *, now: datetime, reason: str, unit_reference: str
    ) -> dict[str, Any]:
        """The flat record that calls an order back: same columns, and of ours only what a
        withdrawal knows; everything else stays empty."""
        ours = {
            "key": key,
            "act": self.status_out["withdraw"],
            "reason": reason,
            "unit_reference": unit_reference,
            "now": now,
        }
        row: dict[str, Any] = {}
        for path, rule in self.out.items():
            known = rule.field in ours or rule.const is not None
            row[path] = self._out(path, rule, ours) if known else ""
        return row

    def document(
        self,
        order: WorkOrder,
        *,
        act: str,
        now: datetime,
        reason: str = "",
        unit_reference: str = "",
    ) -> dict[str, Any]:
        """The outgoing record as a nested document: ``a.b`` becomes ``{"a": {"b": …}}``."""
        tree: dict[str, Any] = {}
        flat = self.row(order, act=act, now=now, reason=reason, unit_reference=unit_reference)
        for path, value in flat.items():
            *parents, leaf = path.split(".")
            branch = tree
            for name in parents:
                branch = branch.setdefault(name, {})
            branch[leaf] = value
        return tree

    def read(self, record: object) -> Heard:
        """One event from a record of theirs; ``UnitUnreadable`` says which field failed."""
        status = self._in("status", record)
        act = self.status_in.get(normal(status))
        if act is None:
            raise UnitUnreadable(Remark("", "status_unknown", status=status))
        key = self._in("key", record)
        order = self._in("order", record)
        text = self._in("text", record)
        if len(text) > TEXT_MAX:
            text = text[: TEXT_MAX - 1] + "…"
        reference = self._in("unit_reference", record)
        # A system without event ids is identified by what it said: the same line is the same event.
        event_id = self._in("event_id", record) or "|".join((key, normal(status), order, text))
        if len(event_id) > ID_MAX:
            event_id = f"sha256:{hashlib.sha256(event_id.encode()).hexdigest()}"
        for name, value in (("key", key), ("unit_reference", reference)):
            if len(value) > ID_MAX:
                raise UnitUnreadable(Remark("", "too_long", name=name, most=ID_MAX))
        event = UnitEvent(
            event_id=event_id,
            key=key,
            act=act,
            text=text,
            order=f"{order}#{_natural(event_id)}",
            unit_reference=reference,
            reason_code=self._in("reason", record),
            closing_met=self._in("closing_met", record).lower() in YES,
        )
        return Heard(event=event, photos=self._photos(record))

    def read_all(
        self, records: Iterable[object], *, source: str
    ) -> tuple[list[Heard], list[Unreadable]]:
        """Every record that can be read, in order and once; the others with their bytes."""
        heard: dict[str, Heard] = {}
        unread: list[Unreadable] = []
        for record in records:
            try:
                one = self.read(record)
            except UnitUnreadable as err:
                unread.append(unreadable(err, source=source, evidence=_evidence(record)))
            else:
                heard.setdefault(one.event.event_id, one)
        return list(heard.values()), unread

    def reread(self, evidence: bytes) -> Heard:
        """One event from a record as ``read_all`` kept it."""
        try:
            record = json.loads(evidence)
        except (ValueError, RecursionError) as err:
            raise UnitUnreadable(Remark("", "no_record")) from err
        return self.read(record)

    def _ours(
        self, order: WorkOrder, *, act: str, now: datetime, reason: str, unit_reference: str
    ) -> dict[str, Any]:
        ours = {name: getattr(order, name) for name in OUT_FIELDS if hasattr(order, name)}
        return ours | {
            "act": self.status_out[act],
            "reason": reason,
            "unit_reference": unit_reference,
            "now": now,
        }

    def _out(self, path: str, rule: OutRule, ours: Mapping[str, Any]) -> Any:
        if rule.const is not None:
            return rule.const
        if rule.template:
            return TEMPLATE.sub(lambda hit: self._text(ours[hit[1]]), rule.template)
        value = ours[rule.field]
        if rule.codes:
            value = self._code_out(path, rule.codes, str(value))
        elif rule.form and isinstance(value, bool):
            value = rule.form.split("|")[0 if value else 1]
        elif isinstance(value, datetime):
            value = self.times.write(value)
        elif rule.form == "text":
            value = self._text(value)
        if value is None or value == "":
            return None if rule.optional or value is None else ""
        return value

    def _text(self, value: object) -> str:
        if value is None:
            return ""
        return str(self.times.write(value)) if isinstance(value, datetime) else str(value)

    def _code_out(self, path: str, table: str, ours: str) -> str:
        codes = self.codes[table]
        theirs = codes.out.get(ours, codes.fallback)
        if theirs is None:
            # Not a rejection by the unit: our table has a gap, which a person closes.
            raise UnitUnreadable(Remark(
                "", "not_in_codes", name=path, value=ours, table=table))
        return theirs

    def _in(self, name: str, record: object) -> str:
        rule = self.into.get(name)
        if rule is None:
            return ""
        parts = [value_at(record, path) for path in rule.paths]
        if name in IN_REQUIRED and (not parts or any(part in (None, "") for part in parts)):
            raise UnitUnreadable(Remark(
                "", "nothing_at", name=name, path=" + ".join(rule.paths)))
        if rule.time:
            try:
                return self.times.read(parts[0]).isoformat(timespec="microseconds")
            except ValueError as err:
                raise UnitUnreadable(Remark(
                    "", "no_time", name=name, value=str(parts[0]))) from err
        if any(isinstance(part, dict | list) for part in parts):
            raise UnitUnreadable(Remark("", "structure", name=name))
        text = "/".join("" if part is None else str(part).strip() for part in parts)
        if _UNSPEAKABLE.search(text):
            raise UnitUnreadable(Remark("", "unspeakable", name=name))
        if rule.codes and text:
            known = self.codes[rule.codes].back.get(normal(text))
            if known is None:
                raise UnitUnreadable(Remark(
                    "", "not_in_codes", name=name, value=text, table=rule.codes))
            return known
        return text

    def _photos(self, record: object) -> tuple[RemotePhoto, ...]:
        if self.photos is None:
            return ()
        found = value_at(record, self.photos.path)
        if found in (None, "", []):
            return ()
        if isinstance(found, str):
            names = [one.strip() for one in re.split(r"[;；,，|]", found) if one.strip()]
            items = [RemotePhoto(content="", href=one, media_type="") for one in names]
        elif isinstance(found, list):
            items = [self._photo(self.photos, one) for one in found]
        else:
            raise UnitUnreadable(f"photos: neither a list nor text at {self.photos.path}")
        if any(_UNSPEAKABLE.search(one.content + one.href + one.media_type) for one in items):
            raise UnitUnreadable("photos: characters that no text may hold")
        if len(items) > PHOTOS_MAX:
            raise UnitUnreadable(f"photos: {len(items)} of them, at most {PHOTOS_MAX}")
        return tuple(items)

    def _photo(self, rule: PhotoRule, item: object) -> RemotePhoto:
        kind = rule.media_type
        media_type = kind[1:] if kind.startswith("=") else str(value_at(item, kind) or "")
        content = value_at(item, rule.content) if rule.content else None
        href = value_at(item, rule.href) if rule.href else None
        if not content and not href:
            raise UnitUnreadable("photos: an item without content")
        return RemotePhoto(content=str(content or ""), href=str(href or ""), media_type=media_type)


def unreadable(err: UnitUnreadable, *, source: str, evidence: bytes) -> Unreadable:
    """The quarantine entry for what could not be read."""
    return Unreadable(
        source=source, code=err.code, detail=str(err), evidence=evidence[:EVIDENCE_BYTES_MAX]
    )


def image_type(data: bytes) -> str:
    """Media type by the first bytes, since legacy systems name everything .jpg; "" if unknown."""
    for magic, media_type in _MAGIC.items():
        if data.startswith(magic):
            return media_type
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def _evidence(record: object) -> bytes:
    """A record as text for people; escaped if it cannot be written otherwise."""
    try:
        return json.dumps(record, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return json.dumps(record, default=str).encode()


def plain(value: object, *, most: int = TEXT_MAX) -> str:
    """Words of a unit outside of events (a reason, a number), fit to be kept and shown."""
    return _UNSPEAKABLE.sub("\ufffd", str(value)).strip()[:most]


def normal(code: object) -> str:
    """A status code as it is compared: ``10``, ``"10"`` and ``" 10 "`` are one code."""
    return str(code).strip()


def _natural(text: str) -> str:
    """Text whose numbers sort as numbers: an event 10 comes after an event 9."""
    return _DIGITS.sub(lambda hit: hit[0].zfill(20), text)


def value_at(record: object, path: str) -> Any:
    """What lies at ``a.b[0].c``; None if nothing does. A whole key with dots wins over a path."""
    if isinstance(record, Mapping) and path in record:
        return record[path]
    here = record
    for hit in _PATH.finditer(path):
        if hit[1] is not None:
            if not isinstance(here, list) or int(hit[1]) >= len(here):
                return None
            here = here[int(hit[1])]
        elif isinstance(here, Mapping) and hit[0] in here:
            here = here[hit[0]]
        else:
            return None
    return here
