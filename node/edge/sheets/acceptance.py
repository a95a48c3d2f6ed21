"""The list of an acceptance run (验收清单) as CSV, workbook or a page that prints."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from node.edge.sheets.plain import Block, blocks_table, blocks_workbook, minute
from node.service.acceptance.words import demanded, shown

if TYPE_CHECKING:
    from jinja2 import Template

VERDICTS: Final = {"pass": "通过", "fail": "不通过", "not_applicable": "不适用"}
HEADINGS: Final = ("检查项", "check", "结果 verdict", "实测 measured", "要求 demanded",
                   "依据 source", "处理办法", "what to do")


def acceptance_table(document: Mapping[str, Any]) -> bytes:
    """CSV."""
    return blocks_table(_about(document), _blocks(document))


def acceptance_workbook(document: Mapping[str, Any]) -> bytes:
    """.xlsx."""
    return blocks_workbook("验收清单", _about(document), _blocks(document))


def acceptance_page(document: Mapping[str, Any]) -> bytes:
    """UTF-8 HTML: one self-contained page, made to be printed and signed."""
    lines = [
        {**one, "shown": shown(one), "demanded": demanded(one), "said": VERDICTS[one["verdict"]]}
        for one in document["checks"]]
    return _template().render(
        document=document, about=_about(document), lines=lines, verdict=_verdict(document),
    ).encode()


def _about(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    counts = document["counts"]
    return [
        ("验收清单 acceptance", document["title"]),
        ("单位 office", f"{document['node_name']} {document['node']} · {document['profile']}"),
        ("检查时间 as of", minute(document["as_of"])),
        ("试运行案卷 trial run", f"{document['months'][0]} – {document['months'][-1]}"),
        ("清单版本 criteria", f"{document['version']} sha256:{document['digest']}"),
        ("依据 source", document["source"]),
        ("结论 verdict", f"{_verdict(document)}：通过 {counts['pass']}，不通过 {counts['fail']}，"
         f"不适用 {counts['not_applicable']}"),
    ]


def _verdict(document: Mapping[str, Any]) -> str:
    return "通过 passed" if document["passed"] else "不通过 failed"


def _blocks(document: Mapping[str, Any]) -> list[Block]:
    return [(HEADINGS, [
        (one["zh"], one["en"], VERDICTS[one["verdict"]], shown(one), demanded(one),
         one["source"], *(
             (one["mend_zh"], one["mend_en"]) if one["verdict"] == "fail" else ("", "")))
        for one in document["checks"]])]


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("node.edge", "pages"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("acceptance.html")
