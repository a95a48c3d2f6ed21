"""Keys and papers of this node, and the end of a child."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from hub.errors import UnknownPeer
from node.core.errors import Invalid
from node.edge.console.after import Said, What, done, notice
from node.edge.console.asked import asked, given
from node.edge.console.frame import moment, tabs
from node.edge.console.links import view, words
from node.edge.console.links.view import Line
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.http.routes.members import NodePath, ReasonIn
from node.service.own_keys import KeysView

router = APIRouter(
    prefix="/console/links", include_in_schema=False, route_class=PageRoute)
HERE = "/console/links/keys"


def _lines(visit: Visit, keys: KeysView) -> list[Line]:
    say = visit.say
    found = [
        Line(name=say("签名密钥"), value=keys.key_id),
        Line(name=say("算法"), value=keys.suite),
        Line(name=say("启用时间"), value=moment(keys.since)),
    ]
    if keys.beside:
        found += [
            Line(name=say("正在换用"), value=say(
                "%(name)s（%(id)s）", name=keys.beside, id=keys.beside_suite)),
            Line(name=say("名册是否列入"), value=say("已列入") if keys.listed else say("尚未列入"),
                 look="ok" if keys.listed else "warn"),
        ]
    if keys.certificate_ends is None:
        return [*found, Line(name=say("上级证书"), value=say("本节点没有上级，不需要"))]
    left, late = view.days_left(visit, keys.certificate_ends)
    found.append(Line(
        name=say("上级证书"), look="bad" if late else "ok",
        value=say("剩 %(left)s，到 %(at)s", left=left, at=moment(keys.certificate_ends))))
    if keys.certificate_renews is not None:
        found.append(Line(name=say("自动换发"), value=moment(keys.certificate_renews)))
    if keys.refused:
        found.append(Line(name=say("上次换发未成"), value=keys.refused, look="warn"))
    return found


@router.get("/keys", operation_id="getKeys")
async def keys(visit: Here, said: Said = "", what: What = "") -> Response:
    """How keys and papers stand: ours, and those that we gave our children."""
    desk = visit.desk
    own, children = await desk.own_keys.view(), await desk.membership.children()
    return await visit.page(
        "links/keys.html", lines=_lines(visit, own), tabs=tabs(visit, words.TABS),
        children=[(one.name, one.node, moment(one.papers_end),
                   *view.days_left(visit, one.papers_end)) for one in children],
        renews=own.certificate_ends is not None and visit.may("renewPapers"),
        changes=not own.beside and visit.may("changeKey"),
        ends=bool(own.beside) and own.listed and visit.may("endKeyChange"),
        notice=notice(visit, words.SAID, said, what))


@router.post("/keys/renew", operation_id="renewPapers")
async def renew(visit: Here) -> Response:
    """Ask the parent for a newer certificate now."""
    await visit.desk.own_keys.renew(actor=visit.caller.name)
    return done(visit, HERE, "renewing")


@router.post("/keys/change", operation_id="changeKey")
async def change(visit: Here) -> Response:
    """Go over to a new sign key while everything runs."""
    await visit.desk.own_keys.change("", actor=visit.caller.name)
    return done(visit, HERE, "changing")


@router.post("/keys/change/end", operation_id="endKeyChange")
async def end(visit: Here) -> Response:
    """Use the new sign key alone."""
    await visit.desk.own_keys.end(actor=visit.caller.name)
    return done(visit, HERE, "changed")


# --- the end of a child ---------------------------------------------------------------------------


async def _name_of(visit: Visit, node: str) -> str:
    for one in await visit.desk.membership.children():
        if one.node == node:
            return one.name
    raise UnknownPeer(f"{node} is no child of this node", code="child.unknown")


@router.get("/retire/{node}", operation_id="retireChild")
async def retiring(node: NodePath, visit: Here) -> Response:
    """The form: why, and its name typed again."""
    shown: dict[str, Any] = {"node": node, "name": await _name_of(visit, node)}
    if visit.is_fragment:
        return visit.part("links/retire_dialog.html", **shown)
    return await visit.page("links/retire.html", **shown)


@router.post("/retire/{node}", operation_id="retireChild")
async def retire(node: NodePath, visit: Here) -> Response:
    """End a child for good; whoever does has typed its name."""
    fields, name = await form_of(visit.request), await _name_of(visit, node)
    body = asked(ReasonIn, {"reason": given(fields, "reason")})
    if given(fields, "name") not in (name, node):
        raise Invalid(f"what was typed is not {name}", code="retire.name", name=name)
    await visit.desk.membership.retire(node, actor=visit.caller.name, reason=body.reason)
    return done(visit, "/console/links", "retired", name)
