"""What adapters and the linter of their mappings say, for people. English is their own, by the same
keys (``adapters.remarks``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.remarks import SENTENCES, Remark, recognised

CHINESE: Final[Mapping[str, str]] = {
    "table": "应为一个表（[…] 段，或 {{ … }}）",
    "text": "应为文字，写在引号中",
    "list": "应为列表，写在 [ ] 中",
    "required": "必填，现在没有",
    "missing": "没有写",
    "unknown_word": "不认识 {name}，请检查拼写",
    "zone_missing": "请写明对方时间用哪个时区，如 \"Asia/Shanghai\"",
    "zone": "{zone} 不是时区名称，也不是 +08:00 这样的时差",
    "form": "{form} 不是时间格式；可写 iso、unix、unix_ms，或 %Y-%m-%d %H:%M:%S 这样的格式",
    "codes_table": "应为对照表，每行 我方代码 = 对方代码",
    "codes_rows": "超过 {most} 行",
    "codes_twice": "对方代码 {theirs} 同时对应 {first} 和 {second}，收到时无法分辨",
    "rule_table": "应为 {{ field = … }}、{{ template = … }} 或 {{ const = … }}",
    "rule_one_of": "field、template、const 须写一个，且只写一个",
    "no_such_field": "我方没有字段 {field}",
    "no_such_codes": "没有对照表 codes.{table}",
    "no_key": "没有一项送出 key，以后无法向对方核对",
    "not_ours": "我方没有这个字段；可用：{known}",
    "needs_path": "须写 path（或 join = [多个路径]）",
    "no_such_act": "我方没有这个动作",
    "means_both": "对方状态 {code} 同时表示 {first} 和 {second}",
    "declare": "请列出对方系统会出现的全部状态",
    "unmapped": "状态 {code} 已列出，但没有写表示什么；不处理的写到 none",
    "undeclared": "状态 {code} 有对应，但没有列在 declared 中",
    "absent": "没有状态对应；请补一个，或写一句为什么没有",
    "not_absent": "已有状态对应，不应再写为没有",
    "two_acts": "状态 {code} 用在两个动作上",
    "toml": "第 {line} 行不合 TOML 写法，从这里起无法读取",
    "too_large": "超过 {most} 字节",
    "never_heard": "既没有 poll 也没有 webhook，永远收不到对方的消息",
    "photos_inside": "推送的消息须自带照片，不能另取",
    "not_http": "须以 http:// 或 https:// 开头",
    "no_password": "地址中不要写用户名和口令，请放在 secret_file",
    "secret_bytes": "至少 {least} 字节",
    "secret_for": "auth = {how} 时必填",
    "receipts": "请写明 key 和 reference 是哪两列",
    "secret_short": "至少 {least} 个字符",
    "style": "只能是 cursor 或 window",
    "not_called": "还没有联系过",
    "answers": "有应答",
    "answered": "{at} 有应答",
    "links": "{count} 个一次性链接有效",
    "folder": "文件夹 {folder} 在，可以写入",
    "folder_missing": "没有文件夹 {folder}，请检查共享是否已挂载",
    "folder_readonly": "文件夹 {folder} 不能写入，请检查权限",
    "unreachable": "连不上 {at}",
    "slow": "{seconds} 秒内没有应答",
    "lost": "应答没有收到，结果未知",
    "http": "对方系统回答 HTTP {status}（{what}）",
    "once": "这种接入方式的内容不能重读",
    "status_unknown": "状态 {status} 不在映射中",
    "not_in_codes": "{name}：{value} 不在对照表 codes.{table} 中",
    "nothing_at": "{name}：{path} 处没有内容",
    "no_time": "{name}：{value} 不是时间",
    "too_long": "{name}：超过 {most} 个字符",
    "structure": "{name}：应为文字，对方给了一个结构",
    "unspeakable": "{name}：含有不能保存的字符",
    "no_record": "这些内容不是一条完整记录，请对方重新发送",
}
ADAPTER_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    f"adapter.remark.{key}": (CHINESE[key], english) for key, english in SENTENCES.items()}


def said(text: str, language: str) -> str:
    """What an adapter says: a remark in the asked language, any other text as it is."""
    remark = text if isinstance(text, Remark) else recognised(text)
    if remark is None:
        return text
    # Loaded here: the catalogue is made of this module's sentences.
    from node.service.phrases import phrase

    return phrase(f"adapter.remark.{remark.key}", **remark.values).say(language)


def placed(problem: str, language: str) -> tuple[str, str]:
    """One finding of the linter: where, "" = all of it, and what."""
    if isinstance(problem, Remark):
        return problem.place, said(problem, language)
    place, colon, what = problem.partition(": ")
    return (place, what) if colon else ("", problem)
