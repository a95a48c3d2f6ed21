"""Layers of places: a file sent in, what it would change, written with its progress shown, versions
with what each changed, and putting one back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from node.core.revising import Change, Counts
from node.edge.console.upkeep import shown
from node.edge.console.upkeep.sections import LAYERS, PATH, tabs
from node.edge.console.upkeep.tables import file_of, may, said, sent
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.http.problems import BadCall
from node.service.imports.sheet import encodings
from node.service.instants import to_minute
from node.service.places import layers as known
from node.service.upkeep.layers import PREFIX, How

if TYPE_CHECKING:
    from node.service.places.views import LayerVersionView, RowChange
    from node.service.upkeep.views import Draft

router = APIRouter(prefix=f"{PATH}/layers", include_in_schema=False, route_class=PageRoute)

TITLES: Final[Mapping[str, str]] = {
    "region": "行政区划", "grid.unit": "单元网格", "grid.beat": "巡查网格",
    "grid.responsibility": "责任网格", "coverage": "覆盖范围", "component": "管理部件",
    "organisation": "机构", "address": "地址",
}
OUTLINED: Final = frozenset({"grid.unit", "grid.beat", "grid.responsibility", "coverage"})
CHANGES_READ: Final = 5_000
After = Annotated[str, Query(max_length=200)]


def _standard(layer: str) -> str:
    """The column that says by which standard codes are read."""
    return "standard_ref" if layer == "component" else "standard"


def _titled(visit: Visit, layer: str) -> str:
    """What a layer is called. ``BadCall`` (``http.not_found``)."""
    if layer not in known.LAYERS:
        raise BadCall("http.not_found", f"there is no layer {layer[:40]}")
    return visit.say(TITLES[layer])


@router.get("", operation_id="listLayerVersions")
async def layers(visit: Here) -> Response:
    """Every layer with its newest version."""
    newest: dict[str, LayerVersionView] = {}
    for one in await visit.desk.places.versions():
        newest.setdefault(one.layer, one)
    writes = may(visit, LAYERS.writes)
    return await visit.page(
        "upkeep/layers.html", tabs=tabs(visit), section=LAYERS, writes=writes, layers=[
            (name, visit.say(title), newest[name].row_count if name in newest else 0,
             visit.say("第 %(number)s 版，%(at)s", number=newest[name].number,
                       at=to_minute(newest[name].at)) if name in newest else "",
             newest[name].dated.isoformat() if name in newest else "",
             len(await visit.desk.upkeep.drafts(PREFIX + name)) if writes else 0)
            for name, title in TITLES.items()])


# --- a file that waits ----------------------------------------------------------------------------


@router.get("/drafts/{draft_id}", operation_id="checkPlaceImport")
async def waiting(draft_id: str, visit: Here) -> Response:
    """What is wrong with it, what it would change, and the choice; a part that is written goes
    on."""
    draft, layer, title = await _draft(visit, draft_id, "checkPlaceImport")
    compared = None if draft.report.hopeless else await visit.desk.upkeep.layers.preview(draft)
    return await visit.page(
        "upkeep/layer_draft.html", tabs=tabs(visit, LAYERS.path), section=LAYERS, draft=draft,
        layer=layer, title=title, line=shown.draft_line(visit, draft),
        faults=shown.faults(visit, draft.report.faults),
        warnings=shown.faults(visit, draft.report.warnings),
        sum=shown.sum_of(visit, compared.counts) if compared else "",
        changes=shown.changes(visit, compared.changes) if compared else [],
        more=max(0, _total(compared.counts) - shown.CHANGES_SHOWN) if compared else 0,
        done=compared.done if compared else 0)


async def _draft(visit: Visit, draft_id: str, operation: str) -> tuple[Draft, str, str]:
    await visit.admit(operation)
    draft = await visit.desk.upkeep.draft(draft_id)
    layer = draft.kind.removeprefix(PREFIX)
    return draft, layer, _titled(visit, layer)


def _total(counts: Counts) -> int:
    return counts.added + counts.changed + counts.removed


@router.get("/drafts/{draft_id}/rejects.csv", operation_id="checkPlaceImport")
async def rejected(draft_id: str, visit: Here) -> Response:
    """The wrong lines, with what is wrong before them."""
    draft, _, _ = await _draft(visit, draft_id, "checkPlaceImport")
    return file_of(iter(["\ufeff" + draft.rejects]), "rejected.csv")


@router.post("/drafts/{draft_id}/take", operation_id="applyPlaceImport")
async def take(draft_id: str, visit: Here) -> Response:
    """Write the next slice; a script asks for the one after it by itself."""
    draft, layer, title = await _draft(visit, draft_id, "applyPlaceImport")
    fields = await form_of(visit.request)
    if draft.report.hopeless or (draft.report.bad and said(fields, "skip_bad") != "yes"):
        raise BadCall("table.invalid", visit.say("先改好有误的行，或选择不导入它们"))
    step = await visit.desk.upkeep.layers.step(draft, said(fields, "after"))
    if step.finished is not None:
        return visit.goes(f"{LAYERS.path}/{layer}")
    values: dict[str, Any] = {
        "draft": draft, "title": title, "step": step, "skip_bad": said(fields, "skip_bad")}
    if visit.is_fragment:
        return visit.part("upkeep/layer_step.html", **values)
    return await visit.page(
        "upkeep/layer_step_page.html", tabs=tabs(visit, LAYERS.path), section=LAYERS, **values)


@router.post("/drafts/{draft_id}/drop", operation_id="dropPlaceImport")
async def drop(draft_id: str, visit: Here) -> Response:
    """Throw it away."""
    draft, layer, _ = await _draft(visit, draft_id, "dropPlaceImport")
    await visit.desk.upkeep.layers.drop(draft)
    return visit.goes(f"{LAYERS.path}/{layer}")


# --- one layer ------------------------------------------------------------------------------------


@router.get("/{layer}", operation_id="listLayerVersions")
async def layer_page(layer: str, visit: Here) -> Response:
    """Versions of a layer."""
    title = _titled(visit, layer)
    found = await visit.desk.places.versions(layer)
    writes = may(visit, LAYERS.writes)
    return await visit.page(
        "upkeep/layer.html", tabs=tabs(visit, LAYERS.path), section=LAYERS, layer=layer,
        title=title, writes=writes,
        waiting=await visit.desk.upkeep.drafts(PREFIX + layer) if writes else [],
        versions=[_version(visit, one) for one in found])


def _version(visit: Visit, one: LayerVersionView) -> dict[str, Any]:
    counts = Counts(added=one.added, changed=one.changed, removed=one.removed,
                    unchanged=one.unchanged)
    return {"number": one.number, "at": to_minute(one.at), "actor": one.actor,
            "source": one.source, "dated": one.dated.isoformat(), "rows": one.row_count,
            "said": shown.sum_of(visit, counts), "digest": one.digest[:12]}


@router.get("/{layer}/new", operation_id="beginPlaceImport")
async def new(layer: str, visit: Here) -> Response:
    """The form for a file."""
    await visit.admit("beginPlaceImport")
    title = _titled(visit, layer)
    return await visit.page(
        "upkeep/layer_new.html", tabs=tabs(visit, LAYERS.path), section=LAYERS, layer=layer,
        title=title, encodings=encodings(), outlined=layer in OUTLINED,
        standard=_standard(layer) if layer == "component" or layer.startswith("grid.") else "")


@router.post("/{layer}/check", operation_id="stagePlaceRows")
async def check(layer: str, visit: Here) -> Response:
    """Read a file and stage it; its page says what it is worth."""
    _titled(visit, layer)
    fields = await form_of(visit.request)
    how = How(crs=said(fields, "crs"), area=said(fields, "area"),
              complete=said(fields, "complete") == "yes")
    draft = await visit.desk.upkeep.layers.check(
        layer, await sent(visit, (_standard(layer),)), how, actor=visit.caller.name)
    return visit.goes(f"{LAYERS.path}/drafts/{draft.id}")


@router.get("/{layer}/versions/{number}", operation_id="listLayerChanges")
async def version(layer: str, number: int, visit: Here) -> Response:
    """What a version changed."""
    found = next((one for one in await visit.desk.places.versions(layer)
                  if one.number == number), None) if layer in known.LAYERS else None
    if found is None:
        raise BadCall("http.not_found", f"there is no version {number} of {layer[:40]}")
    moved = await visit.desk.places.changes(layer, number, limit=shown.CHANGES_SHOWN)
    total = found.added + found.changed + found.removed
    return await visit.page(
        "upkeep/layer_version.html", tabs=tabs(visit, LAYERS.path), section=LAYERS, layer=layer,
        title=visit.say(TITLES[layer]), version=_version(visit, found),
        writes=may(visit, LAYERS.writes), changes=shown.changes(visit, _changes(moved)),
        more=max(0, total - shown.CHANGES_SHOWN))


@router.get("/{layer}/versions/{number}/changes.csv", operation_id="listLayerChanges")
async def report(layer: str, number: int, visit: Here) -> Response:
    """The same as a file: the diff report of an update. At most ``CHANGES_READ`` rows."""
    moved = await visit.desk.places.changes(layer, number, limit=CHANGES_READ)
    return file_of(shown.report(visit, _changes(moved)), "changes.csv")


@router.post("/{layer}/versions/{number}/back", operation_id="beginPlaceImport")
async def back(layer: str, number: int, visit: Here) -> Response:
    """Stage what the layer was after a version; its page says what that would change."""
    _titled(visit, layer)
    draft = await visit.desk.upkeep.layers.back(layer, number, actor=visit.caller.name)
    return visit.goes(f"{LAYERS.path}/drafts/{draft.id}")


def _changes(moved: list[RowChange]) -> tuple[Change, ...]:
    return tuple(Change(
        key=one.key,
        before=None if one.what == "added" else {
            "code": one.key, **{name: old for name, (old, _) in one.fields.items()}},
        after=None if one.what == "removed" else {
            "code": one.key, **{name: new for name, (_, new) in one.fields.items()}},
    ) for one in moved)
