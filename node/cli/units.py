"""``wanmi unit …``: responsible units, their cards, and what is missing on them."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from node.cli.imports import DryRun, Encoding, File, How, SheetName, SkipBad, take
from node.cli.session import Session, command
from node.cli.speech import Exit
from node.service.imports.units import UNITS

group = typer.Typer(help="责任单位 (responsible units)", no_args_is_help=True)

LIST_COLUMNS: Final = ("unit_id", "name", "kind", "group", "region", "address", "way")
PAGE: Final = 200

UnitId = Annotated[str, typer.Argument(help="单位编号 (unit id)")]


@command(group, "list", "责任单位名册 (the units)")
def list_(
    session: Session,
    of: Annotated[str, typer.Option("--group", help="只看某一分组 (only of this group)")] = "",
) -> None:
    found = []
    with session.api() as api:
        after = ""
        while True:
            page = api.get("/units", after=after, limit=PAGE, group=of)
            found.extend(page["items"])
            after = page["next"]
            if not after:
                break
    session.speech.show(found, lambda: session.speech.table(LIST_COLUMNS, found))


@command(group, "show", "单位卡片，电话对非管理令牌隐去 (one card; phones masked below admin)")
def show(session: Session, unit: UnitId) -> None:
    with session.api() as api:
        card = api.get(f"/units/{unit}")

    def draw() -> None:
        rows = [{"name": name, "value": value} for name, value in card.items()
                if name not in ("clerks", "plans") and value not in ("", None)]
        session.speech.table(("name", "value"), rows)
        if card["clerks"]:
            session.speech.table(("name", "phone", "active", "account"), card["clerks"])
        if card["plans"]:
            session.speech.table(("title", "digest", "place"), card["plans"])

    session.speech.show(card, draw)


@command(group, "import", "从 CSV 或 .xlsx 导入名册 (import cards)")
def import_(
    session: Session, file: File, encoding: Encoding = "utf-8", sheet: SheetName = "",
    dry_run: DryRun = False, skip_bad: SkipBad = False,
) -> None:
    take(session, file, UNITS,
         How(encoding=encoding, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad))


@command(group, "gaps", "卡片缺项，不能派遣的在前 (gaps on cards, unreachable units first)")
def gaps(session: Session) -> None:
    with session.api() as api:
        rows = api.get("/units/gaps")
    session.speech.show(rows, lambda: session.speech.table(
        ("unit_id", "name", "refused", "sentence"), rows))


@command(group, "setup", "建设清单：单位、权责、时限、人员、连接 (what is set up, what is missing)")
def setup(session: Session) -> None:
    with session.api() as api:
        rows = api.get("/setup")
    session.speech.show(rows, lambda: session.speech.table(
        ("subject", "complete", "there", "missing", "sentence"), rows))
    if not all(row["complete"] for row in rows):
        raise typer.Exit(int(Exit.FOUND))
