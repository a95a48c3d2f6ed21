"""Puts the acceptance run together, when somebody first asks for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from hub.store.tx import Writer
from node.main.profiles import criteria_named
from node.service.acceptance.room import Acceptance
from node.service.cards import Cards
from node.service.collectors import Collectors
from node.service.evaluation.room import Evaluation
from node.service.neighbours import Neighbours
from node.service.surroundings import Surroundings
from node.settings import Settings
from node.store import acceptance as counted
from node.store import calls


def acceptance_room(
    settings: Settings,
    *,
    writer: Writer,
    surroundings: Surroundings,
    cards: Cards,
    collectors: Collectors,
    neighbours: Neighbours,
    evaluation: Callable[[], Evaluation],
    now_us: Callable[[], int],
) -> Acceptance:
    """The room over one writer, with the criteria that the profile names."""
    criteria = criteria_named(surroundings.profile.acceptance, home=settings.home)
    backups = Path(criteria.backups)
    return Acceptance(
        criteria=criteria,
        store=counted,
        calls=calls,
        writer=writer,
        surroundings=surroundings,
        cards=cards,
        collectors=collectors,
        neighbours=neighbours,
        evaluation=evaluation,
        newest_backup=lambda: _newest(settings.home / backups, settings.node.id),
        now_us=now_us,
    )


def _newest(folder: Path, node: str) -> datetime | None:
    """When the newest whole backup of this node below a folder was taken."""
    # Loaded here: what reads backups is no part of a serving node otherwise.
    from node.main.backups import whole_backups

    found = whole_backups(folder, node)
    return datetime.fromisoformat(str(found[-1].manifest["taken_at"])) if found else None
