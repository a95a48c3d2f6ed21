"""Photos that go along with a verb: what they show, and which of them citizens may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import FormData, UploadFile

from node.core.facts import PhotoRole
from node.core.pictures import HEAD_BYTES, kind_of
from node.edge.http.problems import BadCall
from node.service.case_words import PHOTOS

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

CHECK: Final = "check"
SHOWN, SHOWN_FILES = "photos_shown", "photos_public"
"""Fields of a form: which photos of the case citizens may see, and files made for them."""


def kinds(visit: Visit) -> list[tuple[str, str]]:
    """What the photos of a form may show."""
    return [(role, visit.say(word)) for role, word in PHOTOS.items()
            if role != PhotoRole.PUBLIC.value]


def shows_citizens(visit: Visit, word: str) -> bool:
    """Whether photos of this verb may be shown to whoever follows a report: those of a check, at an
    office whose pages for citizens are open (docs/intake.md)."""
    return word == CHECK and visit.settings.public.reports


async def arrived(visit: Visit, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document with those of its photos that have come: of the others nobody sees anything to
    choose by."""
    here = await visit.desk.album.here(one["digest"] for one in document["photos"])
    return {**document, "photos": [one for one in document["photos"] if one["digest"] in here]}


def results(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Photos of what was done, each once, the newest first."""
    found = [one for one in document["photos"] if one["role"] == PhotoRole.AFTER.value]
    return list({one["digest"]: one for one in reversed(found)}.values())


async def photos_of(visit: Visit, case_id: str, fields: FormData) -> list[dict[str, Any]]:
    """Photos of a form as a body of the API names them; new ones are put into the store. Raises
    ``BadCall`` where a file is no picture."""
    role = str(fields.get("photo_role", "") or PhotoRole.AFTER.value)
    shown = set(fields.getlist(SHOWN))
    there = results(await arrived(visit, await visit.desk.case(case_id))) if shown else []
    chosen = [
        {name: one[name] for name in ("digest", "size", "media_type")}
        | {"role": PhotoRole.PUBLIC.value}
        for one in there if one["digest"] in shown
    ]
    return [
        *await stored(visit, _files(fields, "photos"), role), *chosen,
        *await stored(visit, _files(fields, SHOWN_FILES), PhotoRole.PUBLIC.value)]


def _files(fields: FormData, name: str) -> list[UploadFile]:
    return [one for one in fields.getlist(name) if isinstance(one, UploadFile) and one.filename]


async def stored(visit: Visit, files: Iterable[UploadFile], role: str) -> list[dict[str, Any]]:
    """Files put into the store, as bodies of the API name them. Raises ``BadCall``."""
    found = []
    for one in files:
        await visit.admit("uploadPhoto")
        data = await one.read()
        if not kind_of(data[:HEAD_BYTES]):
            raise BadCall("photo.media_type", "the file's first bytes are not JPEG, PNG or WebP")
        photo = await visit.desk.put_photo(data, "")
        found.append({"digest": photo.digest, "size": photo.size,
                      "media_type": photo.media_type, "role": role})
    return found
