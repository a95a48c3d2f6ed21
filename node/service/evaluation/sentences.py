"""What the evaluation says to people: part of the catalogue, apart because it is long."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

EVALUATION_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "definition.long": ("文件超过 {bytes} 字节", "longer than {bytes} bytes"),
    "definition.many": ("指标文件超过 {count} 个", "more than {count} files of indicators"),
    "definition.toml": ("不是 TOML 格式：{reason}", "not TOML: {reason}"),
    "definition.shape": ("{where}：{reason}", "{where}: {reason}"),
    "definition.twice": ("版本 {given} 有两份", "there are two versions named {given}"),
    "definition.empty": ("{where} 不能为空", "{where} must not be empty"),
    "definition.taken": (
        "{where}：计数项 {given} 由程序给出，不能改写",
        "{where}: the counter {given} is the program's and cannot be written anew",
    ),
    "definition.column": (
        "{where}：没有名为 {given} 的列", "{where}: there is no column {given}",
    ),
    "definition.source": (
        "{where}：来源清单中没有 {given}", "{where}: the list of sources has no {given}",
    ),
    "definition.counter": (
        "{where}：没有计数项 {given}", "{where}: there is no counter {given}",
    ),
    "definition.window": (
        "{where}：没有统计口径 {given}", "{where}: there is no window {given}",
    ),
    "definition.rate": ("{where}：没有比率 {given}", "{where}: there is no rate {given}"),
    "definition.band": ("{where}：没有得分档 {given}", "{where}: there is no score band {given}"),
    "definition.composite": (
        "{where}：没有综合得分 {given}", "{where}: there is no composite {given}",
    ),
    "definition.subject": (
        "{where}：没有评价对象 {given}", "{where}: there is no subject {given}",
    ),
    "definition.kind": (
        "{where}：计数项 {given} 不属于这类对象",
        "{where}: the counter {given} is not one of this kind of rows",
    ),
    "definition.order": (
        "{where}：界限 {given} 须按顺序排列且不重复",
        "{where}: the bounds {given} must be in order, each once, and reach down to the end",
    ),
    "definition.score": (
        "{where}：得分 {given} 不在 0 到 100 之间", "{where}: score {given} is not from 0 to 100",
    ),
    "definition.weights": (
        "{where}：权重为 {given}，各项须大于 0 且合计为 1",
        "{where}: weight {given}; each must be above 0 and all together 1",
    ),
    "definition.part": (
        "{where}：每项写比率或得分档之一（{given}）",
        "{where}: a part is a rate or a band, one of them ({given})",
    ),
    "definition.length": (
        "{where}：{given} 不是“列:位数”", "{where}: {given} is not 'column:digits'",
    ),
    "group.order": (
        "失效 {given} 不晚于生效 {begins}", "it ends ({given}) before it begins ({begins})",
    ),
    "group.order.mend": ("改正两个日期", "correct the two dates"),
})
"""Key → (Chinese, English)."""
