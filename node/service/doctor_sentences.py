"""What the doctor found, and what to do about it, by key."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_RECOVERY = (
    "此连接须由人员处理：停下节点，运行 wanmi recover，见 docs/operating/recovery.md",
    "this link needs a person: stop the node, run wanmi recover, see docs/operating/recovery.md",
)

DOCTOR_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "remedy.recovery": _RECOVERY,
    "remedy.unsealed": (
        "运行 wanmi link quarantine {link} 查看；查明后 wanmi link release {link}",
        "see wanmi link quarantine {link}; once explained, wanmi link release {link}",
    ),
    "remedy.parked": (
        "运行 wanmi link parked {link} 查看，再 wanmi link replay 或 discard",
        "see wanmi link parked {link}, then wanmi link replay or discard",
    ),
    "remedy.quota": (
        "联系对方节点查明原因；确属正常业务时调高 wanmi.toml 的 [quota.of.{peer}]；"
        "挂起的报文用 wanmi link parked {link} 查看后处理",
        "ask the peer why; raise [quota.of.{peer}] in wanmi.toml if it is honest work; "
        "settle parked words (wanmi link parked {link})",
    ),
    "remedy.quarantined": (
        "运行 wanmi link quarantine {link} 查看，并联系对方节点",
        "see wanmi link quarantine {link}, and call the peer",
    ),
    "remedy.line": ("检查线路与对方节点", "look at the line and at the peer"),
    "remedy.paused": ("恢复收发：wanmi link resume {link}", "talk again: wanmi link resume {link}"),
    "remedy.link.refused": (
        "联系上级管理员；已被停用的，由上级重新邀请（wanmi invite create --rekey），换新目录加入",
        "call the parent's administrator; if this node was retired: a new invitation (wanmi invite "
        "create --rekey) and a new home",
    ),
    "remedy.keys.device_due": (
        "在设备中生成新密钥，停机运行 wanmi keys change --device",
        "make a new key in the device, stop the node, wanmi keys change --device",
    ),
    "remedy.alarm": ("凭代码 {code} 查看日志", "see the log under the code {code}"),
    "database.stuck": (
        "提交未能完成：{reason}", "a commit did not go through: {reason}",
    ),
    "database.slow": ("未在时限内应答", "no answer in time"),
    "database.stuck.remedy": (
        "检查磁盘；如用数据库服务器，一并检查",
        "look at the disk and, if there is one, at the database server",
    ),
    "process.owner": (
        "本进程 {place} 主持本节点（第 {term} 任，自 {since}）：连接、计时、适配器都在这里",
        "this process, {place}, owns the node (term {term}, since {since}): links, timers and "
        "adapters run here",
    ),
    "process.standby": (
        "本进程 {place} 待命；主持者 {owner}（第 {term} 任，自 {since}）",
        "this process, {place}, stands by; the owner is {owner} (term {term}, since {since})",
    ),
    "process.other": ("另有进程 {place}（{url}）", "another process, {place} ({url}), serves too"),
    "process.alone": (
        "没有别的进程待命，本进程停了节点就停了",
        "no other process stands by: when this one ends, so does the node",
    ),
    "database.version": ("数据库结构版本 {version}", "schema version {version}"),
    "database.unfit": ("数据库不可用：{reason}", "the database cannot be used: {reason}"),
    "database.unfit.remedy": (
        "用最新程序运行 wanmi migrate", "run wanmi migrate with the newest program",
    ),
    "database.server.remedy": ("检查数据库服务器", "look at the database server"),
    "disk.used": ("磁盘已用 {percent}%", "{percent}% of the disk is used"),
    "disk.warn.remedy": (
        "尽快清理；已请相邻节点暂缓发送，到 {full}% 时不再接收新案卷",
        "make room soon: neighbours are told to wait, and at {full}% no new cases are taken",
    ),
    "disk.full.remedy": (
        "立即清理：已拒收新案卷与报文", "make room: new cases and words are refused",
    ),
    "roster.fresh": ("名册 {serial} 有效", "roster {serial} is fresh"),
    "roster.stale": (
        "名册 {serial} 已过期（{state}）", "roster {serial} is {state}",
    ),
    "roster.missing": ("还没有名册：尚未加入上级", "no roster yet: the node has not joined"),
    "roster.missing.remedy": ("运行 wanmi link join", "run wanmi link join"),
    "roster.days": ("名册 {serial} 还有 {days} 天到期", "roster {serial} expires in {days} day(s)"),
    "roster.dead": ("名册 {serial} 已过期 {days} 天", "roster {serial} expired {days} day(s) ago"),
    "roster.remedy": (
        "让根节点运行起来，它会签发新名册", "bring the root up: it signs the next one by itself",
    ),
    "certificate.days": (
        "证书 {name} 还有 {days} 天到期", "certificate {name} expires in {days} day(s)",
    ),
    "certificate.dead": (
        "证书 {name} 已过期 {days} 天", "certificate {name} expired {days} day(s) ago",
    ),
    "certificate.unreadable": (
        "证书 {name} 无法读取", "certificate {name} cannot be read",
    ),
    "certificate.own.remedy": (
        "重启节点即自动换发", "restart the node: it renews it by itself",
    ),
    "certificate.member.remedy": (
        "运行 wanmi mailboxes，把文件拷到该邮箱服务器并重新加载",
        "run wanmi mailboxes, copy the files to that mailbox server and reload it",
    ),
    "certificate.kit.remedy": (
        "本机运行 wanmi link request，交上级 wanmi link accept，再在本机 wanmi link join 并重启",
        "wanmi link request here, wanmi link accept at the parent, wanmi link join here, restart",
    ),
    "certificate.child.remedy": (
        "下级连上后会自动换发；长期连不上的，请下级运行 wanmi link request，再 wanmi link accept",
        "the child renews it by itself once it has contact; without contact: wanmi link request "
        "there, wanmi link accept here",
    ),
    "renew.late": (
        "上级签发的证书还有 {days} 天到期，尚未自动换发（{code}）",
        "the certificate from the parent ends in {days} day(s) and was not renewed yet ({code})",
    ),
    "renew.late.retired": (
        "证书还有 {days} 天到期，上级不再换发：本节点已被停用",
        "the certificate ends in {days} day(s), and the parent renews it no more: this node was "
        "retired there",
    ),
    "renew.late.key": (
        "证书还有 {days} 天到期，上级不认本节点的签名密钥，没有换发",
        "the certificate ends in {days} day(s); the parent does not know our sign key and renewed "
        "nothing",
    ),
    "renew.dead": (
        "上级签发的证书已过期 {days} 天", "the certificate from the parent ended {days} day(s) ago",
    ),
    "renew.late.remedy": (
        "检查与上级的连接（wanmi link）；仍不换发的，本机运行 wanmi link request，交上级 "
        "wanmi link accept，再 wanmi link join",
        "look at the link (wanmi link); if it stays so: wanmi link request here, wanmi link accept "
        "at the parent, wanmi link join here",
    ),
    "mailboxes.well": (
        "邮箱服务器 {here}/{total} 台在线，每个邮箱存 {replicas} 份",
        "{here} of {total} mailbox servers answer; each box is kept {replicas} times",
    ),
    "mailboxes.away": (
        "邮箱服务器 {names} 没有应答（在线 {here}/{total}），收发不受影响",
        "mailbox server {names} does not answer ({here} of {total} do); words go on",
    ),
    "mailboxes.away.remedy": (
        "尽快修复：再坏一台，邮箱可能停用",
        "bring it back soon: with one more away the mailboxes may stop",
    ),
    "mailboxes.no_quorum": (
        "邮箱服务器仅 {here}/{total} 台在线，未过半，邮箱停用；报文不丢，在本节点等候或改走 gRPC",
        "only {here} of {total} mailbox servers answer, no majority: mailboxes stand still; no "
        "word is lost, they wait here or go by gRPC",
    ),
    "mailboxes.no_quorum.remedy": (
        "启动 {names} 上的 nats-server；磁盘坏了就清空 store 再启动",
        "start nats-server on {names}; after a broken disk with an empty store",
    ),
    "mailboxes.refused": (
        "邮箱服务器 {name} 的配置较旧：不认识最近接纳的下级",
        "mailbox server {name} has an older configuration: it does not know the newest child",
    ),
    "mailboxes.refused.remedy": (
        "运行 wanmi mailboxes，把文件拷到该服务器并重新加载",
        "run wanmi mailboxes, copy the files there and reload it",
    ),
    "mailboxes.behind": (
        "邮箱服务器 {name} 上的副本还没跟上", "copies at mailbox server {name} are behind",
    ),
    "mailboxes.behind.remedy": (
        "通常几分钟内自行追上；一直不变时清空它的 store 再启动",
        "they catch up within minutes; if they do not, start it with an empty store",
    ),
    "home.whole": ("目录 {home} 完整", "{home} is complete"),
    "home.gap": ("缺少 {path}", "{path} is missing"),
    "home.gap.remedy": (
        "从备份恢复，或重新 wanmi init",
        "restore it from the backup, or make the node again with wanmi init",
    ),
    "keys.open": (
        "密钥文件 {path} 可被其他用户读取（{mode}）",
        "key file {path} can be read by others ({mode})",
    ),
    "keys.open.remedy": ("运行：chmod 600 {path}", "run: chmod 600 {path}"),
    "keys.private": ("密钥文件仅本用户可读", "key files are readable by their owner alone"),
    "keys.missing": ("此目录没有密钥", "this home has no keys"),
    "keys.missing.remedy": ("运行 wanmi init", "run wanmi init"),
    "settings.unfit.remedy": ("修正 {path}", "correct {path}"),
    "profile.unfit.remedy": (
        "写上随包提供的名称，或文件路径", "name a shipped profile or the path of a file",
    ),
})
