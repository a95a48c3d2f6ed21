"""What a form asks, in the shape in which the API is asked the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request

from node.edge.console.visit import form_of

Shape = TypeVar("Shape", bound=BaseModel)


def asked(shape: type[Shape], data: Mapping[str, Any]) -> Shape:
    """The body of the API's own model; what is wrong in it is said as the API says it."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        raise RequestValidationError(
            [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from error


def given(fields: FormData, name: str) -> str:
    """One field of text; "" = it was left empty, or is a file."""
    value = fields.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def several(fields: FormData, name: str) -> list[str]:
    """Chosen boxes of one name, or the lines of one text."""
    found = [one for one in fields.getlist(name) if isinstance(one, str)]
    return [line.strip() for one in found for line in one.splitlines() if line.strip()]


async def reasoned(request: Request, shape: type[Shape]) -> Shape:
    """The body of an act for which a reason is given and nothing else."""
    return asked(shape, {"reason": given(await form_of(request), "reason")})
