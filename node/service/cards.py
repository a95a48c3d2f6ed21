"""Units and their cards: kept, shown, and looked over for gaps.

Whoever changes a card changes what routing knows at once. Phone numbers are personal: they are
masked unless the caller may see them.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.climbing import Rung
from node.core.errors import Invalid, UnknownUnit
from node.core.facts import Address
from node.core.masks import masked_phone
from node.core.revising import counted
from node.core.routing import Unit
from node.core.standards import day_of, every_in_force
from node.service.audit import Recorder, imported
from node.service.instants import to_time, to_us
from node.service.phrases import Phrase, joined, phrase
from node.service.ports import Row
from node.service.register import Entry, Register
from node.service.revising import RevisionStore, compared, keyed, revise
from node.service.standards.rows import edition_of
from node.service.surroundings import Surroundings
from node.service.unit_views import Clerk, Gap, Plan, Step, UnitCard
from node.service.views import ImportResult

TOPIC = "cards"
"""Woken when cards changed: the node's other processes read them anew."""
TABLE = "units"
CARDS_READ = 1_000
"""Cards read at a time when the register is loaded."""
CARDS_MAX = 20_000
"""A provincial capital has a few hundred bodies and some thousand streets and communities."""
CLERKS_MAX, PLANS_MAX = 50, 50
"""Per card."""


class CardStore(RevisionStore, Protocol):
    """What the cards need from below."""

    def units(self, conn: Connection, after: str, limit: int) -> Sequence[Row]: ...

    def unit_card(self, conn: Connection, unit_id: str) -> Row | None: ...

    def count_phrases(self, conn: Connection) -> int: ...

    def editions(self, conn: Connection, standard_ref: str = "") -> Sequence[Row]: ...

    def count_conditions(
        self, conn: Connection, found: Sequence[tuple[str, int]]
    ) -> int: ...

    def count_tokens(self, conn: Connection) -> int: ...


class Cards:
    """The register of units of one office."""

    def __init__(
        self,
        *,
        store: CardStore,
        writer: Writer,
        audit: Recorder,
        surroundings: Surroundings,
        now_us: Callable[[], int],
        rows_max: int,
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._writer = writer
        self._audit = audit
        self._surroundings = surroundings
        self._now_us = now_us
        self._rows_max = rows_max
        self._changed = changed

    async def page(
        self, after: str, limit: int, *, reveal: bool = False, group: str = ""
    ) -> tuple[list[UnitCard], str]:
        """Cards by id and the cursor of the next page ("" on the last)."""
        limit = max(1, min(limit, self._rows_max))
        rows = await self._writer.read(lambda conn: self._store.units(conn, after, limit))
        cards = [_seen(card_of(row), reveal=reveal) for row in rows]
        following = rows[-1]["unit_id"] if len(rows) == limit else ""
        return [card for card in cards if not group or card.group == group], following

    async def card(self, unit_id: str, *, reveal: bool = False) -> UnitCard:
        """One card. ``UnknownUnit`` if there is none."""
        row = await self._writer.read(lambda conn: self._store.unit_card(conn, unit_id))
        if row is None:
            raise UnknownUnit(f"there is no unit {unit_id} here", unit=unit_id)
        return _seen(card_of(row), reveal=reveal)

    async def named(self, names: Iterable[str]) -> list[UnitCard]:
        """The cards of these units (id, name, credit code or address), each once and in that order,
        phones of persons masked; a name without a card is left out."""
        found = (self._surroundings.register.find(name) for name in names)
        ids = list(dict.fromkeys(unit.unit_id for unit in found if unit is not None))

        def read(conn: Connection) -> list[UnitCard]:
            rows = (self._store.unit_card(conn, unit_id) for unit_id in ids)
            return [_seen(card_of(row), reveal=False) for row in rows if row is not None]

        return await self._writer.read(read) if ids else []

    async def put(self, cards: Sequence[UnitCard]) -> ImportResult:
        """Add cards or replace those of the same id, all or none, and route by them from now on."""

        def write(tx: Tx) -> ImportResult:
            done = put_cards(self._store, tx, cards)
            self._audit.record(tx, imported("units", done))
            return done

        result = await self._writer.write(write, urgent=True)
        await self.reload()
        return result

    async def address_of(self, named: str) -> Address:
        """Where orders to this unit go. ``UnknownUnit``: no card; ``Invalid`` with the reason: no
        order can be sent there."""
        unit = self._surroundings.register.find(named)
        if unit is None:
            raise UnknownUnit(f"there is no unit {named} here", unit=named)
        if unit.address is None:
            raise Invalid(
                f"{unit.name or unit.unit_id} has neither a node nor an adapter",
                code="unit.no_way_in", unit=unit.unit_id,
            )
        return unit.address

    async def reload(self) -> None:
        """Read every card anew for routing."""
        cards = await self._writer.read(self._all)
        now = to_time(self._now_us())
        self._surroundings.register = Register(
            _entry(card, strict=self._surroundings.profile.targets_answer)
            for card in cards
            if (card.valid_from is None or card.valid_from <= now)
            and (card.valid_to is None or now < card.valid_to)
        )
        await self._changed()

    def _all(self, conn: Connection) -> list[UnitCard]:
        cards: list[UnitCard] = []
        while True:
            after = cards[-1].unit_id if cards else ""
            rows = self._store.units(conn, after, CARDS_READ)
            cards.extend(card_of(row) for row in rows)
            if len(rows) < CARDS_READ:
                return cards

    async def gaps(self) -> list[Gap]:
        """Cards that leave something open, those that no order can reach first."""
        cards = await self._writer.read(self._all)
        found = [self._gap(card) for card in cards if self._has_gap(card)]
        return sorted(found, key=lambda gap: (not gap.refused, gap.unit_id))

    def _has_gap(self, card: UnitCard) -> bool:
        return bool(card.lacks()) or not card.answers() or bool(self._shut(card))

    def _shut(self, card: UnitCard) -> str:
        """Why no order gets to the address on the card; "" = it does, or there is none."""
        return self._surroundings.way_in(Address.parse(card.address)) if card.address else ""

    def _gap(self, card: UnitCard) -> Gap:
        lacks, shut = card.lacks(), self._shut(card)
        sentences: list[Phrase] = [phrase(f"unit.lacks.{key}") for key in lacks]
        if shut:
            sentences.insert(0, phrase(
                f"unit.shut.{shut}", address=card.address, name=Address.parse(card.address).id))
        if not card.answers():
            sentences.insert(0, phrase("unit.unanswerable"))
        return Gap(
            unit_id=card.unit_id, name=card.name, refused=bool(shut) or not card.answers(),
            lacks=(*lacks, *(["way_in"] if shut else [])), sentence=joined(sentences),
        )

    async def checklist(self) -> list[Step]:
        """What is set up and what is missing: units, responsibilities, limits (of the editions in
        force), people, links."""
        today = day_of(to_time(self._now_us()))

        def look(conn: Connection) -> tuple[list[UnitCard], int, int, int]:
            valid = every_in_force(map(edition_of, self._store.editions(conn)), today)
            return (
                self._all(conn),
                self._store.count_phrases(conn),
                self._store.count_conditions(
                    conn, [(one.standard_ref, one.version) for one in valid]),
                self._store.count_tokens(conn),
            )

        cards, phrases, conditions, tokens = await self._writer.read(look)
        here = self._surroundings
        open_cards = sum(1 for card in cards if self._has_gap(card))
        nameless = [one for one in here.table.units_named() if here.register.find(one) is None]
        staffed = sum(any(clerk.active for clerk in card.clerks) for card in cards)
        assignees = len(here.children) + len(here.adapters)
        return [
            _step("units", len(cards), open_cards, complete=bool(cards) and not open_cards,
                  short="gaps"),
            _step(
                "responsibilities", len(here.table), phrases + len(nameless),
                complete=len(here.table) > 0 and not phrases and not nameless,
                short="unmapped" if phrases + len(nameless) else "complete",
            ),
            _step("limits", conditions, 0, complete=conditions > 0),
            _step(
                "people", staffed, len(cards) - staffed,
                complete=tokens > 0 and staffed == len(cards) and bool(cards),
                short="unstaffed" if staffed < len(cards) else "tokenless",
            ),
            _step(
                "links", assignees, len(here.unusable),
                complete=(assignees > 0 or bool(here.parent)) and not here.unusable,
                short="unusable" if here.unusable else "complete",
            ),
        ]


def put_cards(
    store: CardStore, tx: Tx, cards: Sequence[UnitCard], *, whole: bool = False,
    source: str = "", seen: str = "",
) -> ImportResult:
    """Write cards as a version of the register; ``Invalid`` names the card that breaks a rule.
    ``whole``: cards that are not among them go. ``seen``: see ``revise``."""
    given = card_rows(cards)
    changes = compared(store, tx.conn, TABLE, given, whole=whole)
    revise(store, tx, TABLE, changes, source=source, seen=seen)
    tx.wake(TOPIC)
    added = counted(changes).added
    return ImportResult(added=added, replaced=len(keyed(TABLE, given)) - added)


def card_rows(cards: Iterable[UnitCard]) -> list[Row]:
    """Rows of table ``unit``; ``Invalid`` names the card that breaks a rule."""
    cards = list(cards)
    for card in cards:
        if len(card.clerks) > CLERKS_MAX or len(card.plans) > PLANS_MAX:
            raise Invalid(
                f"{card.unit_id}: more than {CLERKS_MAX} clerks or {PLANS_MAX} plans",
                code="table.invalid",
            )
        if card.address:
            try:
                Address.parse(card.address)
            except ValueError as err:
                raise Invalid(f"{card.unit_id}: {err}", code="table.invalid") from err
    return [_card_row(card) for card in cards]


def card_of(row: Row) -> UnitCard:
    """A row of table ``unit``."""
    return UnitCard(
        unit_id=row["unit_id"], name=row["name"], kind=row["kind"], group=row["body_group"],
        parent=row["parent"], region=row["region"], territorial=bool(row["territorial"]),
        address=row["address"], way=row["way"], credit_code=row["credit_code"],
        leader=row["leader"], leader_phone=row["leader_phone"], section=row["section"],
        crew=row["crew"], duty_phone=row["duty_phone"],
        clerks=tuple(Clerk(**one) for one in json.loads(row["clerks"])),
        plans=tuple(Plan(**one) for one in json.loads(row["plans"])), note=row["note"],
        valid_from=to_time(row["valid_from"]) if row["valid_from"] else None,
        valid_to=to_time(row["valid_to"]) if row["valid_to"] is not None else None,
    )


def _card_row(card: UnitCard) -> dict[str, Any]:
    values = dataclasses.asdict(card)
    return {
        **{name: value for name, value in values.items() if name != "group"},
        "body_group": card.group,
        "clerks": json.dumps(values["clerks"], ensure_ascii=False),
        "plans": json.dumps(values["plans"], ensure_ascii=False),
        "valid_from": to_us(card.valid_from) if card.valid_from is not None else 0,
        "valid_to": to_us(card.valid_to) if card.valid_to is not None else None,
    }


def _seen(card: UnitCard, *, reveal: bool) -> UnitCard:
    if reveal:
        return card
    clerks = tuple(replace(one, phone=masked_phone(one.phone)) for one in card.clerks)
    return replace(card, leader_phone=masked_phone(card.leader_phone), clerks=clerks)


def _entry(card: UnitCard, *, strict: bool) -> Entry:
    unit = Unit(
        unit_id=card.unit_id, name=card.name, territorial=card.territorial, region=card.region,
        address=Address.parse(card.address) if card.address else None,
    )
    gap = "no_clerk" if strict and card.address and not card.answers() else ""
    clerks = [one.name for one in card.clerks if one.active]
    named = {
        Rung.CLERK: clerks[0] if clerks else "",
        Rung.DEPUTY: clerks[1] if len(clerks) > 1 else "",
        Rung.LEADER: card.leader,
        Rung.DUTY: card.section,
    }
    return Entry(
        unit=unit, gap=gap, credit_code=card.credit_code, chain=named, group=card.group
    )


def _step(
    subject: str, there: int, missing: int, *, complete: bool, short: str = "complete"
) -> Step:
    """``short``: the sentence of a step that is begun and not complete; one that has only to be
    begun is complete then."""
    key = "complete" if complete else short if there else "empty"
    return Step(
        subject=subject, complete=complete, there=there, missing=missing,
        sentence=phrase(
            f"setup.{key}", subject=phrase(f"setup.of.{subject}"), there=there, missing=missing
        ),
    )
