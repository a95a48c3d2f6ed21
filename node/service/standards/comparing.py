"""Whether neighbours go by the same standards: a parent asks, and both learn of a difference.

Editions are compared by digest alone: numbers are each node's own. A difference stops nothing, it
is a finding at both ends until they agree or the line says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hub.errors import FabricError
from hub.ids import LinkId
from node.core.errors import NotPermitted
from node.core.standards import Catalog, day_of
from node.service.instants import to_time
from node.service.phrases import Phrase, phrase
from node.service.views import Finding, Level

EVERY_S: Final = 60.0
"""One small question per child: soon enough after a link comes up, an approval or midnight."""
STANDARDS_MAX: Final = 64
"""Standards in force at one node; a peer that names more is cut short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """A standard in force. ``digest`` is over what it says."""

    standard_ref: str
    version: int
    digest: str


class Around(Protocol):
    """What is asked of ``node.service.surroundings``."""

    catalog: Catalog | None

    @property
    def parent(self) -> str: ...

    @property
    def children(self) -> tuple[str, ...]: ...

    def link_to(self, peer: str) -> LinkId | None: ...


class StandardsAsker(Protocol):
    """Puts the comparison on a link (``node.edge.rpc.standards``). Raises ``FabricError``; None =
    the peer answered but does not compare (an older program)."""

    async def compare(
        self, link: LinkId, target: str, mine: Sequence[InUse]
    ) -> Sequence[InUse] | None: ...


class Comparison:
    """One node's view of what its neighbours go by. Kept in memory: it is asked for again."""

    def __init__(
        self, *, around: Around, asker: StandardsAsker, now_us: Callable[[], int]
    ) -> None:
        self._around, self._asker, self._now_us = around, asker, now_us
        self._theirs: dict[str, tuple[InUse, ...]] = {}

    def mine(self) -> tuple[InUse, ...]:
        """What is in force here today."""
        catalog = self._around.catalog
        if catalog is None:
            return ()
        return tuple(
            InUse(standard_ref=one.standard_ref, version=one.version, digest=one.digest)
            for one in catalog.standards(day_of(to_time(self._now_us())))
        )[:STANDARDS_MAX]

    async def ask_below(self) -> None:
        """Compare with every child that can be asked now."""
        for child in self._around.children:
            link = self._around.link_to(child)
            if link is None:
                continue
            try:
                theirs = await self._asker.compare(link, child, self.mine())
            except FabricError:
                continue  # no stream, or no answer in time: asked again later
            if theirs is not None:
                self._heard(child, theirs)

    def answer(self, peer: str, theirs: Sequence[InUse]) -> tuple[InUse, ...]:
        """A parent's question. ``NotPermitted`` (``ask.not_permitted``) for anybody else."""
        if peer != self._around.parent:
            raise NotPermitted("only a parent may ask", code="ask.not_permitted")
        self._heard(peer, theirs)
        return self.mine()

    def _heard(self, peer: str, theirs: Sequence[InUse]) -> None:
        self._theirs[peer] = tuple(theirs)[:STANDARDS_MAX]

    async def findings(self) -> list[Finding]:
        """Every standard in which a neighbour differs, as last heard."""
        mine = {one.standard_ref: one for one in self.mine()}
        found = []
        for peer, some in sorted(self._theirs.items()):
            theirs = {one.standard_ref: one for one in some}
            for ref in sorted(mine.keys() | theirs.keys()):
                ours, other = mine.get(ref), theirs.get(ref)
                if ours is not None and other is not None and ours.digest == other.digest:
                    continue
                found.append(Finding(
                    level=Level.WARN, subject=f"standard {ref}",
                    sentence=phrase("standard.differs", peer=peer, standard=ref,
                                    mine=_named(ours), theirs=_named(other)),
                    remedy=phrase("standard.differs.remedy", standard=ref)))
        return found


def _named(one: InUse | None) -> Phrase:
    if one is None:
        return phrase("standard.absent")
    return phrase("standard.edition", version=one.version, digest=one.digest[:12])
