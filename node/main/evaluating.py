"""Puts the rooms of evaluation together, when somebody first asks for figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hub.seal import Signer
from hub.store.tx import Writer
from node.core.sources import Sources
from node.edge.codec import WordCodec
from node.edge.sheets import RENDERS
from node.service.audit import Recorder
from node.service.evaluation.boards import Boards
from node.service.evaluation.projector import Projector
from node.service.evaluation.publishing import Publishing
from node.service.evaluation.room import Evaluation
from node.service.evaluation.versions import Definitions
from node.service.surroundings import Surroundings
from node.settings import Settings
from node.store import evaluation as evaluated


def evaluation_rooms(
    settings: Settings,
    *,
    codec: WordCodec,
    writer: Writer,
    audit: Recorder,
    surroundings: Surroundings,
    now_us: Callable[[], int],
    seal: Signer | None,
) -> tuple[Evaluation, Publishing, Boards]:
    """The rooms over one writer; the rules are read when somebody first asks."""
    evaluation = Evaluation(
        store=evaluated,
        writer=writer,
        audit=audit,
        surroundings=surroundings,
        projector=Projector(
            store=evaluated,
            codec=codec,
            writer=writer,
            judged_by=lambda: (surroundings.calendar, surroundings.limits),
        ),
        rules=lambda: _rules(settings.home, surroundings.sources),
        now_us=now_us,
        rows_max=settings.limits.page_rows_max,
    )
    publications = Publishing(
        evaluation=evaluation,
        store=evaluated,
        writer=writer,
        audit=audit,
        surroundings=surroundings,
        renders=RENDERS,
        seal=seal,
        now_us=now_us,
        rows_max=settings.limits.page_rows_max,
    )
    return evaluation, publications, Boards(evaluation)


def _rules(home: Path, sources: Sources | None) -> Definitions:
    # Loaded here: an office that never evaluates has no use for the reading of rules.
    from node.service.evaluation.definitions import load_definitions

    return load_definitions(home, sources)
