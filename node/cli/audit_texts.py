"""What the command line says about the audit log, evidence and personal data, by key: zh-CN first,
then English."""

from __future__ import annotations

from typing import Final

AUDIT_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "audit.rows": ("审计日志 {rows} 行，第 {first} 至 {last} 行",
                   "audit log: {rows} rows, {first} to {last}"),
    "audit.heads": (
        "签名锚 {heads} 个，其中节点外 {anchors} 个；至第 {proven} 行有签名",
        "{heads} signed heads, {anchors} of them kept elsewhere; signed up to row {proven}",
    ),
    "audit.lost": (
        "{count} 个锚所指的行已随磁盘丢失，其后有恢复记录",
        "the rows of {count} head(s) went with a lost disk; the recovery is in the log",
    ),
    "audit.holds": ("完整：每一行都接得上", "whole: every row follows the one before"),
    "audit.broken": ("不完整：自第 {n} 行起对不上", "NOT whole: it breaks at row {n}"),
    "personal.head": ("个人信息目录 {version}，依据：", "personal data {version}, after:"),
    "personal.days": ("办结后 {days} 天", "{days} days after its end"),
    "personal.counted": ("以上为到期数量，未清理", "that much is due; nothing was erased"),
    "personal.purged": ("已清理，记入审计日志", "erased, and in the audit log"),
    "evidence.written": ("证据包已写入 {file}", "the bundle is in {file}"),
    "evidence.key": ("根密钥指纹 {fingerprint}", "root key {fingerprint}"),
    "evidence.check": (
        "核验：解开包内 verify.py，运行 python3 verify.py {file} --root-key 指纹",
        "check it: take verify.py out of it and run python3 verify.py {file} --root-key KEY",
    ),
}
