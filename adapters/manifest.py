"""What a kind of adapter can do, and what one configured adapter is: read before any code of it.

A **kind** is a folder of this package with ``manifest.toml``: what it can, its limits and the
schema of its configuration. An **adapter** is a folder of a node's home, ``adapters/<id>/``, with
its own ``manifest.toml`` (id, kind, name, config) and usually a ``mapping.toml``. Kinds are loaded
by catalogue id through ``adapters.<kind>.adapter:create``; nobody imports one by name.
"""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from adapters.contract import Adapter, MappingError, Secret, Setup
from adapters.remarks import Remark

FILE_NAME = "manifest.toml"
MAPPING_NAME = "mapping.toml"
FILE_BYTES_MAX = 1024 * 1024
"""One manifest or mapping file; code tables of a whole city fit in it many times."""
SECRET_BYTES_MAX = 16 * 1024
"""A secret file holds a token or a key, not a certificate store."""
_AT = re.compile(r"\(at line (\d+), column \d+\)")
"""Where the reader of TOML stumbled, in its own words."""
ADAPTER_ID = re.compile(r"[a-z][a-z0-9_]{1,47}")

ABILITIES = frozenset({"poll", "webhook", "lookup", "withdraw", "photos_out", "photos_in", "forms"})
"""What a manifest may claim; the conformance suite tests each claim or prints why it does not."""

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "text": str,
    "path": str,
    "secret_file": str,
    "int": int,
    "number": (int, float),
    "bool": bool,
    "texts": list,
}


class ManifestError(ValueError):
    """A manifest is not usable. ``problems`` lists every finding, each naming its key."""

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{where}: " + "; ".join(self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigKey:
    """One key of a kind's configuration. ``type`` is one of text, path, secret_file, int, number,
    bool, texts; ``choices`` and ``least``/``most`` bound the value."""

    name: str
    type: str
    doc: str
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindManifest:
    """What the kind's folder declares about itself."""

    kind: str
    version: str
    title: str
    can: frozenset[str]
    encodings: tuple[str, ...]
    limits: Mapping[str, float]
    needs_mapping: bool
    config: Mapping[str, ConfigKey]
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterManifest:
    """One configured adapter, valid against its kind. ``doubt_s``: seconds after which a lookup
    of an unknown submission can be believed, the unit's own worst case."""

    id: str
    kind: KindManifest
    name: str
    folder: Path
    config: Mapping[str, Any]
    mapping: Mapping[str, Any] = field(default_factory=dict)
    poll_every_s: float = 10.0
    doubt_s: float = 5.0

    def create(self, now: Callable[[], datetime]) -> Adapter:
        """Make the adapter. ``ManifestError`` or ``MappingError`` if the kind refuses."""
        module = importlib.import_module(f"adapters.{self.kind.kind}.adapter")
        create = cast("Callable[[Setup], Adapter]", module.create)
        return create(
            Setup(
                id=self.id,
                folder=self.folder,
                config=self.config,
                mapping=self.mapping,
                now=now,
            )
        )


def catalogue() -> tuple[str, ...]:
    """Ids of all kinds that ship with this package."""
    found = (entry for entry in files("adapters").iterdir() if entry.is_dir())
    return tuple(sorted(entry.name for entry in found if entry.joinpath(FILE_NAME).is_file()))


def load_kind(kind: str) -> KindManifest:
    """The manifest of a kind by its catalogue id; ``ManifestError`` names what is wrong."""
    if kind not in catalogue():
        known = ", ".join(catalogue())
        raise ManifestError("kind", [f"{kind!r} is not in the catalogue; known: {known}"])
    return read_kind(tomllib.loads((files("adapters") / kind / FILE_NAME).read_text("utf-8")), kind)


def read_kind(raw: Mapping[str, Any], kind: str) -> KindManifest:
    """Validate the table of a kind's manifest."""
    problems: list[str] = []
    if raw.get("kind") != kind:
        problems.append(f"kind: must be {kind!r}, the name of its folder")
    for name in ("version", "title"):
        if not isinstance(raw.get(name), str) or not raw[name]:
            problems.append(f"{name}: required text")
    can = frozenset(raw.get("can", ()))
    problems.extend(f"can: {one!r} is no ability" for one in sorted(can - ABILITIES))
    if not can & {"poll", "webhook"}:
        problems.append("can: a kind that hears nothing back is no adapter (poll or webhook)")
    config: dict[str, ConfigKey] = {}
    for name, spec in raw.get("config", {}).items():
        try:
            config[name] = ConfigKey(
                name=name, **{**spec, "choices": tuple(spec.get("choices", ()))}
            )
        except TypeError as err:
            problems.append(f"config.{name}: {err}")
            continue
        if config[name].type not in _TYPES:
            problems.append(f"config.{name}.type: one of {', '.join(_TYPES)}")
        if not config[name].doc:
            problems.append(f"config.{name}.doc: say what it is for")
    if problems:
        raise ManifestError(f"adapters/{kind}/{FILE_NAME}", problems)
    return KindManifest(
        kind=kind,
        version=raw["version"],
        title=raw["title"],
        can=can,
        encodings=tuple(raw.get("encodings", ("utf-8",))),
        limits=dict(raw.get("limits", {})),
        needs_mapping=bool(raw.get("needs_mapping", True)),
        config=config,
        statuses=tuple(str(one) for one in raw.get("statuses", ())),
    )


def load_adapter(folder: Path, mapping_text: str | None = None) -> AdapterManifest:
    """Read and validate ``adapters/<id>/`` of a node's home, mapping included; ``mapping_text``
    instead of the one that lies there.

    Raises ``ManifestError`` or ``MappingError``; both list every problem at once."""
    where = f"{folder.name}/{FILE_NAME}"
    raw = _table(folder / FILE_NAME, where)
    problems: list[str] = []
    if raw.get("id") != folder.name:
        problems.append(f"id: must be {folder.name!r}, the name of its folder")
    elif not ADAPTER_ID.fullmatch(folder.name):
        problems.append("id: small letters, digits and _, starting with a letter, 2 to 48")
    problems.extend(
        f"{name}: unknown key"
        for name in raw
        if name not in {"id", "kind", "name", "config", "poll_every_s", "doubt_s"}
    )
    kind = load_kind(str(raw.get("kind", "")))
    config = _config(raw.get("config", {}), kind, folder, problems)
    poll_every_s = _seconds(raw, "poll_every_s", kind.limits.get("poll_every_s", 10.0), problems)
    doubt_s = _seconds(raw, "doubt_s", kind.limits.get("doubt_s", 5.0), problems)
    if problems:
        raise ManifestError(where, problems)
    mapping: Mapping[str, Any] = {}
    if kind.needs_mapping:
        # Loaded here: a node without such an adapter has no use for the reading of mappings.
        from adapters.mapping_file import load_mapping

        name = f"{folder.name}/{MAPPING_NAME}"
        mapping = (_table(folder / MAPPING_NAME, name) if mapping_text is None
                   else _parsed(mapping_text, name))
        try:
            load_mapping(mapping, declared=kind.statuses)
        except MappingError as err:
            raise MappingError(err.problems, where=name) from err
    return AdapterManifest(
        id=folder.name,
        kind=kind,
        name=str(raw.get("name") or folder.name),
        folder=folder,
        config=config,
        mapping=mapping,
        poll_every_s=poll_every_s,
        doubt_s=doubt_s,
    )


def _table(path: Path, where: str) -> dict[str, Any]:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ManifestError(where, [Remark("", "too_large", most=FILE_BYTES_MAX)])
        return _parsed(path.read_text("utf-8-sig"), where)
    except OSError as err:
        raise ManifestError(where, [f"cannot be read: {err.strerror}"]) from err
    except UnicodeDecodeError as err:
        raise ManifestError(where, ["is not UTF-8"]) from err


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise ManifestError(where, [_no_toml(text, err)]) from err


def _no_toml(text: str, err: tomllib.TOMLDecodeError) -> Remark:
    found = _AT.search(str(err))
    line = int(found[1]) if found else len(text.splitlines())
    return Remark("", "toml", line=line, detail=str(err))


def _seconds(raw: Mapping[str, Any], name: str, default: float, problems: list[str]) -> float:
    value = raw.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 86_400:
        problems.append(f"{name}: seconds, more than 0, at most a day")
        return default
    return float(value)


def _config(
    raw: Mapping[str, Any], kind: KindManifest, folder: Path, problems: list[str]
) -> dict[str, Any]:
    problems.extend(
        f"config.{name}: {kind.kind} has no such key; known: {', '.join(sorted(kind.config))}"
        for name in raw
        if name not in kind.config
    )
    values: dict[str, Any] = {}
    for name, key in kind.config.items():
        if name not in raw:
            if key.required:
                problems.append(f"config.{name}: required: {key.doc}")
            else:
                values[name] = key.default
            continue
        problem = _problem(key, raw[name])
        if problem:
            problems.append(f"config.{name}: {problem}")
        elif key.type == "secret_file":
            values[name] = _secret(name, folder / raw[name], problems)
        elif key.type == "path":
            values[name] = folder / raw[name]
        elif key.type == "texts":
            values[name] = tuple(raw[name])
        else:
            values[name] = raw[name]
    return values


def _problem(key: ConfigKey, value: object) -> str:
    expected = _TYPES[key.type]
    if not isinstance(value, expected) or (isinstance(value, bool) and key.type != "bool"):
        return f"must be {key.type}"
    if key.choices and value not in key.choices:
        return f"one of {', '.join(key.choices)}"
    if isinstance(value, list) and not all(isinstance(one, str) for one in value):
        return "must be a list of texts"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if key.least is not None and value < key.least:
            return f"at least {key.least}"
        if key.most is not None and value > key.most:
            return f"at most {key.most}"
    return ""


def _secret(name: str, path: Path, problems: list[str]) -> Secret | None:
    try:
        status = path.stat()
        if status.st_mode & 0o077:
            problems.append(f"config.{name}: {path.name} is readable by others; chmod 600 it")
            return None
        if status.st_size > SECRET_BYTES_MAX:
            problems.append(f"config.{name}: larger than {SECRET_BYTES_MAX} bytes")
            return None
        return Secret(path.read_bytes())
    except OSError as err:
        problems.append(f"config.{name}: {path.name} cannot be read: {err.strerror}")
        return None
