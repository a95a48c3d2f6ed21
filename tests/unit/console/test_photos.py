"""Which photos of a result may be chosen for citizens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from starlette.datastructures import FormData

from node.edge.console.cases.photos import SHOWN, arrived, photos_of, results

HERE, COMING = "a" * 64, "b" * 64
DOCUMENT = {"case_no": "1", "photos": [
    {"digest": one, "size": 1, "media_type": "image/jpeg", "role": "handle_after", "caption": ""}
    for one in (HERE, COMING)]}


async def _here(digests: Iterable[str]) -> set[str]:
    return {*digests} & {HERE}


async def _case(_case_id: str) -> Any:
    return DOCUMENT


VISIT: Any = SimpleNamespace(desk=SimpleNamespace(album=SimpleNamespace(here=_here), case=_case))


def test_of_photos_that_have_not_come_yet_none_can_be_chosen_for_citizens() -> None:
    shown = asyncio.run(arrived(VISIT, DOCUMENT))
    assert [one["digest"] for one in results(shown)] == [HERE]
    assert len(DOCUMENT["photos"]) == 2
    sent = FormData([(SHOWN, HERE), (SHOWN, COMING)])
    chosen = asyncio.run(photos_of(VISIT, "1", sent))
    assert [(one["digest"], one["role"]) for one in chosen] == [(HERE, "public")]
