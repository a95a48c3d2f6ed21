"""What the command line says about tables, standards, places and whatever is imported, by key:
zh-CN first, then English."""

from __future__ import annotations

from typing import Final

REGISTER_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "file.unwritable": ("无法写入 {file}：{reason}", "cannot write {file}: {reason}"),
    "file.unusable": ("{file}：{reason}", "{file}: {reason}"),
    "file.unreadable": ("读不了 {file}：{reason}", "cannot read {file}: {reason}"),
    "file.unreadable.remedy": (
        "核对文件名和读取权限", "check the name of the file and whether you may read it",
    ),
    "file.absent": ("没有这个文件", "No such file or directory"),
    "file.forbidden": ("没有读取权限", "Permission denied"),
    "file.folder": ("这是一个目录", "Is a directory"),
    "import.faults": (
        "{file}：{count} 行有误，未导入任何行",
        "{file}: {count} row(s) are wrong; nothing was imported",
    ),
    "import.line": ("第 {row} 行：{sentence}", "row {row}: {sentence}"),
    "import.row": ("第 {row} 行 {column}：{sentence}", "row {row} {column}: {sentence}"),
    "import.done": (
        "{file}：{rows} 行（新增 {added}，替换 {replaced}）",
        "{file}: {rows} row(s) (added {added}, replaced {replaced})",
    ),
    "import.checked": ("{file}：{rows} 行均可导入", "{file}: {rows} row(s) can be imported"),
    "import.faults.remedy": (
        "改好后重新导入；或加 --skip-bad，先导入其余行",
        "mend them and import again, or take the rest now with --skip-bad",
    ),
    "import.skipped": (
        "{count} 行未导入，已另存为 {file}，改好后可直接导入",
        "{count} row(s) were left out; they are in {file}, to be mended and imported",
    ),
    "import.warnings": ("以下 {count} 处请核对：", "{count} thing(s) to look at:"),
    "import.more": (
        "……另有 {count} 处（--json 列出全部）", "… and {count} more (--json lists all)",
    ),
    "import.reading": ("读取并检查", "reading and checking"),
    "import.writing": ("写入", "writing"),
    "import.version": (
        "{file}：{layer} 第 {number} 版，新增 {added}，变更 {changed}，移除 {removed}，"
        "未变 {unchanged}；全层 {rows} 行",
        "{file}: {layer} version {number}: added {added}, changed {changed}, removed {removed}, "
        "unchanged {unchanged}; {rows} row(s) in the layer",
    ),
    "import.reported": ("变更明细已写入 {file}", "what changed is written to {file}"),
    "import.label": ("导入", "importing"),
    "standing.draft": ("草稿", "draft"),
    "standing.approved": ("已批准，待生效", "approved"),
    "standing.active": ("现行", "active"),
    "standing.superseded": ("已被替代", "superseded"),
    "kind.component": ("部件", "component"),
    "kind.matter": ("事项", "matter"),
    "origin.national": ("国标", "national"),
    "origin.local": ("地方", "local"),
    "standard.printed": ("已写入 {file}", "{file} is written"),
    "standard.edition": (
        "{ref} 第 {version} 版：{standing}，自 {start} 起，摘要 {digest}",
        "{ref} edition {version}: {standing}, from {start}, digest {digest}",
    ),
    "standard.class_added": (
        "{name} 已编为 {code}，写入 {standard_ref} 草稿第 {version} 版，待另一人批准",
        "{name} is {code} in draft {version} of {standard_ref}; another person approves it",
    ),
    "standard.discarded": ("{ref} 草稿第 {version} 版已作废", "draft {version} of {ref} is gone"),
    "standard.signed": ("签名有效：{by}", "the signature of {by} holds"),
    "standard.signer_unknown": (
        "文件由 {by} 签名，本节点没有其公钥，无法验证；请与对方核对摘要",
        "signed by {by}, whose key is not known here: compare the digest with its owner",
    ),
    "standard.unsigned": (
        "文件没有签名；请与发布单位核对摘要",
        "the document is not signed: compare the digest with its publisher",
    ),
    "standard.exported": ("已写入 {file}，摘要 {digest}", "{file} is written, digest {digest}"),
    "standard.no_document": ("{file} 不是标准文件", "{file} holds no edition"),
    "standard.proposed": (
        "换算规则的建议：{new}（仅供参考，以对照表为准）",
        "the rule of conversion proposes {new}; the table decides",
    ),
    "standard.day": (
        "“{given}” 不是日期，如 2027-01-01", "'{given}' is no date such as 2027-01-01",
    ),
    "paper.written": ("已写入 {file}，用浏览器打开打印",
                      "{file} is written: open it in a browser and print"),
    "place.point": ("坐标 {lon}, {lat}（CGCS2000）", "point {lon}, {lat} (CGCS2000)"),
    "place.grid": ("单元网格 {grid} {name}", "unit grid {grid} {name}"),
    "place.no_grid": ("不在任何单元网格内", "in no unit grid"),
    "place.beat": ("{kind}网格 {code}", "{kind} grid {code}"),
    "place.uncovered": ("在覆盖范围之外", "outside the coverage"),
    "place.division": ("区划 {code} {name}，相距 {metres} 米",
                       "division {code} {name}, {metres} m away"),
    "place.contested": ("临近区划边界，请核对归属", "near a border: check whose it is"),
    "place.address": ("最近地址 {text}，相距 {metres} 米",
                      "nearest address {text}, {metres} m away"),
    "component.head": ("{code} {name}  状态 {state}  第 {version} 版",
                       "{code} {name}  state {state}  version {version}"),
    "component.unit": ("{role}：{name} {code}", "{role}: {name} {code}"),
    "component.maintainer": ("养护单位", "maintainer"),
    "component.owner": ("权属单位", "owner"),
    "component.department": ("主管部门", "department"),
    "component.unowned": ("权属不明", "owner unknown"),
    "component.stale": ("数据应于 {day} 前更新", "its record was to be updated by {day}"),
    "layer.region": ("区划", "regions"),
    "layer.grid.unit": ("单元网格", "unit grids"),
    "layer.grid.beat": ("巡查网格", "beats"),
    "layer.grid.responsibility": ("责任网格", "responsibility grids"),
    "layer.coverage": ("覆盖范围", "coverage"),
    "layer.component": ("部件", "components"),
    "layer.organisation": ("机构", "organisations"),
    "layer.address": ("地址库", "gazetteer"),
    "layer.exported": ("已写入 {file}（{size} 字节）", "{file} is written ({size} bytes)"),
    "calendar.said": (
        "日历 {calendar}（{by}，{at}），节假日来源 {source}，已知年份：{years}",
        "calendar {calendar} ({by}, {at}), holidays from {source}, known years: {years}",
    ),
    "calendar.due": (
        "{finish_by} 到期（自 {start} 起，{warn_at} 起黄灯，日历 {calendar}）",
        "due {finish_by} (from {start}, yellow from {warn_at}, calendar {calendar})",
    ),
    "calendar.due.missing": (
        "{year} 年的节假日安排未知，按普通周计算",
        "the holidays of {year} are not known: ordinary weeks were counted",
    ),
    "duty.mapped": ("已对应：{phrase} → {code}", "mapped: {phrase} → {code}"),
    "duty.dropped": ("已标记为本地没有：{phrase}", "marked as none of ours: {phrase}"),
}
