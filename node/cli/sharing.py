"""``wanmi share …``: data sets that neighbours share, read at once."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated, Any

import typer

from node.cli.names import SHARE_SIDES, SHARINGS
from node.cli.session import Session, command
from node.service.formulas import harmless

group = typer.Typer(help="数据共享：目录、实时读取、记录 (shared data sets)", no_args_is_help=True)

SHOWN = 20
"""Rows on the screen; the whole set goes into a file."""


@command(group, "list", "本节点的共享目录 (what this office shares)")
def list_(session: Session) -> None:
    speech = session.speech
    with session.api() as api:
        found = api.get("/shared")
    tongue = "en" if speech.language == "en" else "zh"
    rows = [{**one, "name": one[tongue], "sharing": speech.named(one["sharing"], SHARINGS)}
            for one in found["datasets"]]
    speech.show(found, lambda: speech.table(("code", "name", "sharing", "basis", "nodes"), rows))


@command(group, "read", "实时读取相邻节点的数据，两端留痕 (read a neighbour's data set)")
def read(
    session: Session,
    node: Annotated[str, typer.Argument(help="节点 (node)")],
    dataset: Annotated[str, typer.Argument(help="数据名称，见对方的目录 (data set)")],
    purpose: Annotated[str, typer.Option(help="用途，两端留痕 (why; recorded at both ends)")],
    file: Annotated[Path | None, typer.Option(
        "--out", dir_okay=False, help="全部写入 CSV 文件 (the whole set as CSV)")] = None,
) -> None:
    speech = session.speech
    rows: list[dict[str, Any]] = []
    after = ""
    with session.api() as api:
        while True:
            page = api.post("/shared/read", {
                "node": node, "dataset": dataset, "purpose": purpose, "after": after,
                "limit": 500 if file is not None else SHOWN})
            rows += page["rows"]
            after = page["next"]
            if file is None or not after:
                break
    if file is not None:
        _write(session, file, rows)
        return

    def draw() -> None:
        speech.say(speech.t("share.head", node=node, dataset=dataset, at=speech.time(page["as_of"]),
                            sharing=speech.named(page["sharing"], SHARINGS)))
        names = [one for one in ("code", "name", "area", "grid", "address") if any(
            one in row for row in rows)]
        speech.table(names, rows)
        if after:
            speech.note(speech.t("list.more", next=after))

    speech.show(page, draw)


def _write(session: Session, file: Path, rows: list[dict[str, Any]]) -> None:
    speech = session.speech
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows({name: _plain(value) for name, value in row.items()} for row in rows)
    speech.write(file, out.getvalue().encode("utf-8-sig"))
    speech.show({"file": str(file), "rows": len(rows)},
                lambda: speech.say(speech.t("share.written", count=len(rows), file=file)))


def _plain(value: object) -> object:
    """What a neighbour wrote is no formula of ours; a number stays one."""
    return harmless(value) if isinstance(value, str) else value


@command(group, "log", "谁读取了什么、谁被拒绝 (who read what, and who was refused)")
def log(session: Session) -> None:
    speech = session.speech
    with session.api() as api:
        found = api.get("/shared/log")
    rows = [{**one, "side": speech.named(one["side"], SHARE_SIDES), "rows": one["row_count"]}
            for one in found]
    speech.show(found, lambda: speech.table(("at", "side", "peer", "purpose", "rows"), rows))
