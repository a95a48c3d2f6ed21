"""Draw the transition table: diagrams and tables for the docs, from the data that decides.

``python -m node.core.diagram`` prints the section; with ``--write docs/flow.md`` it renews the
section between the markers of that page. A tool for the docs: nothing imports it at run time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from node.core.case import CaseStatus
from node.core.transitions import TABLE, Actor, Transition

BEGIN: Final = "<!-- transitions: begin (python -m node.core.diagram) -->"
END: Final = "<!-- transitions: end -->"

_DUTY: Final = frozenset({CaseStatus.HELD, CaseStatus.DONE, CaseStatus.ENDED})
_ENDS: Final = (
    CaseStatus.CLOSED,
    CaseStatus.VOIDED,
    CaseStatus.NOT_ACCEPTED,
    CaseStatus.NOT_FILED,
)
_WHO: Final = {
    Actor.PERSON: "",
    Actor.ASSIGNEE: "assignee: ",
    Actor.ASSIGNOR: "assignor: ",
    Actor.CLOCK: "clock: ",
    Actor.CASE: "another case: ",
}


def section() -> str:
    """The generated part of the page, markers included."""
    own = [row for row in TABLE if not _of_duty(row)]
    duty = [row for row in TABLE if _of_duty(row)]
    parts = (
        BEGIN,
        "",
        "### An own case",
        "",
        _diagram(own, ends=_ENDS),
        "",
        "### A duty",
        "",
        _diagram(duty, ends=()),
        "",
        "### Every transition",
        "",
        _table(TABLE),
        "",
        END,
    )
    return "\n".join(parts)


def refresh(page: str) -> str:
    """The page with its generated part renewed; ``ValueError`` if it has no markers."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for the transitions: both markers are needed")
    return before + section() + after


def _of_duty(row: Transition) -> bool:
    return row.status in _DUTY or (row.status is None and row.actor is Actor.ASSIGNOR)


def _diagram(rows: Iterable[Transition], *, ends: Iterable[CaseStatus]) -> str:
    """One arrow per pair of different statuses, with all verbs that take it."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for following in row.next:
            if following is row.status:
                continue
            arrow = (row.status or "[*]", following)
            label = _WHO[row.actor] + row.verb.removeprefix("directive ").removeprefix("report ")
            labels = arrows.setdefault(arrow, [])
            if label not in labels:
                labels.append(label)
    lines = ["```mermaid", "stateDiagram-v2"]
    for (start, end), labels in arrows.items():
        lines.append(f"    {start} --> {end}: {', '.join(labels)}")
    lines.extend(f"    {end} --> [*]" for end in ends)
    lines.append("```")
    return "\n".join(lines)


def _table(rows: Iterable[Transition]) -> str:
    lines = ["| From | Verb | Who | Needs | If | To |", "|---|---|---|---|---|---|"]
    for row in rows:
        cells = (
            row.status or "(nothing)",
            row.verb,
            row.actor,
            row.capability or "",
            ", ".join(row.guards),
            " or ".join(row.next),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Print the section, or renew a page in place."""
    if arguments[:1] == ["--write"]:
        page = Path(arguments[1])
        page.write_text(refresh(page.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        sys.stdout.write(section() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
