"""A node's home directory as the command line sees it: settings file, keys, local token.

Reading settings loads pydantic, so that happens where settings are read and not before.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from node.cli.speech import Exit, Speech

if TYPE_CHECKING:
    from node.settings import Settings

TOKEN_FILE: Final = "cli.token"  # noqa: S105  a file name
"""Below ``keys/``, mode 0600: lets the command line on the node's own machine in."""
REQUEST_FILE: Final = "join-request.json"


def settings_of(home: Path, speech: Speech) -> Settings:
    """The settings of the node in ``home``. Raises ``Trouble`` with what to do."""
    from pydantic import ValidationError

    from node.settings import load

    if not has_settings(home):
        raise speech.trouble(Exit.HOME, "home.missing", home=home)
    try:
        return load(home)
    except ValidationError as error:
        reason = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
            for item in error.errors()
        )
        raise speech.trouble(Exit.HOME, "home.settings", home=home, reason=reason) from error
    except (ValueError, OSError) as error:
        raise speech.trouble(Exit.HOME, "home.settings", home=home, reason=error) from error


def settings_file(home: Path) -> Path:
    """Where the settings of this home lie, or would lie."""
    from node.settings import FILE_NAME

    return home / FILE_NAME


def has_settings(home: Path) -> bool:
    """Whether there is a node in this home."""
    return settings_file(home).is_file()


def write_private(path: Path, content: str) -> None:
    """Put a file in place that only its owner can read: whole or not at all, also on a power cut
    in the middle of replacing an older one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def local_token(settings: Settings) -> str:
    """The token that ``init`` left for this machine, or ""."""
    try:
        return (settings.keys / TOKEN_FILE).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def render_settings(
    *, id_: str, name: str, profile: str, parent: str, http_port: int, grpc_port: int,
    nats_port: int, nats: bool, database_url: str, passphrase_file: str = "",
    audit_digest: str = "sha256",
) -> str:
    """A fresh ``wanmi.toml`` with a comment beside everything a person may want to change."""
    parent_table = f"""
# 上级节点；由 wanmi link join 填写。The one parent; filled in by wanmi link join.
[parent]
id = {_quoted(parent)}
# host:port；留空则不用 gRPC。Empty = do not use gRPC.
grpc = ""
# tls://host:port；留空则不用 JetStream。Empty = do not use JetStream.
nats = ""
# 首选通道 GRPC 或 NATS。Which carrier is tried first.
prefer = "GRPC"
""" if parent else ""
    return f"""# wanmi 节点设置。Settings of one node; read at start, so restart after a change.
# 环境变量优先，例如 WANMI_HTTP__PORT。The environment wins, e.g. WANMI_HTTP__PORT.

# debug, info, warning, error
log_level = "info"
# json 或 text
log_format = "json"

[node]
# 区划代码或统一社会信用代码；建好后不能改。Never changes: keys and roster carry it.
id = {_quoted(id_)}
# 屏幕上显示的名称。What screens show.
name = {_quoted(name)}
# 权限配置：随包提供的名称或文件路径。What this office is granted: a shipped name or a path.
profile = {_quoted(profile)}
{parent_table}
[http]
# 默认只听本机；对外请在前面放带 TLS 的反向代理。Loopback; put a TLS proxy in front.
host = "127.0.0.1"
port = {http_port}
# 浏览器访问地址，用于一次性表单链接。How browsers reach this node (form links).
public_url = ""
# 本机采集器免令牌读取 /metrics。Serve /metrics without a token, on loopback only.
metrics_open = false

[grpc]
# 下级节点连接的端口。The door for children.
host = "127.0.0.1"
port = {grpc_port}
# 写入服务器证书的名称和地址。Names and addresses on the server certificate.
hosts = ["localhost", "127.0.0.1"]

# 受邀节点加入时连接的端口，有邀请时才打开；同一台机器上有几个上级节点时各用一个端口。
# The door for invited nodes, open while somebody is invited; one for each parent on a machine.
# [enrol]
# port = 8444

[nats]
# 是否内嵌 nats-server 为下级提供邮箱。Run a nats-server for children's mailboxes.
embedded = {str(nats).lower()}
host = "127.0.0.1"
port = {nats_port}

[keyring]
# 私钥加密时的口令文件，权限 600，放在本目录之外。File (mode 600, outside of this home) with the
# passphrase of sealed private keys; see wanmi keys protect.
passphrase_file = {_quoted(passphrase_file)}
# 要求双签的邻居标识，仅在对方更换签名密钥期间填写。Neighbours of whom both seals are asked for,
# while they go over to another key.
dual = []

[personal]
# 是否加密存放举报人、来电人的姓名和电话；密钥在 keys/data.key，备份时一并保存。
# Seal names and phones of reporters and callers; without keys/data.key they are lost.
sealed = false

[audit]
# 审计日志保存天数，不少于 184（网络安全法第二十一条）。Days that the audit log is kept.
keep_days = 1095
# 签名审计锚追加写入的文件，宜放在管理员无权改写的位置。A file to which every signed head is
# appended, best where the administrators of this machine cannot write otherwise.
anchor = ""
# 链的摘要算法 sha256 或 sm3。Digest of its chain.
digest = {_quoted(audit_digest)}

[database]
# 留空为 data/wanmi.db（SQLite）；或 postgresql+psycopg://user:password@host/db
# Empty = SQLite in data/wanmi.db.
url = {_quoted(database_url)}
"""


def with_values(content: str, table: str, values: Mapping[str, str]) -> str:
    """The settings text with string values of one table set; comments stay where they are.

    A missing table is added at the end, a missing key below the table's heading.
    """
    lines = content.splitlines()
    heading = f"[{table}]"
    if heading not in [line.strip() for line in lines]:
        lines += ["", heading]
    start = [line.strip() for line in lines].index(heading) + 1
    end = next((n for n in range(start, len(lines)) if lines[n].lstrip().startswith("[")),
               len(lines))
    for key, value in values.items():
        line = f"{key} = {_quoted(value)}"
        for n in range(start, end):
            if re.match(rf"\s*{re.escape(key)}\s*=", lines[n]):
                lines[n] = line
                break
        else:
            lines.insert(start, line)
            end += 1
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    """A TOML basic string."""
    out = value.replace("\\", "\\\\").replace('"', '\\"')
    out = "".join(
        char if char >= " " and char != "\x7f" else f"\\u{ord(char):04x}" for char in out
    )
    return f'"{out}"'
