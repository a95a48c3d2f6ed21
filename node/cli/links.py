"""``wanmi link …`` and ``wanmi roster …``: neighbours, what waits between us, and who exists."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from node.cli.composition import composition
from node.cli.home import REQUEST_FILE, settings_file, settings_of, with_values, write_private
from node.cli.session import Session, alone, command
from node.cli.speech import Exit

if TYPE_CHECKING:
    from hub.roster.documents import Kit
    from hub.roster.roster import Roster

group = typer.Typer(help="连接；不带子命令即列出全部 (links; alone: list them)")
roster_group = typer.Typer(help="名册 (roster)", no_args_is_help=True)

LinkName = Annotated[str, typer.Argument(help="<上级>-<下级> (<parent>-<child>)")]
LINK_COLUMNS = ("link", "link_state", "carrier", "drafts", "unacked", "parked", "quarantined")


def _list(session: Session, path: str, columns: tuple[str, ...]) -> None:
    with session.api() as api:
        rows = api.get(path)
    session.speech.show(rows, lambda: session.speech.table(columns, rows))


@alone(group)
@command(group, "list", "全部连接及其状态 (every link and why it is as it is)")
def list_(session: Session) -> None:
    with session.api() as api:
        rows = api.get("/links")

    def draw() -> None:
        shown = [
            {**row, "link_state": "PAUSED" if row["paused"] else row["state"]} for row in rows
        ]
        session.speech.table(LINK_COLUMNS, shown)
        for row in rows:  # a sentence needs the whole width
            session.speech.say(f"{row['link']}：{row['sentence']}")

    session.speech.show(rows, draw)


@command(group, "tree", "节点树：名册里的全部节点，及本节点各连接 (the tree, with our own links)")
def tree(session: Session) -> None:
    with session.api() as api:
        found = api.get("/federation")

    def draw() -> None:
        for one in found["nodes"]:
            link = one["link"]
            mark = "●" if one["place"] == "SELF" or (link and link["connected"]) else "○"
            said = f"：{link['sentence']}" if link else ""
            session.speech.say(f"{'  ' * one['depth']}{mark} {one['node']} {one['name']}{said}")

    session.speech.show(found, draw)


@command(group, "state", "一个连接的细节 (one link in detail)")
def state(session: Session, link: LinkName) -> None:
    with session.api() as api:
        view = api.get(f"/links/{link}")
    session.speech.show(view, lambda: _pairs(session, view))


def _pairs(session: Session, view: dict[str, Any]) -> None:
    for name, value in view.items():
        session.speech.say(f"{name:24} {'-' if value in (None, '') else value}")


@command(group, "why", "一句话说明为何滞后 (one sentence of why it is behind)")
def why(session: Session, link: LinkName) -> None:
    with session.api() as api:
        said = api.get(f"/links/{link}/why")
    session.speech.show(said, lambda: session.speech.say(said["sentence"] or said["state"]))


@command(group, "pause", "暂停收发 (stop talking; words wait)")
def pause(session: Session, link: LinkName) -> None:
    _act(session, f"/links/{link}/pause", "link.paused", link=link)


@command(group, "resume", "恢复收发 (talk again)")
def resume(session: Session, link: LinkName) -> None:
    _act(session, f"/links/{link}/resume", "link.resumed", link=link)


def _act(
    session: Session, path: str, key: str, body: dict[str, object] | None = None, **values: object
) -> None:
    with session.api() as api:
        answer = api.post(path, body)
    session.speech.show(answer, lambda: session.speech.say(
        session.speech.t(key, **{**answer, **values})))


@command(group, "parked", "挂起的报文 (words that wait for a person or a change)")
def parked(
    session: Session,
    link: Annotated[str, typer.Argument(help="省略为全部 (left out: all)")] = "",
) -> None:
    _list(session, f"/links/{link}/parked" if link else "/parked",
          ("link", "position", "type", "code", "waits_for", "received_at", "sentence"))


Position = Annotated[str, typer.Argument(help="<epoch>:<seq>")]


@command(group, "inspect", "看一条挂起的报文：谁发的、说什么（长数字已遮盖）(open one parked word)")
def inspect(session: Session, link: LinkName, position: Position) -> None:
    with session.api() as api:
        word = api.get(f"/links/{link}/parked/{position}")

    def draw() -> None:
        _pairs(session, {**word["item"], **{
            name: value for name, value in word.items() if name not in ("item", "said")}})
        for name, value in word["said"].items():
            session.speech.say(f"{name:24} {json.dumps(value, ensure_ascii=False)}")

    session.speech.show(word, draw)


@command(group, "replay", "重试挂起的报文；不写位置则全部 (try parked words again)")
def replay(
    session: Session, link: LinkName,
    position: Annotated[str, typer.Argument(help="<epoch>:<seq>；省略为全部 (all)")] = "",
) -> None:
    if position:
        _act(session, f"/links/{link}/parked/{position}/replay", "link.replayed")
    else:
        _act(session, f"/links/{link}/parked/replay", "link.replayed_all")


@command(group, "release", "查明后放行因签名问题而停下的连接 (lift a quarantine for broken seals)")
def release(session: Session, link: LinkName) -> None:
    _act(session, f"/links/{link}/release", "link.released", link=link)


@command(group, "discard", "放弃挂起的报文，须写明原因 (give a parked word up)")
def discard(
    session: Session, link: LinkName, position: Position,
    reason: Annotated[str, typer.Option(help="原因，入档 (kept in the record)")],
) -> None:
    _act(session, f"/links/{link}/parked/{position}/discard", "link.discarded",
         {"reason": reason})


@command(group, "quarantine", "隔离区：无法识别或验签失败的数据 (bytes we could not accept)")
def quarantine(session: Session, link: LinkName) -> None:
    _list(session, f"/links/{link}/quarantine", ("id", "code", "size", "at"))


@command(group, "reconcile", "立即对账，补发缺失 (compare both ends; send what is missing)")
def reconcile(session: Session, link: LinkName) -> None:
    with session.api() as api:
        rows = api.post(f"/links/{link}/reconcile")
    session.speech.show(rows, lambda: session.speech.table(
        ("scope", "missing", "pending", "surplus", "differ"), rows))


# --- joining without a network: files on this machine ---------------------------------------------


@command(group, "accept", "接纳下级：签发证书并写出加入包 (take a child in)")
def accept(
    session: Session,
    *,
    request: Annotated[Path, typer.Argument(help="join-request.json", dir_okay=False)],
    out: Annotated[Path, typer.Option(help="加入包 (kit file to write)", dir_okay=False)],
    grpc: Annotated[list[str] | None, typer.Option(
        help="下级访问本机的 host:port，可重复；默认按设置 (how the child reaches us)")] = None,
    nats: Annotated[list[str] | None, typer.Option(help="tls://host:port，可重复")] = None,
    rekey: Annotated[bool, typer.Option(
        "--rekey", help="已知下级换了密钥 (a known child comes with new keys)")] = False,
) -> None:
    from hub.roster import join
    from hub.roster.documents import Endpoints, JoinRequest
    from hub.roster.identity import Identity

    settings = session.settings()
    doors = Endpoints(
        grpc=tuple(grpc or [f"{settings.grpc.hosts[0]}:{settings.grpc.port}"]),
        nats=tuple(nats or [one.url for one in settings.nats.servers]),
    )
    asked = JoinRequest.from_json(request.read_bytes())
    kit = join.accept(Identity.load(settings.keys), asked, endpoints=doors, now_us=_now_us(),
                      rekey=rekey)
    write_private(out, kit.to_json())
    session.speech.show(
        {"child": kit.child, "out": str(out), "expires_at_us": kit.expires_at_us},
        lambda: session.speech.say(session.speech.t("accept.done", child=kit.child, out=out)))


@command(group, "request", "重写加入申请，用于换发证书 (write the join request anew)")
def request_(session: Session) -> None:
    """The same keys, today's date: a request is good for 14 days, a certificate for 30."""
    from hub.roster import join
    from hub.roster.identity import Identity

    identity = Identity.load(session.settings().keys)
    if identity.parent is None:
        raise session.speech.trouble(Exit.REFUSED, "request.root")
    file = session.home / REQUEST_FILE
    told = composition(session.speech).told(session.home)
    write_private(file, join.make_join_request(identity, now_us=_now_us(), **told).to_json())
    said = {"request": str(file), "parent": identity.parent}
    session.speech.show(
        said, lambda: session.speech.say(session.speech.t("request.done", **said)))


@command(group, "attach", "独立节点接到上级之下，停机办理 (a node that ran alone gets a parent)")
def attach(
    session: Session,
    parent: Annotated[str, typer.Argument(help="上级节点标识 (id of the parent)")],
) -> None:
    """The same keys, cases and journal; only the papers of the tree are new."""
    from hub.ids import node_id
    from hub.roster import join
    from hub.roster.identity import Identity

    speech = session.speech
    settings = session.settings()
    try:
        above = node_id(parent)
    except ValueError as error:
        raise speech.trouble(Exit.USAGE, "init.id", given=parent) from error
    # First the database: that is refused while the node runs.
    composition(speech).forget_rosters(session.home)
    attached = Identity.load(settings.keys).under(above)
    file = session.home / REQUEST_FILE
    told = composition(speech).told(session.home)
    write_private(file, join.make_join_request(attached, now_us=_now_us(), **told).to_json())
    said = {"id": attached.node, "parent": above, "request": str(file)}
    speech.show(said, lambda: speech.say(speech.t("attach.done", **said)))


@command(group, "join", "用上级给的加入包加入 (join with the parent's kit)")
def join_(
    session: Session,
    kit_file: Annotated[Path, typer.Argument(metavar="KIT", dir_okay=False)],
    prefer: Annotated[str, typer.Option(help="首选通道 GRPC | NATS (preferred carrier)")] = "GRPC",
    fingerprint: Annotated[str, typer.Option(
        help="当面核对的根密钥指纹 (root key fingerprint, read out in person)")] = "",
) -> None:
    from hub.roster import join
    from hub.roster.documents import Kit

    speech = session.speech
    kit = Kit.from_json(kit_file.read_bytes())
    roster = entered(session, kit, prefer=prefer, fingerprint=fingerprint)
    said = {"parent": kit.parent, "roster": roster.serial,
            "root_fingerprint": join.fingerprint_of(kit.root_key)}

    def draw() -> None:
        speech.say(speech.t("join.done", parent=kit.parent, serial=roster.serial))
        speech.say(speech.t("root.fingerprint", fingerprint=said["root_fingerprint"]))

    speech.show(said, draw)


def entered(session: Session, kit: Kit, *, prefer: str, fingerprint: str) -> Roster:
    """Check a kit, keep it and write the parent's doors into the settings. ``prefer``: GRPC, NATS
    or "" for what the settings say. Raises ``Trouble``."""
    from hub.roster import join
    from hub.roster.identity import Identity

    speech, settings = session.speech, session.settings()
    if prefer not in {"", "GRPC", "NATS"}:
        raise speech.trouble(Exit.USAGE, "link.prefer", given=prefer)
    roster = join.enter(Identity.load(settings.keys), kit, now_us=_now_us(),
                        root_fingerprint=fingerprint or None)
    file = settings_file(session.home)
    write_private(file, with_values(file.read_text(encoding="utf-8"), "parent", {
        "id": kit.parent, "grpc": ",".join(kit.endpoints.grpc),
        "nats": ",".join(kit.endpoints.nats), **({"prefer": prefer} if prefer else {}),
    }))
    settings_of(session.home, speech)  # what was written can be read
    return roster


@command(roster_group, "add", "在根节点把新节点写入名册 (the root names a node)")
def add(
    session: Session,
    request: Annotated[Path, typer.Argument(help="join-request.json", dir_okay=False)],
) -> None:
    from hub.roster import join
    from hub.roster.documents import JoinRequest
    from hub.roster.identity import Identity

    settings = session.settings()
    asked = JoinRequest.from_json(request.read_bytes())
    identity = Identity.load(settings.keys)
    join.add_to_roster(identity, asked, now_us=_now_us())
    roster = identity.roster()
    assert roster is not None, "the roster was just written"
    session.speech.show(
        {"node": asked.node, "serial": roster.serial},
        lambda: session.speech.say(session.speech.t(
            "roster.added", serial=roster.serial, node=asked.node)))


@command(roster_group, "show", "名册内容 (who exists)")
def show(session: Session) -> None:
    from hub.roster.identity import Identity

    settings = session.settings()
    roster = Identity.load(settings.keys).roster()
    if roster is None:
        raise session.speech.trouble(Exit.UNKNOWN, "roster.none")
    members: list[dict[str, object]] = [
        {"node": member.id, "name": member.name, "parent": member.parent,
         "keys": sum(key.revoked_from_us is None for key in member.sign_keys),
         "endpoints": ", ".join(member.endpoints),
         "capabilities": ", ".join(member.capabilities)}
        for member in roster.members
    ]
    document = {"serial": roster.serial, "issued_at_us": roster.issued_at_us,
                "expires_at_us": roster.expires_at_us, "min_proto": roster.min_proto,
                "members": members}
    session.speech.show(document, lambda: session.speech.table(
        ("node", "name", "parent", "keys", "endpoints"), members))


def _now_us() -> int:
    return time.time_ns() // 1000
