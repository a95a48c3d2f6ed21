"""What the command line says about backups and recovery, by key: zh-CN first, then English."""

from __future__ import annotations

from typing import Final

RECOVERY_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "step.database": ("数据库", "database"),
    "step.photos": ("照片", "photos"),
    "step.digests": ("核对", "verifying"),
    "step.other": ("进行中", "working"),
    "backup.done": (
        "已备份到 {path}（{files} 个文件，{size}，{taken_at}）",
        "backed up to {path} ({files} files, {size}, {taken_at})",
    ),
    "backup.whole": (
        "备份完整：{path}（{files} 个文件，{size}，{taken_at}）",
        "the backup is whole: {path} ({files} files, {size}, {taken_at})",
    ),
    "backup.no_keys": (
        "不含私钥：请另行保管 keys/，或加 --passphrase-file 加密存入",
        "without private keys: keep keys/ elsewhere, or seal them in with --passphrase-file",
    ),
    "backup.missing_photos": (
        "{count} 张照片在本机已缺失，未能备份（恢复后会向来源重新索取）",
        "{count} photo(s) are missing on this machine and could not be copied",
    ),
    "backup.unrecorded": (
        "注意：未能记入审计日志（{reason}），请自行登记",
        "mind: it could not be written into the audit log ({reason}); put it down yourself",
    ),
    "backup.removed": ("已删除旧备份 {name}", "removed the old backup {name}"),
    "recover.none": (
        "没有需要恢复的连接，节点可以启动", "there is nothing to recover; the node may start",
    ),
    "recover.why": ("需要恢复：{why}", "recovery is needed: {why}"),
    "why.restored": (
        "本目录是用备份建立的", "this home was filled from a backup",
    ),
    "why.nothing": (
        "没有备份，本库是空的", "there was no backup, this database is empty",
    ),
    "why.elsewhere": (
        "数据库在别处启动过，本目录从未启动",
        "the database was started elsewhere, this home never",
    ),
    "why.older": (
        "数据库比本目录最近一次启动时旧", "the database is older than the last start of this home",
    ),
    "why.copy": (
        "邻居出示了本库没有的、以本节点密钥签署的内容：{detail}",
        "a neighbour showed something under our own seal that we do not hold: {detail}",
    ),
    "why.unfinished": ("上次恢复没有做完", "an earlier recovery was not finished"),
    "why.link": ("{link}：{detail}", "{link}: {detail}"),
    "recover.links": (
        "将恢复：{links}。请确认旧机器、旧副本都已停用",
        "to be recovered: {links}. Make sure the old machine and every other copy is off",
    ),
    "recover.phase.echo": ("取回本节点说过的话", "fetching back our own words"),
    "recover.phase.resend": ("补收邻居的来文", "receiving what neighbours said"),
    "recover.waits": ("等待 {peer} 接通…", "waiting for {peer} …"),
    "recover.stand": (
        "{link}：{verdict}；取回 {echoed} 条，待重发 {redrafted} 条，无法取回 {lost} 条",
        "{link}: {verdict}; {echoed} words came back, {redrafted} are to be said again, {lost} are "
        "lost",
    ),
    "recover.stand.waived": (
        "{link}：本次跳过；恢复之前不向它派遣", "{link}: left out; nothing is dispatched to it",
    ),
    "recover.journal": (
        "日志补回 {entries} 条，下级记录 {below} 条，接不上的 {apart} 条（另存，案卷列入待办）",
        "{entries} journal entries are back, {below} of nodes below; {apart} join on to nothing "
        "(kept, their cases are on the list)",
    ),
    "recover.lost": (
        "取不回的：备份之后本节点自行立案、尚未派出也未上报的内容",
        "what cannot come back: what was done here after the backup and told to nobody",
    ),
    "recover.confirm": (
        "以上内容将作为本节点的历史继续。开启新纪元？", "go on from here with a new epoch?",
    ),
    "recover.unconfirmed": (
        "没有确认，停在这里；再运行 wanmi recover 继续",
        "not confirmed, nothing further was done; run wanmi recover again to go on",
    ),
    "recover.needs_yes": (
        "需要人确认：在终端运行，或加 --yes", "a person has to confirm: run it at a terminal, or "
        "add --yes",
    ),
    "recover.opened": (
        "{link}：补收 {heard} 条", "{link}: {heard} words of the peer came in",
    ),
    "recover.mended": (
        "按邻居手里的指令补记 {mended} 项", "{mended} entries stand in for lost ones",
    ),
    "recover.retold": (
        "下级未曾收到的指令重新下达 {retold} 条",
        "{retold} words that no child had heard are said again",
    ),
    "recover.compared": (
        "{link} 对账：缺 {missing}，多 {surplus}，不同 {differ}",
        "{link} compared: {missing} missing, {surplus} surplus, {differ} differ",
    ),
    "recover.unclaimed": (
        "{neighbour} 正在办理 {case_no}（{address}，{name}），本节点没有这次派遣的记录",
        "{neighbour} works on {case_no} ({address}, {name}), and nobody here knows of it",
    ),
    "recover.choose": (
        "接续(a)、撤回(w)、以后再说(l)", "adopt (a), withdraw (w), later (l)",
    ),
    "recover.decided": (
        "无记录的派遣：接续 {adopted}，撤回 {called_back}，留待处理 {left}",
        "unknown assignments: {adopted} adopted, {called_back} called back, {left} left",
    ),
    "recover.done": (
        "恢复完成。启动：wanmi serve --home {home}",
        "recovered. Start it: wanmi serve --home {home}",
    ),
    "recover.surplus": (
        "--surplus 只能是 adopt、withdraw 或 later，不是 {given!r}",
        "--surplus is adopt, withdraw or later, not {given!r}",
    ),
    "verdict.fenced": (
        "对方已见到本节点更新的纪元：本库是旧备份，或另有副本开过新纪元",
        "the peer knows a newer epoch of ours: an old backup, or another copy opened one",
    ),
    "verdict.behind": (
        "对方手里有本库没有的话：本库丢了历史",
        "the peer holds words of ours that we do not: we lost history",
    ),
    "verdict.history_gone": (
        "对方缺的内容双方都已不再保留", "the peer lacks what neither side keeps any more",
    ),
    "verdict.cut_moved": (
        "对方停在本库没有的位置：它跟过另一个副本",
        "the peer stands where our history never went: it followed another copy",
    ),
    "verdict.fork": (
        "同一位置双方内容不同：有两个副本以本节点名义说过话",
        "at one position both sides differ: two copies spoke in our name",
    ),
    "verdict.peer_restored": (
        "对方也退回到过去，缺的会重发", "the peer was put back too; what it lacks is sent again",
    ),
    "verdict.normal": ("对方与本库一致", "the peer has exactly what we have"),
    "verdict.acks_lost": (
        "对方收到的比本库记得的多，内容一致", "the peer has more than we remember, all of it known",
    ),
    "restore.home": (
        "请用 --home 写明要建立的空目录", "name the empty directory to fill with --home",
    ),
    "restore.done": (
        "已按 {taken_at} 的备份建立 {home}", "filled {home} from the backup of {taken_at}",
    ),
    "restore.keys": (
        "备份未解出私钥：启动前把 keys/ 中的私钥文件放回 {home}/keys",
        "no private keys were opened: put the private files of keys/ back into {home}/keys",
    ),
    "restore.next": (
        "下一步：先确认原机器已停用，再运行 wanmi recover --home {home}；在此之前节点不会启动",
        "next: make sure the old machine is off, then wanmi recover --home {home}; the node does "
        "not start before that",
    ),
}
