"""What the command line says to people, by key: zh-CN first, then English.

Titles and remedies of failures are not here: the node says them in the asked language.
"""

from __future__ import annotations

from typing import Final

from node.cli.recovery_texts import RECOVERY_TEXTS

TEXTS: Final[dict[str, tuple[str, str]]] = {
    **RECOVERY_TEXTS,
    "failure": ("{message}（{code}）", "{message} ({code})"),
    "detailed": ("{title}：{detail}", "{title}: {detail}"),
    "bug": (
        "程序内部错误 {kind}，不是您的操作问题；详情已写入 {file}",
        "a bug in the program: {kind}, not your mistake; the details are in {file}",
    ),
    "bug.remedy": (
        "把该文件交给维护人员；已提交的数据不受影响",
        "give that file to whoever maintains wanmi; what was committed is not affected",
    ),
    "port.taken": ("端口已被占用：{reason}", "a port is in use: {reason}"),
    "port.taken.remedy": (
        "节点可能已在运行（wanmi doctor 可查）；否则在 wanmi.toml 换一个端口",
        "the node may be running already (see wanmi doctor); otherwise take another port in "
        "wanmi.toml",
    ),
    "init.id": (
        "{given!r} 不是节点标识：2 到 32 位，只用数字和大写字母，例如 420203",
        "{given!r} is no node id: 2 to 32 of 0-9 and A-Z, for example 420203",
    ),
    "init.letters": (
        "节点标识 {given!r} 要用大写字母：{better}",
        "node id {given!r} needs capital letters: {better}",
    ),
    "init.own_parent": ("节点 {id} 不能是自己的上级", "node {id} cannot be its own parent"),
    "init.profile": (
        "权限配置 {profile!r} 不能使用：{reason}",
        "profile {profile!r} cannot be used: {reason}",
    ),
    "init.profile.remedy": (
        "随包提供 city、district、street、unit；或写自己的 .toml 文件路径",
        "shipped are city, district, street, unit; or name a .toml file of your own",
    ),
    "link.prefer": (
        "--prefer 只能是 GRPC 或 NATS，不是 {given!r}",
        "--prefer is GRPC or NATS, not {given!r}",
    ),
    "usage.missing": ("缺少 {what}", "{what} is missing"),
    "usage.option": ("没有选项 {what}", "there is no option {what}"),
    "usage.command": ("没有命令 {what}", "there is no command {what}"),
    "usage.choice": ("“{given}”不在可选值中；可写：{known}", "'{given}' is none of: {known}"),
    "usage.absent": ("没有“{given}”这个文件或目录", "there is no file or folder '{given}'"),
    "usage.value": ("{what} 的值不能用：{reason}", "the value of {what} cannot be used: {reason}"),
    "usage.wrong": ("命令写法不对：{reason}", "the command line is wrong: {reason}"),
    "usage.near": ("，是不是 {near}？", "; did you mean {near}?"),
    "usage.remedy": ("用法见：{path} --help", "see: {path} --help"),
    "evaluate.head": (
        "{subject} {period}，{node}；指标 {version}（{digest}）；筛选：{filter}",
        "{subject} {period}, {node}; indicators {version} ({digest}); filter: {filter}",
    ),
    "patrol.head": ("采集员 {number} {name}  班组 {team}  公司 {firm}",
                    "collector {number} {name}  team {team}  firm {firm}"),
    "patrol.shift": ("责任网格 {beat}  {begins} 至 {ends}", "beat {beat}  {begins} to {ends}"),
    "patrol.open": ("截至 {until}，轨迹可能还会补传", "up to {until}; further points may come"),
    "patrol.coverage": ("网格覆盖  {share}（{covered}/{total} 格）",
                        "coverage   {share} ({covered}/{total} squares)"),
    "patrol.time": ("在岗时间  网格内 {on}，网格外 {off}，无定位 {silent}，应到 {planned}",
                    "time       on the beat {on}, off it {off}, silent {silent}, of {planned}"),
    "patrol.reports": ("有效上报  {rate}（{valid}/{reported} 件）",
                       "valid      {rate} ({valid}/{reported} reports)"),
    "patrol.score": ("得分      {score}（定位点 {points} 个，规则 {rules}）",
                     "score      {score} ({points} points, rules {rules})"),
    "patrol.untracked": (
        "本班没有定位数据，按未巡查计", "no phone said anything: counted as not walked"),
    "patrol.unmapped": (
        "该责任网格没有边界图形，不计覆盖率", "this beat is not drawn: no coverage"),
    "patrol.table": ("{period} 已结束班次巡查汇总（规则 {rules}）",
                     "{period}, shifts that are over (rules {rules})"),
    "patrol.gaps": (
        "{count} 个班次没有定位数据，按未巡查计",
        "{count} shift(s) without any point count as not walked",
    ),
    "patrol.undrawn": (
        "{count} 个班次的网格没有边界图形，不计覆盖率",
        "{count} shift(s) on a beat that is not drawn count for no coverage",
    ),
    "patrol.computing": ("计算轨迹", "computing tracks"),
    "patrol.nobody": ("（未归属）", "(none)"),
    "track.there": ("文件 {file} 已存在，换个文件名", "{file} is there already; name another"),
    "track.written": ("已写入 {file}，{points} 个定位点", "{points} points written to {file}"),
    "track.begins": (
        "{given!r} 不是时间，应如 2026-11-26T08:00",
        "{given!r} is no time such as 2026-11-26T08:00",
    ),
    "alarm.raised": ("已报警，编号 {id}", "the duty desk is told; alarm {id}"),
    "alarm.kinds": ("报警类型", "kinds"),
    "alarm.outcomes": ("处理方式", "outcomes"),
    "alarm.duty": ("值班岗位：{roles}", "duty desk: {roles}"),
    "alarm.point": (
        "位置应写成 经度,纬度，例如 115.1012,30.2025，不是 {given!r}",
        "a point is lon,lat, for example 115.1012,30.2025, not {given!r}",
    ),
    "alarm.head": ("采集员报警 {id}", "alarm {id}"),
    "alarm.waiting": ("状态  待接警", "state    nobody has taken it"),
    "alarm.taken": ("状态  已接警：{by}，{at}", "state    taken by {by}, {at}"),
    "alarm.settled": ("状态  已处理：{by}，{at}", "state    settled by {by}, {at}"),
    "alarm.who": ("人员  {collector}（{by} 报警），{kind}",
                  "who      {collector} (raised by {by}), {kind}"),
    "alarm.when": ("时间  {at}，{received} 收到", "when     {at}, received {received}"),
    "alarm.where": ("位置  {lon}, {lat}（CGCS2000），误差 {metres} 米",
                    "where    {lon}, {lat} (CGCS2000), within {metres} m"),
    "alarm.nowhere": ("位置  未提供", "where    not said"),
    "alarm.text": ("说明  {text}", "text     {text}"),
    "alarm.done": ("处理  {outcome}：{report}", "done     {outcome}: {report}"),
    "alarm.reference": ("单号  {reference}", "number   {reference}"),
    "token.locked": (
        "已锁定 {name}：其令牌即刻失效，已打开的会话中断。找回设备后由管理员执行 "
        "wanmi token unlock {name}",
        "{name} is locked out at once, open sessions ended. When the device is back an "
        "administrator runs: wanmi token unlock {name}",
    ),
    "token.unlocked": ("已解锁 {name}", "{name} may come in again"),
    "token.unlocked.none": ("{name} 没有被锁定的令牌", "{name} has no locked token"),
    "token.locked.none": (
        "{name} 没有可锁定的令牌，或已锁定",
        "{name} has no token to lock, or it is locked already",
    ),
    "collector.beats": (
        "{day}：{count} 个责任网格，{unstaffed} 个无人当班",
        "{day}: {count} beat(s), {unstaffed} unstaffed",
    ),
    "budget.head": (
        "{name} {year} 年度经费测算，截至 {at}", "{name}, the budget of {year}, as of {at}",
    ),
    "budget.people": (
        "在用账号 {accounts} 个；{units} 个接入单位登记联络人 {clerks} 人",
        "{accounts} live token(s); {clerks} clerk(s) on the cards of {units} unit(s)",
    ),
    "evaluate.together": ("小计 {name}", "subtotal {name}"),
    "evaluate.score": ("综合得分", "score"),
    "evaluate.total": ("合计", "total"),
    "evaluate.partial": (
        "* 缺数据的分项不计，其余按权重折算；— 为分母为零，无数据",
        "* parts without data are left out and the others scaled up; — is no data",
    ),
    "evaluate.lap": (
        "平均 {mean}，最长 {longest}（{count} 件）", "mean {mean}, longest {longest} ({count})",
    ),
    "evaluate.written": ("已写入 {file}（{bytes} 字节）", "wrote {file} ({bytes} bytes)"),
    "evaluate.published": (
        "已公布 {id}；摘要 sha256:{digest}；签名密钥 {seal}",
        "published {id}; digest sha256:{digest}; signed with {seal}",
    ),
    "evaluate.no_sheet": (
        "{file} 不是以 json 导出的评价结果", "{file} is no sheet of an evaluation exported as json",
    ),
    "evaluate.compared": ("{count} 处不一致", "{count} difference(s)"),
    "evaluate.rebuilt": ("已重新计算 {count} 个案卷", "computed {count} case(s) anew"),
    "evaluate.verified": (
        "核对 {cases} 个案卷，{count} 处不一致", "looked at {cases} case(s), {count} difference(s)",
    ),
    "evaluate.label": ("案卷", "cases"),
    "file.unwritable": ("无法写入 {file}：{reason}", "cannot write {file}: {reason}"),
    "home.missing": (
        "{home} 不是节点目录（没有 wanmi.toml）。先运行：wanmi init --home {home} --id <节点标识>",
        "{home} is no node's home (no wanmi.toml). First: wanmi init --home {home} --id <node id>",
    ),
    "home.settings": (
        "{home}/wanmi.toml 有误：{reason}",
        "{home}/wanmi.toml cannot be used: {reason}",
    ),
    "home.taken": (
        "{home} 已有节点 {id}；换一个目录，或保留原节点",
        "{home} already holds node {id}; choose another directory or keep that node",
    ),
    "node.silent": (
        "{url} 没有应答。节点在运行吗？wanmi serve --home {home}",
        "{url} does not answer. Is the node running? wanmi serve --home {home}",
    ),
    "node.slow": (
        "{url} 在 {seconds} 秒内没有答复；命令可能已执行",
        "{url} gave no answer within {seconds} s; the command may have been carried out",
    ),
    "node.slow.remedy": (
        "先查看案卷；带同一个 --key 重发不会重复执行",
        "look at the case first; sending again with the same --key does nothing twice",
    ),
    "node.cut": (
        "{url} 中途断开了连接：节点正在重启，或照片、表格超过上限（照片默认 10 MiB）",
        "{url} cut the call: the node is restarting, or a photo or table is above its limit "
        "(10 MiB for photos by default)",
    ),
    "node.cut.remedy": ("缩小文件，或稍后再试", "send a smaller file, or try again in a moment"),
    "case.said.to": ("派给 {assignee} 第 {generation} 次：{rank}，时限 {finish_by}",
                     "to {assignee}, no. {generation}: {rank}, until {finish_by}"),
    "case.said.handler": ("经办人 {name}，{since} 由 {by} 交办",
                          "handled by {name}, named by {by} at {since}"),
    "case.said.handled": ("曾由 {name} 经办，{since} 由 {by} 交办",
                          "was handled by {name}, named by {by} at {since}"),
    "handler.named": ("已交 {name} 经办（{since}），不报上级",
                      "{name} handles it since {since}; no neighbour is told"),
    "handler.nobody": ("已撤销内部交办，经过留存", "nobody handles it now; the history is kept"),
    "handler.nobody_was": ("本来就没有经办人", "nobody handled it"),
    "case.said.bond": ("送达 {neighbour}：{sentence}", "delivery {neighbour}: {sentence}"),
    "case.said.asked": ("待审批 {kind}（{reason_code}）{text}",
                        "to decide: {kind} ({reason_code}) {text}"),
    "case.said.reviewed": ("第 {step} 级已同意：{role} {reviewer}（{at}）",
                           "step {step} agreed: {role} {reviewer} ({at})"),
    "case.said.exempt": ("申诉成立：本案超期不计入考核（超期记录保留）",
                         "an appeal was upheld: being late is not charged (the mark stays)"),
    "case.said.turn": ("现待第 {step} 级（共 {of} 级）：{roles}，自 {since} 起",
                       "now step {step} of {of}: {roles}, since {since}"),
    "case.said.turn_until": ("办结时限 {until}，审批期间照常计时",
                             "the work is due {until}; its clock runs meanwhile"),
    "case.said.turn_but": ("须另一人审批，{names} 已审批过",
                           "somebody else takes it: {names} took a step before"),
    "case.said.turn_above": ("已转报上级，等上级答复", "passed up: the office above answers"),
    "case.said.we_asked": ("已申请 {kind}（{reason_code}），等上级答复：{text}",
                           "asked above: {kind} ({reason_code}) {text}"),
    "case.said.late": ("迟到的反馈，可采用（adopt-late）", "a late result that may be adopted"),
    "case.said.owed": ("督办待回复（{kind}），{reply_by} 前：{text}",
                       "to answer ({kind}), until {reply_by}: {text}"),
    "case.said.coordination": ("待协调决定 {kind}（{level}）{text}",
                               "to decide: {kind}, as {level}: {text}"),
    "case.said.coordination_above": ("已提请协调 {kind}，由 {level} 决定：{text}",
                                     "asked above: {kind}, decided as {level}: {text}"),
    "case.said.dispute": ("待裁定责任争议（{reason_code}）{text}",
                          "contested, to decide: ({reason_code}) {text}"),
    "case.said.dispute_above": ("已提责任争议，由上级裁定：{text}", "we contest it: {text}"),
    "case.said.repair": ("代整治 {performer} {cost} 元，{payer} 尚欠 {owed} 元",
                         "repaired by {performer}, {cost} yuan; {payer} owes {owed}"),
    "case.said.repaired": ("代整治 {performer} {cost} 元，已结清",
                           "repaired by {performer}, {cost} yuan, nothing owed"),
    "case.said.closing": ("结案条件：{closing}", "closing condition: {closing}"),
    "case.said.closing_named": ("说明达到结案条件（--closing-met）",
                                "that the closing condition is met (--closing-met)"),
    "case.said.closing_met": ("承办说明已达到结案条件：{closing}",
                              "said to meet the closing condition: {closing}"),
    "case.said.wanted": ("反馈须附：{wanted}", "a feedback shows: {wanted}"),
    "case.said.result": ("反馈：{result}（照片 {count} 张）", "result: {result} ({count} photos)"),
    "case.said.lacks": ("反馈缺少：{lacks}", "the feedback lacks: {lacks}"),
    "case.said.standby": ("应急 {name}：值班电话 {phone}，队伍 {crew}",
                          "emergency, {name}: duty phone {phone}, crew {crew}"),
    "case.said.plan": ("预案 {title}：{where}", "plan {title}: {where}"),
    "case.said.climbed": ("未签收，自 {since} 起由{post} {name} 督促签收",
                          "unsigned; since {since} it is the turn of {post} {name}"),
    "case.said.class": ("{name}（{code}，{standard}）", "{name} ({code}, {standard})"),
    "case.said.source": ("来源 {source}", "source {source}"),
    "case.said.grid": ("网格 {grid}", "grid {grid}"),
    "case.said.photos": ("照片 {count} 张", "{count} photos"),
    "case.said.no_owner": ("无责任主体", "nobody is responsible"),
    "case.said.contested": ("责任争议未决（时限照走）", "contested; the clock runs on"),
    "case.said.coordinated": ("协调决定 {kind}：{lead} 牵头（{decider}）",
                              "decided: {kind}: {lead} leads (by {decider})"),
    "case.said.coordinated_above": ("上级协调决定：{lead} 牵头（{decider}）",
                                    "decided above: {lead} leads (by {decider})"),
    "case.said.borders": ("位置临近边界，可能涉及：{borders}", "near a border: {borders}"),
    "case.said.by_rule": ("系统自动提请，依据：{rule}", "put by itself, by the rule: {rule}"),
    "case.said.problem": ("综合问题，另有 {count} 件案卷一并决定：",
                          "part of a joint problem, decided with {count} other case(s):"),
    "problem.case": ("{case_no}：{status}", "{case_no}: {status}"),
    "problem.more": ("……另有 {count} 件", "… and {count} more"),
    "problem.head": ("{kind}（{level}）{text}", "{kind}, as {level}: {text}"),
    "problem.waits": ("共 {count} 件，待本级决定 {waits} 件",
                      "{count} case(s), {waits} to decide here"),
    "problem.lead": ("决定：{lead} 牵头。{text}", "decided: {lead} leads. {text}"),
    "problem.none": ("没有待决定的综合问题", "no joint problem is open"),
    "problem.open": ("{case_no}：{status}，待本级决定", "{case_no}: {status}, to decide here"),
    "problem.above": ("{case_no}：{status}，由上级决定", "{case_no}: {status}, decided above"),
    "problem.decided": ("{case_no}：{status}，{lead} 牵头", "{case_no}: {status}, {lead} leads"),
    "problem.over": ("{case_no}：{status}，案卷已结束，不再决定",
                     "{case_no}: {status}, over, passed over"),
    "problem.settled": ("已决定 {count} 件，各案卷分别记录",
                        "decided for {count} case(s), each in its own record"),
    "problem.skipped": ("未列入本次决定：", "passed over:"),
    "case.said.condition": ("立案条件第 {number} 条：{text}", "filing condition {number}: {text}"),
    "case.said.duplicate": ("并入的上报 {case_no}：{status}", "merged here: {case_no}: {status}"),
    "case.said.similar": ("相似上报 {case_no}：{status}", "similar report {case_no}: {status}"),
    "case.said.lead": ("主办案卷 {case_no}：{status}", "assists {case_no}: {status}"),
    "case.said.part": ("协办 {case_no}：{status}", "part {case_no}: {status}"),
    "case.said.origin": ("上报单位 {node}，原编号 {case_no}",
                         "passed up by {node} as {case_no}"),
    "case.said.began": ("最初登记单位 {node}", "first registered by {node}"),
    "case.said.passing": ("已上报上级：{outcome}", "passed up: {outcome}"),
    "case.said.passing_unheard": ("等上级登记", "not heard of yet"),
    "case.said.passing_no": ("上级编号 {case_no}（{by}）", "number above {case_no} ({by})"),
    "case.said.recalled": ("已申请撤回上报，等上级答复", "asked back, not answered yet"),
    "case.said.goes_on_as": ("并入后续案卷 {case_no}：{status}", "goes on as {case_no}: {status}"),
    "case.said.duplicate_of": ("重复于 {case_no}：{status}", "duplicate of {case_no}: {status}"),
    "case.said.reopens": ("重办自 {case_no}：{status}", "takes up {case_no} again: {status}"),
    "case.said.reopened_as": ("已重办为 {case_no}：{status}",
                              "taken up again as {case_no}: {status}"),
    "case.said.reopen_why": ("重办理由：{text}", "why it is taken up again: {text}"),
    "case.said.reopen_asked": ("已申请重办，待审批：{text}", "asked to be taken up again: {text}"),
    "case.said.reopen_refused": ("申请重办未同意：{text}", "not taken up again: {text}"),
    "case.said.proposal": ("建议派给 {assignee}：{reason}", "proposed: {assignee}. {reason}"),
    "case.said.nobody": ("不能自动确定：{reason}", "nobody is proposed: {reason}"),
    "case.said.over": ("也适合而未选：{units}", "would fit too: {units}"),
    "case.said.assist": ("协办：{units}", "assisting: {units}"),
    "case.said.form": ("表单 {adapter}（{state}，至 {until}）：{url}",
                       "form {adapter} ({state}, until {until}): {url}"),
    "form.none": ("该案卷没有 {adapter} 的表单链接", "this case has no form link of {adapter}"),
    "case.part.opened": ("已增派协办 {case_no}", "part {case_no} is opened"),
    "case.part.handed": ("已增派协办 {case_no} 并派出", "part {case_no} is opened and handed over"),
    "case.part.undated": ("--finish-by 须与 --to 或 --unit 同用",
                          "--finish-by goes with --to or --unit"),
    "case.part.both": ("--to 与 --unit 只能用一个", "give --to or --unit, not both"),
    "case.said.verbs": ("可用操作：{verbs}", "may be tried: {verbs}"),
    "node.foreign": (
        "{url} 应答的不是 wanmi 节点（HTTP {status}）",
        "{url} answered, but not as a wanmi node (HTTP {status})",
    ),
    "token.missing": (
        "没有访问令牌：设置 WANMI_TOKEN，或在节点目录的主机上运行（keys/cli.token）",
        "no token: set WANMI_TOKEN, or run on the node's own machine (keys/cli.token)",
    ),
    "token.shown": (
        "访问令牌（仅显示这一次）：{token}",
        "API token (shown this once): {token}",
    ),
    "token.made": ("令牌 {name}（{scope}），仅显示这一次：", "Token {name} ({scope}), shown once:"),
    "token.revoked": ("已撤销 {count} 个令牌", "{count} token(s) revoked"),
    "init.done": (
        "节点 {id}（{name}）已建立：{home}",
        "node {id} ({name}) is made: {home}",
    ),
    "init.root": (
        "这是根节点。启动：wanmi serve --home {home}",
        "This is the root. Start it: wanmi serve --home {home}",
    ),
    "init.child": (
        "下一步：把 {request} 交给上级 {parent}，在上级运行 wanmi link accept，再在本机运行 "
        "wanmi link join",
        "Next: carry {request} to the parent {parent}; there: wanmi link accept; then here: "
        "wanmi link join",
    ),
    "root.fingerprint": (
        "根密钥指纹（请当面核对）：{fingerprint}",
        "root key fingerprint (compare it in person): {fingerprint}",
    ),
    "migrate.done": ("数据库已是最新结构", "the database has the newest schema"),
    "attach.done": (
        "{id} 改为 {parent} 的下级，案卷和日志不变；"
        "请把 {request} 交上级和根节点，拿到加入包后执行 wanmi link join",
        "{id} is a child of {parent} now, with all its cases and its journal: take {request} to "
        "the parent and the root, then wanmi link join with the kit",
    ),
    "request.root": ("根节点没有上级", "the root has no parent"),
    "request.done": (
        "已写好 {request}；交给上级 {parent}，在那里运行 wanmi link accept",
        "{request} is written; carry it to the parent {parent}; there: wanmi link accept",
    ),
    "mailboxes.none": (
        "设置里没有 [[nats.servers]]：本节点没有邮箱服务器集群。见 docs/operating/mailboxes.md",
        "the settings name no [[nats.servers]]: this node has no cluster of mailbox servers. See "
        "docs/operating/mailboxes.md",
    ),
    "mailboxes.member": (
        "{name}：{changed}", "{name}: {changed}",
    ),
    "mailboxes.same": ("没有变化", "nothing has changed"),
    "mailboxes.copy": (
        "把有变化的文件夹拷到各自的服务器，再 systemctl reload wanmi-mailboxes@名称；"
        "*.key 是私钥，不要外传",
        "copy each changed folder to its server, then systemctl reload wanmi-mailboxes@NAME. "
        "Show the *.key files to nobody",
    ),
    "accept.done": (
        "已接纳 {child}；把 {out} 交给它，在那里运行 wanmi link join",
        "{child} is accepted; carry {out} there and run: wanmi link join",
    ),
    "join.done": (
        "已加入上级 {parent}（名册 {serial}）；重启节点后生效",
        "joined {parent} (roster {serial}); restart the node to dial",
    ),
    "roster.added": ("已写入名册 {serial}：{node}", "roster {serial} names {node}"),
    "roster.none": (
        "本节点还没有名册：先加入上级（wanmi link join）",
        "this node has no roster yet: join its parent first (wanmi link join)",
    ),
    "case.done": (
        "{case_no} → {status}（版本 {version}）",
        "{case_no} → {status} (version {version})",
    ),
    "case.unfound": ("没有案卷号为 {no} 的案卷", "there is no case with number {no}"),
    "case.no_assignee": (
        "权责清单没有给出唯一的承办单位（{reason}）；用 --to 指定，例如 --to node:420203",
        "the responsibility table names no single assignee ({reason}); say --to, e.g. "
        "--to node:420203",
    ),
    "case.no_requests": ("该案卷没有待审批的申请", "no request of this case waits for us"),
    "case.no_requests.remedy": (
        "用 wanmi case show 查看案卷现状", "wanmi case show tells how the case stands",
    ),
    "case.no_supervisions": (
        "该案卷没有待回复的督办", "no supervision of this case is owed an answer",
    ),
    "case.no_supervisions.remedy": (
        "用 wanmi case show 查看案卷现状", "wanmi case show tells how the case stands",
    ),
    "case.supervisions": (
        "有 {count} 个待回复的督办；用 --supervision 指定",
        "{count} supervision(s) are owed an answer; say which with --supervision",
    ),
    "case.no_coordinations": (
        "该案卷没有待决定的协调", "no coordination of this case waits for a decision",
    ),
    "case.no_coordinations.remedy": (
        "用 wanmi case show 查看案卷现状", "wanmi case show tells how the case stands",
    ),
    "case.coordinations": (
        "有 {count} 个待决定的协调；用 --coordination 指定",
        "{count} coordination(s) wait for a decision; say which with --coordination",
    ),
    "case.no_disputes": (
        "该案卷没有待裁定的争议", "no contest of this case waits for an answer",
    ),
    "case.no_disputes.remedy": (
        "用 wanmi case show 查看案卷现状", "wanmi case show tells how the case stands",
    ),
    "case.disputes": (
        "有 {count} 个待裁定的争议；用 --dispute 指定",
        "{count} contest(s) wait for an answer; say which with --dispute",
    ),
    "case.no_repairs": (
        "该案卷没有待追缴的代整治", "nothing is owed for a repair of this case",
    ),
    "case.no_repairs.remedy": (
        "用 wanmi case show 查看案卷现状", "wanmi case show tells how the case stands",
    ),
    "case.repairs": (
        "有 {count} 笔待追缴的代整治；用 --repair 指定",
        "money is owed for {count} repair(s); say which with --repair",
    ),
    "case.requests": (
        "有 {count} 个待审批的申请；用 --request 指定",
        "{count} request(s) wait for us; say which with --request",
    ),
    "dossier.digest": ("清单摘要（SHA-256）：{digest}", "digest of the list (SHA-256): {digest}"),
    "case.warning": ("注意：{sentence}", "note: {sentence}"),
    "case.flag": ("标记：{sentence}", "mark: {sentence}"),
    "case.doubt": ("存疑：{sentence}", "doubt: {sentence}"),
    "case.doubt.confirmed": (
        "虚假（{decider}）：{sentence}；{text}", "false ({decider}): {sentence}; {text}",
    ),
    "case.doubt.dismissed": (
        "已排除（{decider}）：{sentence}；{text}", "dismissed ({decider}): {sentence}; {text}",
    ),
    "case.follow_up": (
        "查询码 {code}：请告知举报人，凭案卷号与此码可查进度",
        "follow-up code {code}: for the reporter, with the case number",
    ),
    "case.detail": ("{given!r} 应写成 名称=内容", "{given!r} is not key=value"),
    "case.detail.remedy": (
        "各来源的内容见 wanmi case sources", "wanmi case sources lists what each source asks for",
    ),
    "notice.line": (
        "{case_no}  {kind}  告知 {recipient}（{channel}）{state}  {id}",
        "{case_no}  {kind}  to {recipient} ({channel}) {state}  {id}",
    ),
    "notice.told": ("{case_no} 回告：{state}", "{case_no}: {state}"),
    "case.said.call": (
        "来电 {call_no}  {kind}  {state}  {at}", "call {call_no}  {kind}  {state}  {at}",
    ),
    "case.said.call_answer": ("答复：{text}", "answered: {text}"),
    "acceptance.head": ("{name} · {title}，{at}", "{name} · {title}, {at}"),
    "acceptance.window": (
        "案卷取 {first} 至 {last}；清单版本 {version}",
        "cases of {first} to {last}; criteria {version}",
    ),
    "acceptance.passed": (
        "验收通过：通过 {passed} 项，不适用 {not_applicable} 项，不通过 {failed} 项",
        "passed: {passed} checks pass, {not_applicable} not applicable, {failed} fail",
    ),
    "acceptance.failed": (
        "验收不通过：不通过 {failed} 项，通过 {passed} 项，不适用 {not_applicable} 项",
        "failed: {failed} checks fail, {passed} pass, {not_applicable} not applicable",
    ),
    "acceptance.format": (
        "{file}：只写 .html、.csv 或 .xlsx", "{file}: write .html, .csv or .xlsx",
    ),
    "acceptance.written": ("清单已写入 {file}", "the list is in {file}"),
    "share.head": (
        "{node} {dataset}（{sharing}），{at}", "{node} {dataset} ({sharing}), {at}",
    ),
    "share.written": ("{count} 行已写入 {file}", "{count} rows are in {file}"),
    "call.line": (
        "{call_no}  {kind}  {state}  时限 {due}", "{call_no}  {kind}  {state}  by {due}",
    ),
    "call.holder": ("答复单位：{name}", "to be answered by {name}"),
    "call.ourselves": ("本单位", "our own desk"),
    "call.about": ("有关案卷：{case_no}  {status}", "about {case_no}  {status}"),
    "call.reporter": ("来电人即该案举报人", "the caller reported the case"),
    "call.became": ("转为案卷：{case_no}", "became {case_no}"),
    "call.reopened": ("{at} 已申请重办", "{at} asked to be taken up again"),
    "call.answer": (
        "{at}  {by}  {channel}答复：{text}", "{at}  {by}  answered ({channel}): {text}",
    ),
    "call.recorded": ("已登记 {call_no}，答复时限 {due}", "{call_no}, to be answered by {due}"),
    "call.erased": ("{call_no} 来电人信息已删除", "{call_no}: who called is erased"),
    "call.head": (
        "来电统计 {period}，截至 {at}", "calls of {period}, as of {at}",
    ),
    "call.keep": (
        "答复满 {days} 天后删除姓名和电话；规则 {version}",
        "name and phone go {days} days after the answer; rules {version}",
    ),
    "call.no_share": ("无数据", "no data"),
    "call.total": (
        "合计 {received} 件，已答复 {answered} 件（按时 {in_time}），逾期未答复 {overdue} 件，"
        "按时率 {share}",
        "{received} in all, {answered} answered ({in_time} in time), {overdue} overdue; "
        "{share} in time",
    ),
    "call.total.came": (
        "其中转案卷 {became} 件，申请重办 {reopened} 件",
        "{became} became cases, {reopened} asked to be taken up again",
    ),
    "call.written": ("已写入 {file}", "written to {file}"),
    "list.more": ("还有更多：--after {next}", "there is more: --after {next}"),
    "list.empty": ("（没有）", "(none)"),
    "link.paused": ("已暂停 {link}", "{link} is paused"),
    "link.resumed": ("已恢复 {link}", "{link} talks again"),
    "link.replayed": ("{position} → {outcome}", "{position} → {outcome}"),
    "link.replayed_all": ("已处理 {count} 条", "{count} settled"),
    "link.released": ("已放行 {link}", "{link} may speak again"),
    "link.discarded": ("已放弃 {position}", "{position} is given up"),
    "adapter.resumed": ("{job} 将立即重试", "{job} is tried again now"),
    "adapter.reheard": ("{item} 已重放并处理", "{item} was replayed and is settled"),
    "adapter.still": ("{item} 仍无法处理：{detail}", "{item} still cannot be taken: {detail}"),
    "adapter.settled": ("已处理 {item}", "{item} is settled"),
    "adapter.well": ("{adapter}：正常。{detail}", "{adapter}: fine. {detail}"),
    "adapter.ill": ("{adapter}：异常。{detail}", "{adapter}: in trouble. {detail}"),
    "import.faults": (
        "{file}：{count} 行有误，未导入任何行",
        "{file}: {count} row(s) are wrong; nothing was imported",
    ),
    "import.line": ("第 {row} 行：{sentence}", "row {row}: {sentence}"),
    "import.row": ("第 {row} 行 {column}：{sentence}", "row {row} {column}: {sentence}"),
    "import.done": (
        "{file}：{rows} 行（新增 {added}，替换 {replaced}）",
        "{file}: {rows} row(s) (added {added}, replaced {replaced})",
    ),
    "import.checked": ("{file}：{rows} 行均可导入", "{file}: {rows} row(s) can be imported"),
    "import.faults.remedy": (
        "改好后重新导入；或加 --skip-bad，先导入其余行",
        "mend them and import again, or take the rest now with --skip-bad",
    ),
    "import.skipped": (
        "{count} 行未导入，已另存为 {file}，改好后可直接导入",
        "{count} row(s) were left out; they are in {file}, to be mended and imported",
    ),
    "import.warnings": ("以下 {count} 处请核对：", "{count} thing(s) to look at:"),
    "import.more": (
        "……另有 {count} 处（--json 列出全部）", "… and {count} more (--json lists all)",
    ),
    "standing.draft": ("草稿", "draft"),
    "standing.approved": ("已批准，待生效", "approved"),
    "standing.active": ("现行", "active"),
    "standing.superseded": ("已被替代", "superseded"),
    "kind.component": ("部件", "component"),
    "kind.matter": ("事项", "matter"),
    "origin.national": ("国标", "national"),
    "origin.local": ("地方", "local"),
    "standard.printed": ("已写入 {file}", "{file} is written"),
    "standard.edition": (
        "{ref} 第 {version} 版：{standing}，自 {start} 起，摘要 {digest}",
        "{ref} edition {version}: {standing}, from {start}, digest {digest}",
    ),
    "standard.class_added": (
        "{name} 已编为 {code}，写入 {standard_ref} 草稿第 {version} 版，待另一人批准",
        "{name} is {code} in draft {version} of {standard_ref}; another person approves it",
    ),
    "standard.discarded": ("{ref} 草稿第 {version} 版已作废", "draft {version} of {ref} is gone"),
    "standard.signed": ("签名有效：{by}", "the signature of {by} holds"),
    "standard.signer_unknown": (
        "文件由 {by} 签名，本节点没有其公钥，无法验证；请与对方核对摘要",
        "signed by {by}, whose key is not known here: compare the digest with its owner",
    ),
    "standard.unsigned": (
        "文件没有签名；请与发布单位核对摘要",
        "the document is not signed: compare the digest with its publisher",
    ),
    "paper.written": ("已写入 {file}，用浏览器打开打印",
                      "{file} is written: open it in a browser and print"),
    "standard.exported": ("已写入 {file}，摘要 {digest}", "{file} is written, digest {digest}"),
    "standard.no_document": ("{file} 不是标准文件", "{file} holds no edition"),
    "standard.proposed": (
        "换算规则的建议：{new}（仅供参考，以对照表为准）",
        "the rule of conversion proposes {new}; the table decides",
    ),
    "standard.day": (
        "“{given}” 不是日期，如 2027-01-01", "'{given}' is no date such as 2027-01-01",
    ),
    "import.reading": ("读取并检查", "reading and checking"),
    "import.writing": ("写入", "writing"),
    "import.version": (
        "{file}：{layer} 第 {number} 版，新增 {added}，变更 {changed}，移除 {removed}，"
        "未变 {unchanged}；全层 {rows} 行",
        "{file}: {layer} version {number}: added {added}, changed {changed}, removed {removed}, "
        "unchanged {unchanged}; {rows} row(s) in the layer",
    ),
    "import.reported": ("变更明细已写入 {file}", "what changed is written to {file}"),
    "place.point": ("坐标 {lon}, {lat}（CGCS2000）", "point {lon}, {lat} (CGCS2000)"),
    "place.grid": ("单元网格 {grid} {name}", "unit grid {grid} {name}"),
    "place.no_grid": ("不在任何单元网格内", "in no unit grid"),
    "place.beat": ("{kind}网格 {code}", "{kind} grid {code}"),
    "place.uncovered": ("在覆盖范围之外", "outside the coverage"),
    "place.division": ("区划 {code} {name}，相距 {metres} 米",
                       "division {code} {name}, {metres} m away"),
    "place.contested": ("临近区划边界，请核对归属", "near a border: check whose it is"),
    "place.address": ("最近地址 {text}，相距 {metres} 米",
                      "nearest address {text}, {metres} m away"),
    "component.head": ("{code} {name}  状态 {state}  第 {version} 版",
                       "{code} {name}  state {state}  version {version}"),
    "component.unit": ("{role}：{name} {code}", "{role}: {name} {code}"),
    "component.maintainer": ("养护单位", "maintainer"),
    "component.owner": ("权属单位", "owner"),
    "component.department": ("主管部门", "department"),
    "component.unowned": ("权属不明", "owner unknown"),
    "component.stale": ("数据应于 {day} 前更新", "its record was to be updated by {day}"),
    "layer.region": ("区划", "regions"),
    "layer.grid.unit": ("单元网格", "unit grids"),
    "layer.grid.beat": ("巡查网格", "beats"),
    "layer.grid.responsibility": ("责任网格", "responsibility grids"),
    "layer.coverage": ("覆盖范围", "coverage"),
    "layer.component": ("部件", "components"),
    "layer.organisation": ("机构", "organisations"),
    "layer.address": ("地址库", "gazetteer"),
    "layer.exported": ("已写入 {file}（{size} 字节）", "{file} is written ({size} bytes)"),
    "import.label": ("导入", "importing"),
    "file.unusable": ("{file}：{reason}", "{file}: {reason}"),
    "file.unreadable": ("读不了 {file}：{reason}", "cannot read {file}: {reason}"),
    "file.unreadable.remedy": (
        "核对文件名和读取权限", "check the name of the file and whether you may read it",
    ),
    "file.absent": ("没有这个文件", "No such file or directory"),
    "file.forbidden": ("没有读取权限", "Permission denied"),
    "file.folder": ("这是一个目录", "Is a directory"),
    "verify.counts": ("已核对：{counts}", "compared: {counts}"),
    "verify.damage": ("✗ {kind} {where}：{what}", "✗ {kind} {where}: {what}"),
    "verify.what.page": ("数据库报告：{detail}", "the database says: {detail}"),
    "verify.what.digest": ("内容与摘要不符", "its bytes are not what its digest says"),
    "verify.what.no_journal": ("没有经过记录", "it has no journal"),
    "verify.what.journal_unreadable": (
        "经过记录中有一条无法读取", "an entry of its journal cannot be read"),
    "verify.what.gone": ("经过记录还在，案卷不见了", "its journal is there, it is not"),
    "verify.what.version": ("与经过记录的版本不符", "it is not at the version of its journal"),
    "verify.differing": (
        "{count} 个案卷与按经过记录推算的不同（如 {first}）：可能由旧版本保存，以经过记录为准",
        "{count} case(s) differ from what this version makes of their journal (e.g. {first}): an "
        "earlier version may have kept them so; the journal counts"),
    "verify.what.unreadable": ("无法读取", "it cannot be read"),
    "verify.what.order": ("与前一件不衔接", "it does not follow the one before it"),
    "verify.what.body": ("正文与签封时不同", "its body is not what was sealed"),
    "verify.what.header": ("信封与链值不符", "its header is not what its chain value says"),
    "verify.what.photo": ("文件缺失或已改变", "its file is gone or has changed"),
    "verify.well": ("全部与写入时一致", "everything is what was written"),
    "verify.restore": (
        "数据库已损坏：停机，保留这份文件，换上最新的备份（docs/operating/run-a-node.md）；不要自行修补",
        "the database is damaged: stop the node, keep this file, restore the newest backup "
        "(docs/operating/run-a-node.md); do not mend it by hand"),
    "verify.asked": (
        "{count} 张照片已向邻接节点重新索取，结果见 wanmi doctor",
        "{count} photo(s) are fetched again from a neighbour; wanmi doctor shows how it goes"),
    "verify.start": (
        "{count} 张照片损坏：节点运行时再执行一次，即向邻接节点重新索取",
        "{count} photo(s) are damaged: run this again while the node runs to fetch them again"),
    "doctor.well": ("一切正常", "all is well"),
    "doctor.offline": (
        "节点没有运行，以下为离线检查",
        "the node is not running; what follows was checked offline",
    ),
    "demo.absent": (
        "此安装不含演示程序；请从源码目录运行 make demo",
        "this installation has no demo; run make demo from a source tree",
    ),
    "main.absent": (
        "此安装不完整：缺少 {name}",
        "this installation is incomplete: {name} is missing",
    ),
    "calendar.said": (
        "日历 {calendar}（{by}，{at}），节假日来源 {source}，已知年份：{years}",
        "calendar {calendar} ({by}, {at}), holidays from {source}, known years: {years}",
    ),
    "calendar.due": (
        "{finish_by} 到期（自 {start} 起，{warn_at} 起黄灯，日历 {calendar}）",
        "due {finish_by} (from {start}, yellow from {warn_at}, calendar {calendar})",
    ),
    "calendar.due.missing": (
        "{year} 年的节假日安排未知，按普通周计算",
        "the holidays of {year} are not known: ordinary weeks were counted",
    ),
    "clock.overall": ("全程", "overall"),
    "clock.handling": ("处置 {to}", "handling by {to}"),
    "clock.step": ("{post}环节", "step {post}"),
    "clock.line": ("[{light}] {name}：已用 {used}{rest}", "[{light}] {name}: used {used}{rest}"),
    "clock.left": ("，剩余 {left}，{finish_by} 到期", ", {left} left, due {finish_by}"),
    "clock.over": ("，超时 {left}，{finish_by} 已到期", ", {left} over, was due {finish_by}"),
    "clock.contested": ("，其中争议期间 {span}", ", of it contested {span}"),
    "clock.met": ("，按期", ", on time"),
    "clock.missed": ("，超期", ", overdue"),
    "span": ("{hours}小时{minutes:02}分", "{hours} h {minutes:02} min"),
    "remedy": ("处理办法：{remedy}", "what to do: {remedy}"),
    "request_id": ("请求编号：{request_id}", "request id: {request_id}"),
    "interrupted": ("已中断", "interrupted"),
    "level.ok": ("正常", "ok"),
    "level.warn": ("注意", "warn"),
    "level.alarm": ("告警", "alarm"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "duty.mapped": ("已对应：{phrase} → {code}", "mapped: {phrase} → {code}"),
    "duty.dropped": ("已标记为本地没有：{phrase}", "marked as none of ours: {phrase}"),
    "fund.stands": (
        "余额 {balance} 元（拨入 {deposited}，支出 {paid}，追缴 {recovered}）；"
        "待追缴 {outstanding} 元",
        "balance {balance} yuan (deposited {deposited}, paid {paid}, recovered {recovered}); "
        "outstanding {outstanding}",
    ),
    "fund.booked": ("已登记 {number}：{amount} 元", "booked {number}: {amount} yuan"),
    "fund.known": ("{number} 此前已登记，未重复记账", "{number} was booked before, nothing done"),
    "stock.published": (
        "已出表存档：{period} 第 {version} 版，摘要 {digest}…",
        "published: {period} version {version}, digest {digest}…",
    ),
    "stock.written": ("报表已写入 {file}", "sheet written to {file}"),
    "stock.format": ("{file}：只能写成 .csv 或 .xlsx", "{file}: only .csv or .xlsx"),
    "stock.no_period": (
        "请用 --period 指明周期，如 --period 2026-W48",
        "say which period: --period 2026-W48",
    ),
    "stock.one_question": (
        "--unit 只用于预览，不能与 --publish、--below、--node 同用",
        "--unit is for looking only: not with --publish, --below or --node",
    ),
    "stock.head": (
        "{name} {period} 问题库报表（超过办结时限 {days} 天为长期超期）",
        "{name} {period} problem library (long overdue: {days} days past the deadline)",
    ),
    "stock.total": (
        "期初 {opening}，新增 {came}，消除 {resolved}，期末 {closing}",
        "opening {opening}, came in {came}, resolved {resolved}, closing {closing}",
    ),
    "stock.ways": (
        "消除：已处置 {handled}，恢复计时 {resumed}，时限变更或另行派遣 {moved}，结束 {ended}",
        "resolved: handled {handled}, resumed {resumed}, deadline moved {moved}, ended {ended}",
    ),
    "stock.ages": ("期末案龄：{ages}", "ages at closing: {ages}"),
    "stock.age": ("{days} 天 {count}", "{days} days {count}"),
    "stock.comma": ("、", ", "),
    "stock.longest": ("久拖未决（{count} 件）", "longest standing ({count})"),
    "stock.below": (
        "{period} 下级报送情况：应报 {due}，{late} 起未到记未报",
        "{period} sheets from below: due {due}, missing from {late} on",
    ),
    "stock.not_asked": (
        "本节点规则不要求下级报送该周期", "our rules ask for no sheets of this length",
    ),
    "stock.missing": ("未报：{nodes}", "missing: {nodes}"),
    "fund.written": ("台账已写入 {file}", "ledger written to {file}"),
    "fund.rebuilt": (
        "已按日志重建，共 {count} 条", "written again from the journal: {count} lines",
    ),
}


LIGHTS: Final[dict[str, str]] = {"green": "绿", "yellow": "黄", "red": "红", "grey": "灰"}
"""Lights in Chinese."""

POSTS: Final[dict[str, str]] = {
    "accept": "受理", "verify": "核实", "file": "立案", "dispatch": "派遣", "sign": "签收",
    "check": "核查", "close": "结案",
}
"""Posts whose step is timed, in Chinese."""

HEADINGS: Final[dict[str, str]] = {
    "office": "立案单位", "reported": "上报", "filed": "立案", "should_close": "应结案",
    "closed": "结案",
    "month": "月份", "database_mib": "数据库 MiB", "files_mib": "附件 MiB",
    "growth_mib": "增长 MiB", "accounts": "账号", "clerks": "联络人",
    "collector": "采集员", "team": "班组", "firm": "公司", "beat": "责任网格",
    "begins_at": "上班", "ends_at": "下班", "course": "课程", "hours": "学时", "result": "结果",
    "minutes": "在岗分钟", "on_duty": "当班",
    "body_group": "分组",
    "opening": "期初", "came": "新增", "resolved": "消除", "remaining": "期末",
    "sheet": "报送", "drawn_at": "出表", "drawn_by": "出表人",
    "standard_ref": "标准", "standing": "状态", "effective_from": "生效", "effective_to": "失效",
    "approved_by": "批准人", "digest": "摘要", "kind": "类别", "major_name": "大类",
    "origin": "来源", "incident": "突发", "valid_to": "失效", "condition_no": "条件",
    "area_class": "区域类别", "filing": "立案条件", "limit_text": "时限", "closing": "结案条件",
    "evidence": "证据", "old": "旧类", "new": "新类", "verdict": "结论", "note": "备注",
    "case_no": "案卷号", "status": "状态", "area": "区划", "code": "代码", "name": "名称",
    "light": "灯", "urgent": "紧急", "assignee": "承办", "finish_by": "办结时限", "overdue": "超期",
    "version": "版本", "opened_at": "登记时间", "link": "连接", "peer": "对方", "state": "状态",
    "carrier": "通道", "drafts": "待发", "unacked": "待确认", "parked": "挂起",
    "quarantined": "隔离", "sentence": "说明", "position": "位置", "type": "类型",
    "waits_for": "等待", "received_at": "收到时间", "size": "字节", "at": "时间", "id": "编号",
    "scope": "范围", "roles": "审批角色",
    "missing": "缺失", "pending": "待定", "surplus": "多余", "differ": "不同",
    "adapter": "适配器", "waiting": "待办", "unknown": "未知", "rejected": "拒绝",
    "source": "来源", "detail": "详情", "node": "节点", "event_type": "事件", "actor": "人员",
    "occurred_at": "发生时间", "verified": "验签", "late": "迟到", "level": "级别",
    "wish": "动作", "key": "单号", "outcome": "上次结果", "tries": "次数",
    "next_try_at": "下次尝试",
    "score": "匹配度", "layer": "图层", "text": "文字", "lon": "经度", "lat": "纬度",
    "grid": "网格", "metres": "距离（米）", "owner_name": "权属单位",
    "update_due_on": "应更新日期", "number": "版本",
    "dated": "数据日期", "row_count": "行数", "added": "新增", "changed": "变更", "removed": "移除",
    "valid_from": "生效", "weekdays": "星期", "intervals": "作息时间",
    "day": "日期",
    "verb": "操作",
    "verify": "核实", "photos": "照片", "details": "内容（*必填）", "distance_m": "距离（米）",
    "address": "地址", "phone": "电话", "wants_reply": "要求答复", "channel": "渠道",
    "recipient": "对象", "case_id": "案卷标识",
    "subject": "对象", "remedy": "处理办法", "parent": "上级", "keys": "密钥数",
    "why": "类别", "reason": "原因", "since": "自", "until": "至", "age_days": "案龄",
    "days_late": "超期天数", "holder": "承办", "owed": "待回复督办", "owed_overdue": "逾期未回复",
    "last": "最近动作", "suspended": "挂账", "oldest_days": "最长案龄", "unit": "单位",
    "returns_asked": "申请回退", "returns_granted": "同意回退", "extensions": "延期",
    "suspensions": "挂账", "unsigned": "未签收", "over": "达到督查线", "person": "人员",
    "phrase": "清单原文", "duty": "职责", "qualifier": "限定", "figure": "指标", "ours": "本方",
    "theirs": "对方", "title": "名称", "payer": "应付单位", "performer": "代整治单位",
    "outstanding": "待追缴（元）", "repair_id": "代整治编号", "value": "内容",
    "unit_id": "单位编号", "group": "分组", "region": "区划", "way": "派遣途径",
    "active": "在岗", "account": "账号", "place": "位置", "refused": "不能派遣",
    "complete": "齐全", "there": "已有",
    "published_at": "公布时间", "period": "周期", "definition": "指标", "open": "对外公布版",
    "published_by": "公布人", "publication_id": "公布编号", "ref": "对应", "column": "列",
    "stored": "已存", "computed": "重算",
    "patrol_key": "对象", "shifts": "班次", "coverage": "覆盖率", "on_beat": "网格内/应到",
    "valid_rate": "有效上报", "patrol_score": "得分",
    "alarm_kind": "类型", "alarm_state": "状态", "locked_at": "锁定时间", "lock_reason": "锁定原因",
    "handler": "经办人", "given": "交办", "held": "在办", "done": "已反馈", "ended": "了结",
    "reworked": "曾返工", "ever_late": "曾超期",
    "received": "来电", "answered": "已答复", "in_time": "按时", "belated": "逾期答复",
    "unanswered": "逾期未答复", "open_yet": "待答复", "share": "按时率",
    "sharing": "共享类别", "basis": "依据", "nodes": "批准对象", "side": "事项", "purpose": "用途",
    "rows": "行数",
    "became": "转案卷", "reopened": "申请重办", "answer_within": "答复时限", "concerns": "关联",
    "by_kind": "类别", "by_concern": "关联", "by_holder": "答复单位", "by_channel": "渠道",
}


NOTICES: Final[dict[str, str]] = {
    "closed": "办结", "not_accepted": "不予受理", "not_filed": "不予立案", "voided": "作废",
    "merged": "并案", "merged_ended": "随并案办结", "reopened": "同意重办",
    "kept_closed": "维持办结",
}
"""What a notice tells, in Chinese."""

TOLD: Final[dict[str, str]] = {"pending": "待回告", "delivered": "已告知", "failed": "未能告知"}
"""How telling it went, in Chinese."""

CHANNELS: Final[dict[str, str]] = {
    "phone": "电话", "letter": "函件", "sms": "短信", "app": "应用", "web": "网页",
}
"""How somebody is told, where the channel is one of the usual ones."""

CALL_CONCERNS: Final[dict[str, str]] = {"none": "无案卷", "case": "在办案卷", "result": "办理结果"}
"""What a call is about, in Chinese."""

CELLS: Final[dict[str, dict[str, str]]] = {
    "concerns": CALL_CONCERNS, "by_concern": CALL_CONCERNS,
    "light": LIGHTS,
    "why": {"suspended": "挂账", "overdue": "超期"},
    "body_group": {
        "local": "本级单位", "district": "区县园区", "street": "街道乡镇", "enterprise": "企业",
        "higher": "上级驻地",
    },
    "sheet": {"received": "已报", "awaited": "未到期", "missing": "未报"},
    "verify": {"none": "不需", "optional": "可选", "required": "必须"},
    "channel": CHANNELS,
    "state": {"intact": "完好", "damaged": "破损", "lost": "丢失", "abandoned": "废弃",
              "removed": "拆除"},
    "alarm_state": {"raised": "待接警", "taken": "已接警", "settled": "已处理"},
    "origin": {"own": "本级", "statutory": "国务院"},
    "kind": {"holiday": "放假", "workday": "上班"},
    "subject": {
        "units": "责任单位", "responsibilities": "权责清单", "limits": "立案条件",
        "people": "联络人", "links": "下级与适配器", "unit": "责任单位",
    },
}
"""Cells of tables whose codes have Chinese names, by column."""


ROLES: Final[dict[str, str]] = {
    "near": "近景照片", "far": "远景照片", "reference": "参照照片",
    "handle_before": "处置前照片", "handle_after": "处置后照片", "public": "公示照片",
    "closing": "所达到的结案条件",
}
"""What a photo shows, and what else a feedback may lack."""

GRIDS: Final[dict[str, str]] = {"beat": "巡查", "responsibility": "责任"}
"""Grids besides the unit grid."""

FORMS: Final[dict[str, str]] = {
    "open": "可填写", "done": "已反馈", "returned": "已申请回退", "withdrawn": "已撤回",
    "expired": "已过期", "unknown": "未知",
}
"""What a form link opens."""

RUNGS: Final[dict[str, str]] = {
    "clerk": "联络人", "deputy": "替班联络人", "leader": "分管领导", "duty": "值班人员",
}
"""Who is named on a unit's card."""

SHARINGS: Final[dict[str, str]] = {
    "free": "无偿共享", "approved": "经批准共享", "barred": "依法不共享",
}
"""Classes of shared data, in Chinese."""

SHARE_SIDES: Final[dict[str, str]] = {
    "ASKED": "本节点读取", "ANSWERED": "提供", "REFUSED": "拒绝",
}
"""Entries of the log of sharing, in Chinese."""

VERDICTS: Final[dict[str, str]] = {
    "pass": "通过", "fail": "不通过", "not_applicable": "不适用",
}
"""How a check of acceptance ended, in Chinese."""

CALL_STATES: Final[dict[str, str]] = {
    "open": "待答复", "overdue": "逾期未答复", "answered": "按时答复", "late": "逾期答复",
}
"""Where a call stands, in Chinese."""

CALL_STEPS: Final[dict[str, str]] = {
    "received": "登记", "handed": "转办", "taken_back": "收回", "tried": "未联系上",
    "answered": "答复", "became": "转案卷", "reopen": "申请重办", "erased": "删除来电人信息",
}
"""What was done with a call, in Chinese."""

KINDS_OF_DAMAGE: Final[dict[str, str]] = {
    "page": "数据页", "entry": "经过记录", "case": "案卷", "envelope": "信封", "trace": "下级记录",
    "photo": "照片",
}
"""What ``verify`` compares, in Chinese."""


def text(key: str, language: str, **values: object) -> str:
    """The message for a key, in ``zh`` or ``en``."""
    chinese, english = TEXTS[key]
    return (english if language == "en" else chinese).format(**values)
