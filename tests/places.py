"""Geography for tests: squares of unit grids in one community, components and addresses."""

from __future__ import annotations

from typing import Any

LON, LAT, STEP = 115.09, 30.2, 0.001
"""South-west corner, and the side of a grid in degrees (about 100 m)."""
COMMUNITY = "420203001002"
WIDE = 30
"""Grids of one row; numbers run from west to east."""
STANDARD = "GB/T 47678.5-2026"


def square(x: int, y: int) -> list[list[float]]:
    """Corners of the grid at (x, y), counter-clockwise, closed."""
    west, south = LON + x * STEP, LAT + y * STEP
    east, north = LON + (x + 1) * STEP, LAT + (y + 1) * STEP
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def grid(x: int, y: int, **changes: Any) -> dict[str, Any]:
    """A unit grid as a caller sends it."""
    return {
        "code": f"{COMMUNITY}{y * WIDE + x + 1:03}", "area": COMMUNITY,
        "outline": {"type": "Polygon", "coordinates": [square(x, y)]}, **changes,
    }


def component(n: int, **changes: Any) -> dict[str, Any]:
    """Component ``n``: a water cover, ten metres from the one before."""
    return {
        "code": f"42020301001{n:06}", "standard_ref": STANDARD, "name": "供水井盖",
        "department_code": "91350100M000100Y43", "department_name": "黄石市城市管理委员会",
        "owner_name": "黄石市自来水公司", "maintainer_name": "黄石市城建养护公司",
        "x": LON + n * 1e-4, "y": LAT + 1e-4, **changes,
    }


def address(text: str, lon: float, lat: float, **changes: Any) -> dict[str, Any]:
    """An address point."""
    return {"text": text, "lon": lon, "lat": lat, **changes}
