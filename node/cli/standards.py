"""``wanmi standard …``: which standards are in force, with version and digest; drafting and
approving them."""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from node.cli.session import Session, command
from node.cli.speech import Exit, Speech

group = typer.Typer(help="分类标准 (standards and their classes)", no_args_is_help=True)

Ref = Annotated[str, typer.Argument(help="标准号，如 'GB/T 47678.5-2026' (the standard)")]
Version = Annotated[int, typer.Option("--version", min=0, help="第几版，默认现行版 (edition)")]
NamedVersion = Annotated[int, typer.Option("--version", min=1, help="第几版 (which edition)")]
From = Annotated[str, typer.Option("--from", help="自哪天起，如 2027-01-01；默认今天 (first day)")]
KindOption = Annotated[str, typer.Option("--kind", help="component 部件 或 matter 事项")]
LISTED = ("standard_ref", "version", "standing", "effective_from", "effective_to", "approved_by",
          "digest")
STANDINGS = {"draft": "standing.draft", "approved": "standing.approved",
             "active": "standing.active", "superseded": "standing.superseded"}
KINDS = {"component": "kind.component", "matter": "kind.matter"}
SIGNATURES = {"holds": "standard.signed", "unknown": "standard.signer_unknown",
              "none": "standard.unsigned"}
ORIGINS = {"national": "origin.national", "local": "origin.local"}
DIGEST_SHOWN = 16
"""Signs of a digest in a table; ``--json`` gives all 64."""


@command(group, "list", "各标准的版本、摘要与生效日 (version, digest and days of each)")
def list_(session: Session) -> None:
    with session.api() as api:
        found = api.get("/standards")
    session.speech.show(found, lambda: session.speech.table(LISTED, (
        {**one, "digest": one["digest"][:DIGEST_SHOWN],
         "standing": session.speech.t(STANDINGS[one["standing"]])} for one in found)))


@command(group, "show", "查找小类：按名称或代码开头 (classes, by name or beginning of the code)")
def show(
    session: Session, ref: Ref,
    text: Annotated[str, typer.Argument(help="名称的一部分，或代码开头 (what to look for)")] = "",
    version: Version = 0, kind: KindOption = "",
) -> None:
    with session.api() as api:
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            page = api.get("/classes", standard_ref=ref, version=version, kind=kind, text=text,
                           after=after, limit=200)
            found += page["items"]
            after = page["next"]
            if not after:
                break
    session.speech.show(found, lambda: session.speech.table(
        ("kind", "code", "name", "major_name", "origin", "incident", "valid_to"),
        (_worded(session.speech, one) for one in found)))


@command(group, "class", "一个小类的立案条件、时限与新旧对照 (one class, whole)")
def one_class(
    session: Session, ref: Ref,
    code: Annotated[str, typer.Argument(help="小类代码 (class code)")],
    kind: KindOption = "matter", version: Version = 0,
) -> None:
    speech = session.speech
    with session.api() as api:
        found = api.get("/classes/one", standard_ref=ref, kind=kind, code=code, version=version)

    def draw() -> None:
        speech.say(f"{found['standard_ref']}@{found['version']} {found['kind']} {found['code']} "
                   f"{found['name']}")
        speech.table(("condition_no", "area_class", "filing", "limit_text", "closing", "evidence"),
                     found["conditions"])
        _draw_crossings(speech, found)

    speech.show(found, draw)


@command(group, "crosswalk", "一个小类的新旧标准对照 (what became of a class)")
def crosswalk(
    session: Session,
    code: Annotated[str, typer.Argument(help="小类代码 (class code)")],
    ref: Annotated[str, typer.Option("--standard", help="代码所属标准 (its standard)")]
    = "GB/T 30428.2-2013",
    kind: KindOption = "matter",
) -> None:
    with session.api() as api:
        found = api.get("/crosswalk/one", standard_ref=ref, kind=kind, code=code)
    session.speech.show(found, lambda: _draw_crossings(session.speech, found))


@command(group, "approve", "批准他人编写的草稿 (approve a draft that others wrote)")
def approve(
    session: Session, ref: Ref, version: NamedVersion, effective_from: From = "",
) -> None:
    with session.api() as api:
        edition = api.post("/standards/approve", {
            "standard_ref": ref, "version": version,
            "effective_from": _day(session.speech, effective_from)})
    _say_edition(session.speech, edition)


@command(group, "activate", "改定生效与失效日 (move the days of an approved edition)")
def activate(
    session: Session, ref: Ref, version: NamedVersion, effective_from: From = "",
    effective_to: Annotated[str, typer.Option(
        "--to", help="最后一天；默认长期有效 (last day; default: open end)")] = "",
) -> None:
    with session.api() as api:
        edition = api.post("/standards/activate", {
            "standard_ref": ref, "version": version,
            "effective_from": _day(session.speech, effective_from),
            "effective_to": _day(session.speech, effective_to)})
    _say_edition(session.speech, edition)


@command(group, "discard", "作废草稿 (throw a draft away)")
def discard(session: Session, ref: Ref, version: NamedVersion) -> None:
    with session.api() as api:
        said = api.post("/standards/discard", {"standard_ref": ref, "version": version})
    session.speech.show(said, lambda: session.speech.say(
        session.speech.t("standard.discarded", ref=ref, version=version)))


@command(group, "register", "登记程序未收的标准 (a standard that the program does not know)")
def register(
    session: Session, ref: Ref, *,
    minor: Annotated[int, typer.Option(min=1, max=5, help="小类位数 (digits of a minor class)")],
    major: Annotated[int, typer.Option(min=1, max=4, help="大类位数 (of a major class)")] = 2,
    sequence: Annotated[int, typer.Option(
        min=1, max=9, help="部件顺序号位数 (of a component's number)")] = 6,
    local_from: Annotated[int, typer.Option(
        min=0, help="地方扩展自哪个小类号起；0 为不限 (lowest local number)")] = 0,
    source: Annotated[str, typer.Option(help="来源说明 (where it comes from)")] = "",
) -> None:
    with session.api() as api:
        edition = api.post("/standards/register", {
            "standard_ref": ref, "major": major, "minor": minor, "sequence": sequence,
            "local_from": local_from or None, "source": source})
    _say_edition(session.speech, edition)


@command(group, "add-class", "增加地方扩展小类，连同立案条件与时限 (add a local class)")
def add_class(
    session: Session, ref: Ref, *,
    kind: KindOption,
    major: Annotated[str, typer.Option(help="大类代码 (major class)")],
    name: Annotated[str, typer.Option(help="小类名称 (its name)")],
    filing: Annotated[str, typer.Option(help="立案条件 (filing condition)")],
    closing: Annotated[str, typer.Option(help="结案条件 (closing condition)")] = "",
    limit: Annotated[str, typer.Option(help="处置时限，如 4小时 (limit)")] = "",
    unit: Annotated[str, typer.Option(help="处置单位 (handling unit)")] = "",
    department: Annotated[str, typer.Option(help="主管部门 (competent department)")] = "",
    incident: Annotated[bool, typer.Option("--incident", help="属突发事件 (an incident)")] = False,
    code: Annotated[str, typer.Option(help="代码；默认自最大号往下取 (default: next free)")] = "",
) -> None:
    with session.api() as api:
        added = api.post("/classes/local", {
            "standard_ref": ref, "kind": kind, "major": major, "name": name, "filing": filing,
            "closing": closing, "limit_text": limit, "handling_unit": unit,
            "department": department, "incident": incident, "code": code})
    session.speech.show(added, lambda: session.speech.say(
        session.speech.t("standard.class_added", name=name, **added)))


@command(group, "export", "导出一版，供下级节点接收 (an edition as a file for other nodes)")
def export(
    session: Session, ref: Ref,
    out: Annotated[Path, typer.Option("--out", help="写到哪个文件 (file to write)",
                                      dir_okay=False)],
    version: Version = 0,
) -> None:
    with session.api() as api:
        found = api.get("/standards/document", standard_ref=ref, version=version)
    session.speech.write(out, (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode())
    session.speech.show({"file": str(out), "digest": found["digest"]}, lambda: session.speech.say(
        session.speech.t("standard.exported", file=out, digest=found["digest"])))


class Book(StrEnum):
    """Which handbook."""

    SUPERVISION = "supervision"
    HANDLING = "handling"


@command(group, "handbook", "印出监督手册或处置手册 (print a handbook, as Markdown)")
def handbook(
    session: Session,
    which: Annotated[Book, typer.Argument(help="supervision 监督 或 handling 处置")],
    ref: Ref,
    out: Annotated[Path | None, typer.Option("--out", help="写到文件，默认打印 (file to write)",
                                             dir_okay=False)] = None,
    version: Version = 0,
) -> None:
    with session.api() as api:
        text = api.get_bytes("/standards/handbook", which=str(which), standard_ref=ref,
                             version=version).decode()
    if out is None:
        session.speech.show({"text": text}, lambda: session.speech.say(text))
        return
    session.speech.write(out, text.encode())
    session.speech.show({"file": str(out)}, lambda: session.speech.say(
        session.speech.t("standard.printed", file=out)))


@command(group, "take-over", "接收上级批准的一版 (take over an edition that was approved above)")
def take_over(
    session: Session,
    file: Annotated[Path, typer.Argument(help="export 写出的文件 (the file)", dir_okay=False)],
) -> None:
    speech = session.speech
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise speech.trouble(
            Exit.USAGE, "file.unreadable", file=file, reason=speech.unreadable(error)) from error
    except ValueError as error:
        raise speech.trouble(Exit.USAGE, "standard.no_document", file=file) from error
    with session.api() as api:
        edition = api.post("/standards/document", found)

    def draw() -> None:
        speech.say(_edition(speech, edition))
        speech.say(speech.t(SIGNATURES[edition["signature"]], by=edition["signed_by"]))

    speech.show(edition, draw)


def _day(speech: Speech, text: str) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise speech.trouble(Exit.USAGE, "standard.day", given=text) from error


def _say_edition(speech: Speech, edition: dict[str, Any]) -> None:
    speech.show(edition, lambda: speech.say(_edition(speech, edition)))


def _edition(speech: Speech, edition: dict[str, Any]) -> str:
    return speech.t(
        "standard.edition", ref=edition["standard_ref"], version=edition["version"],
        standing=speech.t(STANDINGS[edition["standing"]]),
        start=edition["effective_from"] or "-", digest=edition["digest"][:DIGEST_SHOWN] or "-")


def _draw_crossings(speech: Speech, found: dict[str, Any]) -> None:
    rows = [{"old": _named(one["old"]), "new": _named(one["new"]), "verdict": one["verdict"],
             "note": one["note"]} for one in (*found["became"], *found["came_from"])]
    if rows:
        speech.table(("old", "new", "verdict", "note"), rows)
    if found["proposed"]:
        speech.say(speech.t("standard.proposed", new=_named(found["proposed"])))


def _worded(speech: Speech, one: dict[str, Any]) -> dict[str, Any]:
    """A class with kind and origin in words."""
    return {**one, "kind": speech.t(KINDS[one["kind"]]), "origin": speech.t(ORIGINS[one["origin"]])}


def _named(key: dict[str, str] | None) -> str:
    return f"{key['standard_ref']} {key['kind']} {key['code']}" if key else ""
