"""Papers of a case as self-contained pages made to be printed on A4: no script, nothing loaded,
photos within. Everything a person wrote is escaped by the template."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from node.service.papers import Paper, Picture

if TYPE_CHECKING:
    from jinja2 import Template

IMAGES = frozenset({"image/jpeg", "image/png", "image/webp"})
"""What may stand in a page as data; anything else is only named."""


def page(paper: Paper) -> bytes:
    """UTF-8 HTML."""
    sections = [
        {"name": name, "pictures": [_shown(one) for one in some]}
        for name, some in groupby(paper.pictures, key=lambda one: one.section)
    ]
    return _template(paper.name).render(**paper.texts, sections=sections).encode()


def _shown(one: Picture) -> dict[str, Any]:
    source = ""
    if one.data and one.media_type in IMAGES:
        source = f"data:{one.media_type};base64,{b64encode(one.data).decode()}"
    return {"label": one.label, "caption": one.caption, "digest": one.digest, "source": source,
            "why": one.why or ("" if source else "无法显示")}


@cache
def _template(name: str) -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("node.edge", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(f"paper_{name}.html")
