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
        ("adapter", "waiting", "unknown", "rejected", "quarantined", "sentence"), rows))


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
