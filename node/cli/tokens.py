"""``wanmi token …``: who may call the REST API."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from node.cli.composition import composition
from node.cli.session import Session, command
from node.cli.speech import Exit

group = typer.Typer(help="访问令牌 (API tokens)", no_args_is_help=True)


class Right(StrEnum):
    """What a token may do; each includes the one before."""

    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"


@command(group, "create", "新建令牌，仅显示一次 (make a token; shown once)")
def create(
    session: Session,
    name: Annotated[str, typer.Argument(help="谁使用，记入审计 (who it speaks for)")],
    scope: Annotated[Right, typer.Option(help="read | operate | admin")] = Right.OPERATE,
    roles: Annotated[str, typer.Option(
        help="审批角色，逗号分隔，* 为全部 (roles that decide requests, e.g. "
             "dispatcher,shift_leader; * = all)")] = "",
    *,
    by_roles: Annotated[bool, typer.Option(
        "--by-roles", help="仅限上述岗位的权限 (held by these roles, not by the scope)")] = False,
    only: Annotated[str, typer.Option(help="仅限这些操作或工具 (only these verbs and tools)")] = "",
    days: Annotated[int, typer.Option(min=0, help="有效天数，0 为不限 (days; 0 = no end)")] = 0,
    addresses: Annotated[str, typer.Option(help="仅限这些地址 (only from these networks)")] = "",
    areas: Annotated[str, typer.Option(help="限区划代码 (only these divisions)")] = "",
    classes: Annotated[str, typer.Option(help="限分类代码 (only these classes)")] = "",
    units: Annotated[str, typer.Option(help="限承办单位 (only these units)")] = "",
) -> None:
    """Through the running node; straight into the database while none answers (then without
    terms: who is held to roles is looked up by the node)."""
    speech = session.speech
    named = _list(roles)
    terms: dict[str, object] = {
        "by_roles": by_roles, "acts": _list(only), "days": days, "addresses": _list(addresses),
        "areas": _list(areas), "codes": _list(classes), "units": _list(units),
    }
    given = {key: value for key, value in terms.items() if value}
    if session.online():
        with session.api() as api:
            made = api.post(
                "/tokens", {"name": name, "scope": str(scope), "roles": named, **given})
    elif given:
        raise speech.trouble(Exit.USAGE, "token.terms_offline")
    else:
        token = composition(speech).create_token(session.home, name, str(scope), named)
        made = {"name": name, "scope": str(scope), "roles": named, "token": token}

    def draw() -> None:
        speech.note(speech.t("token.made", name=name, scope=scope))
        speech.say(made["token"])

    speech.show(made, draw)


def _list(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


@command(group, "revoke", "撤销某名称的全部令牌 (revoke every token of a name)")
def revoke(session: Session, name: Annotated[str, typer.Argument()]) -> None:
    with session.api() as api:
        said = api.delete(f"/tokens/{name}")
    session.speech.show(said, lambda: session.speech.say(
        session.speech.t("token.revoked", count=said["count"])))


@command(group, "list", "有效令牌的名称 (live tokens by name)")
def list_(session: Session) -> None:
    with session.api() as api:
        rows = api.get("/tokens")
    locked = ("locked_at", "lock_reason") if any(row["locked_at"] for row in rows) else ()
    columns = ("name", "scope", "roles", *locked)
    session.speech.show(rows, lambda: session.speech.table(columns, rows))


@command(group, "lock", "设备挂失：令牌即刻失效，会话中断 (a device is lost: lock its token out)")
def lock(
    session: Session,
    name: Annotated[str, typer.Argument(help="令牌名称，采集员即编号 (a collector's number)")],
    reason: Annotated[str, typer.Option(help="原因，记入审计 (why; it is logged)")],
) -> None:
    shut(session, name, reason)


@command(group, "unlock", "解除锁定，须管理员 (let it in again; administrators only)")
def unlock(session: Session, name: Annotated[str, typer.Argument()]) -> None:
    speech = session.speech
    with session.api() as api:
        said = api.post(f"/tokens/{name}/unlock")
    key = "token.unlocked" if said["count"] else "token.unlocked.none"
    speech.show(said, lambda: speech.say(speech.t(key, name=name)))


def shut(session: Session, name: str, reason: str) -> None:
    """Lock a token, for whoever runs a node and for the duty desk alike."""
    speech = session.speech
    with session.api() as api:
        said = api.post(f"/tokens/{name}/lock", {"reason": reason})
    key = "token.locked" if said["count"] else "token.locked.none"
    speech.show(said, lambda: speech.say(speech.t(key, name=name)))
