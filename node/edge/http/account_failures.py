"""Failures of logging in, of accounts and of what somebody may do."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from hub.errors import Retry
from node.edge.http.failures import Row, row

_S = HTTPStatus
_AFTER = Retry.AFTER_CHANGE

ACCOUNT: Final[dict[str, Row]] = {
    "auth.session": row(
        _S.UNAUTHORIZED, _AFTER, "未登录或登录已失效", "Nobody is logged in with this cookie",
        "重新登录（/account/login）", "log in again (/account/login)",
    ),
    "auth.expired": row(
        _S.UNAUTHORIZED, _AFTER, "令牌已到期", "The token has expired",
        "新建令牌（wanmi token create）", "make a new one with: wanmi token create",
    ),
    "auth.address": row(
        _S.UNAUTHORIZED, _AFTER, "令牌不得从此地址使用", "The token is not good from this address",
        "从登记的地址调用，或另建令牌", "call from an address of the token, or make another token",
    ),
    "auth.account": row(
        _S.UNAUTHORIZED, _AFTER, "令牌所属账户已停用", "The token's account does not come in",
        "联系安全管理员", "ask the security administrator",
    ),
    "oidc.state": row(
        _S.BAD_REQUEST, _AFTER, "登录已过期或不在同一浏览器", "Begun elsewhere, or too long ago",
        "从登录页重新开始", "begin again on the login page",
    ),
    "oidc.refused": row(
        _S.BAD_GATEWAY, _AFTER, "统一身份认证的结果不可信", "The login service cannot be relied on",
        "从登录页重新开始；反复出现请联系管理员", "begin again; if it stays, ask the administrator",
    ),
    "oidc.unmapped": row(
        _S.FORBIDDEN, _AFTER, "该用户未对应本节点岗位", "This user has no role here",
        "请管理员在 [[oidc.grants]] 中设置对应关系",
        "an administrator adds a row to [[oidc.grants]]",
    ),
    "oidc.unreachable": row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER, "统一身份认证暂不可用",
        "The login service does not answer", "稍后再试，或用本地账户登录",
        "try again later, or log in with an account of the node",
    ),
    "auth.origin": row(
        _S.FORBIDDEN, _AFTER, "请求来源不符", "The call does not come from a page of this node",
        "在本节点页面操作；经代理访问时设置 public_url",
        "send it from a page of this node; behind a proxy set public_url",
    ),
    "auth.csrf": row(
        _S.FORBIDDEN, _AFTER, "页面已过期", "The call lacks the session's own token",
        "刷新页面后重试", "load the page again (the token is in GET /api/v1/me)",
    ),
    "login.failed": row(
        _S.UNAUTHORIZED, _AFTER, "用户名或口令错误", "Name or password is wrong",
        "核对后重试；忘记口令请联系安全管理员", "try again, or ask the security administrator",
    ),
    "login.wait": row(
        _S.TOO_MANY_REQUESTS, Retry.LATER, "失败次数过多", "Too many failures",
        "稍后再试", "try again after the time that the detail says",
    ),
    "login.locked": row(
        _S.FORBIDDEN, _AFTER, "账户已锁定", "The account is locked",
        "联系安全管理员（wanmi account unlock）", "an administrator unlocks it",
    ),
    "login.busy": row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER, "登录人数过多", "Too many people are logging in",
        "稍后再试", "try again shortly",
    ),
    "session.stage": row(
        _S.FORBIDDEN, _AFTER, "尚未完成登录", "This step is not due", "先完成登录", "log in first",
    ),
    "factor.wrong": row(
        _S.UNPROCESSABLE_ENTITY, _AFTER, "动态口令不正确", "The code does not fit",
        "等下一个口令再试；手机丢失可用恢复码", "wait for the next code, or use a recovery code",
    ),
    "account.link": row(
        _S.GONE, _AFTER, "链接已失效", "The link was used or is too old",
        "请安全管理员重新发放（wanmi account reset）", "ask for a new one (wanmi account reset)",
    ),
    "account.unknown": row(
        _S.NOT_FOUND, _AFTER, "没有这个账户", "There is no such account",
        "核对用户名（wanmi account list）", "check the name (wanmi account list)",
    ),
    "account.there": row(
        _S.CONFLICT, _AFTER, "已有账户", "There is an account already",
        "由现有管理员新建账户；wanmi account reset 可重置口令",
        "an administrator makes others; wanmi account reset makes a link for a new password",
    ),
    "account.state": row(
        _S.CONFLICT, _AFTER, "账户当前状态不允许此操作", "The account is not in such a state",
        "查看账户状态", "look at its state",
    ),
    "account.login_in_use": row(
        _S.CONFLICT, _AFTER, "用户名已用过", "The login name is in use, or was",
        "换一个用户名", "choose another name",
    ),
    "account.own": row(
        _S.FORBIDDEN, _AFTER, "不能对自己的账户办理", "Not to one's own account",
        "请另一名管理员办理", "ask another administrator",
    ),
    "account.last": row(
        _S.CONFLICT, _AFTER, "最后一个可授权的账户", "The last account that can give rights",
        "先授权另一人", "give the role to somebody else first",
    ),
    "account.login": row(
        _S.UNPROCESSABLE_ENTITY, _AFTER, "用户名无效", "The login name cannot be used",
        "使用小写字母、数字或 . _ -", "use a-z 0-9 . _ -",
    ),
    "account.name": row(
        _S.UNPROCESSABLE_ENTITY, _AFTER, "姓名无效", "The name cannot be used",
        "填写姓名", "give a name",
    ),
    "account.too_many": row(
        _S.CONFLICT, _AFTER, "账户数已达上限", "There are too many accounts",
        "清理不用的账户", "an office keeps as many accounts as the detail says",
    ),
    "right.missing": row(
        _S.FORBIDDEN, _AFTER, "岗位没有此项权限", "No role of yours may do this",
        "由具备权限的岗位办理，或申请授权", "ask somebody whose role may, or for the role",
    ),
    "scope.outside": row(
        _S.FORBIDDEN, _AFTER, "案卷不在您的范围内", "The case is outside of your scope",
        "由该范围的人员办理，或申请调整范围", "ask somebody of that scope, or for a wider one",
    ),
    "scope.whole": row(
        _S.FORBIDDEN, _AFTER, "须能查看本单位全部案卷", "This takes the whole office as scope",
        "由范围不受限的人员办理", "ask somebody whose scope is the whole office",
    ),
    "token.addresses": row(
        _S.UNPROCESSABLE_ENTITY, _AFTER, "地址填写有误", "These are no addresses",
        "使用如 10.0.0.7 或 10.0.0.0/24", "write 10.0.0.7 or 10.0.0.0/24",
    ),
    "token.terms": row(
        _S.UNPROCESSABLE_ENTITY, _AFTER, "令牌的范围填写有误", "The terms of the token cannot be",
        "核对有效期、岗位和操作", "check its end, its roles and its verbs",
    ),
    "role.unknown": row(
        _S.UNPROCESSABLE_ENTITY, _AFTER, "没有这个岗位", "There is no such role",
        "查看岗位（wanmi account posts）", "see wanmi account posts",
    ),
    "role.apart": row(
        _S.UNPROCESSABLE_ENTITY, _AFTER, "该岗位须由专人担任", "This role is held alone",
        "为其另建账户", "make an account of its own for it",
    ),
    "role.scope": row(
        _S.UNPROCESSABLE_ENTITY, _AFTER, "范围填写有误", "The scope cannot be used",
        "核对区划、分类和单位", "check areas, classes and units",
    ),
}
"""By code."""
