"""The public page of a report: whoever has its number and its follow-up code sees how it stands.

What is shown is data of the profile, never more than state, class, grid, times, result and a photo
that a person has marked fit for the public; the reporter is not among it. The same door takes the
reporter's satisfaction, once. Wrong codes are counted, so that nobody guesses for long.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import Connection

from hub.errors import Overloaded
from hub.store.tx import Writer
from node.core.case import Case
from node.core.commands import GiveSatisfaction
from node.core.errors import UnknownCase
from node.core.facts import CaseId, CommandId, Photo, PhotoRole
from node.service.folding import CaseCache
from node.service.handle import Handler
from node.service.instants import to_time
from node.service.kin import BriefStore, goes_on
from node.service.ports import Store
from node.service.profile import IntakeRules
from node.service.reporters import Reporters
from node.service.views import Reply

ACTOR = "public"
"""Who speaks through this door, in the journal."""
CHANNEL = "public"
TRIES_MAX = 10
"""Wrong codes for one number within ``TRIES_S``; then the number is closed for a while, also to
the right code."""
TRIES_S = 600
NUMBERS_MAX = 10_000
"""Numbers whose wrong codes are counted at once; the oldest are forgotten first."""


class NumberStore(BriefStore, Protocol):
    """Cases by number, and what they follow (``node.store.intake``)."""

    def by_number(self, conn: Connection, case_no: str) -> str | None: ...


class PublicPage:
    """One door, two acts: look, and say what it was worth."""

    def __init__(
        self,
        *,
        store: Store,
        rows: NumberStore,
        writer: Writer,
        handler: Handler,
        reporters: Reporters,
        rules: IntakeRules,
        now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._rows = rows
        self._writer = writer
        self._handler = handler
        self._reporters = reporters
        self._rules = rules
        self._now_us = now_us
        self._wrong: OrderedDict[str, tuple[int, int]] = OrderedDict()

    async def look(self, case_no: str, code: str) -> Mapping[str, Any]:
        """What may be seen. ``UnknownCase`` for a wrong code as for a wrong number; ``Overloaded``
        (``public.too_many``) after too many wrong codes."""
        case, goes_on_in, opened_us = await self._open(case_no, code)
        fields = self._rules.public_fields
        whole = _whole(case, goes_on_in, opened_us)
        found = {name: value for name, value in whole.items() if name in fields}
        return {"case_no": case_no, "may_rate": _may_rate(case), "anew": _anew(case), **found}

    async def photo(self, case_no: str, code: str) -> str | None:
        """Digest of the photo that may be shown, None if there is none."""
        _, goes_on_in, _ = await self._open(case_no, code)
        shown = public_photo(goes_on_in) if "photo" in self._rules.public_fields else None
        return shown.digest if shown is not None else None

    async def rate(
        self, case_no: str, code: str, *, score: int, text: str, command_id: str
    ) -> Reply:
        """The reporter's satisfaction; refused as ``GiveSatisfaction`` is."""
        case, _, _ = await self._open(case_no, code)
        return await self._handler.handle(
            GiveSatisfaction(
                command_id=CommandId(command_id),
                actor=ACTOR,
                case_id=CaseId(case.case_id),
                score=score,
                text=text,
                channel=CHANNEL,
            )
        )

    async def _open(self, case_no: str, code: str) -> tuple[Case, Case, int]:
        """The report, the case in which it goes on (itself, unless it was merged), and when it was
        opened."""
        self._not_too_often(case_no)

        def read(conn: Connection) -> tuple[Case, Case, int] | None:
            case_id = self._rows.by_number(conn, case_no)
            if case_id is None or not self._reporters.opens(case_id, code):
                return None
            row = self._store.load_cases(conn, (case_id,))[case_id]
            case = CaseCache(1).read(case_id, bytes(row.state))
            if case.duty is not None:
                return None
            return case, self._goes_on(conn, case), row.opened_at

        found = await self._writer.read(read)
        if found is None:
            self._count(case_no)
            raise UnknownCase("there is no such number, or this is not its code",
                              code="public.unknown")
        self._wrong.pop(case_no, None)
        return found

    def _goes_on(self, conn: Connection, case: Case) -> Case:
        last = goes_on(self._rows, conn, case.duplicate_of)
        if last is None:
            return case
        row = self._store.load_cases(conn, (last["case_id"],))[last["case_id"]]
        found = CaseCache(1).read(last["case_id"], bytes(row.state))
        return found if found.duty is None else case

    def _not_too_often(self, case_no: str) -> None:
        count, since = self._wrong.get(case_no, (0, 0))
        if count >= TRIES_MAX and self._now_us() - since < TRIES_S * 1_000_000:
            raise Overloaded("too many wrong codes for this number", code="public.too_many")

    def _count(self, case_no: str) -> None:
        now = self._now_us()
        count, since = self._wrong.pop(case_no, (0, now))
        if now - since >= TRIES_S * 1_000_000:
            count, since = 0, now
        self._wrong[case_no] = (count + 1, since)
        if len(self._wrong) > NUMBERS_MAX:
            self._wrong.popitem(last=False)


def public_photo(case: Case) -> Photo | None:
    """The newest photo that a person marked fit for the public."""
    shown = [one for one in case.public_photos if one.role is PhotoRole.PUBLIC]
    return shown[-1] if shown else None


def _may_rate(case: Case) -> bool:
    return case.status == "closed" and case.contact and case.satisfaction is None


def _anew(case: Case) -> str:
    """What became of the wish that it is taken up again: asked, granted or refused; "" = nobody
    wished it."""
    if case.reopening is None:
        return ""
    return {None: "asked", True: "granted", False: "refused"}[case.reopening.granted]


def _whole(report: Case, case: Case, opened_us: int) -> dict[str, Any]:
    facts, result = report.facts, case.result
    assert facts is not None, "an own case is known"
    return {
        "status": case.status.value,
        "name": facts.category.name,
        "area": facts.place.area,
        "grid": facts.place.grid,
        "opened_at": to_time(opened_us).isoformat(),
        "updated_at": case.updated_at.isoformat(),
        "result": result.result if result is not None and case.status == "closed" else "",
        "photo": public_photo(case) is not None,
    }
