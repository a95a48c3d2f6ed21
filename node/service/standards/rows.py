"""Between tables and core: editions, classes, conditions; and the digest of what they say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from node.core.clock import TimeLimit, TimeUnit
from node.core.codes import LAYOUTS, ClassKey, Layout
from node.core.crosswalk import Crossing, Verdict
from node.core.standards import ClassEntry, Condition, Content, Edition
from node.service.instants import to_time, to_us
from node.service.ports import Row

UNSAID: Final = frozenset({"standard_ref", "version"})
"""Columns that are not part of what an edition says."""


def edition_of(row: Row) -> Edition:
    """A row of ``edition``."""
    ref = row["standard_ref"]
    known = LAYOUTS.get(ref)
    return Edition(
        standard_ref=ref, version=row["version"],
        layout=Layout(
            standard_ref=ref, major=row["major_digits"], minor=row["minor_digits"],
            region=row["region_digits"], sequence=row["sequence_digits"],
            local_from=row["local_from"], monitored=known.monitored if known else (),
        ),
        authors=tuple(json.loads(row["authors"])), approved=row["approved"],
        approved_by=row["approved_by"],
        approved_at=to_time(row["approved_at"]) if row["approved_at"] else None,
        basis=row["basis"], effective_from=row["effective_from"],
        effective_to=row["effective_to"], digest=row["digest"], source=row["source"],
        note=row["note"], published_by=row["published_by"],
        published_version=row["published_version"],
    )


def edition_row(edition: Edition) -> dict[str, Any]:
    """The row of an edition, without ``created_at``."""
    layout = edition.layout
    return {
        "standard_ref": edition.standard_ref, "version": edition.version,
        "major_digits": layout.major, "minor_digits": layout.minor,
        "region_digits": layout.region, "sequence_digits": layout.sequence,
        "local_from": layout.local_from,
        "authors": json.dumps(edition.authors, ensure_ascii=False), "approved": edition.approved,
        "approved_by": edition.approved_by,
        "approved_at": to_us(edition.approved_at) if edition.approved_at else None,
        "basis": edition.basis, "effective_from": edition.effective_from,
        "effective_to": edition.effective_to, "digest": edition.digest, "source": edition.source,
        "note": edition.note, "published_by": edition.published_by,
        "published_version": edition.published_version,
    }


def entry_of(row: Row) -> ClassEntry:
    """A row of ``class_code``."""
    return ClassEntry(
        key=ClassKey(standard_ref=row["standard_ref"], kind=row["kind"], code=row["code"]),
        name=row["name"], major_name=row["major_name"], origin=row["origin"],
        incident=row["incident"], valid_from=row["valid_from"], valid_to=row["valid_to"],
    )


def condition_of(row: Row) -> Condition:
    """A row of ``filing_condition``."""
    count = row["limit_count"]
    return Condition(
        key=ClassKey(standard_ref=row["standard_ref"], kind=row["kind"], code=row["code"]),
        number=row["condition_no"], filing=row["filing"], closing=row["closing"],
        evidence=tuple(part for part in row["evidence"].split(",") if part),
        dimension=row["dimension"], area_class=row["area_class"],
        limit=TimeLimit(value=count, unit=TimeUnit(row["limit_unit"])) if count else None,
        limit_text=row["limit_text"], limit_action=row["limit_action"],
        assumed=row["limit_assumed"], valid_from=row["valid_from"], valid_to=row["valid_to"],
    )


def content_of(classes: Iterable[Row], conditions: Iterable[Row], layout: Layout) -> Content:
    """What an edition says, for the catalogue; major classes alone are no classes to file under."""
    entries = {}
    for row in classes:
        if len(row["code"]) == layout.class_digits:
            entry = entry_of(row)
            entries[entry.key] = entry
    found: dict[ClassKey, list[Condition]] = {}
    for row in conditions:
        condition = condition_of(row)
        found.setdefault(condition.key, []).append(condition)
    return Content(
        classes=entries, conditions={key: tuple(some) for key, some in found.items()})


def crossing_of(row: Row) -> Crossing:
    """A row of ``crosswalk``."""
    new = None
    if row["new_code"]:
        new = ClassKey(
            standard_ref=row["new_standard"], kind=row["new_kind"], code=row["new_code"])
    return Crossing(
        old=ClassKey(
            standard_ref=row["old_standard"], kind=row["old_kind"], code=row["old_code"]),
        new=new, verdict=Verdict(row["verdict"]), version=row["version"], source=row["source"],
        note=row["note"],
    )


def digest_of(layout: Layout, classes: Sequence[Row], conditions: Sequence[Row]) -> str:
    """SHA-256 in hex over what an edition says: layout, classes and conditions in key order, as
    canonical JSON. Two nodes with the same digest have the same edition, whatever its number."""
    said = [
        [layout.standard_ref, layout.major, layout.minor, layout.region, layout.sequence,
         layout.local_from],
        sorted((_plain(row) for row in classes), key=_order),
        sorted((_plain(row) for row in conditions), key=_order),
    ]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(row: Row) -> dict[str, Any]:
    # What is empty is left out, so that a column of tomorrow does not change digests of today.
    return {name: value.isoformat() if isinstance(value, date) else value
            for name, value in row.items()
            if name not in UNSAID and value not in (None, "", False)}


def _order(row: Mapping[str, Any]) -> tuple[str, str, int, str]:
    return (row["kind"], row["code"], row.get("condition_no", 0), row.get("area_class", ""))
