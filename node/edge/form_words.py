"""What the page behind a one-time link says, by key: zh-CN first, then English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WORDS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "title": ("城市管理工单", "Work order"),
    "heading": ("城市管理工单办理", "City management: your work order"),
    "order": ("工单内容", "The order"),
    "urgent": ("紧急", "urgent"),
    "case_no": ("案卷编号", "Case"),
    "category": ("问题类别", "Category"),
    "address": ("地点", "Place"),
    "no_address": ("未填写", "not given"),
    "text": ("情况描述", "Description"),
    "finish_by": ("处置时限", "To be done by"),
    "no_limit": ("未规定", "no limit"),
    "photos": ("现场照片", "Photos"),
    "said": ("已提交的反馈", "What you have told us"),
    "colon": ("：", ": "),
    "signed": ("签收", "Accept"),
    "signed.what": ("确认已收到，由我单位处置。", "We have it and will do the work."),
    "signed.send": ("签收", "Accept"),
    "done": ("处置完毕", "Done"),
    "done.text": ("处置结果（必填）", "What was done (required)"),
    "done.photos": ("处置后照片（最多 {most} 张）", "Photos afterwards (at most {most})"),
    "done.closing": ("已达到结案条件：{closing}", "The closing condition is met: {closing}"),
    "done.send": ("提交处置结果", "Send the result"),
    "progress": ("进展", "Progress"),
    "progress.what": ("报告进展", "Report progress"),
    "progress.text": ("进展情况", "How far it is"),
    "progress.send": ("提交进展", "Send progress"),
    "return": ("申请回退", "Give it back"),
    "return.reason": ("回退原因", "Reason"),
    "return.choose": ("请选择", "please choose"),
    "return.text": (
        "说明（必填，可写明应由哪个单位处置）", "Explanation (required; whose work is it?)",
    ),
    "return.send": ("提交回退申请", "Send it back"),
    "reason.not_ours": ("不属于本单位职责", "not our responsibility"),
    "reason.wrong_place": ("地点有误，现场未发现", "wrong place, nothing found there"),
    "reason.needs_other": ("须由其他单位先行处置", "somebody else has to act first"),
    "reason.duplicate": ("与已有案卷重复", "the same as another case"),
    "reason.other": ("其他", "other"),
    "private": (
        "本链接仅供承办单位使用，请勿转发；有效期至 {expires}。",
        "This link is for your unit alone: do not pass it on. Valid until {expires}.",
    ),
    "state.done": ("已提交处置结果", "The result has been sent"),
    "state.done.more": (
        "无需再次提交。如核查未通过，将发送新的链接。",
        "Nothing more to send. Should the check fail, you get a new link.",
    ),
    "state.returned": ("已提交回退申请", "Your request to give it back has been sent"),
    "state.returned.more": ("请等待派遣单位答复。", "Please wait for the answer."),
    "state.withdrawn": ("工单已撤回", "The order was withdrawn"),
    "state.withdrawn.more": (
        "派遣单位已撤回本工单，无需处置。", "The sender has called it back: nothing to do.",
    ),
    "state.expired": ("链接已过期", "The link has expired"),
    "state.expired.more": ("请联系派遣单位获取新的链接。", "Ask whoever sent it for a new one."),
    "state.unknown": ("链接无效", "There is no such link"),
    "state.unknown.more": (
        "请核对链接是否完整，或联系派遣单位。", "Check that it is complete, or ask the sender.",
    ),
    "no.size": (
        "提交内容过大，总计不得超过 {most} MB", "Too much at once: at most {most} MB in all",
    ),
    "no.shape": (
        "照片最多 {most} 张，或内容格式有误", "At most {most} photos, or the form was damaged",
    ),
    "no.ticket": ("页面已失效，请重新提交", "The page was out of date: please send it again"),
    "no.act": ("请选择要提交的内容", "Please choose what to send"),
    "no.characters": ("文字中含有无法保存的字符", "The text has characters that cannot be kept"),
    "no.long": ("文字不得超过 {most} 字", "At most {most} characters"),
    "no.text": ("请填写说明", "Please write a few words"),
    "no.reason": ("请选择回退原因", "Please choose a reason"),
    "no.photo_size": ("每张照片不得超过 {most} MB", "A photo has at most {most} MB"),
    "no.photo_pixels": (
        "照片尺寸过大，请以不超过 {most} 万像素拍摄",
        "The photo is too large to be shown; take it with at most {most}0,000 pixels",
    ),
    "no.photo": ("照片须为 JPG、PNG 或 WebP 格式", "Photos must be JPG, PNG or WebP"),
})
"""Key → (Chinese, English)."""


def word(key: str, language: str, **values: object) -> str:
    """The text of a key in ``en``, or in Chinese for anything else."""
    return WORDS[key][language == "en"].format(**values)
