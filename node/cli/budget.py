"""``wanmi budget …``: a year of the office for its budget, on the screen or as a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from node.cli.session import Session, command
from node.cli.speech import Exit
from node.core.clock import BEIJING

group = typer.Typer(help="经费测算：业务量、存储、人员 (figures for the budget)",
                    no_args_is_help=True)

FORMATS: Final = {".csv": "csv", ".xlsx": "xlsx"}
Year = Annotated[int | None, typer.Option(
    help="年份，默认今年 (default: this year)", show_default=False, min=2000, max=9998)]
MIB: Final = 1 << 20


def _year(given: int | None) -> int:
    return given if given is not None else datetime.now(BEIJING).year


@command(group, "show", "一年的业务量、存储增长和人员 (a year on the screen)")
def show(session: Session, year: Year = None) -> None:
    speech = session.speech
    with session.api() as api:
        told = api.get("/budget", year=_year(year))

    def draw() -> None:
        speech.say(speech.t("budget.head", name=told["node_name"], year=told["year"],
                            at=speech.time(told["as_of"])))
        speech.say("")
        speech.table(("office", "reported", "filed", "should_close", "closed"),
                     told["volumes_year"])
        speech.say("")
        speech.table(
            ("month", "database_mib", "files_mib", "growth_mib", "accounts", "clerks"),
            [{**one, "database_mib": _mib(one["database_bytes"]),
              "files_mib": _mib(one["blob_bytes"]), "growth_mib": _mib(one["growth"])}
             for one in told["storage"]])
        people = told["people"]
        speech.say("")
        speech.say(speech.t(
            "budget.people", accounts=sum(people["accounts"].values()),
            clerks=sum(one["clerks"] for one in people["units"]), units=len(people["units"])))

    speech.show(told, draw)


def _mib(size: int | None) -> str | None:
    return None if size is None else f"{size / MIB:.1f}"


@command(group, "export", "导出为 .xlsx 或 .csv (write it to a file)")
def export(
    session: Session,
    file: Annotated[Path, typer.Argument(
        help="写入的文件，按扩展名定格式 (file; its ending is the format)", dir_okay=False)],
    year: Year = None,
) -> None:
    speech = session.speech
    format_ = FORMATS.get(file.suffix.lower())
    if format_ is None:
        raise speech.trouble(Exit.USAGE, "stock.format", file=file)
    with session.api() as api:
        data = api.get_bytes("/budget", year=_year(year), format=format_)
    speech.write(file, data)
    speech.show({"file": str(file), "bytes": len(data)},
                lambda: speech.say(speech.t("stock.written", file=file)))
