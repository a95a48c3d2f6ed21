"""The bytes of a vector tile (Mapbox Vector Tile 2.1): layers of points and lines with properties.

Written here as WKB is (``node.core.outlines``): the format is a dozen fields of protocol buffers,
and a library for it would pin the runtime of ours. Tests read the bytes with that runtime.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from node.core.tiles import EXTENT

VERSION: Final = 2
_MOVE, _LINE = 1, 2
_NOTHING: Final[Mapping[str, str | int]] = MappingProxyType({})

Run = Sequence[tuple[int, int]]
"""Points in units of the tile, in order."""


class Shape(IntEnum):
    """What a figure is; the numbers are the format's."""

    POINTS = 1
    LINES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing that is drawn. ``runs``: of points one run, of lines one each."""

    shape: Shape
    runs: Sequence[Run]
    properties: Mapping[str, str | int] = field(default_factory=lambda: _NOTHING)


def encode(layers: Mapping[str, Iterable[Figure]]) -> bytes:
    """A tile; a layer without figures is left out, for the format knows no empty ones."""
    tile = bytearray()
    for name, figures in layers.items():
        body = _layer(name, figures)
        if body:
            _field(tile, 3, body)
    return bytes(tile)


def _layer(name: str, figures: Iterable[Figure]) -> bytes:
    keys: dict[str, int] = {}
    values: dict[tuple[type, str | int], int] = {}
    drawn = bytearray()
    for figure in figures:
        _field(drawn, 2, _figure(figure, keys, values))
    if not drawn:
        return b""
    body = bytearray()
    _number(body, 15, VERSION)
    _field(body, 1, name.encode())
    body += drawn
    for key in keys:
        _field(body, 3, key.encode())
    for _, value in values:
        _field(body, 4, _value(value))
    _number(body, 5, EXTENT)
    return bytes(body)


def _figure(
    figure: Figure, keys: dict[str, int], values: dict[tuple[type, str | int], int]
) -> bytes:
    body = bytearray()
    tags = bytearray()
    for key, value in figure.properties.items():
        _varint(tags, keys.setdefault(key, len(keys)))
        _varint(tags, values.setdefault((type(value), value), len(values)))
    if tags:
        _field(body, 2, tags)
    _number(body, 3, figure.shape)
    _field(body, 4, _points(figure.runs) if figure.shape is Shape.POINTS else _lines(figure.runs))
    return bytes(body)


def _points(runs: Sequence[Run]) -> bytearray:
    out = bytearray()
    spots = [spot for run in runs for spot in run]
    _varint(out, _MOVE | len(spots) << 3)
    _steps(out, spots, 0, 0)
    return out


def _lines(runs: Sequence[Run]) -> bytearray:
    out = bytearray()
    x = y = 0
    for run in runs:
        assert len(run) > 1, "a line has two ends"
        _varint(out, _MOVE | 1 << 3)
        x, y = _steps(out, run[:1], x, y)
        _varint(out, _LINE | (len(run) - 1) << 3)
        x, y = _steps(out, run[1:], x, y)
    return out


def _steps(out: bytearray, run: Run, x: int, y: int) -> tuple[int, int]:
    """Each point as the way from the one before, signs folded into the lowest bit."""
    for right, down in run:
        for way in (right - x, down - y):
            folded = (way << 1) ^ (way >> 31)
            while folded > 0x7F:
                out.append(folded & 0x7F | 0x80)
                folded >>= 7
            out.append(folded)
        x, y = right, down
    return x, y


def _value(value: str | int) -> bytes:
    out = bytearray()
    if isinstance(value, str):
        _field(out, 1, value.encode())
    elif value < 0:
        _number(out, 6, (value << 1) ^ (value >> 63))
    else:
        _number(out, 5, value)
    return bytes(out)


def _field(out: bytearray, number: int, body: bytes | bytearray) -> None:
    _varint(out, number << 3 | 2)
    _varint(out, len(body))
    out += body


def _number(out: bytearray, number: int, value: int) -> None:
    _varint(out, number << 3)
    _varint(out, value)


def _varint(out: bytearray, value: int) -> None:
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
