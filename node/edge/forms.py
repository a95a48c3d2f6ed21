"""The page behind a one-time link: ``/f/{adapter}/{token}``, for units without a system.

The token is the credential, so nothing of the page may leak it: no outside resource, no referrer,
no cache, no index. Every answer redirects back to the page, which shows what now stands; sending a
form twice therefore shows the same page twice and changes nothing.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from adapters.contract import Form, FormDesk, FormState, UnitAct, UnitPhoto
from node.core.errors import Invalid
from node.core.pictures import PIXELS_MAX, measured
from node.edge.form_words import word
from node.edge.http.limits import FORM_BYTES_MAX
from node.edge.http.problems import language as language_of

if TYPE_CHECKING:
    from jinja2 import Template

MIB = 1024 * 1024
PHOTOS_MAX = 8
"""Photos of one answer; two are asked for, a diligent crew sends more."""
PHOTO_BYTES_MAX = 10 * MIB
"""One photo; a phone's full-size JPEG is 3 to 6 MB."""
BODY_BYTES_MAX = FORM_BYTES_MAX
"""One answer with all its photos."""
ANSWERS_AT_ONCE = 8
"""Answers read side by side: each holds up to ``BODY_BYTES_MAX`` in memory; the others wait."""
TEXT_CHARS_MAX = 2_000
"""What a person writes on a phone."""
FIELD_BYTES_MAX = 16 * 1024
"""One field that is not a file: the text at four bytes a character, and some room."""

BEIJING = timezone(timedelta(hours=8))
"""Times on the page: the trade runs on Beijing time, and nobody in the street reads UTC."""
REASONS = ("not_ours", "wrong_place", "needs_other", "duplicate", "other")
"""Reason codes of a return, as the form offers them."""
ACTS = frozenset({UnitAct.SIGNED, UnitAct.PROGRESS, UnitAct.DONE, UnitAct.RETURN})
_STATUS: Mapping[FormState, int] = {FormState.EXPIRED: 410, FormState.UNKNOWN: 404}
_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


class FormHost(Protocol):
    """Where the page finds a desk; ``node.edge.adapter_host.AdapterHost`` is one by shape."""

    def form_desk(self, adapter: str) -> FormDesk | None: ...
    def nudge(self, adapter: str) -> None: ...


class Unacceptable(Exception):
    """The answer cannot be taken as it is; the page says why, by ``key`` of the words, and shows
    again what was filled in."""

    def __init__(self, key: str, *, act: str = "", text: str = "", most: int = 0) -> None:
        super().__init__(key)
        self.key = key
        self.act = act
        self.text = text
        self.most = most
        self.ticked = False


def router(host: FormHost) -> APIRouter:
    """Routes over this host's form desks."""
    routes = APIRouter(include_in_schema=False)
    pages = Pages()
    answers = asyncio.Semaphore(ANSWERS_AT_ONCE)

    @routes.get("/f/{adapter}/{token}")
    async def show(adapter: str, token: str, request: Request) -> Response:
        desk = host.form_desk(adapter)
        form = await desk.form(token) if desk else Form(state=FormState.UNKNOWN)
        return pages.render(form, base=f"/f/{adapter}/{token}", language=_tongue(request))

    @routes.post("/f/{adapter}/{token}")
    async def send(adapter: str, token: str, request: Request) -> Response:
        desk, base = host.form_desk(adapter), f"/f/{adapter}/{token}"
        language = _tongue(request)
        if desk is None:
            return pages.render(Form(state=FormState.UNKNOWN), base=base, language=language)
        form = await desk.form(token)
        if form.state is not FormState.OPEN:
            # Before a byte of the body is read: whoever has no live link sends us nothing. What is
            # over is shown at its own address, as after any other answer.
            if form.state in {FormState.UNKNOWN, FormState.EXPIRED}:
                return pages.render(form, base=base, language=language)
            return RedirectResponse(base, status_code=303, headers=dict(_HEADERS))
        try:
            async with answers:
                await _take(desk, token, request)
        except Unacceptable as err:
            form = await desk.form(token)
            return pages.render(form, base=base, language=language, refused=err)
        host.nudge(adapter)
        return RedirectResponse(base, status_code=303, headers=dict(_HEADERS))

    @routes.get("/f/{adapter}/{token}/photo/{number}")
    async def photo(adapter: str, token: str, number: int, request: Request) -> Response:
        desk = host.form_desk(adapter)
        form = await desk.form(token) if desk else Form(state=FormState.UNKNOWN)
        shown = form.order.photos if form.order and form.state is not FormState.EXPIRED else ()
        here = 0 <= number < len(shown) and await asyncio.to_thread(
            Path(shown[number].path).is_file
        )
        if not here:
            return pages.render(
                Form(state=FormState.UNKNOWN), base="", language=_tongue(request)
            )
        return FileResponse(
            shown[number].path, media_type=shown[number].media_type,
            headers={**_HEADERS, "Content-Security-Policy": "default-src 'none'; sandbox",
                     "Content-Disposition": "inline"},
        )

    return routes


async def _take(desk: FormDesk, token: str, request: Request) -> None:
    """Read and check one answer, then hand it to the desk."""
    length = request.headers.get("content-length", "")
    if not length.isascii() or not length.isdigit() or int(length) > BODY_BYTES_MAX:
        raise Unacceptable("no.size", most=BODY_BYTES_MAX // MIB)
    try:
        fields = await request.form(
            max_files=PHOTOS_MAX, max_fields=16, max_part_size=FIELD_BYTES_MAX
        )
    except HTTPException as err:
        raise Unacceptable("no.shape", most=PHOTOS_MAX) from err
    try:
        act, text, reason = _words(fields)
        photos = await _photos(fields, act=act, text=text)
        ticket = _ticket(fields, act=act, text=text)
        await desk.fill(
            token,
            ticket=ticket,
            act=UnitAct(act),
            text=text,
            reason_code=reason,
            photos=photos,
            closing_met=act == UnitAct.DONE and _ticked(fields),
        )
    except Unacceptable as err:
        err.ticked = _ticked(fields)
        raise
    finally:
        await fields.close()


def _ticket(fields: FormData, *, act: str, text: str) -> str:
    ticket = str(fields.get("ticket", ""))[:64]
    if not ticket:
        raise Unacceptable("no.ticket", act=act, text=text)
    return ticket


def _ticked(fields: FormData) -> bool:
    return fields.get("closing_met") == "yes"


def _words(fields: FormData) -> tuple[str, str, str]:
    act, text = str(fields.get("act", "")), str(fields.get("text", "")).strip()
    reason = str(fields.get("reason_code", ""))
    if act not in {one.value for one in ACTS}:
        raise Unacceptable("no.act")
    if any(char < " " and char not in "\n\r\t" for char in text):
        raise Unacceptable("no.characters", act=act)
    if len(text) > TEXT_CHARS_MAX:
        raise Unacceptable("no.long", act=act, text=text, most=TEXT_CHARS_MAX)
    if act != UnitAct.SIGNED and not text:
        raise Unacceptable("no.text", act=act)
    if act == UnitAct.RETURN and reason not in REASONS:
        raise Unacceptable("no.reason", act=act, text=text)
    return act, text, reason if act == UnitAct.RETURN else ""


async def _photos(fields: FormData, *, act: str, text: str) -> tuple[UnitPhoto, ...]:
    photos = []
    for upload in fields.getlist("photos"):
        if not isinstance(upload, UploadFile) or not upload.filename:
            continue
        data = await upload.read(PHOTO_BYTES_MAX + 1)
        if len(data) > PHOTO_BYTES_MAX:
            raise Unacceptable(
                "no.photo_size", act=act, text=text, most=PHOTO_BYTES_MAX // MIB
            )
        try:
            picture = await asyncio.to_thread(measured, data)
        except Invalid as err:
            key = "no.photo_pixels" if err.code == "photo.pixels" else "no.photo"
            raise Unacceptable(key, act=act, text=text, most=PIXELS_MAX // 10_000) from err
        photos.append(UnitPhoto(data=data, media_type=picture.kind))
    return tuple(photos)


class Pages:
    """Renders a form's state; decides nothing."""

    @cached_property
    def _page(self) -> Template:
        # Loaded for the first visitor: most nodes have no forms, and the engine weighs 2 MiB.
        from jinja2 import Environment, PackageLoader, StrictUndefined

        return Environment(
            loader=PackageLoader("node.edge", "pages"), autoescape=True, undefined=StrictUndefined
        ).get_template("form.html")

    def render(
        self, form: Form, *, base: str, language: str, refused: Unacceptable | None = None
    ) -> HTMLResponse:
        """The page for a form as it stands, with what was wrong with the last answer."""
        say = partial(word, language=language)
        status, notice, more = _STATUS.get(form.state, 200), "", ""
        if form.state is not FormState.OPEN:
            notice, more = say(f"state.{form.state}"), say(f"state.{form.state}.more")
            refused = None
        elif refused:
            status = 422
        nonce = secrets.token_urlsafe(12)
        body = self._page.render(
            nonce=nonce,
            language=language,
            t=say,
            error=say(refused.key, most=refused.most) if refused else "",
            kept=refused.text if refused else "",
            kept_act=refused.act if refused else "",
            kept_tick=refused.ticked if refused else False,
            notice=notice,
            notice_more=more,
            notice_bad=form.state in {FormState.EXPIRED, FormState.UNKNOWN, FormState.WITHDRAWN},
            base=base,
            **_shown(form, say),
        )
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; form-action 'self';"
            " base-uri 'none'; frame-ancestors 'none'"
        )
        return HTMLResponse(
            body,
            status_code=status,
            headers={
                **_HEADERS, "Content-Security-Policy": policy, "Content-Language": language,
            },
        )


def _shown(form: Form, say: Callable[[str], str]) -> dict[str, Any]:
    """The form's own part of the page. An expired link shows nothing of the case."""
    order = None if form.state is FormState.EXPIRED else form.order
    return {
        "order": order,
        "photos": [n for n, one in enumerate(order.photos) if one.path] if order else [],
        "finish_by": _local(order.finish_by) or say("no_limit") if order else "",
        "said": [(_local(at), say(act), text) for at, act, text in form.said if order],
        "acts": [act.value for act in form.acts],
        "ticket": form.ticket,
        "expires": _local(form.expires_at) if form.state is FormState.OPEN else "",
        "reasons": [(code, say(f"reason.{code}")) for code in REASONS],
        "text_max": TEXT_CHARS_MAX,
        "photos_max": PHOTOS_MAX,
    }


def _tongue(request: Request) -> str:
    return language_of(request.headers.get("accept-language", ""))


def _local(when: datetime | None) -> str:
    return when.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if when else ""
