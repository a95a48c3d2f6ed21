"""Taking reports: the place is settled and looked at first, then the case is opened.

Every door that takes a report (operators, the public, programs) comes through here, so that no
report is marked by one door and not by another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from node.core.commands import OpenCase
from node.core.facts import Place
from node.core.spot import Spot, Taken
from node.service.handle import Handler
from node.service.projection import to_cgcs2000
from node.service.views import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """What a device says of a picture it took: aware ``at``, and the point in its own ``crs``."""

    digest: str
    at: datetime | None = None
    x: float | None = None
    y: float | None = None
    crs: str = "CGCS2000"

    def value(self) -> Taken:
        """As the core compares it. ``Invalid``: ``place.crs``, ``place.point``."""
        lon = lat = None
        if self.x is not None and self.y is not None:
            lon, lat = to_cgcs2000(self.x, self.y, self.crs)
        at = self.at.astimezone(UTC) if self.at is not None else None
        return Taken(digest=self.digest, at=at, lon=lon, lat=lat)


class Grounds(Protocol):
    """What is asked about a place (``node.service.places.room``)."""

    async def settle(self, place: Place) -> Place: ...

    async def spot(self, place: Place) -> Spot: ...


class Reporting:
    """One act: take a report."""

    def __init__(self, *, places: Grounds, handler: Handler) -> None:
        self._places = places
        self._handler = handler

    async def open(
        self, command: OpenCase, fingerprint: bytes = b"", *, shots: Sequence[Shot] = ()
    ) -> Reply:
        """Open the case of a report whose place is as it was given; refused as ``OpenCase`` is,
        or for a point that is none (``place.crs``, ``place.point``)."""
        place = await self._places.settle(command.place)
        told = tuple(one.value() for one in shots if one.at is not None or one.x is not None)
        command = replace(
            command, place=place, spot=await self._places.spot(place), taken=told
        )
        return await self._handler.handle(command, fingerprint)
