"""``wanmi evidence``: everything that proves what happened to one case, in one file."""

from __future__ import annotations

import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from node.cli.cases import CaseName
from node.cli.session import Session, command

group = typer.Typer()


@command(group, "evidence", "取证：导出案卷的证据包，自带核验程序 (a signed bundle of one case)")
def evidence(
    session: Session,
    case: CaseName,
    reason: Annotated[str, typer.Option(help="原因，记入审计 (what for; it is logged)")],
    out: Annotated[Path | None, typer.Option(
        "--out", "-o", help="写到哪个 .zip，默认以案卷号命名 (file; default: the case number)",
        dir_okay=False)] = None,
) -> None:
    speech = session.speech
    with session.api() as api:
        case_id = api.case_id(case)
        number = api.get(f"/cases/{case_id}")["case_no"] if out is None else ""
        path = out or Path(f"{number or case_id}证据.zip")
        size = api.download(f"/cases/{case_id}/evidence", path, {"reason": reason})
    with zipfile.ZipFile(path) as bundle:
        root = json.loads(bundle.read("manifest.json"))["root_key"]
    key = sha256(bytes.fromhex(root["public"])).hexdigest()

    def draw() -> None:
        speech.say(speech.t("evidence.written", file=path))
        speech.say(speech.t("evidence.key", fingerprint=key))
        speech.say(speech.t("evidence.check", file=path))

    speech.show({"file": str(path), "bytes": size, "root_key": key}, draw)
