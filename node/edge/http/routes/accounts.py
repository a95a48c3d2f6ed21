"""Accounts and their roles, for whoever administers them; and what every caller may ask of
themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request

from node.core.roles import WHOLE
from node.edge.http import cookies
from node.edge.http.account_words import (
    AccountIn,
    AccountLockIn,
    AccountOut,
    GrantIn,
    InvitationOut,
    MeOut,
    MySessionOut,
    MyTokenIn,
    ResetIn,
    RoleOut,
    SessionOut,
)
from node.edge.http.answers import BODY, fails
from node.edge.http.asked import CLEAN
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import Desk, Set
from node.edge.http.gate import Admin, Reader
from node.edge.http.problems import BadCall
from node.edge.http.telling_house import TokenMade
from node.edge.http.told import Counted
from node.service.people.accounts import Invitation
from node.service.people.sessions import csrf_of
from node.settings import Settings

router = APIRouter(prefix="/api/v1", tags=["accounts"], route_class=JsonRoute)
LoginPath = Annotated[str, CLEAN, Path(min_length=1, max_length=40, description="Login name.")]
ACCOUNT = ("account.unknown", "account.state")
OWN = ("account.own", "account.last")
ROLE = ("role.unknown", "role.apart", "role.scope")


@router.get("/accounts", operation_id="listAccounts", summary="Accounts by login name (账户)",
            response_model=list[AccountOut], responses=fails())
async def accounts(desk: Desk, _caller: Admin) -> object:
    return await desk.people.accounts.list()


@router.get("/accounts/{login}", operation_id="getAccount", summary="One account",
            response_model=AccountOut, responses=fails("account.unknown"))
async def account(login: LoginPath, desk: Desk, _caller: Admin) -> object:
    return await desk.people.accounts.one(login)


@router.post("/accounts", operation_id="createAccount", status_code=201,
             summary="Make an account; its one-time link is shown this once",
             response_model=InvitationOut,
             responses=fails("account.login", "account.login_in_use", "account.name",
                             "account.too_many", *ROLE, *BODY))
async def create(
    body: AccountIn, desk: Desk, caller: Admin, request: Request, settings: Set,
) -> object:
    return _link(request, settings, await desk.people.write(
        lambda accounts, tx: accounts.create_in(
            tx, body.login, body.name, actor=caller.name, roles=body.roles, areas=body.areas,
            codes=body.codes, units=body.units)))


@router.post("/accounts/first", operation_id="inviteFirst", status_code=201,
             summary="The link with which the first account is made, while there is none",
             response_model=InvitationOut, responses=fails("account.there"))
async def first(desk: Desk, _caller: Admin, request: Request, settings: Set) -> object:
    made = await desk.people.write(lambda accounts, tx: accounts.first_link_in(tx))
    if made is None:
        raise BadCall("account.there", "there is an account already")
    return _link(request, settings, made)


@router.put("/accounts/{login}/roles", operation_id="grantRoles", status_code=200,
            summary="Give an account these roles and this scope, instead of those it had",
            response_model=AccountOut, responses=fails("account.unknown", *OWN, *ROLE, *BODY))
async def grant(login: LoginPath, body: GrantIn, desk: Desk, caller: Admin) -> object:
    await desk.people.write(lambda accounts, tx: accounts.grant_in(
        tx, login, actor=caller.name, roles=body.roles, areas=body.areas, codes=body.codes,
        units=body.units))
    return await desk.people.accounts.one(login)


@router.post("/accounts/{login}/lock", operation_id="lockAccount",
             summary="Let nobody in with it, at once; its sessions end",
             response_model=AccountOut, responses=fails(*ACCOUNT, *OWN, *BODY))
async def lock(login: LoginPath, body: AccountLockIn, desk: Desk, caller: Admin) -> object:
    await desk.people.write(lambda accounts, tx: accounts.lock_in(
        tx, login, actor=caller.name, reason=body.reason))
    return await desk.people.accounts.one(login)


@router.post("/accounts/{login}/unlock", operation_id="unlockAccount",
             summary="Let it in again, and forget its failures",
             response_model=AccountOut, responses=fails(*ACCOUNT))
async def unlock(login: LoginPath, desk: Desk, caller: Admin) -> object:
    await desk.people.write(
        lambda accounts, tx: accounts.unlock_in(tx, login, actor=caller.name))
    return await desk.people.accounts.one(login)


@router.post("/accounts/{login}/reset", operation_id="resetAccount",
             summary="A one-time link for a new password; the old one is void",
             response_model=InvitationOut, responses=fails(*ACCOUNT, *BODY))
async def reset(  # noqa: PLR0917
    login: LoginPath, body: ResetIn, desk: Desk, caller: Admin, request: Request, settings: Set,
) -> object:
    return _link(request, settings, await desk.people.write(lambda accounts, tx: accounts.reset_in(
        tx, login, actor=caller.name, factor=body.factor)))


@router.post("/accounts/{login}/end", operation_id="endAccount",
             summary="End it for good; its name is never given again",
             response_model=AccountOut, responses=fails(*ACCOUNT, *OWN))
async def end(login: LoginPath, desk: Desk, caller: Admin) -> object:
    await desk.people.write(lambda accounts, tx: accounts.end_in(tx, login, actor=caller.name))
    return await desk.people.accounts.one(login)


@router.get("/accounts/{login}/sessions", operation_id="listAccountSessions",
            summary="From where somebody is logged in", response_model=list[SessionOut],
            responses=fails("account.unknown"))
async def sessions(login: LoginPath, desk: Desk, _caller: Admin) -> object:
    return await desk.people.accounts.sessions(login)


@router.delete("/accounts/{login}/sessions", operation_id="endAccountSessions",
               summary="End every session of an account; it may log in again",
               response_model=Counted, responses=fails("account.unknown"))
async def end_sessions(login: LoginPath, desk: Desk, caller: Admin) -> object:
    return Counted(count=await desk.people.write(
        lambda accounts, tx: accounts.end_sessions_in(tx, login, actor=caller.name)))


@router.get("/roles", operation_id="listRoles", summary="The roles of this office (岗位)",
            response_model=list[RoleOut], responses=fails())
async def roles(desk: Desk, _caller: Reader) -> object:
    return [
        RoleOut(
            role=name, title=role.title, title_en=role.title_en, alone=role.alone,
            verbs=sorted(role.verbs), tools=sorted(role.tools),
        )
        for name, role in desk.people.book.roles.items()
    ]


@router.get("/me", operation_id="whoAmI", summary="Who calls, and what they may do",
            response_model=MeOut, responses=fails())
async def me(desk: Desk, caller: Reader, request: Request, settings: Set) -> object:
    person = caller.person
    session_id = cookies.session_of(request, settings) if caller.session is not None else ""
    return MeOut(
        name=caller.name, scope=caller.scope.value, roles=sorted(caller.roles),
        by_roles=person.by_roles, areas=list(person.scope.areas),
        codes=list(person.scope.codes), units=list(person.scope.units),
        acts=desk.access.held(person), csrf=csrf_of(session_id) if session_id else "",
    )


@router.get("/me/sessions", operation_id="listMySessions", summary="One's own sessions",
            response_model=list[MySessionOut], responses=fails())
async def my_sessions(desk: Desk, caller: Reader) -> object:
    if caller.session is None:
        return []
    return await desk.people.sessions.list(caller.session.account, own=caller.session.key)


@router.delete("/me/sessions/{handle}", operation_id="endMySession",
               summary="End one of one's own sessions (count 0: there is none)",
               response_model=Counted, responses=fails())
async def end_my_session(
    handle: Annotated[str, CLEAN, Path(max_length=36, description="As the list names it.")],
    desk: Desk, caller: Reader, request: Request, settings: Set,
) -> object:
    if caller.session is None:
        return Counted(count=0)
    visitor = cookies.visitor_of(request, settings)
    return Counted(count=await desk.people.login.end_others(
        caller.session, visitor, handle=handle))


@router.post("/me/tokens", operation_id="createMyToken", status_code=201,
             summary="A token for one's own programs, within one's own roles and scope",
             response_model=TokenMade,
             responses=fails("token.roles", "token.terms", "token.addresses", "right.missing",
                             "role.unknown", *BODY))
async def create_my_token(body: MyTokenIn, desk: Desk, caller: Reader) -> object:
    if caller.session is None:
        raise BadCall("auth.session", "a token makes no token: log in")
    name = f"{caller.name}/{body.name}"
    terms = desk.access.terms(
        days=body.days, addresses=body.addresses, by_roles=True, acts=body.acts, scope=WHOLE,
        roles=body.roles,
    )
    token = await desk.create_token(
        name, body.scope, body.roles, terms, caller.session.account)
    return TokenMade(name=name, scope=body.scope, roles=list(body.roles), token=token)


@router.delete("/me/tokens/{name}", operation_id="revokeMyToken",
               summary="Revoke a token of one's own (count 0: there is none)",
               response_model=Counted, responses=fails())
async def revoke_my_token(
    name: Annotated[str, CLEAN, Path(max_length=200, description="As it was named.")],
    desk: Desk, caller: Reader,
) -> object:
    if caller.session is None:
        return Counted(count=0)
    return Counted(count=await desk.revoke_token(f"{caller.name}/{name}"))


def _link(request: Request, settings: Settings, made: Invitation) -> InvitationOut:
    return InvitationOut(
        login=made.login, expires_at=made.expires_at,
        url=f"{cookies.own_url(request, settings)}/account/setup/{made.token}",
    )
