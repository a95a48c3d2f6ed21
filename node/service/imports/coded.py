"""How the sheets of standards name a class: in one column, or major and minor number apart.

Numbers that a spreadsheet has stripped of their zeros are padded by the width of the standard;
where the standard is not known, the code is left as it is.
"""

from __future__ import annotations

from typing import Final

from node.core.codes import LAYOUTS, canonical_ref, joined_class, padded_class, padded_major
from node.core.errors import Invalid
from node.service.imports.line import Line
from node.service.imports.table import Column

STANDARD: Final = Column(name="standard_ref", headings=("标准", "分类标准"), needed=True,
                         filled=True)
KIND: Final = Column(name="kind", headings=("类别",), needed=True, filled=True)
CODED: Final = (
    Column(name="code", headings=("代码", "分类代码", "code4", "code5")),
    Column(name="major", headings=("大类代码", "大类编码", "大类编号", "big_code"), inherit=True),
    Column(name="minor", headings=("小类代码", "小类编码", "小类编号", "small_code"), inherit=True),
    Column(name="name", headings=("名称", "小类名称", "小类", "small_name"), inherit=True),
    Column(name="major_name", headings=("大类名称", "大类", "big_name"), inherit=True),
)
"""Columns that name a class. A line that fills ``code`` stands by itself."""


def read_standard(line: Line) -> str:
    """The standard of a line, as it is written properly."""
    ref = canonical_ref(line["standard_ref"])
    line.put("standard_ref", ref)
    return ref


def read_code(line: Line, *, major_too: bool = False) -> str:
    """The class code of a line, padded. ``major_too``: a major class alone is one."""
    ref = read_standard(line)
    layout = LAYOUTS.get(ref)
    column = "code" if line["code"] else "minor"
    try:
        if layout is None:
            code = line["code"] or line["major"] + line["minor"]
        elif line["code"]:
            alone = major_too and len(line["code"]) <= layout.major
            code = (padded_major if alone else padded_class)(layout, line["code"])
        elif major_too and line["major"] and not line["minor"]:
            code = padded_major(layout, line["major"])
        else:
            code = joined_class(layout, line["major"], line["minor"])
    except Invalid as error:
        given = line["code"] or f"{line['major']}-{line['minor']}"
        digits = f"{layout.major}+{layout.minor}" if layout else ""
        raise line.wrong(column, "cell.class", given=given, standard=ref,
                         digits=digits) from error
    if not code:
        raise line.wrong("code", "cell.class", given="", standard=ref, digits="")
    line.put("code", code)
    return code
