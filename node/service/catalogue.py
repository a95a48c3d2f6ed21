"""What the office says to people, by key: zh-CN first, then English. Data, nothing else.

Three kinds of sentences: why a link, a bond or an adapter stands as it does; what the doctor found
and what to do about it; what a parked word waits for. Both languages take the same values, but for
``detail``: the fabric's own English, which the Chinese sentence replaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from node.service.adapter_sentences import ADAPTER_SENTENCES
from node.service.causes import CAUSE_SENTENCES
from node.service.duty_sentences import DUTY_SENTENCES
from node.service.evaluation.sentences import EVALUATION_SENTENCES
from node.service.imports.sentences import IMPORT_SENTENCES
from node.service.people_sentences import PEOPLE_SENTENCES
from node.service.places.sentences import PLACE_SENTENCES
from node.service.report_sentences import REPORT_SENTENCES

_RECOVERY = (
    "此连接须由人员处理：停下节点，运行 wanmi recover，见 docs/operating/recovery.md",
    "this link needs a person: stop the node, run wanmi recover, see docs/operating/recovery.md",
)

SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "verbatim": ("{text}", "{text}"),
    "scope.small": (
        "此操作需要 {needed} 权限的令牌，当前令牌只有 {held}",
        "this needs scope {needed}, the token has {held}",
    ),
    # --- refusals, where the words name what is missing -------------------------------------------
    "refusal.intake.detail_missing": (
        "来源“{source_name}”还须填写：{lacks}；命令行如 --detail {field}=…",
        "a report by {source_name} needs {lacks}: --detail {field}=…",
    ),
    "refusal.intake.detail_missing.both": (
        "来源“{source_name}”还须填写：{lacks}；并附照片：{roles}；命令行如 --detail {field}=…",
        "a report by {source_name} needs {lacks}, and photos: {roles}; --detail {field}=…",
    ),
    "refusal.intake.detail": (
        "来源“{source_name}”没有“{field}”一项，或重复填写",
        "a report by {source_name} has no “{field}”, or it was given twice",
    ),
    "refusal.intake.photo_missing": (
        "来源“{source_name}”还须附照片：{roles}",
        "a report by {source_name} needs photos: {roles}",
    ),
    "refusal.intake.photo_missing.both": (
        "来源“{source_name}”还须附照片：{roles}；“{name}”类上报还须填写：{lacks}，"
        "命令行如 --detail {field}=…",
        "a report by {source_name} needs photos: {roles}; one on {name} needs {lacks}: "
        "--detail {field}=…",
    ),
    "refusal.intake.source": (
        "没有来源“{source}”；可用：{known}", "there is no source “{source}”; known: {known}",
    ),
    "refusal.intake.unverified": (
        "来源“{source_name}”的上报须先核实，再受理或立案",
        "a report by {source_name} is verified on site before it is taken or filed",
    ),
    "refusal.intake.contact": (
        "要求答复的举报人须留联系电话", "whoever wants a reply leaves a phone",
    ),
    "refusal.intake.reported_at": (
        "上报时间 {given} 不可信：晚于当前时间，或早于允许的离线时长",
        "{given} is no time at which this can have been reported",
    ),
    "refusal.intake.due_by": (
        "完成时间 {given} 已过", "the task would be due at {given}, which has passed",
    ),
    "refusal.intake.duplicate_of": (
        "不能并入案卷 {given}：不存在、就是本案，或它本身已并入他案",
        "it cannot be merged into {given}: unknown, this case itself, or merged already",
    ),
    "refusal.intake.no_contact": (
        "举报人没有留下联系方式，无法回访", "nobody left a contact: there is nobody to ask",
    ),
    "refusal.intake.rated": ("已评价过，只收一次", "it was rated already; once is all"),
    "refusal.condition.missing": (
        "该类有立案条件 {conditions}，须选定符合的一条（condition_no）",
        "the class has filing conditions {conditions}: name the one that is met",
    ),
    "refusal.condition.unknown": (
        "该类在 {area} 没有第 {given} 条立案条件；可选：{conditions}",
        "the class has no filing condition {given} in {area}; it has {conditions}",
    ),
    "refusal.category.out_of_list": (
        "{category} 不在 {day} 现行的监管清单内；确需立案的，请说明理由",
        "{category} is not in the supervision list in force on {day}: say why it is to be filed",
    ),
    "refusal.case.wrong_status.verb": (
        "案卷目前为“{status}”，不能进行此操作（{verb}）",
        "{verb} does not start from {status}",
    ),
    "refusal.case.wrong_status.not_handed_on": (
        "本案没有派遣在外", "nobody has been handed this case",
    ),
    "refusal.case.wrong_status.handed_on": (
        "案卷在 {assignee} 手中；须先撤回，或由对方回退",
        "{assignee} has it; withdraw it or let them return it first",
    ),
    "refusal.case.wrong_status.not_done": (
        "承办单位尚未反馈", "no assignee has said that it is done",
    ),
    "refusal.case.wrong_status.signed": ("已经签收", "it is signed for already"),
    "refusal.case.wrong_status.asked": (
        "先前的申请尚未答复", "an earlier request waits for its answer",
    ),
    "refusal.case.wrong_status.to_wait": (
        "本级的挂账申请尚未答复，答复前不再交办（申请编号 {request_id}）",
        "our own request to let it wait has no answer yet: nobody begins under a clock that may "
        "stand ({request_id})",
    ),
    "refusal.case.wrong_status.not_suspended": (
        "派出的任务没有挂账", "nothing handed over is suspended",
    ),
    "refusal.case.wrong_status.suspended_below": (
        "挂账的是派出的任务，不是本级案卷", "it is what was handed over that is suspended",
    ),
    "refusal.case.wrong_status.nobody_at_work": (
        "下面没有单位正在处置", "nobody below is at work on it",
    ),
    "refusal.case.wrong_status.not_owed": (
        "该督办不需要回复，或已经回复", "no answer is owed to that supervision",
    ),
    "refusal.case.not_permitted.capability": (
        "本节点没有此操作所需的权限（{capability}）",
        "this needs the capability {capability}, which this office does not have",
    ),
    "refusal.case.not_permitted.no_close": (
        "本节点无权结案（{capability}），自处置的问题在此无人能结；请转报上级受理",
        "nobody here could close what was put right at once ({capability}): the office above takes "
        "the report",
    ),
    "refusal.case.no_route.stranger": (
        "{to} 不是本节点的下级或适配器", "{to} is neither a child nor an adapter of this office",
    ),
    "refusal.approval.return_open": (
        "对方申请回退，须先审批（申请编号 {request_id}）",
        "whoever has it wants to give it back: answer that first ({request_id})",
    ),
    "refusal.approval.suspended.above": (
        "上级已挂账至 {until}；如需提前恢复，请上级恢复计时",
        "our assignor suspended it until {until}: ask them to resume it first",
    ),
    "refusal.coordination.no_body": (
        "本节点及其上级都没有“{level}”这一级的协调机构",
        "neither this office nor anybody above it decides as {level}",
    ),
    # --- mistakes in a request, by the kind that pydantic gives them ------------------------------
    "mistakes": ("有 {count} 项不符合接口要求", "{count} field(s) do not fit the API"),
    "mistake.missing": ("缺少此项", "{message}"),
    "mistake.extra_forbidden": ("没有此项", "{message}"),
    "mistake.string_too_short": ("至少 {min_length} 个字", "{message}"),
    "mistake.string_too_long": ("最多 {max_length} 个字", "{message}"),
    "mistake.string_type": ("应为文字", "{message}"),
    "mistake.string_pattern_mismatch": ("格式不对，应为 {pattern}", "{message}"),
    "node_id.shape": (
        "节点标识是 2 至 32 位数字或大写字母：区划代码，或统一社会信用代码",
        "a node id has 2 to 32 digits or capital letters: a division code, or the code of a body",
    ),
    "mistake.literal_error": ("只能是：{expected}", "{message}"),
    "mistake.enum": ("只能是：{expected}", "{message}"),
    "mistake.int_parsing": ("应为整数", "{message}"),
    "mistake.int_type": ("应为整数", "{message}"),
    "mistake.float_parsing": ("应为数字", "{message}"),
    "mistake.bool_parsing": ("应为 true 或 false", "{message}"),
    "mistake.bool_type": ("应为 true 或 false", "{message}"),
    "mistake.uuid_parsing": ("不是有效的标识", "{message}"),
    "mistake.timezone_aware": (
        "时间须带时区，如 2026-11-27T10:00:00+08:00", "{message}",
    ),
    "mistake.datetime_parsing": (
        "不是时间；写成 2026-11-27T10:00:00+08:00", "{message}",
    ),
    "mistake.datetime_from_date_parsing": (
        "不是时间；写成 2026-11-27T10:00:00+08:00", "{message}",
    ),
    "mistake.date_from_datetime_parsing": ("不是日期；写成 2026-11-27", "{message}"),
    "mistake.date_parsing": ("不是日期；写成 2026-11-27", "{message}"),
    "mistake.less_than_equal": ("不得大于 {le}", "{message}"),
    "mistake.less_than": ("须小于 {lt}", "{message}"),
    "mistake.greater_than_equal": ("不得小于 {ge}", "{message}"),
    "mistake.greater_than": ("须大于 {gt}", "{message}"),
    "mistake.too_long": ("最多 {max_length} 项", "{message}"),
    "mistake.too_short": ("至少 {min_length} 项", "{message}"),
    "mistake.json_invalid": ("不是有效的 JSON", "{message}"),
    "mistake.model_attributes_type": ("应为 JSON 对象", "{message}"),
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
    "link.parked": ("{count} 条报文挂起（{codes}）", "{count} parked: {codes}"),
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
    # --- where the audit log does not hold --------------------------------------------------------
    "flaw.audit.gap": ("第 {n} 行缺失，其后是第 {other} 行",
                       "row {n} is missing; row {other} comes next"),
    "flaw.audit.begin": ("日志应从第 {n} 行开始，却从第 {other} 行开始",
                         "the log should begin at row {n} and begins at {other}"),
    "flaw.audit.chain": ("第 {n} 行被改动，链值不符",
                         "row {n} was changed: its chain value differs"),
    "flaw.audit.head": (
        "第 {n} 至 {other} 行与签名锚不符，曾被重写",
        "rows {n} to {other} are not those that a signed head names: they were written anew",
    ),
    "flaw.audit.tail": ("第 {n} 行起被截去，签名锚到第 {other} 行",
                        "rows from {n} on were cut off: a signed head names row {other}"),
    "flaw.audit.anchor": ("第 {n} 行与节点外的签名锚不符",
                          "row {n} is not the one that a head kept elsewhere names"),
    "flaw.audit.seal": ("第 {n} 行处的锚签名不成立",
                        "the signature of the head at row {n} does not hold"),
    "flaw.audit.node": ("第 {n} 行处的锚属于另一个节点", "the head at row {n} is of another node"),
    "flaw.audit.young": ("第 {n} 行及以前的行未满保存期即被清除",
                         "rows up to {n} were deleted before their time"),
    # --- the calendar -----------------------------------------------------------------------------
    "calendar.missing": (
        "{year} 年的节假日安排不在日历 {calendar} 中，跨入该年的时限按普通周计算",
        "calendar {calendar} lacks the holidays of {year}: limits that reach into it count "
        "ordinary weeks",
    ),
    "calendar.missing.remedy": (
        "国务院通知公布后：wanmi import calendar <表格>，或升级节假日数据包",
        "once the notice is out: wanmi import calendar FILE, or upgrade the package of holidays",
    ),
    "calendar.well": (
        "日历 {calendar} 完整，已含 {years} 年节假日",
        "calendar {calendar} is complete; it knows the holidays of {years}",
    ),
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
    # --- adapters ---------------------------------------------------------------------------------
    "adapter.idle": ("尚无派单", "nothing has been handed to it yet"),
    "adapter.waiting": ("{count} 单自 {since} 起待办", "{count} waiting since {since}"),
    "adapter.unknown": ("{count} 单结果未知", "{count} with an unknown outcome"),
    "adapter.parked": ("{count} 单等待人员处理", "{count} parked for a person"),
    "adapter.quarantined": ("{count} 条无法识别的消息", "{count} unreadable messages"),
    "adapter.well": ("全部送达", "everything is delivered"),
    "adapter.unusable": (
        "适配器 {adapter} 无法启动：{problem}", "adapter {adapter} cannot start: {problem}",
    ),
    "adapter.unusable.remedy": (
        "修正 adapters/{adapter}/ 下的配置后重启节点",
        "correct the files in adapters/{adapter}/ and restart the node",
    ),
    "adapter.absent": (
        "设置中的适配器 {adapter} 没有 adapters/{adapter}/manifest.toml",
        "the settings name adapter {adapter}, but adapters/{adapter}/manifest.toml is missing",
    ),
    "adapter.held": ("已停止一切对外作业：{reason}", "all outside work has stopped: {reason}"),
    "adapter.held.remedy": (
        "确认只运行一份副本，再运行 wanmi recover（见 docs/operating/recovery.md）",
        "make sure that one copy runs, then run wanmi recover (docs/operating/recovery.md)",
    ),
    "adapter.lost": (
        "{name} 已失联 {minutes} 分钟：{detail}", "{name} lost for {minutes} minutes: {detail}",
    ),
    "adapter.lost.remedy": (
        "检查责任单位系统、网络与口令；恢复后自动续传",
        "look at the unit's system, the network and the password; it goes on by itself",
    ),
    "adapter.job.remedy": (
        "检查责任单位系统；单号见 wanmi adapter jobs {adapter}，重试用 wanmi adapter resume",
        "look at the unit's system; see wanmi adapter jobs {adapter}, then wanmi adapter resume",
    ),
    "adapter.quarantined.remedy": (
        "运行 wanmi adapter quarantine {adapter} 查看，修正映射并重启，再 wanmi adapter replay",
        "see wanmi adapter quarantine {adapter}, correct the mapping, restart, then wanmi adapter "
        "replay",
    ),
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
    # --- the doctor -------------------------------------------------------------------------------
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
    # --- calls ------------------------------------------------------------------------------------
    "calls.overdue": ("{count} 个来电逾期未答复", "{count} calls should have been answered"),
    "calls.overdue.remedy": (
        "运行 wanmi call list --state overdue，逐件答复",
        "wanmi call list --state overdue, and answer each",
    ),
    # --- standards of neighbours ------------------------------------------------------------------
    "standard.differs": (
        "{peer} 与本节点的 {standard} 不一致：对方{theirs}，本节点{mine}",
        "{peer} goes by another {standard}: there {theirs}, here {mine}",
    ),
    "standard.differs.remedy": (
        "在标准制定节点运行 wanmi standard export {standard}，在另一节点运行 "
        "wanmi standard take-over",
        "wanmi standard export {standard} where it is made, wanmi standard take-over at the other",
    ),
    "standard.edition": ("为第 {version} 版（{digest}）", "edition {version} ({digest})"),
    "standard.absent": ("未启用", "none in force"),
    **IMPORT_SENTENCES,
    **PEOPLE_SENTENCES,
    **ADAPTER_SENTENCES,
    **CAUSE_SENTENCES,
    **PLACE_SENTENCES,
    **DUTY_SENTENCES,
    **EVALUATION_SENTENCES,
    **REPORT_SENTENCES,
})
"""Key → (Chinese, English)."""
