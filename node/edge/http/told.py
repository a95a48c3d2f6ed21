"""What all answers have in common, as pydantic models over the views of the office.

Instants are ISO 8601 in UTC. Members may be added at any time; clients ignore what they do not
know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from node.service.phrases import Phrase

Item = TypeVar("Item")
Big = Annotated[str, BeforeValidator(str)]
"""A 64-bit number as text: JavaScript would round it."""


class Told(BaseModel):
    """Common to all answers: built from views as well as from mappings."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")


def spoken(view: Any, tongue: str) -> dict[str, Any]:
    """A view or a mapping with its sentences said in one language."""
    members = view if isinstance(view, Mapping) else {
        field.name: getattr(view, field.name) for field in fields(view)
    }
    return {
        name: value.say(tongue) if isinstance(value, Phrase) else value
        for name, value in members.items()
    }


class PageOut(Told, Generic[Item]):
    """One page. Ask again with `after=<next>`; an empty `next` ends the listing."""

    # Pydantic gives a generic model's description to none of its instances.
    model_config = ConfigDict(json_schema_extra={
        "description": "One page. Ask again with `after=<next>`; an empty `next` ends it."})

    items: list[Item]
    next: str = Field(default="", description="Cursor of the next page; opaque.")


class Counted(Told):
    """How many rows something touched."""

    count: int
