"""Speaks to any JSON over HTTP work-order system that its mapping describes.

An answer that was lost may hide a work order, so a submission looks before it creates (unless the
system is declared idempotent), and every failure is sorted by one question: may the order have
been taken? Connection refused: no. Everything after the first byte went out: perhaps.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import quote, urljoin, urlsplit

import httpx

from adapters.contract import (
    Adapter,
    AdapterError,
    Health,
    MappingError,
    OutcomeUnknown,
    Page,
    PhotoRef,
    Receipt,
    Secret,
    Setup,
    UnitEvent,
    UnitPhoto,
    UnitRejected,
    UnitUnavailable,
    UnitUnreadable,
    Unreadable,
    WorkOrder,
)
from adapters.mapping import (
    ID_MAX,
    Heard,
    RemotePhoto,
    image_type,
    normal,
    plain,
    unreadable,
    value_at,
)
from adapters.mapping_file import load_mapping
from adapters.remarks import Remark

PHOTO_BYTES_MAX = 10 * 1024 * 1024
"""One photo, in or out; a phone's full-size JPEG is 3 to 6 MB."""
HOOK_SECRET_CHARS_MIN = 16
"""A shorter key could be guessed, and an empty one is known to everybody."""
CONNECTIONS_MAX = 4
"""Calls at once to one system: legacy systems fall over long before we do."""

T = TypeVar("T")
_HOLE = re.compile(r"\{([a-z_]+)\}")
_NOT_TAKEN = frozenset({401, 403, 404, 405, 407, 411, 413, 415, 429})
"""HTTP answers that say "not like this" or "not now": nothing was taken, a person or time helps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the unit's interface, as the mapping describes it."""

    method: str = "GET"
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] | None = None
    reference: str = ""
    idempotent: bool = False
    items: str = ""
    next: str = ""
    more: str = ""
    style: str = "cursor"
    overlap_s: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """How pushed notifications are signed and where their events are."""

    items: str
    signature_header: str
    timestamp_header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRule:
    """How a 2xx answer says yes or no in its body; ``code`` empty = the HTTP status says it."""

    code: str = ""
    ok: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    unavailable: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotosOut:
    """How photos go out: ``multipart``, ``base64`` inside the document, or ``none``."""

    send: str = "none"
    field: str = "photos"
    order_part: str = "order"
    name: str = "name"
    media_type: str = "type"
    content: str = "content"


def create(setup: Setup) -> Adapter:
    """Make the adapter; ``MappingError`` lists what is missing in ``[calls]``."""
    return RestAdapter(setup)


class RestAdapter:
    """One JSON work-order system. Holds no state but its HTTP connections."""

    def __init__(self, setup: Setup) -> None:
        self._id = setup.id
        self._config = setup.config
        self._now = setup.now
        self._map = load_mapping(setup.mapping)
        problems: list[Remark] = []
        calls = self._map.extra.get("calls", {})
        self._probe = _call("probe", calls, problems)
        self._submit = _call("submit", calls, problems, needs=("reference",))
        self._lookup = _call("lookup", calls, problems, needs=("reference",))
        self._withdraw = _call("withdraw", calls, problems)
        self._poll = _call("poll", calls, problems, needs=("items",)) if "poll" in calls else None
        self._push = _table(Push, "calls.webhook", calls.get("webhook"), problems)
        extra = self._map.extra
        self._answer = (
            _table(AnswerRule, "answer", extra.get("answer", {}), problems) or AnswerRule()
        )
        self._photos = _table(PhotosOut, "photos", extra.get("photos", {}), problems) or PhotosOut()
        if self._poll is None and self._push is None:
            problems.append(Remark("calls", "never_heard"))
        if self._push and self._map.photos and self._map.photos.href:
            problems.append(Remark("in.photos.href", "photos_inside"))
        base = str(setup.config["base_url"]).rstrip("/") + "/"
        if urlsplit(base).scheme not in {"http", "https"} or not urlsplit(base).netloc:
            problems.append(Remark("config.base_url", "not_http"))
        if "@" in urlsplit(base).netloc:
            # The address is shown in health and errors; a password is not.
            problems.append(Remark("config.base_url", "no_password"))
        hook = setup.config.get("webhook_secret_file")
        if isinstance(hook, Secret) and len(hook.text()) < HOOK_SECRET_CHARS_MIN:
            problems.append(Remark(
                "config.webhook_secret_file", "secret_short", least=HOOK_SECRET_CHARS_MIN))
        if problems:
            raise MappingError(problems)
        self._base = base
        self._http = _client(setup.config)

    def __repr__(self) -> str:
        return f"<rest adapter {self._id} at {self._base}>"

    async def probe(self) -> Health:
        """One harmless GET."""
        try:
            await self._ask(self._probe, {})
        except AdapterError as err:
            return Health(ok=False, detail=err.remark)
        return Health(ok=True, detail=Remark("", "answered", at=self._base))

    async def submit(self, order: WorkOrder) -> Receipt:
        """Look, then create: the system itself may not notice a repeat."""
        if not self._submit.idempotent:
            known = await self.lookup(order.key)
            if known is not None:
                return known
        document = self._map.document(order, act="submit", now=self._now())
        answer = await self._send(self._submit, {"key": order.key}, document, order.photos)
        reference = value_at(answer, self._submit.reference)
        if reference in (None, ""):
            raise OutcomeUnknown(
                f"submitting: no number at {self._submit.reference}", evidence=_bytes(answer)
            )
        return Receipt(unit_reference=plain(reference, most=ID_MAX))

    async def lookup(self, key: str) -> Receipt | None:
        """Search by our key. Only a readable "there is none" counts as none."""
        try:
            answer = await self._ask(self._lookup, {"key": key})
        except UnitUnreadable as err:
            raise UnitUnavailable(f"looking up: {err}", evidence=err.evidence) from err
        reference = value_at(answer, self._lookup.reference)
        if reference in (None, ""):
            return None
        return Receipt(unit_reference=plain(reference, most=ID_MAX))

    async def withdraw(self, key: str, unit_reference: str, reason: str) -> None:
        """Call it back by our key, so that also an order still under way stays dead."""
        await self._send(
            self._withdraw,
            {
                "key": key,
                "unit_reference": unit_reference,
                "reason": reason,
                "act": self._map.status_out["withdraw"],
            },
            None,
            (),
        )

    async def poll(self, cursor: str) -> Page:
        """One page; the host asks again while there is more."""
        if self._poll is None:
            return Page(events=(), cursor=cursor)
        window = Window.read(cursor, self._now(), self._poll)
        limit = int(self._config["page_rows"])
        answer = await self._ask(
            self._poll,
            {
                "cursor": cursor,
                "limit": str(limit),
                "from": str(self._map.times.write(window.start)),
                "to": str(self._map.times.write(window.end)),
                "page": str(window.page),
            },
        )
        items = value_at(answer, self._poll.items)
        if not isinstance(items, list):
            raise UnitUnreadable(f"polling: no list at {self._poll.items}", evidence=_bytes(answer))
        heard, unread = self._map.read_all(items, source="poll")
        events = [await self._whole(one, unread) for one in heard]
        after, more = self._onward(answer, cursor, window, full=len(items) >= limit)
        return Page(
            events=tuple(sorted(events, key=lambda one: (one.key, one.order))),
            cursor=after,
            unreadable=tuple(unread),
            more=more,
        )

    async def settle(self, cursor: str) -> None:
        """Nothing to do: the cursor says it all."""

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Page:
        """Check the signature over the raw bytes, then read."""
        if self._push is None:
            raise UnitRejected("this system's mapping has no webhook")
        self._verify(self._push, headers, body)
        try:
            items = value_at(json.loads(body), self._push.items)
        except (ValueError, RecursionError) as err:
            raise UnitUnreadable("webhook: not JSON", evidence=body) from err
        if not isinstance(items, list):
            raise UnitUnreadable(f"webhook: no list at {self._push.items}", evidence=body)
        heard, unread = self._map.read_all(items, source="webhook")
        events = tuple(one.with_photos(_decoded(one, unread)) for one in heard)
        return Page(events=events, cursor="", unreadable=tuple(unread))

    async def reread(self, evidence: bytes) -> UnitEvent:
        """One record of a poll or a notification, with its photos fetched anew."""
        unread: list[Unreadable] = []
        event = await self._whole(self._map.reread(evidence), unread)
        if unread:
            raise UnitUnreadable(unread[0].detail)
        return event

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _verify(self, push: Push, headers: Mapping[str, str], body: bytes) -> None:
        key = self._config.get("webhook_secret_file")
        if not isinstance(key, Secret):
            raise UnitRejected("no webhook_secret_file is configured, so no push can be trusted")
        seen = {name.lower(): value for name, value in headers.items()}
        given = seen.get(push.signature_header.lower(), "").removeprefix("sha256=")
        signed = body
        if push.timestamp_header:
            stamp = seen.get(push.timestamp_header.lower(), "")
            tolerance = self._config["webhook_tolerance_s"]
            if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
                raise UnitRejected("the notification carries no timestamp")
            if abs(self._now().timestamp() - int(stamp)) > tolerance:
                raise UnitRejected(f"the notification is more than {tolerance} s old or early")
            signed = stamp.encode() + b"." + body
        proof = hmac.new(key.text().encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(proof.encode(), given.lower().encode()):
            raise UnitRejected("the notification's signature does not hold")

    def _onward(
        self, answer: object, cursor: str, window: Window, *, full: bool
    ) -> tuple[str, bool]:
        """The cursor after this page and whether to go on at once. A cursor that does not move
        ends the round: some systems repeat their last page for ever."""
        poll = self._poll
        if poll is None:
            return cursor, False
        more = bool(value_at(answer, poll.more)) if poll.more else full
        if poll.style == "window":
            return window.after(more=more), more
        after = value_at(answer, poll.next)
        text = cursor if after in (None, "") else str(after)
        return text, more and text != cursor

    async def _whole(self, one: Heard, unread: list[Unreadable]) -> UnitEvent:
        """The event with its photos. One that is gone is reported and leaves the event alive."""
        photos = list(_decoded(one, unread))
        for remote in one.photos:
            if remote.content:
                continue
            try:
                photos.append(await self._fetch(remote))
            except UnitUnreadable as err:
                unread.append(unreadable(err, source=f"photo {remote.href}", evidence=err.evidence))
        return one.with_photos(tuple(photos))

    async def _fetch(self, remote: RemotePhoto) -> UnitPhoto:
        url = urljoin(self._base, remote.href)
        if urlsplit(url)[:2] != urlsplit(self._base)[:2]:
            raise UnitUnreadable(f"photo {remote.href!r} lies on another host")
        try:
            status, data = await self._exchange("GET", url, limit=PHOTO_BYTES_MAX)
        except OutcomeUnknown as err:
            raise UnitUnavailable(f"fetching a photo: {err}") from err
        if status != 200:
            raise UnitUnreadable(f"photo {remote.href!r}: HTTP {status}", evidence=data)
        return _photo(data, remote)

    async def _ask(self, call: Call, holes: Mapping[str, str]) -> Any:
        """A call that changes nothing over there: unknown is simply unavailable."""
        try:
            return await self._send(call, holes, None, ())
        except OutcomeUnknown as err:
            if err.evidence:
                raise UnitUnreadable(str(err), evidence=err.evidence) from err
            raise UnitUnavailable(str(err)) from err
        except UnitRejected as err:
            raise UnitUnavailable(str(err)) from err

    async def _send(
        self,
        call: Call,
        holes: Mapping[str, str],
        document: Mapping[str, Any] | None,
        photos: tuple[PhotoRef, ...],
    ) -> Any:
        path = _HOLE.sub(lambda hit: quote(holes[hit[1]], safe=""), call.path)
        url = urljoin(self._base, path.lstrip("/"))
        query = {name: _filled(text, holes) for name, text in call.query.items()}
        if call.body is not None:
            document = {name: _filled(text, holes) for name, text in call.body.items()}
        more = await asyncio.to_thread(self._body, document, photos) if document else {}
        status, data = await self._exchange(
            call.method, url, limit=int(self._config["response_bytes_max"]), params=query, **more
        )
        return self._judge(call, status, data)

    def _body(self, document: Mapping[str, Any], photos: tuple[PhotoRef, ...]) -> dict[str, Any]:
        """Body arguments for httpx; reads photo files, so it runs off the loop."""
        rule = self._photos
        found = [(one, _read(one)) for one in photos if one.path] if rule.send != "none" else []
        if rule.send == "multipart":
            order = (None, json.dumps(document, ensure_ascii=False).encode(), "application/json")
            parts: list[tuple[str, Any]] = [(rule.order_part, order)]
            parts += [(rule.field, (_name(one), data, one.media_type)) for one, data in found]
            return {"files": parts}
        if rule.send == "base64":
            inside = [
                {
                    rule.name: _name(one),
                    rule.media_type: one.media_type,
                    rule.content: base64.b64encode(data).decode(),
                }
                for one, data in found
            ]
            return {"json": {**document, rule.field: inside}}
        return {"json": dict(document)}

    async def _exchange(
        self, method: str, url: str, *, limit: int, **more: Any
    ) -> tuple[int, bytes]:
        """Status and body, bounded in time and bytes."""
        try:
            async with (
                asyncio.timeout(float(self._config["timeout_s"])),
                self._http.stream(method, url, **more) as response,
            ):
                data = bytearray()
                async for chunk in response.aiter_bytes():
                    data += chunk
                    if len(data) > limit:
                        raise OutcomeUnknown(
                            f"the answer is larger than {limit} bytes", evidence=bytes(data[:4096])
                        )
                return response.status_code, bytes(data)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as err:
            raise UnitUnavailable(Remark(
                "", "unreachable", at=self._base, detail=type(err).__name__)) from err
        except TimeoutError as err:
            raise OutcomeUnknown(Remark(
                "", "slow", seconds=int(self._config["timeout_s"]))) from err
        except httpx.HTTPError as err:
            raise OutcomeUnknown(Remark("", "lost", detail=type(err).__name__)) from err

    def _judge(self, call: Call, status: int, data: bytes) -> Any:
        """The answer's document, or the error its status and code stand for."""
        what = f"{call.method} {call.path}"
        if status in _NOT_TAKEN or 300 <= status < 400:
            raise UnitUnavailable(Remark("", "http", what=what, status=status), evidence=data)
        if status >= 500 or status in {408, 409, 425}:
            raise OutcomeUnknown(Remark("", "http", what=what, status=status))
        try:
            answer = json.loads(data) if data.strip() else {}
        except (ValueError, RecursionError) as err:
            raise OutcomeUnknown(f"{what}: the answer is not JSON", evidence=data) from err
        rule = self._answer
        reason = plain(value_at(answer, rule.reason) or "") if rule.reason else ""
        if status >= 400:
            raise UnitRejected(reason or f"HTTP {status}", evidence=data)
        if rule.code:
            code = normal(value_at(answer, rule.code))
            if code in rule.rejected:
                raise UnitRejected(reason or f"code {code}", evidence=data)
            if code in rule.unavailable:
                raise UnitUnavailable(f"{what}: {reason or code}")
            if code not in rule.ok:
                raise OutcomeUnknown(f"{what}: unforeseen code {code!r} {reason}", evidence=data)
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of the remote's time for systems that cannot say "what changed since"; spans overlap
    because their clocks and commits are not in order. Cursor text: ``<start> <end> <page>``."""

    start: datetime
    end: datetime
    page: int

    @classmethod
    def read(cls, cursor: str, now: datetime, poll: Call) -> Window:
        """The window a cursor stands for; the first one reaches back one day."""
        if poll.style != "window" or not cursor:
            return cls(start=now - timedelta(days=1), end=now, page=1)
        start, end, page = cursor.split(" ")
        if int(page) > 1:
            return cls(
                start=datetime.fromisoformat(start), end=datetime.fromisoformat(end), page=int(page)
            )
        overlap = timedelta(seconds=poll.overlap_s)
        return cls(start=datetime.fromisoformat(end) - overlap, end=now, page=1)

    def after(self, *, more: bool) -> str:
        """The cursor after this page."""
        page = self.page + 1 if more else 1
        return f"{self.start.isoformat()} {self.end.isoformat()} {page}"


def _client(config: Mapping[str, Any]) -> httpx.AsyncClient:
    ca = config.get("ca_file")
    context = ssl.create_default_context(cafile=str(ca) if isinstance(ca, Path) else None)
    headers: dict[str, str] = {"Accept": "application/json"}
    auth: httpx.Auth | None = None
    secret = config.get("secret_file")
    how = config["auth"]
    if how != "none" and not isinstance(secret, Secret):
        raise MappingError([Remark("config.secret_file", "secret_for", how=how)])
    if isinstance(secret, Secret) and how == "bearer":
        headers["Authorization"] = f"Bearer {secret.text()}"
    elif isinstance(secret, Secret) and how == "header":
        headers[str(config["auth_header"])] = secret.text()
    elif isinstance(secret, Secret) and how == "basic":
        user, _, password = secret.text().partition(":")
        auth = httpx.BasicAuth(user, password)
    return httpx.AsyncClient(
        headers=headers,
        auth=auth,
        verify=context,
        # The environment's proxy is for the internet, not for the government extranet.
        trust_env=False,
        timeout=float(config["timeout_s"]),
        limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
    )


def _call(
    name: str, calls: Mapping[str, Any], problems: list[Remark], *, needs: tuple[str, ...] = ()
) -> Call:
    made = _table(Call, f"calls.{name}", calls.get(name, {}), problems)
    if made is None:
        return Call(path="/")
    problems.extend(
        Remark(f"calls.{name}.{one}", "required") for one in needs if not getattr(made, one))
    if made.style not in {"cursor", "window"}:
        problems.append(Remark(f"calls.{name}.style", "style"))
    return made


def _table(shape: type[T], where: str, raw: Any, problems: list[Remark]) -> T | None:
    """``raw`` as a value of ``shape``; findings name the key. None if it cannot be made."""
    if raw is None:
        return None
    if not isinstance(raw, Mapping):
        problems.append(Remark(where, "table"))
        return None
    known = fields(cast("Any", shape))
    wrong = [Remark(where, "unknown_word", name=name) for name in raw
             if name not in {one.name for one in known}]
    wrong += [Remark(f"{where}.{one.name}", "required") for one in known
              if one.name not in raw and one.default is MISSING
              and one.default_factory is MISSING]
    if wrong:
        problems.extend(wrong)
        return None
    return shape(
        **{name: tuple(map(normal, value)) if isinstance(value, list) else value
           for name, value in raw.items()}
    )  # fmt: skip


def _filled(text: str, holes: Mapping[str, str]) -> str:
    return _HOLE.sub(lambda hit: holes.get(hit[1], ""), text)


def _decoded(one: Heard, unread: list[Unreadable]) -> tuple[UnitPhoto, ...]:
    """Photos that came inside the event; a broken one is reported, the others live."""
    photos = []
    for remote in one.photos:
        if not remote.content:
            continue
        try:
            photos.append(_photo(base64.b64decode(remote.content, validate=True), remote))
        except (binascii.Error, ValueError, UnitUnreadable) as err:
            broken = UnitUnreadable(f"a photo of {one.event.event_id}: {err}")
            unread.append(
                unreadable(broken, source="photo", evidence=remote.content[:4096].encode())
            )
    return tuple(photos)


def _photo(data: bytes, remote: RemotePhoto) -> UnitPhoto:
    media_type = image_type(data)
    if not media_type or len(data) > PHOTO_BYTES_MAX:
        raise UnitUnreadable(
            f"{len(data)} bytes called {remote.media_type!r} are no photo we take",
            evidence=data[:64],
        )
    return UnitPhoto(data=data, media_type=media_type)


def _read(photo: PhotoRef) -> bytes:
    path = Path(photo.path)
    if path.stat().st_size > PHOTO_BYTES_MAX:
        raise UnitUnreadable(f"photo {photo.digest}: larger than {PHOTO_BYTES_MAX} bytes")
    return path.read_bytes()


def _name(photo: PhotoRef) -> str:
    ending = {"image/png": "png", "image/webp": "webp"}.get(photo.media_type, "jpg")
    return f"{photo.role}-{photo.digest[:16]}.{ending}"


def _bytes(answer: object) -> bytes:
    return json.dumps(answer).encode()
