"""An approved edition as a document that another node can take over.

It is how a centre's list reaches the offices below it: approved there, active here on the same
day. The digest is over what the edition says, so both can be compared by their owners; a document
whose content does not have its digest is refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from node.core.codes import Layout, check_class
from node.core.errors import Invalid, WrongStatus
from node.core.standards import Edition
from node.service.ports import Row
from node.service.standards.rows import digest_of
from node.service.standards.views import ClassRow
from node.service.views import FilingCondition

FORMAT: Final = 1
"""Raised when a reader of today could misread a document of tomorrow."""


@cache
def _readers() -> tuple[
    TypeAdapter[tuple[ClassRow, ...]], TypeAdapter[tuple[FilingCondition, ...]]
]:
    """Built when first needed: most nodes never read a document."""
    return TypeAdapter(tuple[ClassRow, ...]), TypeAdapter(tuple[FilingCondition, ...])


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """An edition with its content."""

    edition: Edition
    classes: tuple[ClassRow, ...]
    conditions: tuple[FilingCondition, ...]


def document(
    edition: Edition, classes: Sequence[Row], conditions: Sequence[Row], *, publisher: str
) -> dict[str, Any]:
    """The document of an approved edition, JSON-ready; ``WrongStatus`` for a draft."""
    if not edition.approved:
        raise WrongStatus(f"{edition.standard_ref} version {edition.version} is a draft",
                          code="standard.draft")
    layout = edition.layout
    return {
        "format": FORMAT, "standard_ref": edition.standard_ref,
        "published_by": edition.published_by or publisher,
        "published_version": edition.published_version or edition.version,
        "digest": edition.digest,
        "layout": {"major": layout.major, "minor": layout.minor, "region": layout.region,
                   "sequence": layout.sequence, "local_from": layout.local_from},
        "effective_from": _day(edition.effective_from), "effective_to": _day(edition.effective_to),
        "approved_by": edition.approved_by,
        "approved_at": edition.approved_at.isoformat() if edition.approved_at else None,
        "source": edition.source, "note": edition.note,
        "classes": [_row(row, ClassRow) for row in classes],
        "conditions": [_row(row, FilingCondition) for row in conditions],
    }


def read_document(found: Mapping[str, Any], *, version: int) -> Bundle:
    """A document as the edition ``version`` here. ``Invalid`` with ``bundle.format``,
    ``bundle.malformed`` or ``bundle.digest``."""
    if found.get("format") != FORMAT:
        raise Invalid(f"format {found.get('format')!r} is not read here", code="bundle.format")
    read_classes, read_conditions = _readers()
    try:
        layout = Layout(standard_ref=str(found["standard_ref"]), **found["layout"])
        classes = read_classes.validate_python(found["classes"])
        conditions = read_conditions.validate_python(found["conditions"])
        edition = Edition(
            standard_ref=layout.standard_ref, version=version, layout=layout, approved=True,
            basis="published", approved_by=str(found["approved_by"]),
            approved_at=datetime.fromisoformat(found["approved_at"])
            if found["approved_at"] else None,
            effective_from=_read_day(found["effective_from"]),
            effective_to=_read_day(found["effective_to"]), digest=str(found["digest"]),
            source=str(found["source"]), note=str(found["note"]),
            published_by=str(found["published_by"]),
            published_version=int(found["published_version"]),
        )
    except (KeyError, TypeError, ValueError, AssertionError, ValidationError) as error:
        raise Invalid(f"this is no document of an edition: {error}", code="bundle.malformed"
                      ) from error
    rows: list[ClassRow | FilingCondition] = [*classes, *conditions]
    for row in rows:
        if row.standard_ref != layout.standard_ref:
            raise Invalid(f"a row of {row.standard_ref} in a document of {layout.standard_ref}",
                          code="bundle.malformed")
        if len(row.code) != layout.major:
            check_class(layout, row.code)
    digest = digest_of(layout, [dataclasses.asdict(row) for row in classes],
                       [dataclasses.asdict(row) for row in conditions])
    if digest != edition.digest:
        raise Invalid(f"the content has digest {digest}, the document says {edition.digest}",
                      code="bundle.digest")
    return Bundle(edition=edition, classes=classes, conditions=conditions)


def _row(row: Row, shape: type[ClassRow | FilingCondition]) -> dict[str, Any]:
    return {field.name: _day(row[field.name]) if isinstance(row[field.name], date)
            else row[field.name] for field in dataclasses.fields(shape)}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _read_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
