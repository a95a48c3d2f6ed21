"""What the command line says about evaluation, acceptance, sharing, the stock of work and the
fund, by key: zh-CN first, then English."""

from __future__ import annotations

from typing import Final

EVALUATION_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "evaluate.head": (
        "{subject} {period}，{node}；指标 {version}（{digest}）；筛选：{filter}",
        "{subject} {period}, {node}; indicators {version} ({digest}); filter: {filter}",
    ),
    "evaluate.together": ("小计 {name}", "subtotal {name}"),
    "evaluate.score": ("综合得分", "score"),
    "evaluate.total": ("合计", "total"),
    "evaluate.partial": (
        "* 缺数据的分项不计，其余按权重折算；— 为分母为零，无数据",
        "* parts without data are left out and the others scaled up; — is no data",
    ),
    "evaluate.lap": (
        "平均 {mean}，最长 {longest}（{count} 件）", "mean {mean}, longest {longest} ({count})",
    ),
    "evaluate.written": ("已写入 {file}（{bytes} 字节）", "wrote {file} ({bytes} bytes)"),
    "evaluate.published": (
        "已公布 {id}；摘要 sha256:{digest}；签名密钥 {seal}",
        "published {id}; digest sha256:{digest}; signed with {seal}",
    ),
    "evaluate.no_sheet": (
        "{file} 不是以 json 导出的评价结果", "{file} is no sheet of an evaluation exported as json",
    ),
    "evaluate.compared": ("{count} 处不一致", "{count} difference(s)"),
    "evaluate.rebuilt": ("已重新计算 {count} 个案卷", "computed {count} case(s) anew"),
    "evaluate.verified": (
        "核对 {cases} 个案卷，{count} 处不一致", "looked at {cases} case(s), {count} difference(s)",
    ),
    "evaluate.label": ("案卷", "cases"),
    "acceptance.head": ("{name} · {title}，{at}", "{name} · {title}, {at}"),
    "acceptance.window": (
        "案卷取 {first} 至 {last}；清单版本 {version}",
        "cases of {first} to {last}; criteria {version}",
    ),
    "acceptance.passed": (
        "验收通过：通过 {passed} 项，不适用 {not_applicable} 项，不通过 {failed} 项",
        "passed: {passed} checks pass, {not_applicable} not applicable, {failed} fail",
    ),
    "acceptance.failed": (
        "验收不通过：不通过 {failed} 项，通过 {passed} 项，不适用 {not_applicable} 项",
        "failed: {failed} checks fail, {passed} pass, {not_applicable} not applicable",
    ),
    "acceptance.format": (
        "{file}：只写 .html、.csv 或 .xlsx", "{file}: write .html, .csv or .xlsx",
    ),
    "acceptance.written": ("清单已写入 {file}", "the list is in {file}"),
    "share.head": (
        "{node} {dataset}（{sharing}），{at}", "{node} {dataset} ({sharing}), {at}",
    ),
    "share.written": ("{count} 行已写入 {file}", "{count} rows are in {file}"),
    "fund.stands": (
        "余额 {balance} 元（拨入 {deposited}，支出 {paid}，追缴 {recovered}）；"
        "待追缴 {outstanding} 元",
        "balance {balance} yuan (deposited {deposited}, paid {paid}, recovered {recovered}); "
        "outstanding {outstanding}",
    ),
    "fund.booked": ("已登记 {number}：{amount} 元", "booked {number}: {amount} yuan"),
    "fund.known": ("{number} 此前已登记，未重复记账", "{number} was booked before, nothing done"),
    "fund.written": ("台账已写入 {file}", "ledger written to {file}"),
    "fund.rebuilt": (
        "已按日志重建，共 {count} 条", "written again from the journal: {count} lines",
    ),
    "stock.published": (
        "已出表存档：{period} 第 {version} 版，摘要 {digest}…",
        "published: {period} version {version}, digest {digest}…",
    ),
    "stock.written": ("报表已写入 {file}", "sheet written to {file}"),
    "stock.format": ("{file}：只能写成 .csv 或 .xlsx", "{file}: only .csv or .xlsx"),
    "stock.no_period": (
        "请用 --period 指明周期，如 --period 2026-W48",
        "say which period: --period 2026-W48",
    ),
    "stock.one_question": (
        "--unit 只用于预览，不能与 --publish、--below、--node 同用",
        "--unit is for looking only: not with --publish, --below or --node",
    ),
    "stock.head": (
        "{name} {period} 问题库报表（超过办结时限 {days} 天为长期超期）",
        "{name} {period} problem library (long overdue: {days} days past the deadline)",
    ),
    "stock.total": (
        "期初 {opening}，新增 {came}，消除 {resolved}，期末 {closing}",
        "opening {opening}, came in {came}, resolved {resolved}, closing {closing}",
    ),
    "stock.ways": (
        "消除：已处置 {handled}，恢复计时 {resumed}，时限变更或另行派遣 {moved}，结束 {ended}",
        "resolved: handled {handled}, resumed {resumed}, deadline moved {moved}, ended {ended}",
    ),
    "stock.ages": ("期末案龄：{ages}", "ages at closing: {ages}"),
    "stock.age": ("{days} 天 {count}", "{days} days {count}"),
    "stock.comma": ("、", ", "),
    "stock.longest": ("久拖未决（{count} 件）", "longest standing ({count})"),
    "stock.below": (
        "{period} 下级报送情况：应报 {due}，{late} 起未到记未报",
        "{period} sheets from below: due {due}, missing from {late} on",
    ),
    "stock.not_asked": (
        "本节点规则不要求下级报送该周期", "our rules ask for no sheets of this length",
    ),
    "stock.missing": ("未报：{nodes}", "missing: {nodes}"),
}
