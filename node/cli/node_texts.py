"""What the command line says about the node, its links, adapters and tokens, and setting it up,
by key: zh-CN first, then English."""

from __future__ import annotations

from typing import Final

NODE_TEXTS: Final[dict[str, tuple[str, str]]] = {
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
    "keys.suite": ("签名套件 {suite}，密钥 {key_id}", "suite {suite}, key {key_id}"),
    "keys.closed": ("私钥打不开：{why}", "the private keys do not open: {why}"),
    "keys.protected": ("私钥已用口令加密", "the private keys are sealed under a passphrase"),
    "keys.bare": (
        "私钥没有加密，只靠文件权限保护；加密：wanmi keys protect --passphrase-file 文件",
        "the private keys are not sealed, file modes alone guard them; seal them with "
        "wanmi keys protect --passphrase-file FILE",
    ),
    "keys.unlike": (
        "  {file} 与其余不一致：再运行一次刚才的 wanmi keys 命令",
        "  {file} is not like the others: run the wanmi keys command again",
    ),
    "keys.sealed": (
        "已加密 {count} 个私钥文件。口令丢了就打不开，请另存一份；磁盘上可能还有旧的明文残留",
        "{count} private files are sealed. Without the passphrase they do not open: keep it twice; "
        "the disk may still hold remains of what was there before",
    ),
    "keys.opened": ("已解密 {count} 个私钥文件", "{count} private files are open again"),
    "keys.changed": ("已换口令", "the passphrase is another one now"),
    "keys.data.renewed": (
        "新密钥 {key_id}（{cipher}）", "new key {key_id} ({cipher})"),
    "keys.data.sealed": (
        "姓名电话已用最新密钥加密：案卷 {reporters}，来电 {callers}",
        "names and phones lie under the newest key: {reporters} cases, {callers} calls",
    ),
    "keys.data.open": (
        "姓名电话不加密（[personal] sealed = false）：案卷 {reporters}，来电 {callers}",
        "names and phones lie open ([personal] sealed = false): {reporters} cases, "
        "{callers} calls",
    ),
    "keys.change.how": (
        "写 --suite 套件 或 --device 地址 开始，或 --end 完成",
        "say --suite SUITE or --device ADDRESS to begin, or --end to end it"),
    "keys.going_over": (
        "已生成新的 {suite} 密钥 {key_id}；节点启动后双签：新旧密钥都签",
        "there is a new {suite} key {key_id}; from its next start the node seals with both",
    ),
    "keys.going_over.same": (
        "下一步：启动节点；名册写入新密钥后它会自动改用新密钥",
        "Next: start the node; once the roster lists the new key it goes over by itself",
    ),
    "keys.going_over.root": (
        "新名册已写入新密钥，随连接下发。各下级收到后：wanmi keys change --end",
        "The next roster lists it and goes down the links. When everybody has it: "
        "wanmi keys change --end",
    ),
    "keys.going_over.child": (
        "下一步：启动节点，它会自己向根节点申报新密钥（联系不上时把 {request} 交给根节点："
        "wanmi roster add）；邻居收到新名册后：wanmi keys change --end",
        "Next: start the node: it tells the root of the new key by itself (without contact carry "
        "{request} to the root: wanmi roster add); when the neighbours have the new roster: wanmi "
        "keys change --end",
    ),
    "keys.gone_over": (
        "从下次启动起只用 {suite} 密钥 {key_id}；旧密钥留在 sign-before.key",
        "from its next start the node seals with its {suite} key {key_id} alone; the old one stays "
        "in sign-before.key",
    ),
    "keys.by_itself": (
        "正在更换签名密钥：{key_id} → {beside}。名册写入后自动改用新密钥，收发不中断；"
        "wanmi keys status 可看进度",
        "the sign key changes from {key_id} to {beside}: once the roster lists it the new one "
        "seals alone, words go on meanwhile; wanmi keys status says how far it is",
    ),
    "keys.by_hand": (
        "正在更换签名密钥：{key_id} → {beside}（{beside_suite}），现在双签；各邻居收到新名册后："
        "wanmi keys change --end",
        "the sign key changes from {key_id} to {beside} ({beside_suite}), both seal now; when "
        "every neighbour has the new roster: wanmi keys change --end",
    ),
    "keys.now": (
        "签名密钥 {key_id}（{suite}）", "the sign key is {key_id} ({suite})",
    ),
    "keys.renewing": (
        "已向上级申请换发证书；连接会短暂重建，报文不丢",
        "the parent is asked for a newer certificate; the link is made anew for a moment, no word "
        "is lost",
    ),
    "keys.running": ("节点正在运行", "the node is running"),
    "keys.running.remedy": (
        "先停下节点，再运行这条命令", "stop the node, then run this command"),
    "link.prefer": (
        "--prefer 只能是 GRPC 或 NATS，不是 {given!r}",
        "--prefer is GRPC or NATS, not {given!r}",
    ),
    "link.paused": ("已暂停 {link}", "{link} is paused"),
    "link.resumed": ("已恢复 {link}", "{link} talks again"),
    "link.replayed": ("{position} → {outcome}", "{position} → {outcome}"),
    "link.replayed_all": ("已处理 {count} 条", "{count} settled"),
    "link.released": ("已放行 {link}", "{link} may speak again"),
    "link.discarded": ("已放弃 {position}", "{position} is given up"),
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
    "node.foreign": (
        "{url} 应答的不是 wanmi 节点（HTTP {status}）",
        "{url} answered, but not as a wanmi node (HTTP {status})",
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
    "roster.approved": ("已确认 {node}，写入下一份名册", "{node} will be named in the next roster"),
    "roster.refused": ("未接纳 {node}", "{node} is not taken in"),
    "roster.required": (
        "名册 {serial} 起，成员至少使用协议版本 {min_proto}；低于此版本的连接将停下，升级后恢复",
        "from roster {serial} on every member must speak protocol {min_proto}; links of older "
        "programs stand still until they are upgraded",
    ),
    "invite.valid": (
        "有效期 {given!r} 无法识别：写成 24h 或 90m",
        "{given!r} is no time: write 24h or 90m",
    ),
    "invite.made": (
        "已邀请 {node}（{name}），{until} 前有效，只能使用一次",
        "{node} ({name}) is invited; good once, until {until}",
    ),
    "invite.local": (
        "注意：邀请里的地址是 {at}，只在本机有效。对方在别处时，先设 wanmi.toml 的 [grpc] host "
        "和 hosts，或用 --at 主机:端口 --grpc 主机:端口 重新邀请",
        "note: the invitation names {at}, good on this machine only. For a node elsewhere set "
        "[grpc] host and hosts in wanmi.toml first, or invite anew with --at HOST:PORT --grpc "
        "HOST:PORT",
    ),
    "invite.second": (
        "须由另一名管理员确认：wanmi invite approve {node}",
        "another administrator must approve: wanmi invite approve {node}",
    ),
    "invite.next": (
        "把下面一行交给对方管理员（仅显示这一次），在那里运行 wanmi enrol：",
        "Give this line to its administrator (it is shown once); there: wanmi enrol",
    ),
    "invite.written": (
        "邀请码写入 {out}；交给对方管理员，在那里运行 wanmi enrol --invitation 文件",
        "the invitation is in {out}; there: wanmi enrol --invitation FILE",
    ),
    "invite.withdrawn": ("已收回 {node} 的邀请", "the invitation of {node} is withdrawn"),
    "invite.approved": ("已确认 {node}，可以加入", "{node} may come in"),
    "invite.refused": ("已拒绝 {node}，对方会看到原因", "{node} is refused and hears why"),
    "enrol.invitation": (
        "请给出邀请码：写在命令后面，或用 --invitation 文件（- 为标准输入）",
        "give the invitation: as an argument, or with --invitation FILE (- = stdin)",
    ),
    "enrol.other_node": (
        "这份邀请给 {invited}（上级 {by}）；此目录是 {node}（上级 {parent}）",
        "this invitation is for {invited} under {by}; this home is {node} under {parent}",
    ),
    "enrol.other_node.remedy": (
        "换一个空目录；独立运行的节点先执行 wanmi link attach",
        "use an empty home; a node that ran alone first takes wanmi link attach",
    ),
    "enrol.calling": ("正在联系上级 {parent}（{address}）…", "calling {parent} at {address} …"),
    "enrol.waiting": (
        "已提交，等上级 {parent} 的另一名管理员确认。可按 Ctrl-C 中断，再运行同一命令即继续",
        "submitted; another administrator of {parent} must approve. Ctrl-C is safe: run the same "
        "command again to go on",
    ),
    "enrol.unlisted": (
        "上级 {parent} 已接纳，等根节点把它自己写入名册。可按 Ctrl-C 中断，再运行同一命令即继续",
        "{parent} has taken this node in and waits for the root to name it. Ctrl-C is safe: run "
        "the same command again to go on",
    ),
    "enrol.away": (
        "上级 {parent} 暂时没有应答，继续等待", "{parent} does not answer for the moment; waiting",
    ),
    "enrol.not_yet": (
        "已提交，上级尚未确认", "submitted; the parent has not decided yet",
    ),
    "enrol.not_yet.remedy": (
        "稍后再运行同一命令", "run the same command again later",
    ),
    "enrol.done": (
        "{node} 已加入上级 {parent}（{name}），用时 {seconds} 秒",
        "{node} has joined {parent} ({name}) within {seconds} s",
    ),
    "enrol.next": (
        "下一步：wanmi serve --home {home}", "Next: wanmi serve --home {home}",
    ),
    "retire.done": (
        "已停用下级 {node}：连接和证书即刻失效，密钥随下一份名册作废；重新加入须换新密钥",
        "{node} has ended: link and certificate at once, its keys with the next roster; it comes "
        "back with new keys only",
    ),
    "revoke.done": (
        "已作废 {node} 的全部密钥，新名册正在下发；其上级收到后立即断开它",
        "every key of {node} has ended; the new roster goes down, and its parent cuts it off when "
        "it comes",
    ),
    "roster.none": (
        "本节点还没有名册：先加入上级（wanmi link join）",
        "this node has no roster yet: join its parent first (wanmi link join)",
    ),
    "adapter.resumed": ("{job} 将立即重试", "{job} is tried again now"),
    "adapter.reheard": ("{item} 已重放并处理", "{item} was replayed and is settled"),
    "adapter.still": ("{item} 仍无法处理：{detail}", "{item} still cannot be taken: {detail}"),
    "adapter.settled": ("已处理 {item}", "{item} is settled"),
    "adapter.well": ("{adapter}：正常。{detail}", "{adapter}: fine. {detail}"),
    "adapter.ill": ("{adapter}：异常。{detail}", "{adapter}: in trouble. {detail}"),
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
}
