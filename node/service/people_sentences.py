"""What is said about accounts, logins and denials, by key: zh-CN first, then English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PEOPLE_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "people.first": (
        "尚无账户。请在 {hours} 小时内用浏览器打开下面的一次性链接，建立首个账户（安全管理员）：",
        "There is no account yet. Open this one-time link in a browser within {hours} hours and "
        "make the first one (the security administrator):",
    ),
    "people.merged": (
        "三员未分立：系统、安全、审计管理可由同一人担任",
        "administrators are not separated: system, security and audit may be one person",
    ),
    "people.merged.remedy": (
        "人员足够时，在权限配置中删去 separated_admins = false",
        "take separated_admins = false out of the profile once there are enough people",
    ),
    "refusal.right.missing": (
        "您的岗位不能办理“{verb}”。可办理的岗位：{posts}；授权请找{giver}",
        "none of your roles may do this: {verb}. It takes one of: {posts}; roles are given by: "
        "{giver}",
    ),
    "refusal.audit.role": (
        "查看审计日志须有以下岗位：{needed}；您的岗位：{held}",
        "reading the audit log takes one of the roles {needed}; yours: {held}",
    ),
    "refusal.evidence.role": (
        "取证须有以下岗位：{needed}；您的岗位：{held}",
        "taking evidence out takes one of the roles {needed}; yours: {held}",
    ),
    "refusal.scope.outside": (
        "该案卷不在您的{lacking}范围内；调整范围请找{giver}",
        "this case is outside of your scope ({lacking}); scopes are given by: {giver}",
    ),
    "refusal.scope.whole": (
        "“{verb}”涉及本单位全部案卷，您的范围只是其中一部分；调整范围请找{giver}",
        "{verb} is about every case of this office, and your scope is a part of them; scopes are "
        "given by: {giver}",
    ),
    "refusal.login.failed": ("用户名或口令错误", "name or password is wrong"),
    "refusal.login.wait": (
        "失败次数过多，请 {seconds} 秒后再试", "too many failures: try again in {seconds} seconds",
    ),
    "refusal.login.locked": (
        "账户已锁定，请联系安全管理员", "the account is locked: ask the security administrator",
    ),
    "refusal.factor.wrong": (
        "动态口令不正确或已用过；请核对手机时间，等下一个口令",
        "this code does not fit, or was used already: check the phone's clock, wait for the next",
    ),
    "refusal.factor.there": ("已绑定动态口令", "the second factor is set up already"),
    "refusal.session.stage": ("请先完成登录", "please finish logging in first"),
    "refusal.password.short": (
        "口令至少 {least} 个字符；连续重复或递增的字符只算一个",
        "a password has {least} signs or more; a row like aaaa or 1234 counts as one",
    ),
    "refusal.password.long": (
        "口令最多 {most} 个字符", "a password has {most} signs at most",
    ),
    "refusal.password.plain": (
        "口令须含大写、小写、数字、其他符号中的 {kinds} 种",
        "a password has {kinds} of: capitals, small letters, digits, other signs",
    ),
    "refusal.password.name": (
        "口令不得含用户名、姓名或单位名称",
        "a password does not hold your name, your login name or the office's name",
    ),
    "refusal.password.common": (
        "该口令过于常见，请换一个", "this password is among the first that anybody tries",
    ),
    "refusal.password.used": (
        "不得使用最近 {count} 次用过的口令", "not one of your last {count} passwords",
    ),
    "refusal.account.link": (
        "链接已使用或已过期，请索取新链接", "this link was used or is too old: ask for a new one",
    ),
    "refusal.account.login": (
        "用户名为 2 到 40 位小写字母、数字或 . _ -", "a login name has 2 to 40 of a-z 0-9 . _ -",
    ),
    "refusal.account.login_in_use": (
        "用户名已用过，不再启用", "there is, or was, an account of this name",
    ),
    "refusal.account.name": ("姓名为 1 到 {most} 个字符", "a name has 1 to {most} signs"),
    "refusal.account.too_many": ("账户最多 {most} 个", "an office has {most} accounts at most"),
    "refusal.account.unknown": ("没有这个账户", "there is no such account"),
    "refusal.account.state": (
        "账户当前状态不允许此操作", "the account is not in a state that allows this",
    ),
    "refusal.account.own": (
        "不能对自己的账户办理，请另一名管理员办理", "nobody does this to their own account",
    ),
    "refusal.account.last": (
        "这是最后一个可授权的账户，请先授权另一人",
        "this is the last account that can give rights: give them to somebody else first",
    ),
    "refusal.token.addresses": (
        "地址须写成 10.0.0.7 或 10.0.0.0/24，最多 20 项",
        "write addresses as 10.0.0.7 or 10.0.0.0/24, 20 at most",
    ),
    "refusal.token.terms": (
        "没有这个操作或工具：{wrong}", "there is no such verb or tool: {wrong}",
    ),
    "refusal.role.unknown": ("没有岗位 {role}", "there is no role {role}"),
    "refusal.role.apart": (
        "{role} 须由专人担任（三员分立），不能与其他岗位兼任",
        "{role} is held by an account that has no other role",
    ),
    "refusal.role.scope": (
        "范围每类最多 50 项，不得含逗号", "a scope has 50 entries of a kind at most, no commas",
    ),
    "refusal.oidc.state": (
        "登录已过期，或不是在同一浏览器中开始，请重新登录",
        "this login was begun in another browser, or too long ago: begin again",
    ),
    "refusal.oidc.refused": (
        "统一身份认证的结果不可信，未能登录",
        "what the login service says cannot be relied on: nobody was let in",
    ),
    "refusal.oidc.unmapped": (
        "您在统一身份认证中的身份未对应本单位岗位，请联系安全管理员",
        "the login service knows you, but no role here is for you: ask the security administrator",
    ),
    "refusal.oidc.unreachable": (
        "统一身份认证暂不可用，请稍后再试", "the login service does not answer: try again later",
    ),
    "refusal.login.busy": (
        "登录人数过多，请稍后再试", "too many people are logging in: try again shortly",
    ),
})
"""Key → (Chinese, English)."""
