"""What the pages of people call things: Chinese, and keys of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TABS: Final[Mapping[str, tuple[str, str]]] = {
    "/console/people": ("账户", "listAccounts"),
    "/console/people/tokens": ("令牌", "listTokens"),
    "/console/people/roles": ("岗位", "listRoles"),
}
"""Pages of the room: address, title and the operation of the API that they show."""
STATES: Final[Mapping[str, tuple[str, str]]] = {
    "invited": ("warn", "待本人设口令"), "active": ("ok", "有效"), "locked": ("bad", "已锁定"),
    "ended": ("", "已注销"),
}
SCOPES: Final = {"read": "只读", "operate": "办理业务", "admin": "管理"}
"""The most that a token or a session may do."""
SAID: Final = {
    "granted": "已改授岗位，%(what)s 须重新登录", "locked": "已锁定 %(what)s，其会话已全部退出",
    "unlocked": "已解锁 %(what)s，登录失败记录已清除", "ended": "已注销 %(what)s",
    "left": "已退出 %(what)s 的全部会话", "revoked": "已吊销令牌 %(what)s",
    "token_locked": "已挂失令牌 %(what)s", "token_unlocked": "已恢复令牌 %(what)s",
}
"""What is said on the page that follows an act; ``what`` is a name."""
