"""What the office says about links, by key: how one stands, what the fabric reports of it, what its
words wait for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LINK_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType({
    # --- links ------------------------------------------------------------------------------------
    "link.queued": (
        "{count} 条发往 {peer} 的报文自 {since} 起待送达",
        "{count} queued for {peer} since {since}",
    ),
    "link.paused": ("已由人员暂停", "paused by a person"),
    "link.down": ("连接自 {since} 起中断", "link down since {since}"),
    "link.down_why": (
        "连接自 {since} 起中断（{reason}）", "link down since {since} ({reason})",
    ),
    "link.never": ("连接从未建立", "link down and has never been up"),
    "link.never_why": (
        "连接从未建立（{reason}）", "link down and has never been up ({reason})",
    ),
    "link.stopped": ("{state}：{reason}", "{state}: {reason}"),
    "link.retired": (
        "已停用这个下级，不再与它收发；要它回来，重新邀请并用新密钥加入",
        "this child was retired: nothing is said or heard any more; it comes back by a new "
        "invitation, with new keys",
    ),
    "link.parked": ("{count} 条报文挂起（{why}）", "{count} parked ({why})"),
    "link.quarantined": (
        "{count} 份收到的数据在隔离区", "{count} received item(s) in quarantine",
    ),
    "link.quota.words": (
        "对方今日发来的报文已达配额，暂不再收",
        "the peer's words have reached their quota of today",
    ),
    "link.quota.photos": (
        "对方今日的照片已达配额，其余次日再取",
        "the peer's photos have reached their quota of today, the others wait for tomorrow",
    ),
    "link.quota.parked": (
        "对方挂起的报文已达配额，处理前不再收",
        "the peer's parked words have reached their quota, nothing is taken until they are settled",
    ),
    "link.up": ("连接正常", "link up"),
    "link.well": ("连接正常，全部送达", "up, everything is delivered"),
    "state.FENCED": ("已隔绝", "fenced"),
    "state.RECOVERING": ("待恢复", "recovering"),
    "state.QUARANTINED": ("已隔离", "quarantined"),
    "state.RETIRED": ("已停用", "retired"),
    # --- what the fabric reports, by its code -----------------------------------------------------
    "fabric.link.unreachable": ("对方不可达：{detail}", "unreachable: {detail}"),
    "fabric.link.refused": (
        "上级不再接受本节点的证书：本节点可能已被停用，或证书已另行换发",
        "the parent no longer accepts our certificate: this node was retired there, or its "
        "certificate was renewed elsewhere",
    ),
    "fabric.link.readmitted": ("已用新密钥重新接纳", "taken in again, with new keys"),
    "fabric.keys.device_due": (
        "密码设备中的签名密钥已到更换时间", "the sign key in the device is due to be changed",
    ),
    "fabric.link.fenced": (
        "对方见过本节点更新的副本；本库是旧备份或第二份副本，须恢复或停用",
        "{detail}",
    ),
    "fabric.link.behind": (
        "对方持有本库没有的本节点报文；本库由备份恢复而来或是第二份副本，须恢复或停用",
        "{detail}",
    ),
    "fabric.link.history_gone": (
        "对方需要的历史报文已不在保存期内，须启用新纪元并双方比对",
        "{detail}",
    ),
    "fabric.link.cut_moved": (
        "对方所在位置不在本节点历史中，它跟随过另一份副本，须恢复",
        "{detail}",
    ),
    "fabric.link.fork": (
        "同一位置上双方持有不同的报文，有人以本节点名义签发过两次；保留两份数据库，由人员裁定",
        "{detail}",
    ),
    "fabric.link.twin": (
        "同一节点的两份副本同时在线；停用其中一份，再恢复另一份", "{detail}",
    ),
    "fabric.link.peer_recovering": ("对方正在恢复，恢复完成后继续收发", "{detail}"),
    "fabric.link.peer_recovered": ("对方已恢复，正在重新接通", "{detail}"),
    "fabric.link.recovered": ("本连接已恢复，正在重新接通", "{detail}"),
    "fabric.link.new_epoch": ("已开启新纪元，正在重新接通", "{detail}"),
    "fabric.recovery.echo": ("正在恢复：取回本节点说过的话", "{detail}"),
    "fabric.recovery.echoed": ("正在恢复：已取回，等待确认", "{detail}"),
    "fabric.recovery.opened": ("正在恢复：新纪元等待对方接受", "{detail}"),
    "fabric.recovery.waived": (
        "恢复时跳过了这个连接，须再运行 wanmi recover；在此之前不向对方派遣", "{detail}",
    ),
    "fabric.link.taken": ("连接已由本节点的另一进程接管", "{detail}"),
    "fabric.link.unsealed": ("多次收到签名或摘要不成立的数据", "{detail}"),
    "fabric.link.incompatible": ("双方没有共同的协议版本", "{detail}"),
    "fabric.link.unknown_key": ("对方的名册中没有本节点的密钥", "{detail}"),
    "fabric.link.machine_broke": ("连接状态机出错，已自动重启", "{detail}"),
    "fabric.clock.offset": ("与对方时钟相差过大（{detail}）", "{detail}"),
    "fabric.copy.proven": (
        "有证据表明本节点的另一份副本在运行", "{detail}",
    ),
    "fabric.copy.kept": (
        "此前已有证据表明本节点的另一份副本在运行", "another copy was proven earlier: {detail}",
    ),
    "fabric.claim.not_below": ("下级转来的成员申报不属于其辖下，已拒收", "{detail}"),
    "fabric.claim.not_yours": ("成员申报者不是该节点的上级，已拒收", "{detail}"),
    "fabric.claim.unsealed": ("成员申报的签名不成立，已拒收", "{detail}"),
    "fabric.claim.malformed": ("成员申报无法识别，已拒收", "{detail}"),
    "fabric.roster.other_parent": ("申报的新成员在名册里属于另一个上级，已拒收", "{detail}"),
    "fabric.roster.frozen": ("收到的名册早已过期，已拒收", "{detail}"),
    "fabric.blob.damaged": ("附件损坏（{detail}）", "{detail}"),
    "fabric.store.damaged": (
        "数据库文件已损坏，请停机并换上最新的备份（{detail}）",
        "{detail}: stop this node and restore the newest backup",
    ),
    # --- delivery of one case's words -------------------------------------------------------------
    "bond.queued": ("自 {since} 起排队等待送往 {peer}", "queued for {peer} since {since}"),
    "bond.sent": ("自 {since} 起已发往 {peer}，待确认", "sent for {peer} since {since}"),
    "bond.delivered": ("已送达 {peer}", "delivered to {peer}"),
    "bond.job": ("{wish}在 {peer}：{state}", "{wish} {state} at {peer}"),
    "bond.job_waiting": (
        "{wish}在 {peer}：{state}，自 {since} 起，已尝试 {tries} 次",
        "{wish} {state} at {peer} since {since}, tried {tries} times",
    ),
    "wish.SUBMIT": ("派单", "order"),
    "wish.WITHDRAW": ("撤单", "withdrawal"),
    "job.queued": ("待送出", "queued"),
    "job.unknown": ("结果未知", "unknown"),
    "job.accepted": ("已接收", "accepted"),
    "job.rejected": ("被拒绝", "rejected"),
    "job.parked": ("等待人员处理", "parked"),
    # --- what a parked word waits for -------------------------------------------------------------
    "parked.schema.unsupported": (
        "对方程序较新；升级本节点后自动重试", "the peer is newer; upgrading this node releases it",
    ),
    "parked.key.unknown": (
        "名册中没有签名所用的密钥；收到新名册后自动重试",
        "the roster lists no such key; a newer roster releases it",
    ),
    "parked.key.revoked": (
        "签名所用的密钥在此之前已作废；核实后放弃，或确认后由当事方重新上报",
        "sealed by a key that had ended before; look at it, then discard it",
    ),
    "parked.lane.held": (
        "排在同一案卷一条挂起报文之后；前一条处理后自动继续",
        "behind a parked word of the same case; goes on by itself after it",
    ),
    "parked.handler.failed": (
        "处理时出错；查看日志，修复后重放", "handling it failed; see the log, then replay",
    ),
    "parked.word.not_yours": (
        "对方无权说这句话；核对后放弃", "not the peer's to say; check, then discard",
    ),
    "parked.word.malformed": (
        "内容无法识别；联系对方节点", "the content cannot be read; call the peer",
    ),
    "parked.intake.none_here": (
        "本节点不登记上报，下级上报无法受理；联系下级或核对本节点权限",
        "this office registers no reports; call the office below, or look at the profile here",
    ),
    "parked.assignment.unknown": (
        "本节点没有这次交办；核对后放弃或重放",
        "this node knows no such assignment; check, then discard or replay",
    ),
    "parked.assignment.conflict": (
        "与本节点记录的交办相冲突；由人员裁定",
        "conflicts with the assignment recorded here; a person decides",
    ),
    "parked.trace.not_below": (
        "不是对方下级的记录；联系对方节点", "not a record from below the peer; call the peer",
    ),
    "parked.stock.not_maker": (
        "不是对方自己的报表；联系对方节点", "not the peer's own sheet; call the peer",
    ),
    "parked.stock.differs": (
        "同一份报表已收到且内容不同；联系对方节点，核对后放弃",
        "this sheet is here already and says something else; call the peer, then discard",
    ),
    "parked.other": ("由人员查看后重放或放弃", "a person looks, then replays or discards"),
})
