"""``wanmi acceptance``: measure the node against the criteria of acceptance; status 1 if it fails.

The list is printed, and written as a page, table or workbook for those who sign it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from node.cli import lines
from node.cli.names import VERDICTS
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech
from node.service.acceptance.words import demanded, shown

group = typer.Typer()

FORMATS: Final = {".html": "html", ".csv": "csv", ".xlsx": "xlsx"}
NAME: Final = 34
"""Cells of what a check is called."""


@command(group, "acceptance", "验收：逐项检查，不通过时返回 1 (measure the node for acceptance)")
def acceptance(
    session: Session,
    file: Annotated[Path | None, typer.Option(
        "--out", dir_okay=False,
        help="同时写入 .html、.csv 或 .xlsx (write it to a file as well)")] = None,
) -> None:
    """Ends with status 1 if a check fails."""
    speech = session.speech
    format_ = FORMATS.get(file.suffix.lower()) if file is not None else None
    if file is not None and format_ is None:
        raise speech.trouble(Exit.USAGE, "acceptance.format", file=file)
    with session.api() as api:
        told = api.get("/acceptance")
        data = api.get_bytes("/acceptance", format=format_) if file is not None else b""
    if file is not None:
        speech.write(file, data)
        speech.note(speech.t("acceptance.written", file=file))
    speech.show(told, lambda: _draw(speech, told))
    if not told["passed"]:
        raise typer.Exit(int(Exit.FOUND))


def _draw(speech: Speech, told: dict[str, Any]) -> None:
    speech.say(speech.t("acceptance.head", name=told["node_name"], title=told["title"],
                        at=speech.time(told["as_of"])))
    speech.say(speech.t("acceptance.window", first=told["months"][0], last=told["months"][-1],
                        version=told["version"]))
    speech.say("")
    for one in told["checks"]:
        _check(speech, one)
    speech.say("")
    counts = told["counts"]
    key = "acceptance.passed" if told["passed"] else "acceptance.failed"
    speech.say(speech.t(key, passed=counts["pass"], failed=counts["fail"],
                        not_applicable=counts["not_applicable"]))


def _check(speech: Speech, one: dict[str, Any]) -> None:
    """One line, and below a failed one where the demand comes from and what to do."""
    tongue = "en" if speech.language == "en" else "zh"
    failed = one["verdict"] == "fail"
    value = "" if one["verdict"] == "not_applicable" else f"{shown(one)}  {demanded(one)}"
    verdict = _wide(speech.named(one["verdict"], VERDICTS), 14 if tongue == "en" else 6)
    speech.say(f"{verdict}  {_wide(one[tongue], NAME)}  {value}".rstrip())
    if failed:
        for piece in (one["source"], one[f"mend_{tongue}"]):
            for line in lines.laid([piece], lines.width(), indent=8):
                speech.say(line)


def _wide(text: str, cells: int) -> str:
    return text + " " * max(0, cells - lines.cells(text))
