"""What an import of places says about a row, or about grids together: zh-CN first, then English.

A key says what is wrong, ``<key>.mend`` what to do. Keys of rules are the codes of the core's
refusals behind ``place.``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PLACE_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "place.region.code": ("“{given}” 不是区划代码", "'{given}' is no division code"),
    "place.region.code.mend": (
        "2、4、6、9 或 12 位数字；没有国标代码的功能区标为 pseudo",
        "2, 4, 6, 9 or 12 digits; mark a zone without a national code as pseudo",
    ),
    "place.unit.credit_code": (
        "“{given}” 不是统一社会信用代码，或校验位不符",
        "'{given}' is no unified social credit code, or its check sign is wrong",
    ),
    "place.unit.credit_code.mend": (
        "核对 18 位代码；没有代码就留空", "compare all 18 signs; leave it empty if there is none",
    ),
    "place.grid.standard": ("不认识网格标准 “{given}”", "unknown grid standard '{given}'"),
    "place.grid.standard.mend": (
        "用 --standard 声明：GB/T 30428.1、CJ/T 213-2005 或 local-16",
        "declare one with --standard: GB/T 30428.1, CJ/T 213-2005 or local-16",
    ),
    "place.grid.code": (
        "网格编码 “{given}” 不符合所声明的标准",
        "grid code '{given}' does not fit the declared standard",
    ),
    "place.grid.code.mend": (
        "单元网格为 12 位区划加 3 位顺序号（旧标准 2 位），从 001 起",
        "12 digits of division and 3 of sequence (2 in the old standard), from 001 on",
    ),
    "place.grid.prefix": (
        "网格编码 “{given}” 的前缀不是所在区划",
        "grid code '{given}' does not begin with its division",
    ),
    "place.grid.prefix.mend": (
        "核对编码，或核对 --area 与 area 列", "compare the code with --area and the column area",
    ),
    "place.grid.empty": ("既没有图形也没有单元网格", "neither an outline nor unit grids"),
    "place.grid.empty.mend": (
        "给出图形，或在 units 列写单元网格编码", "draw it, or list unit grids in the column units",
    ),
    "place.grid.crossing": ("图形自相交：{where}", "the outline crosses itself: {where}"),
    "place.grid.crossing.mend": ("在绘图软件中修复该图形", "repair it in the drawing program"),
    "place.grid.overlap": (
        "与网格 {other} 重叠 {area} 平方米", "overlaps grid {other} by {area} square metres",
    ),
    "place.grid.overlap.mend": (
        "沿公共边界对齐两个图形", "make both outlines follow one common border",
    ),
    "place.grid.gap": (
        "网格之间有 {area} 平方米空隙，位于 {lon}, {lat}",
        "a gap of {area} square metres between grids, at {lon}, {lat}",
    ),
    "place.grid.gap.mend": (
        "确为湖泊等不管理的区域可不处理", "leave it if nobody manages that ground, such as a lake",
    ),
    "place.grid.void": (
        "网格编码 “{given}” 已作废，不得再用",
        "grid code '{given}' was retired and is never used again",
    ),
    "place.grid.void.mend": ("为新网格编新号", "give the new grid a new code"),
    "place.grid.unit_unknown": (
        "单元网格 {unit} 未登记", "unit grid {unit} is not registered",
    ),
    "place.grid.unit_unknown.mend": (
        "先导入单元网格，或核对编码", "import the unit grids first, or compare the code",
    ),
    "place.grid.region_unknown": (
        "区划 {area} 未登记", "division {area} is not registered",
    ),
    "place.grid.region_unknown.mend": (
        "先用 wanmi import regions 登记区划", "register it with wanmi import regions",
    ),
    "place.more": ("另有 {count} 处同类问题未列出", "{count} more of the same are not listed"),
    "place.more.mend": ("改好以上各处后再检查一次", "mend these and check again"),
    "place.component.code": (
        "“{given}” 不是部件标识码", "'{given}' is no component code",
    ),
    "place.component.code.mend": (
        "16 至 18 位数字；按文本保存，勿丢失开头的 0",
        "16 to 18 digits, kept as text so that no leading zero is lost",
    ),
    "place.codes.identity": (
        "部件标识码 “{given}” 不符合所声明的标准",
        "component code '{given}' does not fit the declared standard",
    ),
    "place.codes.identity.mend": (
        "核对 --standard：2026 版为 17 位，2013 版为 16 位",
        "check --standard: 17 digits in the 2026 edition, 16 in that of 2013",
    ),
    "place.component.name": ("没有部件名称", "it has no name"),
    "place.component.name.mend": ("补上名称", "fill it in"),
    "place.component.period": ("养护期结束早于开始", "the upkeep ends before it begins"),
    "place.component.period.mend": ("核对两个日期", "compare the two dates"),
    "place.component.point": ("坐标只有一半", "half of the point is missing"),
    "place.component.point.mend": ("补齐横、纵坐标", "give both numbers"),
    "place.outline.shape": ("图形不是面：{reason}", "this is no area: {reason}"),
    "place.outline.shape.mend": (
        "网格须为闭合的面，至少三个角点", "a grid is a closed polygon of at least three corners",
    ),
    "place.place.point": (
        "坐标不可用：不是经纬度，或超出所声明坐标系的范围", "the point cannot be used: {detail}",
    ),
    "place.place.point.mend": (
        "核对坐标系；x 为东坐标（横），y 为北坐标（纵）",
        "check the system; x is the easting, y the northing",
    ),
    "place.place.crs": ("不认识坐标系：{reason}", "unknown coordinate system: {reason}"),
    "place.place.crs.mend": (
        "用 --crs 声明，例如 CGCS2000、GCJ02、EPSG:4547",
        "declare it with --crs, such as CGCS2000, GCJ02 or EPSG:4547",
    ),
    "place.row.shape": ("内容不可用：{reason}", "this cannot be taken: {reason}"),
    "place.row.shape.mend": ("按说明修改后再导入", "correct it and import again"),
    "place.code.repeated": ("编码与第 {row} 行重复", "repeats the code of row {row}"),
    "place.code.repeated.mend": ("两行只留一行", "leave one of the two"),
    "place.file.unreadable": ("读不了这个文件：{reason}", "this file cannot be read: {reason}"),
    "place.file.unreadable.mend": (
        "核对文件是否完整，.shp 要与 .shx、.dbf 放在一起",
        "see whether it is whole; a .shp needs its .shx and .dbf beside it",
    ),
    "place.file.kind": (
        "不认识文件类型 “{given}”", "no kind of file that we read: '{given}'",
    ),
    "place.file.kind.mend": ("可用：{names}", "known are: {names}"),
    "place.file.no_crs": (
        "{given} 没有 .prj，未说明坐标系", "{given} has no .prj: its system is not said",
    ),
    "place.file.no_crs.mend": (
        "用 --crs 声明，例如 CGCS2000 或 EPSG:4547", "declare it: --crs CGCS2000 or EPSG:4547",
    ),
    # --- what the doctor says of layers -----------------------------------------------------------
    "place.stale": (
        "{count} 个部件的数据已过更新日期", "{count} component(s) are past their update date",
    ),
    "place.stale.remedy": (
        "安排普查更新后用 wanmi import components 导入；清单见 wanmi component list --stale",
        "have them surveyed and import the update; see wanmi component list --stale",
    ),
})
"""Key → (Chinese, English)."""
