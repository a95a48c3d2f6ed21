"""Data sets that an office shares with its neighbours: in which class, with whom, by which law.

Built with public money, a set is shared free among bodies of government; of an enterprise, with
whom it was approved for, at once and not by copies; what a law bars is given to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from node.core.errors import Invalid, NotPermitted


class Sharing(StrEnum):
    """The class of a data set."""

    FREE = "free"
    """无偿共享: every neighbour that is a body of government reads it."""
    APPROVED = "approved"
    """经批准实时共享: the nodes that are named read it."""
    BARRED = "barred"
    """依法不予共享: nobody does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """One data set. ``layer`` is what of this node it is (a layer of places), "" = nothing that the
    program would give away. ``basis``: the law that bars it, or the approval; ``nodes``: whom it
    was approved for."""

    code: str
    zh: str
    en: str
    sharing: Sharing
    basis: str
    source: str
    layer: str = ""
    nodes: frozenset[str] = frozenset()


def permit(found: DataSet | None, code: str, peer: str, *, government: bool) -> DataSet:
    """The set that a neighbour may read. ``Invalid`` (``share.unknown``); ``NotPermitted``
    (``share.barred`` with the law, ``share.not_approved``)."""
    if found is None:
        raise Invalid(f"there is no data set {code!r} here", code="share.unknown")
    if found.sharing is Sharing.BARRED:
        raise NotPermitted(
            f"{code} is shared with nobody: {found.basis}", code="share.barred",
            basis=found.basis)
    free = found.sharing is Sharing.FREE and government
    if not free and peer not in found.nodes:
        raise NotPermitted(
            f"{code} was not approved for {peer}", code="share.not_approved", peer=peer)
    return found
