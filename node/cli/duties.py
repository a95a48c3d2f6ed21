"""``wanmi duty …``: phrases of responsibility lists that a person has to map."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from node.cli.session import Session, command

group = typer.Typer(help="权责清单 (the responsibility list)", no_args_is_help=True)

COLUMNS: Final = ("id", "unit", "phrase", "duty", "qualifier", "code", "name", "note")
PAGE: Final = 200


@command(group, "unmapped", "尚无对应代码的清单用语 (phrases without a class)")
def unmapped(session: Session) -> None:
    found = []
    with session.api() as api:
        after = ""
        while True:
            page = api.get("/responsibilities/unmapped", after=after, limit=PAGE)
            found.extend(page["items"])
            after = page["next"]
            if not after:
                break
    session.speech.show(found, lambda: session.speech.table(COLUMNS, found))


@command(group, "map", "为清单用语指定分类代码 (give a phrase its class)")
def map_(
    session: Session,
    phrase: Annotated[int, typer.Argument(help="编号，见 duty unmapped (id)")],
    code: Annotated[str, typer.Option(help="分类代码；留空表示本地没有 (empty: none here)")] = "",
    kind: Annotated[str, typer.Option(help="component 或 matter (kind)")] = "",
    standard: Annotated[str, typer.Option(help="分类标准 (standard)")] = "",
) -> None:
    body: dict[str, object] = {"code": code, "standard_ref": standard}
    if kind:
        body["kind"] = kind
    with session.api() as api:
        said = api.post(f"/responsibilities/unmapped/{phrase}", body)
    session.speech.show(said, lambda: session.speech.say(
        session.speech.t("duty.mapped" if code else "duty.dropped", phrase=phrase, code=code)))
