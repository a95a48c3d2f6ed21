"""Tokens of programs and phones: listed, made, reported lost, revoked."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from node.core.passes import FREE
from node.core.roles import scoped
from node.edge.console.after import Said, What, done, notice
from node.edge.console.asked import asked, given, reasoned, several
from node.edge.console.frame import tabs
from node.edge.console.people import view, words
from node.edge.console.visit import Here, PageRoute, form_of
from node.edge.http.asked import CLEAN
from node.edge.http.asking import LockIn, TokenIn
from node.edge.http.gate import Right

router = APIRouter(prefix="/console/people/tokens", include_in_schema=False,
                   route_class=PageRoute)
HERE = "/console/people/tokens"
TokenPath = Annotated[str, CLEAN, Path(min_length=1, max_length=200)]


@router.get("", operation_id="listTokens")
async def every(visit: Here, said: Said = "", what: What = "") -> Response:
    """Live tokens, and the form for a new one."""
    return await visit.page(
        "people/tokens.html", tokens=view.passes(visit, await visit.desk.tokens()),
        posts=view.posts(visit), makes=visit.may("createToken"), locks=visit.may("lockToken"),
        scopes=[(key, visit.say(word)) for key, word in words.SCOPES.items()],
        tabs=tabs(visit, words.TABS), notice=notice(visit, words.SAID, said, what))


@router.post("", operation_id="createToken")
async def create(visit: Here) -> Response:
    """Make one; it is on the page that follows, this once."""
    fields, desk = await form_of(visit.request), visit.desk
    data: dict[str, Any] = {
        "name": given(fields, "name"), "scope": given(fields, "scope"),
        "roles": several(fields, "roles"), "by_roles": given(fields, "by_roles") == "yes",
        "addresses": several(fields, "addresses"),
    }
    body = asked(TokenIn, data | (
        {"days": given(fields, "days")} if given(fields, "days") else {}))
    limited = body.by_roles or body.days or body.addresses
    terms = desk.access.terms(
        days=body.days, addresses=body.addresses, by_roles=body.by_roles, acts=body.acts,
        scope=scoped(body.areas, body.codes, body.units), roles=body.roles,
    ) if limited else FREE
    shown: dict[str, Any] = {
        "name": body.name,
        "token": await desk.create_token(body.name, body.scope, body.roles, terms),
    }
    if visit.is_fragment:
        return visit.part("people/token_part.html", **shown)
    return await visit.page("people/token.html", **shown)


@router.post("/{name:path}/lock", operation_id="lockToken")
async def lock(name: TokenPath, visit: Here) -> Response:
    """A device is lost: nobody comes in with its token."""
    body = await reasoned(visit.request, LockIn)
    caller = visit.caller
    await visit.desk.alarms.lock_out(
        name, reason=body.reason, actor=caller.name, roles=caller.roles,
        admin=caller.scope is Right.ADMIN)
    return done(visit, HERE, "token_locked", name)


@router.post("/{name:path}/unlock", operation_id="unlockToken")
async def unlock(name: TokenPath, visit: Here) -> Response:
    """Let it in again."""
    await visit.desk.admission.unlock(name, actor=visit.caller.name)
    return done(visit, HERE, "token_unlocked", name)


@router.post("/{name:path}/revoke", operation_id="revokeToken")
async def revoke(name: TokenPath, visit: Here) -> Response:
    """For good."""
    await visit.desk.revoke_token(name)
    return done(visit, HERE, "revoked", name)
