"""Puts the room of shared data sets together, when somebody first shares or reads."""

from __future__ import annotations

from collections.abc import Callable

from hub.ask.desk import AskDesk
from hub.store.tx import Writer
from node.edge.rpc.sharing import LinkReader
from node.main.profiles import sharing_named
from node.service.audit import Recorder
from node.service.sharing.room import SharingRoom
from node.service.surroundings import Surroundings
from node.settings import Settings
from node.store import audit as audits
from node.store import places


def sharing_room(
    settings: Settings,
    *,
    writer: Writer,
    audit: Recorder,
    surroundings: Surroundings,
    desk: AskDesk,
    now_us: Callable[[], int],
) -> SharingRoom:
    """The room over one writer and the links, with the catalogue that the profile names."""
    return SharingRoom(
        catalogue=sharing_named(surroundings.profile.sharing, home=settings.home),
        log=audits,
        audit=audit,
        layers=places,
        writer=writer,
        surroundings=surroundings,
        asker=LinkReader(
            desk=desk, ids=surroundings.ids, timeout_s=settings.limits.question_timeout_s),
        now_us=now_us,
    )
