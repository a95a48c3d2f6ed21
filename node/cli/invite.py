"""``wanmi invite …``: whom this node invites to become its child."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from node.cli.home import write_private
from node.cli.session import Session, command
from node.cli.speech import Exit

group = typer.Typer(help="邀请下级加入 (invite nodes to become children)", no_args_is_help=True)
COLUMNS = ("node", "name", "joining", "until", "created_by", "approved_by")
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
NodeName = Annotated[str, typer.Argument(metavar="NODE", help="节点标识 (node id)")]


@command(group, "create", "邀请一个节点；邀请码只显示这一次 (invite a node; shown once)")
def create(
    session: Session,
    *,
    node: NodeName,
    name: Annotated[str, typer.Option(help="显示名称，如 西塞山区 (name on screens)")],
    valid: Annotated[str, typer.Option(help="有效期，如 24h、90m，最长 24h (how long)")] = "24h",
    approve: Annotated[bool, typer.Option(
        "--approve", help="须另一名管理员确认 (another administrator must approve)")] = False,
    rekey: Annotated[bool, typer.Option(
        "--rekey", help="已有下级换新密钥 (a child of ours comes with new keys)")] = False,
    at: Annotated[list[str] | None, typer.Option(
        help="受邀节点访问的 host:port，可重复；默认按设置 (where it calls us)")] = None,
    grpc: Annotated[list[str] | None, typer.Option(
        help="以后连接用的 host:port，可重复；默认按设置 (for its link)")] = None,
    nats: Annotated[list[str] | None, typer.Option(help="tls://host:port，可重复")] = None,
    out: Annotated[str, typer.Option(help="写入文件而不显示 (write it to a file)")] = "",
) -> None:
    from pathlib import Path

    speech = session.speech
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([hm])", valid.strip())
    if found is None:
        raise speech.trouble(Exit.USAGE, "invite.valid", given=valid)
    hours = float(found[1]) / (1 if found[2] == "h" else 60)
    with session.api() as api:
        made = api.post("/invitations", {
            "node": node, "name": name, "valid_h": hours, "approve": approve, "rekey": rekey,
            "at": at or [], "grpc": grpc or [], "nats": nats or [],
        })
    view = made["view"]

    def draw() -> None:
        speech.say(speech.t(
            "invite.made", node=node, name=name, until=speech.time(view["expires_at"])))
        local = [one for one in made["at"] if one.rpartition(":")[0] in LOCAL]
        if local:
            speech.note(speech.t("invite.local", at=local[0]))
        if view["needs_approval"]:
            speech.say(speech.t("invite.second", node=node))
        if out:
            speech.say(speech.t("invite.written", out=out))
        else:
            speech.say(speech.t("invite.next"))
            print(made["text"])  # one line, never wrapped: it is pasted

    if out:
        write_private(Path(out), made["text"] + "\n")
    speech.show(made, draw)


@command(group, "list", "全部邀请及其状态 (every invitation)")
def list_(session: Session) -> None:
    with session.api() as api:
        _table(session, api.get("/invitations"))


@command(group, "withdraw", "收回邀请 (nobody comes in with it any more)")
def withdraw(session: Session, node: NodeName) -> None:
    _act(session, node, "withdraw", "invite.withdrawn")


@command(group, "approve", "确认邀请，须由另一名管理员办理 (let an invited node in)")
def approve(session: Session, node: NodeName) -> None:
    _act(session, node, "approve", "invite.approved")


@command(group, "refuse", "不接纳，须写明原因 (do not let an invited node in)")
def refuse(
    session: Session, node: NodeName,
    reason: Annotated[str, typer.Option(help="原因，入档并告知对方 (kept, and told)")],
) -> None:
    _act(session, node, "refuse", "invite.refused", {"reason": reason})


def _act(
    session: Session, node: str, verb: str, key: str, body: dict[str, object] | None = None
) -> None:
    with session.api() as api:
        rows = api.post(f"/invitations/{node}/{verb}", body)
    session.speech.show(rows, lambda: session.speech.say(session.speech.t(key, node=node)))


def _table(session: Session, rows: list[dict[str, Any]]) -> None:
    shown = [{**row, "joining": row["state"], "until": row["expires_at"]} for row in rows]
    session.speech.show(rows, lambda: session.speech.table(COLUMNS, shown))
