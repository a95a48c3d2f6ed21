"""The style of the maps: a file of layers, with the versions of today's tiles and, where the
settings name one, the pictures of a service elsewhere below everything.

A colour is the name of a token (``--bad``); the page's script puts in what the theme makes of it.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

from node.service.maps.room import View
from node.settings import BaseMap

_VERSIONED: Final = ("ground", "components")


@cache
def _file() -> str:
    return files("node.edge.console.map").joinpath("style.json").read_text(encoding="utf-8")


def style(view: View, base: BaseMap, query: str, *, cases: bool) -> dict[str, Any]:
    """The style. ``query`` filters the tiles of cases; without ``cases`` there are none."""
    made: dict[str, Any] = json.loads(_file())
    versions = {"ground": view.ground, "components": view.components}
    for name, source in made["sources"].items():
        given = f"v={versions[name]}" if name in _VERSIONED else query
        if given and source["type"] == "vector":
            source["tiles"] = [f"{one}?{given}" for one in source["tiles"]]
    gone = {name for name, version in versions.items() if not version}
    gone |= set() if cases else {"cases", "heat"}
    made["sources"] = {name: one for name, one in made["sources"].items() if name not in gone}
    made["layers"] = [one for one in made["layers"] if one.get("source") not in gone]
    _put_below(made, base)
    return made


def _put_below(made: dict[str, Any], base: BaseMap) -> None:
    """Pictures and their names, above the land and below our own lines."""
    for at, (name, template) in enumerate((("base", base.tiles), ("base-labels", base.labels)), 1):
        if template:
            made["sources"][name] = {
                "type": "raster", "tiles": [base.filled(template)], "tileSize": 256,
                "maxzoom": base.zoom_max, "attribution": base.attribution if at == 1 else ""}
            made["layers"].insert(at, {"id": name, "type": "raster", "source": name})
