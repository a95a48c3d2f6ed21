"""The words of the console: which texts its pages and their code say, and which lack their English.

``python -m tests.console_words --write`` adds what is missing to the catalogues, empty, and takes
out what nobody says any more.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polib
from jinja2 import Environment, nodes

from node.edge.console import failures
from node.edge.console.adapters import words as adapter_words
from node.edge.console.alarms import routes as alarm_routes
from node.edge.console.audit import words as audit_words
from node.edge.console.callbacks import words as callback_words
from node.edge.console.cases import choices, demands, fields, labels, reporter, view
from node.edge.console.evaluation import asked, meaning
from node.edge.console.intake import asks
from node.edge.console.library import routes as library
from node.edge.console.library import sheets as stock
from node.edge.console.links import words as link_words
from node.edge.console.map import view as maps
from node.edge.console.money import budget, fund
from node.edge.console.overview.tiles import tiles
from node.edge.console.people import words as people_words
from node.edge.console.public import form
from node.edge.console.public import routes as public_routes
from node.edge.console.rooms import ROOMS
from node.edge.console.upkeep import cells, layers, month, rules, sections, shown, standards
from node.edge.console.work import chips, columns, rows
from node.edge.console.work.queues import all_queues
from node.service import case_words, paper_words
from node.service.evaluation.definitions import load_definitions

HERE = Path(__file__).resolve().parents[1] / "node" / "edge" / "console"
PAGES, WORDS = HERE / "pages", HERE / "words"
FRAME, TRADE = "frame", "trade"
SAYING = {"say", "_"}


def templates() -> Iterator[Path]:
    yield from sorted(PAGES.rglob("*.html"))


def room_of(path: Path, below: Path) -> str:
    """The catalogue of a file: that of its folder, or the frame's."""
    first, *rest = path.relative_to(below).parts
    return first if rest and first not in {"parts", "pages"} else FRAME


def said_in_pages() -> Iterator[tuple[str, str]]:
    """(room, text) of every constant text that a template says."""
    environment = Environment(autoescape=True)
    for path in templates():
        tree = environment.parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_" and call.args:
                first = call.args[0]
                if isinstance(first, nodes.Const):
                    yield room_of(path, PAGES), str(first.value)


def said_in_code() -> Iterator[tuple[str, str]]:
    """(room, text) of every constant text that the code of the console says."""
    for path in sorted(HERE.rglob("*.py")):
        for item in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(item, ast.Call) and item.args:
                name = getattr(item.func, "id", getattr(item.func, "attr", ""))
                first = item.args[0]
                if name in SAYING and isinstance(first, ast.Constant):
                    yield room_of(path, HERE), str(first.value)


def said_from_tables() -> Iterator[tuple[str, str]]:
    """(room, text) of what is said from tables of words."""
    tables: tuple[tuple[str, Mapping[Any, str]], ...] = (
        *((TRADE, one) for one in (
            case_words.STATUSES, case_words.VERBS, case_words.KINDS, case_words.PHOTOS,
            case_words.REQUESTS, case_words.MATTERS, case_words.WHYS, case_words.UNITS,
            case_words.LEVELS, case_words.POSITIONS, case_words.CHANNELS, case_words.SCORES,
            case_words.PUBLIC)),
        ("cases", labels.LABELS), ("cases", fields.HINTS), (FRAME, failures.FIELDS),
        ("cases", view.CLOCKS), ("cases", view.POSTS),
        ("cases", view.WAITING), ("cases", choices.SIZES), ("cases", demands.ENDS),
        ("alarms", alarm_routes.STATES), ("public", public_routes.ANEW),
        ("callbacks", callback_words.KINDS), ("callbacks", callback_words.STATES),
        ("intake", asks.VERIFYING), ("intake", asks.PLACEHOLDERS),
        ("upkeep", cells.LABELS), ("upkeep", cells.WORDS), ("upkeep", cells.ANY),
        ("upkeep", rules.RIGHTS), ("upkeep", rules.SIDES),
        ("upkeep", rules.COMMANDS), ("upkeep", rules.POSTS),
        ("upkeep", rules.SETTINGS), *(("upkeep", one) for one in rules.VALUES.values()),
        ("upkeep", layers.TITLES), ("upkeep", shown.WHAT),
        ("upkeep", standards.STANDINGS),
        *(("links", one) for one in (
            link_words.PLACES, link_words.STATES, link_words.SCOPES, link_words.WAITS,
            link_words.TYPES, link_words.WORDS, link_words.FIELDS, link_words.OUTCOMES,
            link_words.BOUNDS, link_words.SAID, link_words.REMEDIES, link_words.SUBJECTS)),
        ("people", people_words.SCOPES), ("people", people_words.SAID),
        ("audit", audit_words.ACTIONS), ("audit", audit_words.KINDS),
        ("audit", audit_words.REASONS), ("audit", audit_words.DETAILS),
        ("audit", audit_words.VALUES), ("audit", audit_words.ORIGINS),
        ("adapters", adapter_words.WISHES), ("adapters", adapter_words.OUTCOMES),
        ("adapters", adapter_words.CAN), ("adapters", adapter_words.SAID),
        ("adapters", adapter_words.TYPES), ("adapters", adapter_words.CODES),
        ("adapters", adapter_words.SOURCES),
        *(("evaluation", one) for one in (
            asked.SPANS, *meaning.OF_KIND.values(), meaning.INSTANTS, meaning.ROWS,
            meaning.EXCLUDED, meaning.COLUMNS)),
        *(("library", one) for one in (library.WHYS, library.OVERS, stock.HEADS, stock.WAYS)),
        ("money", fund.KINDS), ("money", budget.VOLUMES), ("money", budget.SCOPES),
        ("public", form.CALLED),
        ("work", rows.LIGHTS), ("work", rows.STANDINGS), ("work", chips.TITLES),
        ("work", chips.ORIGINS), ("work", chips.HANDED),
        *(("map", one) for one in (
            maps.TITLES, maps.DAYS, maps.PARTS, maps.STATES, maps.KINDS, maps.WORDS)),
        ("work", chips.WAITS),
    )
    for room, table in tables:
        for text in table.values():
            yield room, text
    for pair in (*fields.ANSWERS.values(), ("是", "否")):
        yield from (("cases", one) for one in pair)
    yield from ((FRAME, one) for told in failures.WORDS.values() for one in told if one)
    yield from (("cases", one) for one in reporter.PURPOSES)
    yield from (("cases", said) for _, said in view.DELIVERY.values())
    yield from (("cases", one) for pair in view.EFFECTS.values() for one in pair)
    yield from ((TRADE, one) for one in paper_words.SENTENCES)
    yield from (("work", one.title) for one in (*all_queues(), *columns.COLUMNS))
    for room, looks in (
        ("links", link_words.INVITES), ("links", link_words.CLAIMS), ("links", link_words.LEVELS),
        ("people", people_words.STATES), ("audit", audit_words.OUTCOMES),
    ):
        yield from ((room, said) for _, said in looks.values())
    for room, titles in (("links", link_words.TABS), ("people", people_words.TABS)):
        yield from ((room, title) for title, _ in titles.values())
    yield from (("evaluation", one)
                for one in (asked.PLACES, asked.UNITS, asked.POSTS, asked.OTHERS))
    yield from (("library", said) for _, said in stock.STATES.values())
    shipped = [one.definition for one in load_definitions(None).all()]
    yield from (("evaluation", text) for one in shipped for text in (
        one.title, one.source,
        *(each.source for each in (*one.rates.values(), *one.composites.values()))) if text)
    yield from (("overview", text) for one in tiles().tiles for text in (one.title, one.trend)
                if text)
    yield from ((FRAME, one.title) for one in ROOMS)
    yield from (("upkeep", one.title) for one in sections.SECTIONS)
    yield from (("upkeep", said) for one in sections.TABLES.values()
                for said in (one.lead, one.after) if said)
    yield from (("upkeep", one) for one in (*month.WEEKDAYS, *standards.BASES.values()) if one)


def texts() -> dict[str, str]:
    """Every text with the room that said it first; the trade's own words come first of all."""
    found: dict[str, str] = {}
    for room, text in (*said_from_tables(), *said_in_pages(), *said_in_code()):
        found.setdefault(text, room)
    return found


class _Plain(HTMLParser):
    """What of a page is there to be read: text, and attributes that are read out."""

    READ = frozenset({"title", "alt", "placeholder", "aria-label"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in self.READ and value]

    def handle_data(self, data: str) -> None:
        self.found.append(data)


JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
LETTER = re.compile(r"[A-Za-z\u3400-\u9fff]")


def literals() -> list[str]:
    """Texts that stand in a template as they are."""
    found = []
    for path in templates():
        plain = _Plain()
        plain.feed(JINJA.sub("", path.read_text(encoding="utf-8")))
        found += [f"{path.relative_to(PAGES)}: {text.strip()[:60]}"
                  for text in plain.found if LETTER.search(text)]
    return found


def catalogues() -> dict[str, polib.POFile]:
    """The catalogues that are there, by room."""
    return {path.name.partition(".")[0]: polib.pofile(str(path), encoding="utf-8", wrapwidth=110)
            for path in sorted(WORDS.glob("*.en.po"))}


def write() -> None:
    """Bring the catalogues to what is said."""
    said, there = texts(), catalogues()
    old = {entry.msgid: entry.msgstr for file in there.values() for entry in file}
    for room in sorted({*said.values(), *there}):
        file = polib.POFile(wrapwidth=110)
        file.metadata = {"Language": "en", "Content-Type": "text/plain; charset=UTF-8",
                         "Content-Transfer-Encoding": "8bit"}
        for text in sorted(one for one, where in said.items() if where == room):
            file.append(polib.POEntry(msgid=text, msgstr=old.get(text, "")))
        file.save(str(WORDS / f"{room}.en.po"))


if __name__ == "__main__":
    if "--write" in sys.argv:
        write()
    lacking = [entry.msgid for file in catalogues().values() for entry in file if not entry.msgstr]
    print("\n".join(lacking))
