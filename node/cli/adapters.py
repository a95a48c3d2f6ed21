"""``wanmi adapter …``: legacy systems behind this node."""

from __future__ import annotations

from typing import Annotated

import typer

from node.cli.session import Session, command
from node.cli.speech import Exit

group = typer.Typer(help="适配器 (adapters)", no_args_is_help=True)

AdapterName = Annotated[str, typer.Argument(help="适配器标识 (adapter id)")]


@command(group, "list", "各适配器状况 (standing of every adapter)")
def list_(session: Session) -> None:
    with session.api() as api:
        rows = api.get("/adapters")
    session.speech.show(rows, lambda: session.speech.table(
        ("adapter", "waiting", "unknown", "parked", "rejected", "quarantined", "sentence"), rows))


@command(group, "jobs", "未了结的派单，等待人员处理的在前 (jobs that are not settled)")
def jobs(session: Session, adapter: AdapterName) -> None:
    with session.api() as api:
        rows = api.get(f"/adapters/{adapter}/jobs")
    session.speech.show(rows, lambda: session.speech.table(
        ("key", "wish", "state", "outcome", "tries", "next_try_at"), rows))


@command(group, "resume", "立即重试等待人员处理的派单 (try a parked job again)")
def resume(
    session: Session, adapter: AdapterName,
    key: Annotated[str, typer.Argument(help="单号，见 adapter jobs (key of the job)")],
) -> None:
    with session.api() as api:
        said = api.post(f"/adapters/{adapter}/jobs/resume", {"key": key})
    session.speech.show(said, lambda: session.speech.say(
        session.speech.t("adapter.resumed", job=key)))


@command(group, "replay", "修正映射后重放隔离的内容 (read a quarantined item again)")
def replay(
    session: Session, adapter: AdapterName,
    item: Annotated[int, typer.Argument(help="编号，见 adapter quarantine (id)")],
) -> None:
    with session.api() as api:
        said = api.post(f"/adapters/{adapter}/quarantine/{item}/replay")
    key = "adapter.reheard" if said["settled"] else "adapter.still"
    session.speech.show(said, lambda: session.speech.say(
        session.speech.t(key, item=item, detail=said["detail"])))
    if not said["settled"]:
        raise typer.Exit(int(Exit.FOUND))


@command(group, "probe", "无害探测：能否连通 (harmless: reach it, change nothing)")
def probe(session: Session, adapter: AdapterName) -> None:
    with session.api() as api:
        health = api.post(f"/adapters/{adapter}/probe")
    key = "adapter.well" if health["ok"] else "adapter.ill"
    session.speech.show(health, lambda: session.speech.say(
        session.speech.t(key, adapter=adapter, detail=health["detail"])))
    if not health["ok"]:
        raise typer.Exit(int(Exit.FOUND))


@command(group, "quarantine", "对方发来而无法识别的内容 (what nobody could read)")
def quarantine(
    session: Session, adapter: AdapterName,
    settle: Annotated[int | None, typer.Option(
        help="把这一条标为已处理 (tick this item off)")] = None,
) -> None:
    speech = session.speech
    with session.api() as api:
        if settle is not None:
            said = api.post(f"/adapters/{adapter}/quarantine/{settle}/settle")
            speech.show(said, lambda: speech.say(speech.t("adapter.settled", item=settle)))
            return
        rows = api.get(f"/adapters/{adapter}/quarantine")
    speech.show(rows, lambda: speech.table(("id", "source", "code", "detail", "at"), rows))
