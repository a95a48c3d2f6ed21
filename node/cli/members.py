"""``wanmi link retire``, ``wanmi roster claims|approve|refuse|require``: who is in the tree."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from node.cli.composition import composition
from node.cli.links import group, roster_group
from node.cli.session import Session, command

NodeName = Annotated[str, typer.Argument(metavar="NODE", help="节点标识 (node id)")]
Reason = Annotated[str, typer.Option(help="原因，入档 (kept in the record)")]


@command(group, "retire", "停用下级：连接、证书即刻失效，密钥随名册作废 (end a child for good)")
def retire(session: Session, node: NodeName, reason: Reason) -> None:
    """Through the running node, which drops the link at once; else in the papers of this home."""
    if session.online():
        with session.api() as api:
            api.post(f"/children/{node}/retire", {"reason": reason})
    else:
        from hub.ids import NodeId
        from hub.roster import join
        from hub.roster.identity import Identity

        join.retire(Identity.load(session.settings().keys), NodeId(node), now_us=_now_us())
        composition(session.speech).note(
            session.home, "RetireChild", f"node:{node}", {"reason": reason})
    session.speech.show(
        {"node": node}, lambda: session.speech.say(session.speech.t("retire.done", node=node)))


@command(roster_group, "claims", "等待根节点管理员确认的新成员 (new members that wait)")
def claims(session: Session) -> None:
    with session.api() as api:
        rows = api.get("/roster/claims")
    shown = [{**row, "joining": row["state"], "received_at": row["heard_at"]} for row in rows]
    session.speech.show(rows, lambda: session.speech.table(
        ("node", "name", "parent", "joining", "received_at", "decided_by"), shown))


@command(roster_group, "approve", "确认新成员，写入下一份名册 (name a member that waits)")
def approve(session: Session, node: NodeName) -> None:
    with session.api() as api:
        rows = api.post(f"/roster/claims/{node}/approve")
    session.speech.show(
        rows, lambda: session.speech.say(session.speech.t("roster.approved", node=node)))


@command(roster_group, "refuse", "不接纳新成员，须写明原因 (do not name a member that waits)")
def refuse(session: Session, node: NodeName, reason: Reason) -> None:
    with session.api() as api:
        rows = api.post(f"/roster/claims/{node}/refuse", {"reason": reason})
    session.speech.show(
        rows, lambda: session.speech.say(session.speech.t("roster.refused", node=node)))


@command(roster_group, "revoke", "在根节点作废任一节点的密钥 (the root ends every key of a node)")
def revoke(session: Session, node: NodeName, reason: Reason) -> None:
    """Wherever it sits in the tree; its parent cuts it off when the next roster comes there."""
    with session.api() as api:
        api.post(f"/roster/members/{node}/revoke", {"reason": reason})
    session.speech.show(
        {"node": node}, lambda: session.speech.say(session.speech.t("revoke.done", node=node)))


@command(roster_group, "require", "规定成员的最低协议版本 (the protocol every member must speak)")
def require(
    session: Session,
    proto: Annotated[int, typer.Argument(help="协议版本，如 2 (version, e.g. 2)", min=1)],
) -> None:
    from hub.roster import join
    from hub.roster.identity import Identity

    roster = join.require_proto(
        Identity.load(session.settings().keys), proto, now_us=_now_us())
    said = {"serial": roster.serial, "min_proto": roster.min_proto}
    session.speech.show(
        said, lambda: session.speech.say(session.speech.t("roster.required", **said)))


def _now_us() -> int:
    return time.time_ns() // 1000
