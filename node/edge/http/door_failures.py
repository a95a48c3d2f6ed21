"""Failures of the call itself: who asks, how, with what body, and whether the node can answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from hub.errors import Retry
from node.edge.http.failures import Row, row

_S = HTTPStatus

DOOR: Final[dict[str, Row]] = {
    "token.admin": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "管理令牌只能由管理员锁定", "An administrator's token is locked by another administrator",
        "请管理员办理", "ask an administrator",
    ),
    "token.own": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "管理员不能锁定自己的令牌", "Administrators do not lock themselves out",
        "请另一名管理员办理", "ask another administrator",
    ),
    "token.roles": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "角色名称无效", "A role cannot be used",
        "使用如 shift_leader 的角色名，或 *", "use names like shift_leader, or *",
    ),
    "auth.locked": row(
        _S.UNAUTHORIZED, Retry.AFTER_CHANGE,
        "设备已挂失，令牌已锁定", "The token is locked: its device was reported lost",
        "找回设备后由管理员解锁（wanmi token unlock）",
        "an administrator unlocks it when the device is back (wanmi token unlock)",
    ),
    "auth.missing": row(
        _S.UNAUTHORIZED, Retry.AFTER_CHANGE,
        "缺少访问令牌", "The call carries no token",
        "加上 Authorization: Bearer <令牌>", "send Authorization: Bearer <token>",
    ),
    "auth.invalid": row(
        _S.UNAUTHORIZED, Retry.AFTER_CHANGE,
        "访问令牌无效或已撤销", "The token is unknown or revoked",
        "用 wanmi token create 新建令牌", "make a new one with: wanmi token create",
    ),
    "auth.scope": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "令牌权限不足", "The token's scope does not allow this",
        "使用管理令牌", "use a token of the scope named in the detail",
    ),
    "http.not_found": row(
        _S.NOT_FOUND, Retry.NEVER,
        "资源不存在", "There is nothing at this address",
        "核对地址", "check the address",
    ),
    "http.method_not_allowed": row(
        _S.METHOD_NOT_ALLOWED, Retry.NEVER,
        "不支持的请求方法", "This address does not take this method",
        "参见 Allow 响应头", "see the Allow header",
    ),
    "http.bad_request": row(
        _S.BAD_REQUEST, Retry.NEVER,
        "请求无法处理", "The request cannot be read",
        "核对请求格式", "check the request",
    ),
    "http.not_acceptable": row(
        _S.NOT_ACCEPTABLE, Retry.NEVER,
        "无法提供所要求的格式", "The asked representation does not exist",
        "核对 Accept 请求头", "check the Accept header",
    ),
    "http.internal": row(
        _S.INTERNAL_SERVER_ERROR, Retry.LATER,
        "节点内部错误", "Something broke inside the node",
        "凭 request_id 联系管理员查日志", "give the request id to whoever runs the node",
    ),
    "body.malformed": row(
        _S.BAD_REQUEST, Retry.NEVER,
        "请求体不是合法的 JSON", "The body is not valid JSON",
        "核对 JSON 语法", "check the JSON",
    ),
    "body.encoding": row(
        _S.BAD_REQUEST, Retry.NEVER,
        "请求体不是 UTF-8 编码", "The body is not UTF-8",
        "以 UTF-8 编码发送", "send it encoded as UTF-8",
    ),
    "body.too_large": row(
        _S.REQUEST_ENTITY_TOO_LARGE, Retry.NEVER,
        "请求体超过上限", "The body exceeds the limit",
        "缩小或分次发送", "send less at once",
    ),
    "body.stalled": row(
        _S.REQUEST_TIMEOUT, Retry.LATER,
        "请求体传输中断", "The body stopped arriving",
        "检查网络后重试", "look at the network and send it again",
    ),
    "body.media_type": row(
        _S.UNSUPPORTED_MEDIA_TYPE, Retry.NEVER,
        "不支持的内容类型", "The body has a media type this address does not take",
        "按接口说明设置 Content-Type", "set the Content-Type that the API names",
    ),
    "request.invalid": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "请求参数不符合接口要求", "Fields of the request do not fit the API",
        "逐项修改所列字段", "correct the fields that are listed",
    ),
    "request.version_invalid": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "期望版本号无法识别", "The expected version cannot be read",
        'If-Match 形如 "7"，且与 expected_version 一致',
        'send If-Match as "7", equal to expected_version if both are sent',
    ),
    "idempotency.invalid": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "幂等键格式不正确", "The Idempotency-Key cannot be used",
        "使用 1 至 128 个可见 ASCII 字符", "use 1 to 128 visible ASCII characters",
    ),
    "idempotency.mismatch": row(
        _S.UNPROCESSABLE_ENTITY, Retry.NEVER,
        "同一幂等键对应了不同的内容", "This Idempotency-Key was used for another request",
        "为新的请求使用新的幂等键", "use a fresh key for a new request",
    ),
    "adapter.not_signed": row(
        _S.UNAUTHORIZED, Retry.AFTER_CHANGE,
        "通知的签名不成立", "The notification's signature does not hold",
        "核对密钥与时钟", "check the key and the clock",
    ),
    "adapter.unknown": row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这个适配器", "There is no such adapter",
        "核对地址", "check the address",
    ),
    "photo.media_type": row(
        _S.UNSUPPORTED_MEDIA_TYPE, Retry.NEVER,
        "照片须为 JPEG、PNG 或 WebP", "A photo must be JPEG, PNG or WebP",
        "转换格式后上传", "convert it and upload again",
    ),
    "photo.unknown": row(
        _S.NOT_FOUND, Retry.LATER,
        "本节点没有这张照片", "This photo is not at this node (yet)",
        "若正在传输，请稍后再试", "try later if it is still on its way",
    ),
    "link.unknown": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "本节点没有这条连接", "This node has no such link",
        "用 wanmi link list 查看全部连接", "see all links with: wanmi link list",
    ),
    "word.unknown": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "这个位置没有挂起的报文", "No word is parked at this position",
        "可能已被他人处理；用 wanmi link parked 查看",
        "somebody may have settled it; see: wanmi link parked",
    ),
    "child.unknown": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "本节点没有这个下级", "This node has no such child",
        "用 wanmi link list 查看全部连接", "see all links with: wanmi link list",
    ),
    "keys.going_over": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "本节点正在更换签名密钥", "This node changes its sign key already",
        "等它完成（wanmi keys status）", "wait for its end (wanmi keys status)",
    ),
    "keys.not_going_over": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "本节点没有在更换签名密钥", "This node does not change its sign key",
        "先开始更换：wanmi keys change", "begin it first: wanmi keys change",
    ),
    "keys.not_listed": row(
        _S.CONFLICT, Retry.LATER,
        "名册还没有写入新密钥", "No roster here lists the new key yet",
        "等新名册到达后再试", "try again when the roster has come",
    ),
    "suite.unknown": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有这个签名套件", "There is no such suite",
        "使用 ed25519 或 sm2", "take ed25519 or sm2",
    ),
    "suite.missing": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "本机的 OpenSSL 没有这个套件", "The OpenSSL of this machine lacks that suite",
        "换带 SM2 的 OpenSSL 3，或用 ed25519", "an OpenSSL 3 with SM2, or take ed25519",
    ),
    "renew.root": row(
        _S.CONFLICT, Retry.NEVER,
        "根节点没有上级，不需要换发证书", "The root has no certificate from a parent",
        "不用办理", "there is nothing to renew",
    ),
    "revoke.self": row(
        _S.CONFLICT, Retry.NEVER,
        "根节点不能作废自己", "The root does not end itself",
        "核对节点标识", "check the id",
    ),
    "roster.not_root": row(
        _S.CONFLICT, Retry.NEVER,
        "只有根节点能办理", "Only the root does that",
        "在根节点办理", "ask at the root",
    ),
    "roster.stranger": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "名册里没有这个节点", "The roster lists no such node",
        "用 wanmi roster show 查看", "see who is in it with: wanmi roster show",
    ),
    "claim.unknown": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有等待确认的这个新成员", "No such new member waits here",
        "用 wanmi roster claims 查看", "see those that wait with: wanmi roster claims",
    ),
    "invite.life": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "邀请的有效期不对", "An invitation is good for a day at most",
        "写 1 分钟至 24 小时", "give one minute to 24 hours",
    ),
    "invite.address": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有写明受邀节点如何访问本节点", "An address of this node cannot be used",
        "写成 主机:端口，或在 wanmi.toml 的 [grpc] hosts 写上本机名称",
        "write host:port, or name this machine in [grpc] hosts of wanmi.toml",
    ),
    "invite.open": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "这个节点已有未用的邀请", "This node is invited already",
        "先收回：wanmi invite withdraw", "withdraw that first: wanmi invite withdraw",
    ),
    "invite.self": row(
        _S.CONFLICT, Retry.NEVER,
        "不能邀请本节点或上级", "This node and its parent cannot become its children",
        "核对节点标识", "check the node id",
    ),
    "invite.known": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "它已是本节点的下级", "It is a child of this node already",
        "换密钥的加 --rekey 重新邀请", "invite it with --rekey if it comes with new keys",
    ),
    "invite.unknown": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有邀请过这个节点", "This node was not invited",
        "用 wanmi invite list 查看", "see all of them with: wanmi invite list",
    ),
    **{
        f"invite.{state}": row(
            _S.CONFLICT, Retry.AFTER_CHANGE, f"邀请{chinese}", f"The invitation {english}",
            "需要时重新邀请：wanmi invite create", "make a new one if need be: wanmi invite create",
        )
        for state, chinese, english in (
            ("expired", "已过期", "has expired"),
            ("used", "已用过", "was used"),
            ("withdrawn", "已被收回", "was withdrawn"),
            ("refused", "已被拒绝", "was refused"),
            ("spoilt", "被错误使用多次，已作废", "was used wrongly too often"),
        )
    },
    "invite.not_asked": row(
        _S.CONFLICT, Retry.NEVER,
        "这份邀请不需要另一名管理员确认", "This invitation needs no second approval",
        "无须办理", "nothing is to be done",
    ),
    "invite.same_person": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "发出邀请的人不能自己确认", "Whoever invited does not approve",
        "请另一名管理员办理", "ask another administrator",
    ),
    "enrol.port": row(
        _S.SERVICE_UNAVAILABLE, Retry.AFTER_CHANGE,
        "受邀节点的端口打不开", "The port for invited nodes cannot be opened",
        "在 wanmi.toml 的 [enrol] port 换一个端口，重启节点",
        "take another [enrol] port in wanmi.toml and restart the node",
    ),
    "roster.missing": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "本节点还没有加入上级", "This node has not joined its parent yet",
        "先加入上级（wanmi enrol），再邀请下级", "join first (wanmi enrol), then invite",
    ),
    "notice.unknown": row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这条回告", "There is no such notice",
        "用 wanmi notice list 查看全部回告", "see all notices with: wanmi notice list",
    ),
    "public.unknown": row(
        _S.NOT_FOUND, Retry.NEVER,
        "编号或查询码不对", "There is no such number, or this is not its code",
        "核对受理时告知的编号与查询码", "check number and code as they were given",
    ),
    "public.closed": row(
        _S.FORBIDDEN, Retry.NEVER,
        "本单位未开通网上上报", "This office takes no reports over its public page",
        "请拨打 12319 或 12345 反映", "call 12319 or 12345",
    ),
    "public.source": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "该来源不对公众开放", "This source is not one of the public",
        "source 填 website 或 app，或留空", "give website or app, or leave source out",
    ),
    "public.busy": row(
        _S.TOO_MANY_REQUESTS, Retry.LATER,
        "上报过于频繁", "Too many reports for the moment",
        "稍后再报；紧急情况请拨打 12319", "try again later; in an emergency call 12319",
    ),
    "public.too_many": row(
        _S.TOO_MANY_REQUESTS, Retry.LATER,
        "查询码错误次数过多", "Too many wrong codes for this number",
        "十分钟后再试", "try again in ten minutes",
    ),
    "page.cursor": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "分页游标无法识别", "The paging cursor cannot be read",
        "从第一页重新开始", "start again from the first page",
    ),
    "changes.too_many": row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "实时推送连接数已达上限", "Too many listeners for changes",
        "关闭多余页面或稍后重试", "close some listeners or try later",
    ),
    "node.handed_over": row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "本节点已由另一个进程接管", "Another process has taken this node over",
        "稍后重试；同一请求不会办两次", "repeat the call; nothing happens twice",
    ),
    "node.owner_away": row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "本进程待命，主持本节点的进程没有应答", "This process stands by and the owner is silent",
        "几秒后重试：会有进程接管", "try again in some seconds: a process will take over",
    ),
    "node.not_owner": row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "本进程待命，不主持本节点", "This process stands by and does not own the node",
        "下级应连到主持者", "children connect to the owner",
    ),
    "node.not_ready": row(
        _S.SERVICE_UNAVAILABLE, Retry.LATER,
        "节点尚未就绪", "The node is not ready",
        "查看 errors 所列原因", "see the reasons under errors",
    ),
}
