"""A sheet as one self-contained page: no script, nothing loaded from elsewhere, made to print."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from node.edge.sheets.grid import about, blocks, headings, total

if TYPE_CHECKING:
    from jinja2 import Template


def page(document: Mapping[str, Any]) -> bytes:
    """UTF-8 HTML."""
    partial = any(line["partial"] and line["score"] is not None for line in document["lines"])
    return (
        _template()
        .render(
            document=document,
            about=about(document),
            headings=headings(document),
            blocks=blocks(document),
            total=total(document),
            partial=partial,
        )
        .encode()
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("node.edge", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("evaluation.html")
