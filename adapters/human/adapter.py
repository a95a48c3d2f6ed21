"""People answer: the order lies on a desk, a one-time link opens it, answers are read by cursor.

A token is derived from a key of this adapter, the work order and a serial, so a clerk can be shown
the link again, while the desk stores only its digest. A renewed link voids the old one.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from adapters.contract import (
    Adapter,
    Form,
    FormLink,
    FormState,
    Health,
    MappingError,
    Page,
    Receipt,
    Secret,
    Setup,
    UnitAct,
    UnitEvent,
    UnitPhoto,
    UnitRejected,
    WorkOrder,
)
from adapters.human.desk import FINAL, ONCE, Answer, Desk, Said, Work
from adapters.remarks import Remark

SECRET_BYTES_MIN = 16
"""A shorter key could be guessed, and with it every link."""
EVENTS_PER_PAGE = 50
"""Answers of one poll; each may carry several photos, which travel in memory."""
TOKEN_CHARS_MAX = 64
"""A token has 43; anything longer is not looked at."""


def create(setup: Setup) -> Adapter:
    """Make the adapter; its desk and, if none is configured, its key lie in its folder."""
    return HumanAdapter(setup)


class HumanAdapter:
    """One unit whose people use the form. Satisfies ``Adapter`` and ``FormDesk``."""

    def __init__(self, setup: Setup) -> None:
        configured = setup.config.get("secret_file")
        secret = configured if isinstance(configured, Secret) else _own_secret(setup.folder)
        if len(secret.reveal()) < SECRET_BYTES_MIN:
            raise MappingError([
                Remark("config.secret_file", "secret_bytes", least=SECRET_BYTES_MIN)])
        self._id = setup.id
        self._secret = secret
        self._now = setup.now
        self._url = str(setup.config["public_url"]).rstrip("/")
        self._valid = timedelta(days=float(setup.config["link_days"]))
        self._desk = Desk(setup.folder / "desk.db")

    def __repr__(self) -> str:
        return f"<human adapter {self._id}>"

    async def probe(self) -> Health:
        """The desk is a file of ours."""
        waiting = sum(
            self._state(work, []) is FormState.OPEN
            for work in await asyncio.to_thread(self._desk.works)
        )
        return Health(ok=True, detail=Remark("", "links", count=waiting))

    async def submit(self, order: WorkOrder) -> Receipt:
        """Lay it on the desk; a tombstone for its key keeps it off."""
        work = await asyncio.to_thread(
            self._desk.put,
            order,
            token=_digest(self._token(order.key, 1)),
            expires_at=self._now() + self._valid,
        )
        if work.withdrawn is not None:
            raise UnitRejected("this order was withdrawn")
        return Receipt(unit_reference="")

    async def lookup(self, key: str) -> Receipt | None:
        """On the desk or not."""
        work = await asyncio.to_thread(self._desk.by_key, key)
        return Receipt(unit_reference="") if work and work.order else None

    async def withdraw(self, key: str, unit_reference: str, reason: str) -> None:  # noqa: ARG002
        """The form says so from now on."""
        await asyncio.to_thread(self._desk.strike, key, reason)

    async def poll(self, cursor: str) -> Page:
        """Answers since the last line."""
        return await asyncio.to_thread(self._poll, int(cursor or 0))

    async def settle(self, cursor: str) -> None:
        """Photos the node has committed are its own now."""
        await asyncio.to_thread(self._desk.forget_photos, int(cursor or 0))

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Page:  # noqa: ARG002
        """People push nothing but the form."""
        raise UnitRejected("a form desk takes no notifications")

    async def close(self) -> None:
        """Close the desk."""
        await asyncio.to_thread(self._desk.close)

    # --- the form -------------------------------------------------------------------------------

    async def form(self, token: str) -> Form:
        """What the link shows now."""
        return await asyncio.to_thread(self._form, token)

    async def fill(
        self,
        token: str,
        *,
        ticket: str,
        act: UnitAct,
        text: str,
        reason_code: str = "",
        photos: tuple[UnitPhoto, ...] = (),
        closing_met: bool = False,
    ) -> Form:
        """Take one answer, if the link still stands and the act is open."""
        answer = Answer(
            act=act, ticket=ticket, text=text, reason=reason_code, photos=photos,
            closing_met=closing_met,
        )
        return await asyncio.to_thread(self._fill, token, answer)

    async def links(self, case_id: str = "") -> tuple[FormLink, ...]:
        """Links to pass on; of one case all, otherwise those still open."""
        return await asyncio.to_thread(self._links, case_id)

    async def renew(self, key: str) -> FormLink | None:
        """A fresh link, valid as long as a new one."""
        return await asyncio.to_thread(self._renew, key)

    def _poll(self, after: int) -> Page:
        said = self._desk.said(after=after, limit=EVENTS_PER_PAGE)
        return Page(
            events=tuple(self._event(one) for one in said),
            cursor=str(said[-1].seq if said else after),
            more=len(said) == EVENTS_PER_PAGE,
        )

    def _event(self, said: Said) -> UnitEvent:
        # One act that counts once is one event, however often the desk is rebuilt or restored.
        identity = said.act.value if said.act in ONCE else said.ticket
        return UnitEvent(
            event_id=f"{said.key}#{identity}",
            key=said.key,
            act=said.act,
            text=said.text,
            order=f"{said.at.isoformat(timespec='microseconds')}#{said.seq:012d}",
            reason_code=said.reason,
            photos=self._desk.photos(said.seq),
            closing_met=said.closing_met,
        )

    def _form(self, token: str) -> Form:
        if not token or len(token) > TOKEN_CHARS_MAX:
            return Form(state=FormState.UNKNOWN)
        work = self._desk.by_token(_digest(token))
        if work is None:
            return Form(state=FormState.UNKNOWN)
        said = self._desk.said(key=work.key)
        state = self._state(work, said)
        acts = [one.act for one in said]
        return Form(
            state=state,
            ticket=secrets.token_urlsafe(16) if state is FormState.OPEN else "",
            order=work.order,
            acts=tuple(
                act
                for act in (UnitAct.SIGNED, UnitAct.PROGRESS, UnitAct.DONE, UnitAct.RETURN)
                if state is FormState.OPEN and not (act in ONCE and act in acts)
            ),
            said=tuple((one.at, one.act, one.text) for one in said),
            expires_at=work.expires_at,
        )

    def _fill(self, token: str, answer: Answer) -> Form:
        work = self._desk.by_token(_digest(token)) if len(token) <= TOKEN_CHARS_MAX else None
        if work and self._now() < work.expires_at and answer.act is not UnitAct.NONE:
            self._desk.say(work.key, answer, at=self._now())
        return self._form(token)

    def _state(self, work: Work, said: list[Said]) -> FormState:
        acts = {one.act for one in said} & FINAL
        if UnitAct.DONE in acts:
            return FormState.DONE
        if UnitAct.RETURN in acts:
            return FormState.RETURNED
        if work.withdrawn is not None:
            return FormState.WITHDRAWN
        return FormState.OPEN if self._now() < work.expires_at else FormState.EXPIRED

    def _links(self, case_id: str) -> tuple[FormLink, ...]:
        found = [
            self._link(work)
            for work in self._desk.works()
            if work.order and case_id in {"", work.order.case_id}
        ]
        return tuple(one for one in found if case_id or one.state is FormState.OPEN)

    def _link(self, work: Work) -> FormLink:
        assert work.order is not None, "only orders that came have a link"
        return FormLink(
            key=work.key,
            case_id=work.order.case_id,
            case_no=work.order.case_no,
            url=f"{self._url}/f/{self._id}/{self._token(work.key, work.serial)}",
            state=self._state(work, self._desk.said(key=work.key)),
            expires_at=work.expires_at,
        )

    def _renew(self, key: str) -> FormLink | None:
        work = self._desk.by_key(key)
        if work is None or work.order is None:
            return None
        self._desk.renew(
            key,
            token=_digest(self._token(key, work.serial + 1)),
            expires_at=self._now() + self._valid,
        )
        fresh = self._desk.by_key(key)
        return self._link(fresh) if fresh else None

    def _token(self, key: str, serial: int) -> str:
        seed = f"wanmi/form/1\0{self._id}\0{key}\0{serial}".encode()
        proof = hmac.new(self._secret.reveal(), seed, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(proof).decode().rstrip("=")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _own_secret(folder: Path) -> Secret:
    """The adapter's key, made on first use; readable by its owner only."""
    path = folder / "form.key"
    if not path.exists():
        draft = folder / f"form.key.{secrets.token_hex(4)}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return Secret(path.read_bytes())
