"""What the pages of adapters call things: Chinese, and keys of the catalogue."""

from __future__ import annotations

from typing import Final

WISHES: Final = {"SUBMIT": "送出", "WITHDRAW": "撤回"}
OUTCOMES: Final = {
    "": "尚未送出", "UNKNOWN": "结果未知，待查询", "LATER": "对方暂不接收", "ACCEPTED": "已接收",
    "REJECTED": "已拒收",
}
CAN: Final = {
    "poll": "定时查询", "webhook": "接收推送", "lookup": "核对是否已收", "withdraw": "撤回",
    "photos_out": "送照片", "photos_in": "收照片", "forms": "一次性表单",
}
SAID: Final = {
    "resumed": "已重新排队：%(what)s", "settled": "已销号 %(what)s", "reheard": "%(what)s",
}
"""What is said on the page that follows an act."""
TYPES: Final = {"human": "一次性表单", "rest": "接口", "file_drop": "文件交换"}
"""Kinds of adapters that ship with the program."""
CODES: Final = {"adapter.unit_unreadable": "读不出", "adapter.outcome_unknown": "结果未知"}
"""Why something lies in quarantine; refusals of the office have titles of their own."""
SOURCES: Final = {"poll": "定时查询", "webhook": "推送", "photo": "照片", "job": "送出时"}
"""From where it came; anything else is the name of a file."""
