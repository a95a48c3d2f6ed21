"""``wanmi case assign``, ``unassign`` and ``handlers``: who handles a duty inside this office."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from node.cli.cases import CaseName, group
from node.cli.session import Session, command

COUNTED: Final = ("handler", "given", "held", "overdue", "done", "ended", "ever_late", "reworked")


@command(group, "assign", "内部交办：指定本单位经办人，可改派，不报上级 (name who handles it "
         "inside this office; no neighbour is told)")
def assign(
    session: Session, case: CaseName,
    name: Annotated[str, typer.Argument(help="人员或班组 (a person or a crew)")],
    note: Annotated[str, typer.Option(help="交代事项 (what they should know)")] = "",
) -> None:
    with session.api() as api:
        said = api.put(f"/cases/{api.case_id(case)}/handler", {"name": name, "note": note})
    speech = session.speech
    speech.show(said, lambda: speech.say(speech.t(
        "handler.named", name=said["name"], since=speech.time(said["since"]))))


@command(group, "unassign", "撤销内部交办 (nobody handles it any more)")
def unassign(session: Session, case: CaseName) -> None:
    with session.api() as api:
        said = api.delete(f"/cases/{api.case_id(case)}/handler")
    speech = session.speech
    key = "handler.nobody" if said["count"] else "handler.nobody_was"
    speech.show(said, lambda: speech.say(speech.t(key)))


@command(group, "handlers", "各经办人的案卷数 (what each handler has and had)")
def handlers(
    session: Session, *,
    since: Annotated[str, typer.Option(help="交办时间起 (given since, ISO 8601)")] = "",
    until: Annotated[str, typer.Option(help="交办时间止 (given before)")] = "",
) -> None:
    with session.api() as api:
        found = api.get("/handlers", since=since, until=until)
    rows = [{**one, "handler": one["name"], "ever_late": one["late"]} for one in found]
    session.speech.show(found, lambda: session.speech.table(COUNTED, rows))
