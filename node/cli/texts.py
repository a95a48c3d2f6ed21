"""What the command line says to people, by key: zh-CN first, then English.

What it says about one thing stands in a module of its own (``node.cli.<thing>_texts``); here is
what every command says. Titles and remedies of failures are not here: the node says them in the
asked language.
"""

from __future__ import annotations

from typing import Final

from node.cli.audit_texts import AUDIT_TEXTS
from node.cli.call_texts import CALL_TEXTS
from node.cli.case_texts import CASE_TEXTS
from node.cli.evaluation_texts import EVALUATION_TEXTS
from node.cli.node_texts import NODE_TEXTS
from node.cli.patrol_texts import PATROL_TEXTS
from node.cli.people_texts import PEOPLE_TEXTS
from node.cli.recovery_texts import RECOVERY_TEXTS
from node.cli.register_texts import REGISTER_TEXTS

TEXTS: Final[dict[str, tuple[str, str]]] = {
    **AUDIT_TEXTS,
    **CALL_TEXTS,
    **CASE_TEXTS,
    **EVALUATION_TEXTS,
    **NODE_TEXTS,
    **PATROL_TEXTS,
    **PEOPLE_TEXTS,
    **RECOVERY_TEXTS,
    **REGISTER_TEXTS,
    "failure": ("{message}（{code}）", "{message} ({code})"),
    "detailed": ("{title}：{detail}", "{title}: {detail}"),
    "bug": (
        "程序内部错误 {kind}，不是您的操作问题；详情已写入 {file}",
        "a bug in the program: {kind}, not your mistake; the details are in {file}",
    ),
    "bug.remedy": (
        "把该文件交给维护人员；已提交的数据不受影响",
        "give that file to whoever maintains wanmi; what was committed is not affected",
    ),
    "usage.missing": ("缺少 {what}", "{what} is missing"),
    "usage.option": ("没有选项 {what}", "there is no option {what}"),
    "usage.command": ("没有命令 {what}", "there is no command {what}"),
    "usage.choice": ("“{given}”不在可选值中；可写：{known}", "'{given}' is none of: {known}"),
    "usage.absent": ("没有“{given}”这个文件或目录", "there is no file or folder '{given}'"),
    "usage.value": ("{what} 的值不能用：{reason}", "the value of {what} cannot be used: {reason}"),
    "usage.wrong": ("命令写法不对：{reason}", "the command line is wrong: {reason}"),
    "usage.near": ("，是不是 {near}？", "; did you mean {near}?"),
    "usage.remedy": ("用法见：{path} --help", "see: {path} --help"),
    "list.more": ("还有更多：--after {next}", "there is more: --after {next}"),
    "list.empty": ("（没有）", "(none)"),
    "span": ("{hours}小时{minutes:02}分", "{hours} h {minutes:02} min"),
    "remedy": ("处理办法：{remedy}", "what to do: {remedy}"),
    "request_id": ("请求编号：{request_id}", "request id: {request_id}"),
    "interrupted": ("已中断", "interrupted"),
    "level.ok": ("正常", "ok"),
    "level.warn": ("注意", "warn"),
    "level.alarm": ("告警", "alarm"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
}


def text(key: str, language: str, **values: object) -> str:
    """The message for a key, in ``zh`` or ``en``."""
    chinese, english = TEXTS[key]
    return (english if language == "en" else chinese).format(**values)
