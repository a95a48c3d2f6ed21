"""``wanmi account …``: who may log in, with which roles; also where nobody can log in any more."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from node.cli.client import setup_url
from node.cli.composition import composition
from node.cli.session import Session, command

group = typer.Typer(help="账户与岗位 (accounts of people)", no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="用户名 (login name)")]
Roles = Annotated[str, typer.Option(
    help="岗位，逗号分隔；wanmi account posts 可查 (roles, with commas)")]
Areas = Annotated[str, typer.Option("--areas", help="限区划代码 (only these divisions)")]
Classes = Annotated[str, typer.Option("--classes", help="限分类代码 (only these classes)")]
Units = Annotated[str, typer.Option("--units", help="限承办单位 (only these units)")]
STATES = {
    "invited": "account.state.invited", "active": "account.state.active",
    "locked": "account.state.locked", "ended": "account.state.ended",
}
COLUMNS = ("login", "name", "state", "roles", "scope", "second_factor")


def _list(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _given(roles: str, areas: str, classes: str, units: str) -> dict[str, list[str]]:
    return {"roles": _list(roles), "areas": _list(areas), "codes": _list(classes),
            "units": _list(units)}


@command(group, "create", "新建账户，显示一次性设置链接 (make an account; its link is shown once)")
def create(
    session: Session, login: Login,
    name: Annotated[str, typer.Option(help="姓名 (whom it belongs to)")],
    roles: Roles = "", areas: Areas = "", classes: Classes = "", units: Units = "",
) -> None:
    given = _given(roles, areas, classes, units)
    if session.online():
        with session.api() as api:
            made = api.post("/accounts", {"login": login, "name": name, **given})
    else:
        made = _at_rest(session, "create", login=login, name=name, **given)
    _show_link(session, made)


@command(group, "list", "账户一览 (accounts)")
def list_(session: Session) -> None:
    if session.online():
        with session.api() as api:
            rows = api.get("/accounts")
    else:
        found = composition(session.speech).accounts(session.home)
        rows = [_plain(asdict(one)) for one in found]
    speech = session.speech
    shown = [
        {**row, "roles": ",".join(row["roles"]),
         "state": speech.t(STATES[row["state"]]),
         "scope": " ".join(",".join(row[key]) for key in ("areas", "codes", "units") if row[key]),
         "second_factor": speech.t("yes" if row["second_factor"] else "no")}
        for row in rows
    ]
    speech.show(rows, lambda: speech.table(COLUMNS, shown))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """As the API says it."""
    return {
        key: value.isoformat() if hasattr(value, "isoformat") else
        list(value) if isinstance(value, tuple) else value
        for key, value in row.items()
    }


@command(group, "posts", "岗位一览 (the roles there are)")
def posts(session: Session) -> None:
    with session.api() as api:
        rows = api.get("/roles")
    speech = session.speech
    title = "title_en" if speech.language == "en" else "title"
    shown = [{"role": row["role"], "title": row[title],
              "alone": speech.t("yes" if row["alone"] else "no")} for row in rows]
    speech.show(rows, lambda: speech.table(("role", "title", "alone"), shown))


@command(group, "roles", "改授岗位与范围 (give it these roles and this scope)")
def roles(
    session: Session, login: Login,
    roles: Roles, areas: Areas = "", classes: Classes = "", units: Units = "",
) -> None:
    given = _given(roles, areas, classes, units)
    if session.online():
        with session.api() as api:
            api.put(f"/accounts/{login}/roles", {**given})
    else:
        _at_rest(session, "roles", login=login, **given)
    _done(session, "account.granted", login=login, roles=",".join(given["roles"]) or "-")


@command(group, "lock", "锁定：立即退出并禁止登录 (let nobody in with it)")
def lock(
    session: Session, login: Login,
    reason: Annotated[str, typer.Option(help="原因，记入审计 (why; it is logged)")],
) -> None:
    _act(session, "lock", login, "account.locked", reason=reason)


@command(group, "unlock", "解锁，并清除登录失败记录 (let it in again, forget its failures)")
def unlock(session: Session, login: Login) -> None:
    _act(session, "unlock", login, "account.unlocked")


@command(group, "sessions", "登录中的会话；--end 全部退出 (from where somebody is logged in)")
def sessions(
    session: Session, login: Login, *,
    end: Annotated[bool, typer.Option("--end", help="全部退出 (end them all)")] = False,
) -> None:
    with session.api() as api:
        if end:
            found = api.delete(f"/accounts/{login}/sessions")
            said = session.speech.t("account.sessions_ended", login=login, count=found["count"])
            session.speech.show(found, lambda: session.speech.say(said))
            return
        rows = api.get(f"/accounts/{login}/sessions")
    session.speech.show(rows, lambda: session.speech.table(
        ("made_at", "seen_at", "address", "agent"), rows))


@command(group, "end", "注销，用户名不再启用 (end it for good)")
def end(session: Session, login: Login) -> None:
    _act(session, "end", login, "account.ended")


@command(group, "reset", "重置口令，显示一次性链接 (a link for a new password)")
def reset(
    session: Session, login: Login, *,
    factor: Annotated[bool, typer.Option(
        "--factor", help="同时重新绑定动态口令：手机丢失 (the second factor too)")] = False,
) -> None:
    if session.online():
        with session.api() as api:
            made = api.post(f"/accounts/{login}/reset", {"factor": factor})
    else:
        made = _at_rest(session, "reset", login=login, factor=factor)
    _show_link(session, made)


@command(group, "first", "尚无账户时，显示建立首个账户的链接 (a link for the first account)")
def first(session: Session) -> None:
    if session.online():
        with session.api() as api:
            _show_link(session, api.post("/accounts/first"))
        return
    made = composition(session.speech).first_link(session.home)
    if made is None:
        session.speech.say(session.speech.t("account.first.there"))
        return
    _show_link(session, _linked(session, made))


def _act(session: Session, act: str, login: str, key: str, **body: str) -> None:
    if session.online():
        with session.api() as api:
            api.post(f"/accounts/{login}/{act}", body or None)
    else:
        _at_rest(session, act, login=login, **body)
    _done(session, key, login=login)


def _at_rest(session: Session, act: str, **given: Any) -> Any:
    """Straight into the database while no node answers."""
    made = composition(session.speech).account(session.home, act, given)
    return None if made is None else _linked(session, made)


def _linked(session: Session, made: Any) -> dict[str, str]:
    return {"login": made.login, "url": setup_url(session.settings(), made),
            "expires_at": made.expires_at.isoformat()}


def _show_link(session: Session, made: Any) -> None:
    speech = session.speech

    def draw() -> None:
        key = "account.link" if made["login"] else "account.link.first"
        speech.note(speech.t(key, login=made["login"], until=speech.time(made["expires_at"])))
        speech.say(made["url"])

    speech.show(made, draw)


def _done(session: Session, key: str, **values: str) -> None:
    speech = session.speech
    speech.show(values, lambda: speech.say(speech.t(key, **values)))
