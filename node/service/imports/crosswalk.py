"""The crosswalk: what became of each class of an older standard in a newer one."""

from __future__ import annotations

from typing import Final

from node.core.codes import LAYOUTS, ClassKey, canonical_ref, padded_class
from node.core.crosswalk import Crossing, Verdict, check_crossing, disagrees
from node.core.errors import Invalid
from node.service.imports.line import KINDS, Line
from node.service.imports.table import Column, Table
from node.service.standards.views import CrossingRow

VERDICTS: Final = {
    **{verdict.value: verdict for verdict in Verdict},
    "一致": Verdict.SAME, "改名": Verdict.RENAMED, "移位": Verdict.MOVED, "取消": Verdict.DROPPED,
    "上升为国标": Verdict.NATIONALISED, "待定": Verdict.REVIEW, "仅地方": Verdict.LOCAL_ONLY,
}


def _read(line: Line) -> CrossingRow:
    verdict = line.choice("verdict", VERDICTS)
    old = _key(line, "old")
    new = _key(line, "new") if line["new_code"] else None
    row = Crossing(old=old, new=new, verdict=verdict)
    try:
        check_crossing(row)
    except Invalid as error:
        raise line.wrong("verdict", "crosswalk.verdict") from error
    rule = disagrees(row)
    if rule is not None:
        line.warn("new_code", "crosswalk.rule", rule=rule.code)
    return CrossingRow(
        old_standard=old.standard_ref, old_kind=old.kind, old_code=old.code, verdict=str(verdict),
        new_standard=new.standard_ref if new else "", new_kind=new.kind if new else "",
        new_code=new.code if new else "", old_name=line["old_name"], note=line["note"],
    )


def _key(line: Line, side: str) -> ClassKey:
    ref, code = canonical_ref(line[f"{side}_standard"]), line[f"{side}_code"]
    if not ref:
        raise line.wrong(f"{side}_standard", "cell.empty")
    kind = KINDS.get(line[f"{side}_kind"])
    if kind is None:
        raise line.wrong(f"{side}_kind", "cell.kind")
    layout = LAYOUTS.get(ref)
    if layout is not None:
        try:
            code = padded_class(layout, code)
        except Invalid as error:
            raise line.wrong(f"{side}_code", "cell.class", standard=ref,
                             digits=f"{layout.major}+{layout.minor}") from error
    line.put(f"{side}_standard", ref)
    line.put(f"{side}_code", code)
    return ClassKey(standard_ref=ref, kind=kind, code=code)


CROSSWALK: Final[Table[CrossingRow]] = Table(
    name="crosswalk",
    columns=(
        Column(name="old_standard", headings=("旧标准",), needed=True, filled=True),
        Column(name="old_kind", headings=("旧类别",), needed=True, filled=True),
        Column(name="old_code", headings=("旧代码",), needed=True, filled=True),
        Column(name="old_name", headings=("旧名称",)),
        Column(name="new_standard", headings=("新标准",)),
        Column(name="new_kind", headings=("新类别",)),
        Column(name="new_code", headings=("新代码",)),
        Column(name="verdict", headings=("结论",), needed=True, filled=True),
        Column(name="note", headings=("备注",)),
    ),
    reader=lambda: _read,
    key=lambda row: (row.old_standard, row.old_kind, row.old_code, row.new_standard, row.new_kind,
                     row.new_code),
)
