"""Words become points: a text is found by its pieces, and candidates are ranked by how much of the
question they answer.

The index (``node.store.wording``) holds pairs of Chinese signs and whole numbers, so that 12号 does
not find 112号. A candidate's score is between 0 and 1: the share of the question's pieces it
contains, rarer pieces counting more, times a little for being short. Ties are broken by text and
code, so the same question always has the same answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from node.core.outlines import distance_m, metres_per_degree
from node.service.places.layers import grams
from node.service.places.ports import LookupStore, Row, WordStore

QUESTION_CHARS_MAX: Final = 200
PIECES_MAX: Final = 60
"""Pieces of one question that are looked up; an address has about twenty."""
COMMON_TEXTS: Final = 20_000
"""A piece that so many texts hold (the city's own name) chooses nothing and is only scored."""
CANDIDATES_MAX: Final = 200
ROWS_PER_TEXT: Final = 5
"""Rows shown that carry one and the same text (components of one kind in one community)."""
NUMBER_WEIGHT: Final = 2.0
"""A house number says more than a pair of signs."""
SCORE_MIN: Final = 0.25
"""Less than a quarter of the question answered is noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One answer. ``layer``: address, component or grid."""

    layer: str
    code: str
    text: str
    lon: float | None
    lat: float | None
    score: float


def search(
    conn: Connection, words: WordStore, question: str, *, limit: int,
    near: tuple[float, float] | None = None,
) -> list[Hit]:
    """Ranked points of a text. ``near`` breaks ties by distance."""
    pieces = grams(question[:QUESTION_CHARS_MAX])[:PIECES_MAX]
    if not pieces:
        return []
    often = words.frequencies(conn, pieces)
    weight = {piece: _weight(piece, often.get(piece, 0)) for piece in pieces}
    telling = [piece for piece in pieces if 0 < often.get(piece, 0) <= COMMON_TEXTS]
    telling = telling or [piece for piece in pieces if piece in often]
    if not telling:
        return []
    whole = sum(weight.values())
    ranked = []
    for row in words.candidates(conn, telling, CANDIDATES_MAX):
        held = set(grams(row["text"]))
        share = sum(weight[piece] for piece in pieces if piece in held) / whole
        # Equal shares: the shorter text says less that was not asked.
        score = share * (0.9 + 0.1 * len(held & set(pieces)) / max(1, len(held)))
        if score >= SCORE_MIN:
            ranked.append((-round(score, 6), row["layer"], row["text"]))
    found: list[Hit] = []
    for negative, layer, text in sorted(ranked):
        rows = words.labelled(conn, layer, text, ROWS_PER_TEXT)
        found.extend(_hit(layer, row, -negative) for row in rows if not row.get("void"))
        if len(found) >= limit * 2:
            break
    found.sort(key=lambda hit: (-hit.score, _away(hit, near), hit.text, hit.layer, hit.code))
    return found[:limit]


def _weight(piece: str, often: int) -> float:
    rare = 1.0 / (1.0 + math.log1p(often))
    digits = any(sign.isdigit() for sign in piece)
    return (0.2 + rare) * (NUMBER_WEIGHT if digits else 1.0)


def _away(hit: Hit, near: tuple[float, float] | None) -> float:
    if near is None or hit.lon is None or hit.lat is None:
        return 0.0
    return round(distance_m(near, (hit.lon, hit.lat)), 1)


def _hit(layer: str, row: Row, score: float) -> Hit:
    lon, lat = row.get("lon"), row.get("lat")
    if layer == "grid" and row["west"] is not None:
        lon, lat = (row["west"] + row["east"]) / 2, (row["south"] + row["north"]) / 2
    return Hit(
        layer=layer, code=row["code"], text=row["label" if layer != "grid" else "name"],
        lon=lon, lat=lat, score=round(score, 4),
    )


RADII_M: Final = (30.0, 100.0, 300.0, 1_000.0, 3_000.0)
"""How far around a point is looked, farther only when nearer was not enough."""
BOX_ROWS_MAX: Final = 5_000
"""Rows of one box; in the densest street 300 m hold fewer components."""


def nearest(
    conn: Connection, lookups: LookupStore, layer: str, point: tuple[float, float], *,
    limit: int, radius_m: float, state: str = "", type_code: str = "", removed: bool = False,
) -> list[tuple[float, Mapping[str, Any]]]:
    """Metres and row of the nearest components or addresses, nearest first."""
    lon, lat = point
    per_lon, per_lat = metres_per_degree(lat)
    found: list[tuple[float, Mapping[str, Any]]] = []
    for radius in (*(one for one in RADII_M if one < radius_m), radius_m):
        east, north = radius / per_lon, radius / per_lat
        box = (lon - east, lat - north, lon + east, lat + north)
        rows = (
            lookups.components_in(
                conn, box, BOX_ROWS_MAX, state=state, type_code=type_code, removed=removed)
            if layer == "component" else lookups.addresses_in(conn, box, BOX_ROWS_MAX)
        )
        found = sorted(
            ((distance_m(point, (row["lon"], row["lat"])), row) for row in rows),
            key=lambda pair: (pair[0], pair[1]["code"]),
        )
        found = [pair for pair in found if pair[0] <= radius]
        if len(found) >= limit:
            break
    return found[:limit]
