"""What the account pages say, by key: zh-CN first, then English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WORDS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "other": ("English", "中文"),
    "login": ("用户登录", "Log in"),
    "login.name": ("用户名", "Login name"),
    "login.password": ("口令", "Password"),
    "login.send": ("登录", "Log in"),
    "login.hint": (
        "忘记口令或无法登录，请联系本单位安全管理员",
        "If you cannot log in, ask the security administrator of your office",
    ),
    "login.elsewhere": ("使用{title}登录", "Log in with {title}"),
    "login.leave_there": ("同时退出{title}", "Log out of {title} too"),
    "login.onward": ("继续", "Go on"),
    "login.ended": ("登录已失效，请重新登录", "Your session has ended: please log in again"),
    "login.left": ("已退出登录", "You have logged out"),
    "factor": ("动态口令验证", "Second factor"),
    "factor.what": (
        "打开手机上的验证器应用，填写当前显示的 6 位数字；手机不在身边，可填写一个恢复码",
        "Enter the 6 digits your authenticator app shows now; without the phone, a recovery code",
    ),
    "factor.code": ("动态口令或恢复码", "Code or recovery code"),
    "factor.send": ("验证", "Go on"),
    "enrol": ("绑定动态口令", "Set up the second factor"),
    "enrol.what": (
        "用手机验证器应用扫描下图，再填写它显示的 6 位数字",
        "Scan this with an authenticator app, then enter the 6 digits it shows",
    ),
    "enrol.due": ("您的岗位须使用双因素登录", "Your role needs a second factor"),
    "enrol.secret": ("无法扫描时，手工输入密钥", "If you cannot scan, type this key"),
    "enrol.picture": ("动态口令二维码", "Picture for the authenticator app"),
    "enrol.code": ("6 位动态口令", "6-digit code"),
    "enrol.send": ("完成绑定", "Finish"),
    "codes": ("恢复码", "Recovery codes"),
    "codes.what": (
        "请打印或抄写并妥善保管。手机丢失时每个恢复码可登录一次，本页关闭后不再显示",
        "Print or copy these and keep them safe. Without the phone each lets you in once; they are "
        "not shown again",
    ),
    "codes.done": ("已保存，继续", "I have kept them: go on"),
    "setup": ("设置口令", "Set your password"),
    "setup.first": ("建立首个账户", "Make the first account"),
    "setup.first.what": (
        "这是本节点的首个账户，将作为安全管理员，由其建立其他账户并授予岗位",
        "This is the node's first account. It becomes the security administrator, who makes the "
        "other accounts and gives roles",
    ),
    "setup.for": ("账户：{login}（{name}）", "Account: {login} ({name})"),
    "setup.name": ("姓名", "Your name"),
    "setup.send": ("保存并登录", "Save and log in"),
    "password": ("修改口令", "Change password"),
    "password.due": (
        "口令已到期或须更换，请设置新口令", "Your password has to be changed: please set a new one",
    ),
    "password.old": ("当前口令", "Present password"),
    "password.new": ("新口令", "New password"),
    "password.again": ("再次输入新口令", "New password again"),
    "password.send": ("保存新口令", "Save the new password"),
    "password.rule": (
        "至少 {least} 个字符，可用一句话；不得含姓名、用户名",
        "{least} characters or more; a sentence is fine; without your name",
    ),
    "password.differ": ("两次输入的新口令不一致", "The two new passwords differ"),
    "me": ("我的账户", "My account"),
    "me.console": ("进入工作台", "Go to the console"),
    "me.login": ("用户名", "Login name"),
    "me.name": ("姓名", "Name"),
    "me.roles": ("岗位", "Roles"),
    "me.none": ("尚未授予岗位，请联系安全管理员", "None yet: ask the security administrator"),
    "me.scope": ("范围", "Scope"),
    "me.whole": ("本单位全部案卷", "Everything in this office"),
    "me.factor": ("动态口令", "Second factor"),
    "me.factor.enrol": ("绑定动态口令", "Set it up"),
    "me.factor.on": ("已绑定", "set up"),
    "me.factor.off": ("未绑定", "not set up"),
    "me.changed": ("口令已修改，其他登录已全部退出", "Password changed; all other sessions ended"),
    "sessions": ("登录记录", "My sessions"),
    "sessions.since": ("登录时间", "Since"),
    "sessions.seen": ("最近使用", "Last used"),
    "sessions.address": ("地址", "Address"),
    "sessions.agent": ("浏览器", "Browser"),
    "sessions.own": ("本次登录", "this one"),
    "sessions.end": ("退出", "End"),
    "sessions.others": ("退出其他全部登录", "End all others"),
    "leave": ("退出登录", "Log out"),
    "and": ("、", ", "),
    "area": ("区域 {which}", "areas {which}"),
    "class": ("类别 {which}", "classes {which}"),
    "unit": ("单位 {which}", "units {which}"),
    "no.origin": (
        "请求来源不符，请在本页重新提交；若经代理访问，请管理员核对 public_url 设置",
        "This did not come from a page of this node: send it again from here. Behind a proxy, "
        "public_url has to be set",
    ),
    "no.csrf": ("页面已过期，请重新提交", "The page was out of date: please send it again"),
    "no.link": (
        "链接已失效（已使用或已过期），请向安全管理员索取新链接",
        "This link was used or is too old: ask the security administrator for a new one",
    ),
})
"""Key → (Chinese, English)."""


def word(key: str, language: str, **values: object) -> str:
    """The text of a key in ``en``, or in Chinese for anything else."""
    return WORDS[key][language == "en"].format(**values)
