"""Where an import of places goes: the running node over REST, or the database of a stopped one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from node.cli.composition import composition
from node.cli.session import Session
from node.service.imports.report import RowFault
from node.service.phrases import phrase
from node.service.places.imports import Applied, Checked, Finished
from node.service.places.views import RowChange

if TYPE_CHECKING:
    from node.cli.client import Api


class PlaceSink(Protocol):
    """The steps of an import; see ``node.service.places.imports``."""

    def begin(self, layer: str, **options: Any) -> str: ...

    def stage(
        self, import_id: str, rows: Sequence[tuple[int, Mapping[str, Any]]]
    ) -> tuple[RowFault, ...]: ...

    def check(self, import_id: str) -> Checked: ...

    def apply(self, import_id: str, after: str) -> Applied: ...

    def finish(self, import_id: str) -> Finished: ...

    def drop(self, import_id: str) -> None: ...

    def changes(
        self, layer: str, number: int, after: int, limit: int
    ) -> list[RowChange]: ...


class RunningNode:
    """The steps over REST. A refusal becomes a ``Trouble``, as for every other call."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def begin(self, layer: str, **options: Any) -> str:
        dated: date | None = options["dated"]
        body = {
            "layer": layer, "source": options["source"], "complete": options["complete"],
            "area": options["area"], "dated": dated.isoformat() if dated else None,
        }
        return str(self._api.post("/places/imports", body)["id"])

    def stage(
        self, import_id: str, rows: Sequence[tuple[int, Mapping[str, Any]]]
    ) -> tuple[RowFault, ...]:
        self._api.post(f"/places/imports/{import_id}/rows", {
            "rows": [{"line": line, "row": row} for line, row in rows]})
        return ()

    def check(self, import_id: str) -> Checked:
        answer = self._api.post(f"/places/imports/{import_id}/check")
        return Checked(
            rows=answer["rows"], retiring=answer["retiring"],
            faults=tuple(_fault(one) for one in answer["faults"]),
            warnings=tuple(_fault(one) for one in answer["warnings"]),
        )

    def apply(self, import_id: str, after: str) -> Applied:
        return Applied(**self._api.post(f"/places/imports/{import_id}/apply", {"after": after}))

    def finish(self, import_id: str) -> Finished:
        return Finished(**self._api.post(f"/places/imports/{import_id}/finish"))

    def drop(self, import_id: str) -> None:
        self._api.delete(f"/places/imports/{import_id}")

    def changes(self, layer: str, number: int, after: int, limit: int) -> list[RowChange]:
        found = self._api.get(
            f"/layers/{layer}/versions/{number}/changes", after=after, limit=limit)
        return [RowChange(**one) for one in found]


def _fault(told: Mapping[str, Any]) -> RowFault:
    """The node has said it in the asked language already."""
    return RowFault(row=told["row"], column=told["column"], code=told["code"],
                    sentence=phrase("verbatim", text=told["detail"]),
                    mend=phrase("verbatim", text=told["mend"]))


@contextmanager
def sink_of(session: Session) -> Iterator[PlaceSink]:
    """The running node if it answers, else the database of the stopped one."""
    if session.online():
        with session.api() as api:
            yield RunningNode(api)
        return
    with composition(session.speech).offline_places(session.home) as sink:
        yield sink
