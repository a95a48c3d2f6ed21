"""Puts together what asks neighbours and what answers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hub.ask.desk import AskDesk
from hub.ids import LinkId
from hub.store.tx import Writer
from node.edge.rpc.inspect import Answerer, LinkAsker
from node.edge.rpc.standards import LinkComparer
from node.service.audit import Recorder
from node.service.inquiry import Inquiry
from node.service.queries import Queries
from node.service.standards.comparing import Comparison
from node.service.surroundings import Surroundings
from node.settings import Settings
from node.store.repository import NodeStore

if TYPE_CHECKING:
    from node.service.sharing.room import SharingRoom


def asking(
    settings: Settings,
    *,
    writer: Writer,
    audit: Recorder,
    surroundings: Surroundings,
    queries: Queries,
    sharing: Callable[[], SharingRoom],
    now_us: Callable[[], int],
) -> tuple[AskDesk, Inquiry, Comparison]:
    """The ask desk, the inquiry and the comparison of standards know each other: two ask through
    the desk, and it answers for them."""

    def peer_of(link: LinkId) -> str:
        if link == surroundings.parent_link:
            return surroundings.parent
        return link.removeprefix(f"{surroundings.node}-")

    answerer = Answerer(
        node=settings.node.id,
        peer_of=peer_of,
        inquiry=lambda: inquiry,
        comparison=lambda: comparison,
        sharing=sharing,
        desk=lambda: ask_desk,
        now_us=now_us,
    )
    ask_desk = AskDesk(answerer)
    inquiry = Inquiry(
        store=NodeStore(),
        writer=writer,
        audit=audit,
        surroundings=surroundings,
        queries=queries,
        asker=LinkAsker(
            desk=ask_desk,
            ids=surroundings.ids,
            timeout_s=settings.limits.question_timeout_s,
        ),
    )
    comparison = Comparison(
        around=surroundings,
        asker=LinkComparer(
            desk=ask_desk,
            ids=surroundings.ids,
            timeout_s=settings.limits.question_timeout_s,
        ),
        now_us=now_us,
    )
    return ask_desk, inquiry, comparison
