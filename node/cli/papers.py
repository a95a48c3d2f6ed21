"""``wanmi case slip`` and ``wanmi case print``: papers of a case, as pages to be printed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.cli.cases import CaseName, group
from node.cli.session import Session, command

Out = Annotated[Path | None, typer.Option(
    "--out", "-o", help="写到哪个文件，默认以案卷号命名 (file; default: the case number)",
    dir_okay=False)]


@command(group, "slip", "工作任务单，可打印的网页 (the work slip, a page to print)")
def slip(session: Session, case: CaseName, out: Out = None) -> None:
    _write(session, case, "slip.html", out, "工作任务单")


@command(group, "print", "整个案卷，可打印的网页 (the whole case, a page to print)")
def print_(session: Session, case: CaseName, out: Out = None) -> None:
    _write(session, case, "file.html", out, "案卷")


def _write(session: Session, case: str, page: str, out: Path | None, name: str) -> None:
    speech = session.speech
    with session.api() as api:
        case_id = api.case_id(case)
        number = api.get(f"/cases/{case_id}")["case_no"] if out is None else ""
        path = out or Path(f"{number or case_id}{name}.html")
        size = api.download(f"/cases/{case_id}/{page}", path)
    speech.show({"file": str(path), "bytes": size},
                lambda: speech.say(speech.t("paper.written", file=path)))
