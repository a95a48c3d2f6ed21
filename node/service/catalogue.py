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
from node.service.doctor_sentences import DOCTOR_SENTENCES
from node.service.duty_sentences import DUTY_SENTENCES
from node.service.evaluation.sentences import EVALUATION_SENTENCES
from node.service.imports.sentences import IMPORT_SENTENCES
from node.service.link_sentences import LINK_SENTENCES
from node.service.people_sentences import PEOPLE_SENTENCES
from node.service.places.sentences import PLACE_SENTENCES
from node.service.report_sentences import REPORT_SENTENCES

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
    **LINK_SENTENCES,
    **DOCTOR_SENTENCES,
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
