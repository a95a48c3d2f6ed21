"""What every failure looks like from outside: HTTP status, retry and titles, in one table.

Two kinds of rows. Error classes of the closed families (``node.core.Refused``,
``hub.FabricError``) are looked up along their inheritance, so a finer code of a known class needs
no row of its own. Failures that belong to HTTP itself (a missing token, a body of the wrong type)
have no class in the families and are looked up by code.

Adapter errors have no row on purpose: the adapter host turns each of them into a state that can be
read, and one that escapes is a bug (500).
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from hub import errors as fabric
from hub.errors import Retry
from hub.link.settling import NotSettled
from node.core import errors as core


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one failure is told. ``zh`` and ``en`` are short titles that never change with the
    case at hand; ``remedy_*`` say what the caller may do."""

    status: HTTPStatus
    retry: Retry
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


def _row(  # noqa: PLR0917  a table reads better without forty lines of keywords
    status: HTTPStatus, retry: Retry, zh: str, en: str, remedy_zh: str, remedy_en: str,
) -> Row:
    return Row(
        status=status, retry=retry, zh=zh, en=en, remedy_zh=remedy_zh, remedy_en=remedy_en
    )


_S = HTTPStatus

CLASSES: dict[type[Exception], Row] = {
    core.WrongStatus: _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "案卷当前状态不允许此操作", "The case is not in a status from which this verb starts",
        "查看案卷状态后选择可用的操作", "read the case and choose a verb that its status allows",
    ),
    core.VersionConflict: _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "案卷已被他人更新", "The case has moved on since you read it",
        "重新读取案卷，确认后再提交", "read the case again, look, and send with the new version",
    ),
    core.NotPermitted: _row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "没有此项权限", "This office or person does not hold the right",
        "由具备权限的单位或人员办理", "ask an office or person that holds the right",
    ),
    core.NoRoute: _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "无法确定责任单位", "Nobody, or more than one, is responsible",
        "指定承办单位，或补全权责清单", "name the assignee, or complete the responsibility table",
    ),
    core.UnknownCase: _row(
        _S.NOT_FOUND, Retry.NEVER,
        "案卷不存在", "There is no such case at this node",
        "核对案卷标识", "check the case id",
    ),
    core.UnknownUnit: _row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这个责任单位", "There is no such unit at this node",
        "核对单位编号，或先录入单位名册", "check its id, or import the units first",
    ),
    core.Invalid: _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "填写内容不符合业务规则", "A field breaks a rule of the trade",
        "按提示修改后重新提交", "correct the field named in the detail",
    ),
    fabric.Unreachable: _row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "对方节点或传输通道暂不可达", "The peer or the carrier does not answer now",
        "稍后重试；业务会自动排队", "try again later; words for the peer stay queued",
    ),
    fabric.Unsealed: _row(
        _S.BAD_GATEWAY, Retry.NEVER,
        "对方数据的签名或摘要不成立", "A seal or digest from the peer does not hold",
        "查看隔离区并联系对方节点", "look at the quarantine of the link and call the peer",
    ),
    fabric.Malformed: _row(
        _S.BAD_GATEWAY, Retry.NEVER,
        "对方数据无法识别", "Bytes from the peer are no message we know",
        "查看隔离区并联系对方节点", "look at the quarantine of the link and call the peer",
    ),
    fabric.UnknownPeer: _row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "名册中没有该节点或连接", "Our roster lists no such peer or link",
        "核对节点标识，或更新名册", "check the id, or bring the roster up to date",
    ),
    fabric.Incompatible: _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "双方版本不兼容", "The two ends have no version in common",
        "升级较旧的一方", "upgrade the older end",
    ),
    fabric.Untrusted: _row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "文件、密钥或证书不可信", "A document, key or certificate cannot be relied on",
        "核对来源后重新办理", "check where it came from and have it made again",
    ),
    NotSettled: _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "这条报文现在不能处理", "The word cannot be settled now",
        "先处理同一案卷中排在前面的报文", "settle the older word of the same case first",
    ),
    fabric.Overloaded: _row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "节点繁忙，已达上限", "A named limit of this node is reached",
        "稍后重试", "try again later",
    ),
    fabric.Fenced: _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "连接由另一进程或副本持有", "Another process or copy of this node owns the link",
        "确认只运行一个副本", "make sure that one copy of this node runs",
    ),
}
"""Leaf classes of the two families that a caller can see. A test proves it total."""

CODES: dict[str, Row] = {
    "case.same_hand": _row(
        _S.FORBIDDEN, Retry.NEVER,
        "经办人与核查人不得为同一人", "Whoever handles a case neither checks nor closes it",
        "由另一账号办理", "let another account do it",
    ),
    "case.act_first": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "市政公用应急案件须先行处置", "An emergency of public works is handled first",
        "先处置；责任有争议的提出争议，另行裁定",
        "handle it; contest it by a dispute, which runs beside it",
    ),
    "coordination.level": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "提请协调的层级不对", "This is not the level that decides it",
        "改报 detail 所列层级", "ask the level that the rule in the detail names",
    ),
    "problem.unknown": _row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "本节点没有这个综合问题", "There is no such joint problem here",
        "用 wanmi case problems 查编号", "wanmi case problems lists them",
    ),
    "problem.not_in": _row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "案卷没有并入这个综合问题，或已决定", "The case is not, or no longer, part of that problem",
        "用 wanmi case problem 查所含案卷", "wanmi case problem lists its cases",
    ),
    "problem.nothing_open": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "综合问题没有待本级决定的案卷", "Nothing of that joint problem waits for a decision here",
        "用 wanmi case problem 查各案卷现状", "wanmi case problem tells how its cases stand",
    ),
    "problem.too_many": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "综合问题所含案卷过多", "A joint problem would have too many cases",
        "分成几个综合问题", "make several problems of it",
    ),
    "unit.unanswerable": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "该单位无人应答，不能派遣", "Nobody at this unit would answer an order",
        "先补全单位卡片（wanmi unit gaps）", "complete its card first (see wanmi unit gaps)",
    ),
    "share.unknown": _row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这项共享数据", "There is no such shared data set",
        "核对数据名称（wanmi share list）", "check its name (wanmi share list, there)",
    ),
    "share.barred": _row(
        _S.FORBIDDEN, Retry.NEVER,
        "法律规定不予共享", "A law bars this data set from sharing",
        "不再索取；确需使用的，由对方依法提供", "do not ask again; the other office may act by law",
    ),
    "share.not_approved": _row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "未经批准共享", "The data set was not approved for this node",
        "办理审批后由对方列入共享目录", "have it approved; the other office lists it then",
    ),
    "call.unknown": _row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这个来电", "There is no such call",
        "核对来电编号", "check its number",
    ),
    "call.too_many": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "来电过多，一个文件装不下", "Too many calls for one file",
        "按时间分段导出；较长的清单导出为 CSV", "export a shorter time; a long list goes into CSV",
    ),
    "call.answered": _row(
        _S.CONFLICT, Retry.NEVER,
        "来电已经答复", "The call was answered already",
        "再次来电的，另行登记", "take a further call down as one of its own",
    ),
    "call.became": _row(
        _S.CONFLICT, Retry.NEVER,
        "来电已转为另一案卷", "Another case came of the call already",
        "查看该案卷", "look at that case",
    ),
    "call.about_case": _row(
        _S.CONFLICT, Retry.NEVER,
        "来电已关联案卷", "The call is about a case already",
        "新问题另行登记", "take a new problem down as a call of its own",
    ),
    "call.no_opinion": _row(
        _S.CONFLICT, Retry.NEVER,
        "该来电不是对结果的意见", "The call is no opinion on a result",
        "按结果意见登记，或对案卷申请重办",
        "take it down as an opinion, or ask at the case itself",
    ),
    "collector.unknown": _row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这个采集员", "There is no such collector",
        "核对编号，或先导入采集员名册", "check the number, or import the collectors first",
    ),
    "collector.overlap": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "采集员同一时间排在两处", "A collector would be in two places at a time",
        "核对已有排班，改时间后再导入", "look at the shifts that are there, and change the times",
    ),
    "track.sender": _row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "只能上传本人的轨迹", "Only one's own points are sent",
        "用采集员本人的令牌，或给代传系统的令牌加代传岗位",
        "use the collector's own token, or give the sending system's token the role",
    ),
    "track.role": _row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "没有查看他人轨迹的岗位", "Seeing where others were takes a role",
        "由有该岗位的人员查看", "ask somebody who has the role",
    ),
    "track.purpose": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "查看轨迹须写明目的", "Looking at a track takes a purpose",
        "填写目的，如 月度考评", "say what for; it is logged",
    ),
    "track.shift": _row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这个班次", "There is no such shift",
        "用 wanmi collector show 查看排班", "see the shifts: wanmi collector show",
    ),
    "alarm.unknown": _row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这条报警", "There is no such alarm",
        "用 wanmi alarm list 核对", "see: wanmi alarm list",
    ),
    "alarm.role": _row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "须由值班岗位办理", "Only the duty desk does this",
        "由值班人员办理，或在令牌上加值班岗位",
        "ask the duty desk, or give the token its role",
    ),
    "alarm.taken": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "已有人接警", "Somebody has taken this alarm",
        "如需接手，加 over（wanmi alarm take --over）",
        "to take it over, say so: over (wanmi alarm take --over)",
    ),
    "alarm.settled": _row(
        _S.CONFLICT, Retry.NEVER,
        "报警已处理完毕", "This alarm is settled",
        "不必再办；情况有变请重新报警", "nothing is to be done; raise a new one if it is not over",
    ),
    "alarm.unsaid": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "报警须写明处理结果才能销项", "An alarm is settled by saying what was done",
        "用 wanmi alarm settle 登记结果", "use: wanmi alarm settle",
    ),
    "alarm.kind": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有这种报警类型", "There is no such kind of alarm",
        "用 GET /alarms/choices 查看可选项", "GET /alarms/choices lists what may be chosen",
    ),
    "alarm.outcome": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有这种处理方式", "There is no such outcome of an alarm",
        "用 GET /alarms/choices 查看可选项", "GET /alarms/choices lists what may be chosen",
    ),
    "alarm.report": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "须写明做了什么", "What was done is missing",
        "填写处理经过", "say what was done",
    ),
    "token.admin": _row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "管理令牌只能由管理员锁定", "An administrator's token is locked by another administrator",
        "请管理员办理", "ask an administrator",
    ),
    "token.own": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "管理员不能锁定自己的令牌", "Administrators do not lock themselves out",
        "请另一名管理员办理", "ask another administrator",
    ),
    "auth.locked": _row(
        _S.UNAUTHORIZED, Retry.AFTER_CHANGE,
        "设备已挂失，令牌已锁定", "The token is locked: its device was reported lost",
        "找回设备后由管理员解锁（wanmi token unlock）",
        "an administrator unlocks it when the device is back (wanmi token unlock)",
    ),
    "unit.group": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有这个单位分组", "There is no such group of units",
        "可写：local 本级单位、district 区县与园区、street 街道乡镇、enterprise 企业单位、"
        "higher 上级驻地单位",
        "write local, district, street, enterprise or higher",
    ),
    "unit.no_way_in": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "该单位没有接入，不能派遣", "This unit has neither a node nor an adapter",
        "先为其配置节点或适配器", "give it a node or an adapter first",
    ),
    "auth.missing": _row(
        _S.UNAUTHORIZED, Retry.AFTER_CHANGE,
        "缺少访问令牌", "The call carries no token",
        "加上 Authorization: Bearer <令牌>", "send Authorization: Bearer <token>",
    ),
    "auth.invalid": _row(
        _S.UNAUTHORIZED, Retry.AFTER_CHANGE,
        "访问令牌无效或已撤销", "The token is unknown or revoked",
        "用 wanmi token create 新建令牌", "make a new one with: wanmi token create",
    ),
    "auth.scope": _row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "令牌权限不足", "The token's scope does not allow this",
        "使用管理令牌", "use a token of the scope named in the detail",
    ),
    "http.not_found": _row(
        _S.NOT_FOUND, Retry.NEVER,
        "资源不存在", "There is nothing at this address",
        "核对地址", "check the address",
    ),
    "http.method_not_allowed": _row(
        _S.METHOD_NOT_ALLOWED, Retry.NEVER,
        "不支持的请求方法", "This address does not take this method",
        "参见 Allow 响应头", "see the Allow header",
    ),
    "http.bad_request": _row(
        _S.BAD_REQUEST, Retry.NEVER,
        "请求无法处理", "The request cannot be read",
        "核对请求格式", "check the request",
    ),
    "http.not_acceptable": _row(
        _S.NOT_ACCEPTABLE, Retry.NEVER,
        "无法提供所要求的格式", "The asked representation does not exist",
        "核对 Accept 请求头", "check the Accept header",
    ),
    "body.malformed": _row(
        _S.BAD_REQUEST, Retry.NEVER,
        "请求体不是合法的 JSON", "The body is not valid JSON",
        "核对 JSON 语法", "check the JSON",
    ),
    "body.encoding": _row(
        _S.BAD_REQUEST, Retry.NEVER,
        "请求体不是 UTF-8 编码", "The body is not UTF-8",
        "以 UTF-8 编码发送", "send it encoded as UTF-8",
    ),
    "body.too_large": _row(
        _S.REQUEST_ENTITY_TOO_LARGE, Retry.NEVER,
        "请求体超过上限", "The body exceeds the limit",
        "缩小或分次发送", "send less at once",
    ),
    "body.stalled": _row(
        _S.REQUEST_TIMEOUT, Retry.LATER,
        "请求体传输中断", "The body stopped arriving",
        "检查网络后重试", "look at the network and send it again",
    ),
    "body.media_type": _row(
        _S.UNSUPPORTED_MEDIA_TYPE, Retry.NEVER,
        "不支持的内容类型", "The body has a media type this address does not take",
        "按接口说明设置 Content-Type", "set the Content-Type that the API names",
    ),
    "request.invalid": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "请求参数不符合接口要求", "Fields of the request do not fit the API",
        "逐项修改 errors 所列字段", "correct the fields listed under errors",
    ),
    "request.version_invalid": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "期望版本号无法识别", "The expected version cannot be read",
        'If-Match 形如 "7"，且与 expected_version 一致',
        'send If-Match as "7", equal to expected_version if both are sent',
    ),
    "idempotency.invalid": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "幂等键格式不正确", "The Idempotency-Key cannot be used",
        "使用 1 至 128 个可见 ASCII 字符", "use 1 to 128 visible ASCII characters",
    ),
    "idempotency.mismatch": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.NEVER,
        "同一幂等键对应了不同的内容", "This Idempotency-Key was used for another request",
        "为新的请求使用新的幂等键", "use a fresh key for a new request",
    ),
    "adapter.not_signed": _row(
        _S.UNAUTHORIZED, Retry.AFTER_CHANGE,
        "通知的签名不成立", "The notification's signature does not hold",
        "核对密钥与时钟", "check the key and the clock",
    ),
    "adapter.unknown": _row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这个适配器", "There is no such adapter",
        "核对地址", "check the address",
    ),
    "photo.media_type": _row(
        _S.UNSUPPORTED_MEDIA_TYPE, Retry.NEVER,
        "照片须为 JPEG、PNG 或 WebP", "A photo must be JPEG, PNG or WebP",
        "转换格式后上传", "convert it and upload again",
    ),
    "photo.unknown": _row(
        _S.NOT_FOUND, Retry.LATER,
        "本节点没有这张照片", "This photo is not at this node (yet)",
        "若正在传输，请稍后再试", "try later if it is still on its way",
    ),
    "link.unknown": _row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "本节点没有这条连接", "This node has no such link",
        "用 wanmi link list 查看全部连接", "see all links with: wanmi link list",
    ),
    "notice.unknown": _row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这条回告", "There is no such notice",
        "用 wanmi notice list 查看全部回告", "see all notices with: wanmi notice list",
    ),
    "public.unknown": _row(
        _S.NOT_FOUND, Retry.NEVER,
        "编号或查询码不对", "There is no such number, or this is not its code",
        "核对受理时告知的编号与查询码", "check number and code as they were given",
    ),
    "public.closed": _row(
        _S.FORBIDDEN, Retry.NEVER,
        "本单位未开通网上上报", "This office takes no reports over its public page",
        "请拨打 12319 或 12345 反映", "call 12319 or 12345",
    ),
    "public.source": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "该来源不对公众开放", "This source is not one of the public",
        "source 填 website 或 app，或留空", "give website or app, or leave source out",
    ),
    "public.busy": _row(
        _S.TOO_MANY_REQUESTS, Retry.LATER,
        "上报过于频繁", "Too many reports for the moment",
        "稍后再报；紧急情况请拨打 12319", "try again later; in an emergency call 12319",
    ),
    "public.too_many": _row(
        _S.TOO_MANY_REQUESTS, Retry.LATER,
        "查询码错误次数过多", "Too many wrong codes for this number",
        "十分钟后再试", "try again in ten minutes",
    ),
    "table.invalid": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "表格中有无法导入的行", "Rows of the table cannot be imported",
        "修改 errors 所列的行；未导入任何行", "correct the listed rows; nothing was imported",
    ),
    "calendar.unknown": _row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这个版本的日历", "There is no such version of the calendar",
        "不带版本查看当前日历", "ask without a version for the present one",
    ),
    "calendar.limit": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "时限写法无法识别", "The limit cannot be read",
        "写 4工作时、2工作日、2紧急工作时、3自然日或 30分钟",
        "write 4 work_hour, 2 work_day, 2 urgent_hour, 3 calendar_day or 30 minute",
    ),
    "place.unknown": _row(
        _S.NOT_FOUND, Retry.NEVER,
        "本节点没有登记", "It is not registered at this node",
        "核对编码或图层名称", "check the code or the name of the layer",
    ),
    "place.point": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "坐标不可用", "The point cannot be used",
        "核对坐标与坐标系；x 为东坐标（经度），y 为北坐标（纬度）",
        "check point and system; x is the easting or longitude, y the northing or latitude",
    ),
    "place.crs": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "不认识的坐标系", "This coordinate system is not known",
        "使用 CGCS2000、WGS84、GCJ02、BD09 或 EPSG:4491 至 4554",
        "use CGCS2000, WGS84, GCJ02, BD09 or EPSG:4491 to 4554",
    ),
    "layer.unknown": _row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这个图层", "There is no such layer",
        "核对图层名称", "check the name of the layer",
    ),
    "import.unknown": _row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这次导入，或已结束", "There is no such import, or it has ended",
        "重新开始导入", "begin the import again",
    ),
    "import.unchecked": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "导入尚未通过检查", "The import was not checked",
        "先检查，通过后再写入", "check it first",
    ),
    "evaluation.period": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有这个周期", "There is no such period",
        "写成 2026-11-25、2026-W48、2026-11、2026-Q4、2026-H2 或 2026",
        "write 2026-11-25, 2026-W48, 2026-11, 2026-Q4, 2026-H2 or 2026",
    ),
    "evaluation.subject": _row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "指标中没有这类评价对象", "The indicators have no such subject",
        "查看 GET /evaluation/definitions 列出的对象",
        "take one of the subjects that GET /evaluation/definitions lists",
    ),
    "evaluation.version": _row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这个指标版本", "There is no such version of the indicators",
        "查看 GET /evaluation/definitions 列出的版本",
        "take one of the versions that GET /evaluation/definitions lists",
    ),
    "evaluation.definition": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "指标文件有误", "A file of indicators cannot be used",
        "按提示改正节点目录 indicators 中的文件，再重启节点",
        "correct the file in the folder indicators of the node's home and restart",
    ),
    "evaluation.filter": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "筛选条件不可用", "The filter cannot be used",
        "写成 列=值，可重复", "write column=value; it may be repeated",
    ),
    "evaluation.figure": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "该表没有这个数字", "The sheet has no such figure",
        "取表中 counts 的名称", "take a name out of the sheet's counts",
    ),
    "evaluation.key": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "对象编号的段数不对", "The key has the wrong number of parts",
        "按表中 key 的各段依次给出", "give the parts of the line's key in order",
    ),
    "evaluation.format": _row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这种格式", "There is no such format",
        "可用 json、html、csv、xlsx", "use json, html, csv or xlsx",
    ),
    "evaluation.sheet": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "不是综合评价结果文件", "This is no sheet of an evaluation",
        "取对方以 json 导出的结果", "take the other office's export as json",
    ),
    "evaluation.too_many": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "结果行数过多", "The sheet would be too long",
        "按区划或单位缩小范围", "narrow it by an area or a unit",
    ),
    "evaluation.unfinished": _row(
        _S.CONFLICT, Retry.LATER,
        "周期尚未结束，不能公布", "The period is not over and cannot be published",
        "周期结束后再公布", "publish after its end",
    ),
    "stock.span": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "问题库报表只按日、周、月", "The problem library is summed up by day, week or month",
        "写成 2026-11-25、2026-W48 或 2026-11", "write 2026-11-25, 2026-W48 or 2026-11",
    ),
    "stock.unfinished": _row(
        _S.CONFLICT, Retry.LATER,
        "周期尚未结束", "The period is not over",
        "周期结束后再出表", "draw the sheet up after its end",
    ),
    "stock.no_rules": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "本节点没有审批规则文件，不出报表", "This office has no file of approvals",
        "在节点配置中指定 approvals 文件", "name a file of approvals in the profile",
    ),
    "stock.too_many": _row(
        _S.CONFLICT, Retry.NEVER,
        "问题库案卷过多，无法一次汇总", "Too many cases for one sheet",
        "联系维护人员", "call whoever runs the node",
    ),
    "stock.unknown": _row(
        _S.NOT_FOUND, Retry.LATER,
        "没有这份报表", "There is no such sheet",
        "核对周期与单位，或先出表", "check period and office, or publish it first",
    ),
    "evaluation.publication": _row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这次公布", "Nothing was published under this id",
        "核对编号", "check the id",
    ),
    "approval.too_late": _row(
        _S.CONFLICT, Retry.NEVER,
        "已过可以提出申请的时间", "It had to be asked earlier",
        "说明原因后由派遣单位处理", "talk to whoever dispatched it",
    ),
    "approval.too_many": _row(
        _S.CONFLICT, Retry.NEVER,
        "申请次数已达上限", "It was granted as often as the rules allow",
        "改用其他处理方式", "choose another way",
    ),
    "approval.beyond_limits": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "超出本级时限，须转报上级", "It goes beyond this office's own limits",
        "转报上级审批（pass-up）", "pass the request up",
    ),
    "approval.filing_office": _row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "作废由立案单位决定，须转报", "Only the office that filed the case may void it",
        "转报上级审批（pass-up）", "pass the request up",
    ),
    "approval.own": _row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "不得审批自己提出的申请", "Nobody decides what they asked for themselves",
        "由他人审批", "let somebody else decide",
    ),
    "approval.role_missing": _row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "缺少该环节所需的审批角色", "This step takes a role that the caller does not hold",
        "请由具备该岗位的人员审批", "let somebody who holds that role take it",
    ),
    "approval.same_reviewer": _row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "两次复核不得为同一人", "The next step is somebody else's",
        "由另一人复核", "let another person review",
    ),
    "approval.passed_up": _row(
        _S.CONFLICT, Retry.LATER,
        "申请已转报上级，等待答复", "The request was passed up and waits for its answer",
        "等待上级答复", "wait for the answer from above",
    ),
    "approval.suspended": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "案卷正在挂账", "The clock stands still: it is suspended",
        "先恢复计时", "let the clock run again first",
    ),
    "approval.return_open": _row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "承办单位已申请回退，须先答复", "A return waits for its answer",
        "先审批回退申请", "decide the return first",
    ),
    "approval.not_overdue": _row(
        _S.CONFLICT, Retry.NEVER,
        "未超期，无可申诉", "It is not overdue, there is no mark to appeal against",
        "核对时限", "check the deadline",
    ),
    "approval.exempt": _row(
        _S.CONFLICT, Retry.NEVER,
        "已豁免，无需申诉", "The mark is lifted already",
        "无需处理", "nothing is to be done",
    ),
    "approval.no_deadline": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有可延长的时限", "There is no deadline to move",
        "请派遣单位明确时限", "ask whoever dispatched it for a deadline",
    ),
    "approval.no_end": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "挂账须写明截止日期", "A suspension needs an end",
        "填写截止日期", "say until when",
    ),
    "approval.end_past": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "截止日期已过", "The end is past already",
        "改为以后的日期", "name a later one",
    ),
    "approval.too_long": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "挂账时间超过规定上限", "It asks to wait longer than the rules allow",
        "缩短挂账时间", "ask for less",
    ),
    "approval.no_later": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "新的时限并不晚于原时限", "The new deadline is no later than the old one",
        "改为更晚的时限", "name a later one",
    ),
    "approval.decided_here": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "该申请由本级审批，无须转报", "This kind of request is decided here",
        "直接审批", "decide it",
    ),
    "token.roles": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "角色名称无效", "A role cannot be used",
        "使用如 shift_leader 的角色名，或 *", "use names like shift_leader, or *",
    ),
    "dossier.version": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "案卷没有这个版本", "The case has no such version",
        "核对版本号", "check the version",
    ),
    "dossier.too_long": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.NEVER,
        "案卷记录过多，无法编目", "The record is too long to be listed",
        "联系维护人员", "call whoever maintains the node",
    ),
    "page.cursor": _row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "分页游标无法识别", "The paging cursor cannot be read",
        "从第一页重新开始", "start again from the first page",
    ),
    "changes.too_many": _row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "实时推送连接数已达上限", "Too many listeners for changes",
        "关闭多余页面或稍后重试", "close some listeners or try later",
    ),
    "node.handed_over": _row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "本节点已由另一个进程接管", "Another process has taken this node over",
        "稍后重试；同一请求不会办两次", "repeat the call; nothing happens twice",
    ),
    "node.owner_away": _row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "本进程待命，主持本节点的进程没有应答", "This process stands by and the owner is silent",
        "几秒后重试：会有进程接管", "try again in some seconds: a process will take over",
    ),
    "node.not_owner": _row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "本进程待命，不主持本节点", "This process stands by and does not own the node",
        "下级应连到主持者", "children connect to the owner",
    ),
    "node.not_ready": _row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "节点尚未就绪", "The node is not ready",
        "查看 errors 所列原因", "see the reasons under errors",
    ),
    "http.internal": _row(
        _S.INTERNAL_SERVER_ERROR, Retry.LATER,
        "节点内部错误", "Something broke inside the node",
        "凭 request_id 联系管理员查日志", "give the request id to whoever runs the node",
    ),
}
"""Failures of HTTP itself, and codes that need another status or title than their class."""


def row_of(error: Exception) -> tuple[str, Row]:
    """The code and the row for an error of a family; ``KeyError`` if it belongs to none."""
    code = getattr(error, "code", "")
    if code in CODES:
        return code, CODES[code]
    for class_ in type(error).__mro__:
        if class_ in CLASSES:
            return code, CLASSES[class_]
    raise KeyError(type(error).__name__)
