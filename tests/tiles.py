"""Reads vector tiles with the runtime of protocol buffers, from the published description of the
format alone: nothing of the program's own writer is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_TYPES = descriptor_pb2.FieldDescriptorProto
_ONE, _MANY = _TYPES.LABEL_OPTIONAL, _TYPES.LABEL_REPEATED
Path = list[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One thing of a layer. ``shape``: 1 points, 2 lines, 3 polygons."""

    shape: int
    paths: list[Path]
    properties: dict[str, Any]


def _add(message: Any, name: str, number: int, kind: int, label: int = _ONE, **more: Any) -> None:
    message.field.add(name=name, number=number, type=kind, label=label, **more)


@cache
def _tile() -> Any:
    """vector_tile.Tile of the Mapbox Vector Tile Specification 2.1."""
    file = descriptor_pb2.FileDescriptorProto(name="vector_tile_test.proto", package="vt")
    packed = descriptor_pb2.FieldOptions(packed=True)
    value = file.message_type.add(name="Value")
    for number, (name, kind) in enumerate((
        ("string", _TYPES.TYPE_STRING), ("float", _TYPES.TYPE_FLOAT),
        ("double", _TYPES.TYPE_DOUBLE), ("int", _TYPES.TYPE_INT64), ("uint", _TYPES.TYPE_UINT64),
        ("sint", _TYPES.TYPE_SINT64), ("bool", _TYPES.TYPE_BOOL),
    ), start=1):
        _add(value, f"{name}_value", number, kind)
    feature = file.message_type.add(name="Feature")
    _add(feature, "id", 1, _TYPES.TYPE_UINT64)
    _add(feature, "tags", 2, _TYPES.TYPE_UINT32, _MANY, options=packed)
    _add(feature, "type", 3, _TYPES.TYPE_INT32)
    _add(feature, "geometry", 4, _TYPES.TYPE_UINT32, _MANY, options=packed)
    layer = file.message_type.add(name="Layer")
    _add(layer, "name", 1, _TYPES.TYPE_STRING)
    _add(layer, "features", 2, _TYPES.TYPE_MESSAGE, _MANY, type_name=".vt.Feature")
    _add(layer, "keys", 3, _TYPES.TYPE_STRING, _MANY)
    _add(layer, "values", 4, _TYPES.TYPE_MESSAGE, _MANY, type_name=".vt.Value")
    _add(layer, "extent", 5, _TYPES.TYPE_UINT32)
    _add(layer, "version", 15, _TYPES.TYPE_UINT32)
    tile = file.message_type.add(name="Tile")
    _add(tile, "layers", 3, _TYPES.TYPE_MESSAGE, _MANY, type_name=".vt.Layer")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("vt.Tile"))


def decoded(body: bytes) -> dict[str, list[Feature]]:
    """Layers by name."""
    tile = _tile()()
    tile.ParseFromString(body)
    found: dict[str, list[Feature]] = {}
    for layer in tile.layers:
        assert (layer.version, layer.extent) == (2, 4096)
        assert layer.name not in found
        found[layer.name] = [
            Feature(shape=one.type, paths=_paths(one.geometry), properties={
                layer.keys[key]: _said(layer.values[value])
                for key, value in zip(one.tags[::2], one.tags[1::2], strict=True)})
            for one in layer.features
        ]
    return found


def _said(value: Any) -> Any:
    (field, said), = value.ListFields()
    del field
    return said


def _paths(geometry: Sequence[int]) -> list[Path]:
    paths: list[Path] = []
    x = y = at = 0
    while at < len(geometry):
        word, times = geometry[at] & 7, geometry[at] >> 3
        at += 1
        assert word in (1, 2), word
        for _ in range(times):
            x += (geometry[at] >> 1) ^ -(geometry[at] & 1)
            y += (geometry[at + 1] >> 1) ^ -(geometry[at + 1] & 1)
            at += 2
            if word == 1:
                paths.append([])
            paths[-1].append((x, y))
    return paths
