"""What every failure looks like from outside: HTTP status, retry and titles, in one table.

Two kinds of rows. Error classes of the closed families (``node.core.Refused``,
``hub.FabricError``) are looked up along their inheritance, so a finer code of a known class needs
no row of its own. Failures that belong to HTTP itself (a missing token, a body of the wrong type)
have no class in the families and are looked up by code.

Adapter errors have no row on purpose: the adapter host turns each of them into a state that can be
read, and one that escapes is a bug (500).
"""

from __future__ import annotations

from http import HTTPStatus

from hub import errors as fabric
from hub.errors import Retry
from hub.link.settling import NotSettled
from node.core import errors as core
from node.edge.http.account_failures import ACCOUNT
from node.edge.http.door_failures import DOOR
from node.edge.http.failures import Row, row
from node.edge.http.record_failures import RECORD
from node.edge.http.work_failures import WORK

__all__ = ["CLASSES", "CODES", "Row", "row_of"]

_S = HTTPStatus

CLASSES: dict[type[Exception], Row] = {
    core.WrongStatus: row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "案卷当前状态不允许此操作", "The case is not in a status from which this verb starts",
        "查看案卷，从其“可用操作”中选择（wanmi case show）",
        "read the case and choose a verb that its status allows (wanmi case show)",
    ),
    core.VersionConflict: row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "案卷已被他人更新", "The case has moved on since you read it",
        "重新读取案卷，确认后再提交", "read the case again, look, and send with the new version",
    ),
    core.NotPermitted: row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "没有此项权限", "This office or person does not hold the right",
        "由具备权限的单位或人员办理", "ask an office or person that holds the right",
    ),
    core.NoRoute: row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "无法确定责任单位", "Nobody, or more than one, is responsible",
        "指定承办单位，或补全权责清单", "name the assignee, or complete the responsibility table",
    ),
    core.UnknownCase: row(
        _S.NOT_FOUND, Retry.NEVER,
        "案卷不存在", "There is no such case at this node",
        "核对案卷标识", "check the case id",
    ),
    core.UnknownUnit: row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这个责任单位", "There is no such unit at this node",
        "核对单位编号，或先录入单位名册", "check its id, or import the units first",
    ),
    core.Invalid: row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "填写内容不符合业务规则", "A field breaks a rule of the trade",
        "按提示修改后重新提交", "correct the field named in the detail",
    ),
    fabric.Unreachable: row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "对方节点或传输通道暂不可达", "The peer or the carrier does not answer now",
        "稍后重试；业务会自动排队", "try again later; words for the peer stay queued",
    ),
    fabric.Unsealed: row(
        _S.BAD_GATEWAY, Retry.NEVER,
        "对方数据的签名或摘要不成立", "A seal or digest from the peer does not hold",
        "查看隔离区并联系对方节点", "look at the quarantine of the link and call the peer",
    ),
    fabric.Malformed: row(
        _S.BAD_GATEWAY, Retry.NEVER,
        "对方数据无法识别", "Bytes from the peer are no message we know",
        "查看隔离区并联系对方节点", "look at the quarantine of the link and call the peer",
    ),
    fabric.UnknownPeer: row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "名册中没有该节点或连接", "Our roster lists no such peer or link",
        "核对节点标识，或更新名册", "check the id, or bring the roster up to date",
    ),
    fabric.Incompatible: row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "双方版本不兼容", "The two ends have no version in common",
        "升级较旧的一方", "upgrade the older end",
    ),
    fabric.Untrusted: row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "文件、密钥或证书不可信", "A document, key or certificate cannot be relied on",
        "核对来源后重新办理", "check where it came from and have it made again",
    ),
    NotSettled: row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "这条报文现在不能处理", "The word cannot be settled now",
        "先处理同一案卷中排在前面的报文", "settle the older word of the same case first",
    ),
    fabric.Overloaded: row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "节点繁忙，已达上限", "A named limit of this node is reached",
        "稍后重试", "try again later",
    ),
    fabric.Fenced: row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "连接由另一进程或副本持有", "Another process or copy of this node owns the link",
        "确认只运行一个副本", "make sure that one copy of this node runs",
    ),
}
"""Leaf classes of the two families that a caller can see. A test proves it total."""

CODES: dict[str, Row] = {**WORK, **RECORD, **DOOR, **ACCOUNT}
"""Failures of HTTP itself, and codes that need another status or title than their class; what they
are about says in which module they stand."""


def row_of(error: Exception) -> tuple[str, Row]:
    """The code and the row for an error of a family; ``KeyError`` if it belongs to none."""
    code = getattr(error, "code", "")
    if code in CODES:
        return code, CODES[code]
    for class_ in type(error).__mro__:
        if class_ in CLASSES:
            return code, CLASSES[class_]
    raise KeyError(type(error).__name__)
