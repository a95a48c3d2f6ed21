"""What the command line says about accounts of people, by key: zh-CN first, then English."""

from __future__ import annotations

from typing import Final

PEOPLE_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "account.link": (
        "一次性链接，{until} 前有效，仅显示一次。请交给 {login} 本人，在浏览器中打开并设置口令：",
        "A one-time link, good until {until} and shown only now. Give it to {login}, who opens it "
        "in a browser and sets a password:",
    ),
    "account.link.first": (
        "尚无账户。{until} 前在浏览器中打开此链接，建立首个账户（安全管理员）：",
        "There is no account yet. Open this link in a browser by {until} and make the first one "
        "(the security administrator):",
    ),
    "token.terms_offline": (
        "有效期、地址、岗位等限制须在节点运行时设置",
        "terms of a token are set while the node runs",
    ),
    "account.first.there": (
        "已有账户，不再需要此链接；wanmi account reset 可重置口令",
        "there is an account already; wanmi account reset makes a link for a new password",
    ),
    "account.granted": (
        "{login} 的岗位：{roles}；须重新登录", "{login} now has: {roles}; log in anew",
    ),
    "account.locked": ("{login} 已锁定，已全部退出", "{login} is locked, its sessions ended"),
    "account.unlocked": (
        "{login} 已解锁，登录失败记录已清除",
        "{login} may come in again, its failures are forgotten",
    ),
    "account.sessions_ended": (
        "{login} 的 {count} 个会话已退出", "{count} sessions of {login} have ended",
    ),
    "account.ended": ("{login} 已注销", "{login} has ended"),
    "account.state.invited": ("待设口令", "invited"),
    "account.state.active": ("有效", "active"),
    "account.state.locked": ("已锁定", "locked"),
    "account.state.ended": ("已注销", "ended"),
}
