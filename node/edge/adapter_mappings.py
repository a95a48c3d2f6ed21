"""The mapping of an adapter, read, looked through, tried and exchanged: one way for the API and the
console.

A mapping is tried before it is taken: an adapter of its own is made with it and asks the unit's
system how it is, while the running one goes on.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from adapters.contract import MappingError
from adapters.manifest import FILE_BYTES_MAX, MAPPING_NAME, ManifestError, load_adapter
from adapters.remarks import Remark
from node.core.errors import Invalid, WrongStatus
from node.edge.adapter_host import AdapterHost
from node.service.upkeep.mappings import Mappings


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of looking a mapping through: everything that is wrong, or how the unit's system
    answered to an adapter made with it."""

    problems: tuple[str, ...] = ()
    ok: bool = False
    detail: str = ""


def mark_of(text: str) -> str:
    """Says which text somebody has seen."""
    return sha256(text.encode()).hexdigest()[:32]


async def mapping_text(host: AdapterHost, adapter: str) -> str:
    """The text that lies there; "" = none does. ``Invalid`` (``adapter.no_mapping``): there is no
    such adapter, or its kind has no mapping."""
    folder = _folder(host, adapter)
    return await asyncio.to_thread(_read, folder / MAPPING_NAME)


async def looked_through(host: AdapterHost, adapter: str, text: str) -> tuple[str, ...]:
    """Everything that is wrong with a text, each naming its place."""
    if len(text.encode()) > FILE_BYTES_MAX:
        return (Remark("", "too_large", most=FILE_BYTES_MAX),)
    try:
        await asyncio.to_thread(load_adapter, _folder(host, adapter), text)
    except (ManifestError, MappingError) as err:
        return err.problems
    return ()


async def tried(host: AdapterHost, adapter: str, text: str) -> Tried:
    """Look a text through, and if it is sound ask the unit's system."""
    problems = await looked_through(host, adapter, text)
    if problems:
        return Tried(problems=problems)
    try:
        health = await host.try_out(adapter, text)
    except (ManifestError, MappingError) as err:  # what only the kind itself can see
        return Tried(problems=err.problems)
    return Tried(ok=health.ok, detail=health.detail)


async def exchange(
    host: AdapterHost, mappings: Mappings, adapter: str, text: str, *, seen: str, actor: str
) -> int:
    """Take a text: a version, then the file, then the adapter is loaded anew. ``WrongStatus``
    (``upkeep.moved``): another text lies there than was seen; ``Invalid`` (``adapter.mapping``): it
    is not sound."""
    now = await mapping_text(host, adapter)
    if mark_of(now) != seen:
        raise WrongStatus("the mapping has changed since: look at it again", code="upkeep.moved")
    problems = await looked_through(host, adapter, text)
    if problems:
        raise Invalid("; ".join(problems), code="adapter.mapping")
    number = await mappings.keep(adapter, now, text, actor=actor)
    await asyncio.to_thread(_write, _folder(host, adapter) / MAPPING_NAME, text)
    await host.restart(adapter)
    return number


def _folder(host: AdapterHost, adapter: str) -> Path:
    folder = host.folder_of(adapter)
    if folder is None:
        raise Invalid(f"there is no adapter {adapter} at this node", code="adapter.no_mapping")
    return folder


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return ""


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    beside = path.with_suffix(".toml.new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
