"""Accounts: listed, made, given roles and scope, locked, reset, ended."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from node.core.errors import Invalid
from node.edge.console.after import Said, What, done, notice
from node.edge.console.asked import asked, given, reasoned, several
from node.edge.console.frame import moment, tabs
from node.edge.console.people import view, words
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.http import cookies
from node.edge.http.account_words import AccountIn, AccountLockIn, GrantIn, ResetIn
from node.edge.http.routes.accounts import LoginPath
from node.service.people.accounts import Invitation

router = APIRouter(prefix="/console/people", include_in_schema=False, route_class=PageRoute)
Part = Annotated[str, Query(max_length=60)]
ROWS = 50
"""Accounts of one page."""


def _link(visit: Visit, made: Invitation) -> dict[str, str]:
    """The one-time link, shown this once."""
    own = cookies.own_url(visit.request, visit.settings)
    return {"login": made.login, "url": f"{own}/account/setup/{made.token}",
            "ends": moment(made.expires_at)}


@router.get("", operation_id="listAccounts")
async def accounts(  # noqa: PLR0917 - the query of a page
    visit: Here, text: Part = "", role: Part = "", state: Part = "",
    page: Annotated[int, Query(ge=1, le=1_000)] = 1, said: Said = "", what: What = "",
) -> Response:
    """Accounts by login name, those that ended left out unless asked for."""
    found = [one for one in await visit.desk.people.accounts.list()
             if view.fits(one, text.strip(), role, state)]
    rows = found[(page - 1) * ROWS:page * ROWS]
    filters = {name: value for name, value in (
        ("text", text.strip()), ("role", role), ("state", state)) if value}
    turn = {
        name: f"/console/people?{urlencode({**filters, 'page': at})}"
        for name, at in (("before", page - 1), ("after", page + 1))
        if 0 < at <= -(-len(found) // ROWS)
    }
    return await visit.page(
        "people/list.html", people=[view.person(visit, one) for one in rows],
        count=len(found), filters=filters, turn=turn, posts=view.posts(visit),
        states=[(key, visit.say(word)) for key, (_, word) in words.STATES.items()],
        makes=visit.may("createAccount"), tabs=tabs(visit, words.TABS),
        notice=notice(visit, words.SAID, said, what))


@router.get("/new", operation_id="createAccount")
async def new(visit: Here) -> Response:
    """The form of a new account."""
    await visit.admit("createAccount")
    return await visit.page("people/new.html", posts=view.posts(visit))


@router.post("/new", operation_id="createAccount")
async def create(visit: Here) -> Response:
    """Make it; its one-time link is on the page that follows, this once."""
    fields = await form_of(visit.request)
    body = asked(AccountIn, {
        "login": given(fields, "login"), "name": given(fields, "name"), **_grant(fields)})
    made = await visit.desk.people.write(lambda accounts, tx: accounts.create_in(
        tx, body.login, body.name, actor=visit.caller.name, roles=body.roles, areas=body.areas,
        codes=body.codes, units=body.units))
    return await _shown(visit, made)


async def _shown(visit: Visit, made: Invitation) -> Response:
    if visit.is_fragment:
        return visit.part("people/link_part.html", link=_link(visit, made))
    return await visit.page("people/link.html", link=_link(visit, made))


def _grant(fields: Any) -> dict[str, Any]:
    return {name: several(fields, name) for name in ("roles", "areas", "codes", "units")}


@router.get("/of/{login}", operation_id="getAccount")
async def one(login: LoginPath, visit: Here, said: Said = "", what: What = "") -> Response:
    """One account, with what may be done to it."""
    people = visit.desk.people
    account = await people.accounts.one(login)
    sessions = await people.accounts.sessions(login) if visit.may("listAccountSessions") else []
    return await visit.page(
        "people/account.html", person=view.person(visit, account), account=account,
        posts=view.posts(visit, account.roles), sessions=view.sessions(sessions),
        grants=visit.may("grantRoles"), notice=notice(visit, words.SAID, said, what))


@router.post("/of/{login}/roles", operation_id="grantRoles")
async def grant(login: LoginPath, visit: Here) -> Response:
    """These roles and this scope, instead of those it had."""
    body = asked(GrantIn, _grant(await form_of(visit.request)))
    await visit.desk.people.write(lambda accounts, tx: accounts.grant_in(
        tx, login, actor=visit.caller.name, roles=body.roles, areas=body.areas, codes=body.codes,
        units=body.units))
    return done(visit, f"/console/people/of/{login}", "granted", login)


@router.post("/of/{login}/lock", operation_id="lockAccount")
async def lock(login: LoginPath, visit: Here) -> Response:
    """Let nobody in with it."""
    body = await reasoned(visit.request, AccountLockIn)
    await visit.desk.people.write(lambda accounts, tx: accounts.lock_in(
        tx, login, actor=visit.caller.name, reason=body.reason))
    return done(visit, f"/console/people/of/{login}", "locked", login)


@router.post("/of/{login}/unlock", operation_id="unlockAccount")
async def unlock(login: LoginPath, visit: Here) -> Response:
    """Let it in again, and forget its failures."""
    await visit.desk.people.write(
        lambda accounts, tx: accounts.unlock_in(tx, login, actor=visit.caller.name))
    return done(visit, f"/console/people/of/{login}", "unlocked", login)


@router.post("/of/{login}/reset", operation_id="resetAccount")
async def reset(login: LoginPath, visit: Here) -> Response:
    """A one-time link for a new password; the old one is void."""
    fields = await form_of(visit.request)
    body = asked(ResetIn, {"factor": given(fields, "factor") == "yes"})
    made = await visit.desk.people.write(lambda accounts, tx: accounts.reset_in(
        tx, login, actor=visit.caller.name, factor=body.factor))
    return await _shown(visit, made)


@router.post("/of/{login}/end", operation_id="endAccount")
async def end(login: LoginPath, visit: Here) -> Response:
    """For good; whoever does has typed its login name."""
    if given(await form_of(visit.request), "typed") != login:
        raise Invalid(f"what was typed is not {login}", code="account.typed", login=login)
    await visit.desk.people.write(
        lambda accounts, tx: accounts.end_in(tx, login, actor=visit.caller.name))
    return done(visit, "/console/people", "ended", login)


@router.post("/of/{login}/sessions/end", operation_id="endAccountSessions")
async def end_sessions(login: LoginPath, visit: Here) -> Response:
    """End every session of it; it may log in again."""
    await visit.desk.people.write(
        lambda accounts, tx: accounts.end_sessions_in(tx, login, actor=visit.caller.name))
    return done(visit, f"/console/people/of/{login}", "left", login)


@router.get("/roles", operation_id="listRoles")
async def roles(visit: Here) -> Response:
    """The roles there are."""
    return await visit.page(
        "people/roles.html", posts=view.posts(visit), tabs=tabs(visit, words.TABS))
