"""Organisations as a layer: a point or the ground they answer for, versions, ends, the map."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from node.service.places.files import Reading, pieces
from node.service.places.imports import Finished
from tests.contract.test_places import run, town
from tests.places import LAT, LON, STEP, square

BUREAU = "91350100M000100Y43"
GROUND = {"type": "Polygon", "coordinates": [square(5, 5)]}


@pytest.fixture
def url(database_url: str) -> str:
    return database_url


def test_organisations_are_imported_versioned_ended_and_drawn(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            rows = [
                {"code": BUREAU, "name": "市城管委", "area": "420202", "lon": LON, "lat": LAT},
                {"code": "4202U36-1", "name": "供电抢修一班", "parent": "4202U36",
                 "outline": GROUND},
            ]
            first = await here.take("organisation", rows)
            assert isinstance(first, Finished)
            assert (first.number, first.added) == (1, 2)

            async def drawn(west: float, south: float) -> list[str]:
                box = (west - 1e-4, south - 1e-4, west + 1e-4, south + 1e-4)
                return [one["id"] for one in await here.room.within(
                    "organisations", box, limit=9)]

            corner = (LON + 5 * STEP, LAT + 5 * STEP)
            assert await drawn(LON, LAT) == [BUREAU]
            assert await drawn(*corner) == ["4202U36-1"]
            exported = [one async for one in here.room.features("organisation")]
            assert [one["geometry"]["type"] for one in exported] == ["Polygon", "Point"]

            here.now += timedelta(days=40)
            second = await here.take(
                "organisation", [{**rows[0], "name": "市城市管理委员会"}], complete=True,
                dated=date(2026, 4, 1))
            assert isinstance(second, Finished)
            assert (second.changed, second.removed) == (1, 1)
            changes = {one.key: one.fields
                       for one in await here.room.changes("organisation", 2, limit=9)}
            assert changes[BUREAU]["name"] == ("市城管委", "市城市管理委员会")
            assert await drawn(*corner) == [], "it ended on the first of April"

    run(story())


def test_files_bring_points_or_grounds_and_a_wrong_credit_code_is_told(tmp_path: Path) -> None:
    path = tmp_path / "bodies.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"机构代码": BUREAU, "机构名称": "市城管委"},
         "geometry": {"type": "Point", "coordinates": [LON, LAT]}},
        {"type": "Feature", "properties": {"机构代码": "a-1", "机构名称": "抢修班"},
         "geometry": GROUND},
        {"type": "Feature", "properties": {"机构代码": BUREAU[:-1] + "1", "机构名称": "错码"},
         "geometry": None},
    ]}, ensure_ascii=False), encoding="utf-8")
    [piece] = pieces(Reading(path=path, layer="organisation"))
    rows = [json.loads(body) for _, body in piece.rows]
    assert [(row["lon"], bool(row["outline"])) for row in rows] == [(LON, False), (None, True)]
    assert [(fault.row, fault.column, fault.code) for fault in piece.faults] == [
        (3, "code", "unit.credit_code")]
