"""What a refusal of keys, papers, rosters, schema or start means to a person, by its stable code.

The error itself says in English what happened this time; here stand what that means in Chinese
and what to do in both languages. A code without a row of its own is explained by its family
(the part before the dot); docs/operating/trust.md lists the same codes.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Row(NamedTuple):
    """One refusal in words."""

    chinese: str
    remedy_zh: str
    remedy_en: str


_CARRY_REQUEST = (
    "从下级重新拷贝 join-request.json，不要改动", "carry join-request.json again, unchanged",
)
_CARRY_KIT = ("从上级重新拷贝加入包，不要改动", "carry the kit again, unchanged")
_NEW_KIT = (
    "在本节点运行 wanmi link request，交上级 wanmi link accept，再用新的加入包 wanmi link join",
    "run wanmi link request here, wanmi link accept at the parent, then wanmi link join here",
)
_REQUEST_AGAIN = (
    "在下级运行 wanmi link request，把新的加入申请送来",
    "run wanmi link request at the child and carry the new request here",
)
_NEW_IDENTITY = (
    "在下级换一个空目录重新 wanmi init，再把新的加入申请送来",
    "make the child again with wanmi init in an empty directory and carry its new request",
)
_OWN_KIT = ("请上级为本节点签发加入包", "ask the parent for the kit of this node")
_KEYS_BACKUP = ("从备份恢复 keys/ 目录", "restore keys/ from its backup")
_ASK_ROOT = ("联系根节点管理员", "call the root's administrator")
_INVITE_AGAIN = (
    "请上级管理员重新邀请：wanmi invite create",
    "ask the parent for a new one: wanmi invite create",
)
_AGAIN = ("稍后再试", "try again in a moment")

REFUSALS: Final[dict[str, Row]] = {
    "identity.attached": Row(
        "该节点已有上级，或上级就是它自己", "核对上级标识；换上级须先由原上级注销",
        "check the parent's id; a node that has one is retired by it first"),
    "identity.has_children": Row(
        "该节点还有下级，它们认的是本节点的名册",
        "先注销下级，接入后再逐个重新接纳",
        "retire the children, and take them in again afterwards"),
    "keys.exist": Row("此目录已有另一个节点的密钥", "换一个空目录", "use an empty directory"),
    "keys.exposed": Row(
        "密钥文件可被其他用户读取", "对该文件运行 chmod 600，并查明是谁放宽的",
        "chmod 600 that file, and find out who opened it"),
    "keys.missing": Row("缺少密钥文件", *_KEYS_BACKUP),
    "keys.malformed": Row("密钥文件内容不对", *_KEYS_BACKUP),
    "keys.passphrase": Row(
        "私钥已加密，没有给出口令或口令不对",
        "在 wanmi.toml 的 [keyring] passphrase_file 写明口令文件（权限 600），"
        "或用 systemd 的 LoadCredential=wanmi.passphrase",
        "name the passphrase's file (mode 600) in [keyring] passphrase_file of wanmi.toml, or use "
        "systemd's LoadCredential=wanmi.passphrase"),
    "keys.passphrase_exposed": Row(
        "口令文件可被其他用户读取", "对该文件运行 chmod 600", "chmod 600 that file"),
    "keys.passphrase_short": Row(
        "口令太短或太长", "口令 12 到 1024 个字符", "a passphrase has 12 to 1024 characters"),
    "keys.unprotected": Row(
        "私钥没有加密", "先运行 wanmi keys protect", "run wanmi keys protect first"),
    "keys.address": Row(
        "密码设备的密钥地址写得不对",
        "写成 pkcs11:token=…;object=…?module-path=/…&pin-source=file:/…",
        "write pkcs11:token=…;object=…?module-path=/…&pin-source=file:/…"),
    "keys.device": Row(
        "密码设备里的签名密钥用不了", "检查设备是否接好、驱动路径和标签；并已安装 wanmi[hsm]",
        "see that the device is there, its module and labels are right, and wanmi[hsm] is "
        "installed"),
    "keys.pin": Row(
        "密码设备的口令（PIN）不对，或口令文件可被他人读取",
        "核对 PIN 文件，权限 600；多次输错设备会锁定",
        "look at the PIN's file, mode 600; the device locks itself after some wrong ones"),
    "keys.going_over": Row(
        "本节点正在更换签名密钥", "先用 wanmi keys change --end 完成",
        "end it first with wanmi keys change --end"),
    "keys.not_going_over": Row(
        "本节点没有在更换签名密钥", "先运行 wanmi keys change --suite 套件",
        "begin with wanmi keys change --suite SUITE"),
    "keys.not_listed": Row(
        "名册还没有写入新密钥，邻居会拒收", "等新名册到达，wanmi keys status 可看",
        "wait for the roster that lists it; see wanmi keys status"),
    "keys.no_memory_file": Row(
        "本系统没有内存文件，加密的私钥无法交给内嵌的 nats-server",
        "在 Linux 上运行，或把邮箱服务器放到别的机器（[[nats.servers]]）",
        "run on Linux, or put the mailbox servers on machines of their own ([[nats.servers]])"),
    "keys": Row("密钥不可用", *_KEYS_BACKUP),
    "suite.missing": Row(
        "本机的 OpenSSL 没有国密算法 SM2",
        "换用带 SM2 的 OpenSSL 3（多数发行版自带），或改用 --suite ed25519",
        "use an OpenSSL 3 that has SM2 (most systems do), or --suite ed25519"),
    "suite.unknown": Row(
        "没有这个签名套件", "套件只有 ed25519 和 sm2", "the suites are ed25519 and sm2"),
    "suite": Row("签名套件不可用", "运行 wanmi keys status 查看", "see wanmi keys status"),
    "cipher.key": Row(
        "密文所用的密钥不在本节点", "从备份恢复 keys/data.key", "restore keys/data.key"),
    "cipher": Row(
        "密文被改动，或不在原来的位置", "联系数据库的维护人员，查明是谁改动的",
        "call whoever looks after the database, and find out who changed it"),
    "identity.no_kit": Row(
        "本节点尚未加入上级", "先运行 wanmi link join <加入包>", "run wanmi link join <kit> first"),
    "identity": Row("节点身份不可用", *_KEYS_BACKUP),
    "request.malformed": Row("这不是完整的加入申请", *_CARRY_REQUEST),
    "request.proof": Row("加入申请在途中被改动或截断", *_CARRY_REQUEST),
    "request.expired": Row("加入申请已超过 14 天", *_REQUEST_AGAIN),
    "request.parent": Row(
        "这份申请要加入的是另一个上级", "把它交给申请里写的上级",
        "take it to the parent that it names"),
    "request.other_keys": Row(
        "已接纳过的下级换了密钥", "先电话核实，再加 --rekey 重新接纳",
        "call its administrator, then accept with --rekey"),
    "request.retired": Row("已停用的下级带着旧密钥回来", *_NEW_IDENTITY),
    "request": Row("加入申请不能接受", *_CARRY_REQUEST),
    "csr": Row("加入申请里的证书请求不对", *_REQUEST_AGAIN),
    "invite.malformed": Row(
        "邀请码不完整，或有改动", "请对方管理员重发；整行粘贴，或用 --invitation 文件",
        "have it sent again; paste the whole line, or use --invitation FILE"),
    "invite.expired": Row("邀请已过期", *_INVITE_AGAIN),
    "invite.used": Row("邀请已用过", *_INVITE_AGAIN),
    "invite.withdrawn": Row("邀请已被收回", *_INVITE_AGAIN),
    "invite.spoilt": Row("邀请被错误使用多次，已作废", *_INVITE_AGAIN),
    "invite.refused": Row(
        "上级管理员没有同意", "与上级管理员联系", "speak to the parent's administrator"),
    "invite": Row("邀请不能使用", *_INVITE_AGAIN),
    "enrol.refused": Row("上级不认这份邀请", *_INVITE_AGAIN),
    "enrol.fingerprint": Row(
        "应答的不是发出邀请的上级（证书指纹不符）",
        "停下：可能有人冒充；与上级管理员核对地址和指纹",
        "stop: somebody may be in between; compare address and fingerprint with the parent's "
        "administrator"),
    "enrol.certificate": Row(
        "上级的证书不成立，或不含所用的地址",
        "请上级管理员核对 [grpc] hosts，或另发邀请（--at 写证书上的名称）",
        "the parent names that address in [grpc] hosts, or invites anew with --at"),
    "enrol.unreachable": Row(
        "联系不上上级", "检查网络和防火墙（邀请端口），确认上级在运行，再运行同一命令",
        "look at the network and firewall and whether the parent runs, then run it again"),
    "enrol.busy": Row("上级暂时不接受更多请求", "几分钟后再运行同一命令",
        "run the same command again in some minutes"),
    "enrol.nonce": Row("等待太久，或本机时钟变动", *_AGAIN),
    "enrol": Row("加入没有成功", *_AGAIN),
    "claim.unknown": Row(
        "没有等待确认的这个新成员", "用 wanmi roster claims 查看", "see wanmi roster claims"),
    "claim": Row(
        "下级申报的成员不是它的下级，或申报有改动",
        "查看该下级：它或它的密钥可能已落入他人之手",
        "look at that child: it, or its keys, may be in wrong hands"),
    "child.unknown": Row(
        "本节点没有这个下级", "用 wanmi link list 查看全部连接", "see wanmi link list"),
    "roster.keys": Row(
        "该成员的密钥已满 32 个", "换一个空目录，作为新节点加入", "let it join as a new node"),
    "roster.proto": Row(
        "本程序不支持这个协议版本", "先升级根节点", "upgrade the root first"),
    "kit.malformed": Row("这不是完整的加入包", *_CARRY_KIT),
    "kit.proof": Row("加入包在途中被改动或截断", *_CARRY_KIT),
    "kit.expired": Row("加入包里的证书已过期", *_NEW_KIT),
    "kit.child": Row("这是别的节点的加入包", *_OWN_KIT),
    "kit.parent": Row("加入包来自另一个上级", *_OWN_KIT),
    "kit.certificate": Row("加入包里的证书与本节点的密钥不符", *_NEW_KIT),
    "kit.nkey": Row("加入包里的邮箱密钥与本节点不符", *_NEW_KIT),
    "kit.root": Row(
        "根密钥与已知或当面核对的指纹不一致", "停下，当面联系根节点管理员核对指纹",
        "stop, and compare the fingerprint with the root's administrator in person"),
    "kit.parent_unlisted": Row(
        "上级自己还不在名册里", "请根节点先把上级写入名册（wanmi roster add）",
        "the root names the parent first (wanmi roster add)"),
    "kit.endpoints": Row(
        "没有写明下级如何访问本节点", "加上 --grpc 主机:端口 或 --nats tls://主机:端口",
        "say --grpc host:port or --nats tls://host:port"),
    "kit": Row("加入包不能使用", *_NEW_KIT),
    "certificate.hosts": Row(
        "服务器证书上没有可用的名称", "在 wanmi.toml 的 [grpc] hosts 写上本机名称或地址",
        "name this machine in [grpc] hosts of wanmi.toml"),
    "certificate": Row("证书不可用", *_NEW_KIT),
    "roster.not_root": Row(
        "只有根节点能修改名册", "在根节点上运行这条命令", "run this command at the root"),
    "roster.no_parent": Row(
        "名册里还没有它的上级", "先用 wanmi roster add 写入它的上级",
        "name its parent first with wanmi roster add"),
    "roster.other_parent": Row(
        "名册里它已属于另一个上级", "一个节点只有一个上级；请核对加入申请",
        "a node has one parent; check the request"),
    "roster.missing": Row(
        "本节点还没有名册", "先运行 wanmi link join，或等名册从上级传来",
        "run wanmi link join first, or wait until the roster has come down"),
    "roster.frozen": Row(
        "名册过期已超过 72 小时", "让根节点运行起来，它会签发新名册",
        "bring the root up: it signs the next one"),
    "roster": Row("名册不能使用", *_ASK_ROOT),
    "schema.missing": Row(
        "数据库还没有建表", "运行：wanmi migrate", "run: wanmi migrate"),
    "schema.too_old": Row(
        "数据库结构比程序旧", "先备份，再运行：wanmi migrate",
        "back it up, then run: wanmi migrate"),
    "schema.too_new": Row(
        "数据库结构比程序新", "升级程序；不要用旧程序打开它",
        "upgrade the program; never open it with the older one"),
    "store.in_use": Row(
        "数据库正被另一个进程使用（节点已在运行？）", "先停掉那个进程（多进程节点：全部停掉）",
        "stop that process first (all of them, where several serve the node)"),
    "store.unavailable": Row(
        "数据库打不开", "检查数据目录的权限和磁盘，或数据库服务器与 [database] url",
        "look at the rights and disk of the data directory, or at the server and its url"),
    "store.url": Row(
        "[database] url 不能使用", "写成 postgresql+psycopg://用户:密码@主机/库，或留空用 SQLite",
        "write postgresql+psycopg://user:password@host/db, or leave it empty for SQLite"),
    "store.disk_full": Row("磁盘已满", "清理磁盘后再启动", "make room, then start again"),
    "store.damaged": Row(
        "数据库文件已损坏",
        "保留损坏的文件，不要自行修补；换上最新的备份，见 docs/operating/run-a-node.md",
        "keep the damaged file, do not mend it by hand; restore the newest backup as in "
        "docs/operating/run-a-node.md"),
    "store": Row("数据库暂不可用", *_AGAIN),
    "node.restored": Row(
        "数据库比本目录最近一次启动时旧：放回来的是旧备份",
        "能找回最新的数据库就换上它；找不回就停掉其他副本，运行 wanmi recover",
        "put the newest database back if it can be found; if not, switch every other copy off and "
        "run wanmi recover"),
    "node.recovering": Row(
        "上次恢复还没有做完", "运行 wanmi recover，从中断处继续",
        "run wanmi recover: it goes on where it stopped"),
    "node.handed_over": Row(
        "本节点已由另一个进程接管，本进程停下", "再次启动即转为待命（systemd 会自动重启）",
        "start it again: it stands by then (systemd does so by itself)"),
    "node.home_apart": Row(
        "别的进程用的不是同一个照片目录，这里看不到它们的照片",
        "把照片目录（home 下的 blobs）放在各机共享的文件系统上，"
        "见 docs/operating/several-processes.md",
        "put the photos (blobs in the home) on a file system that all machines share, see "
        "docs/operating/several-processes.md"),
    "recovery.waiting": Row(
        "有邻居还没有应答，恢复等在这里（已取回的不会丢）",
        "请对方保持运行、检查网络，再运行 wanmi recover；确实联系不上的用 --waive 连接名 先跳过",
        "keep the neighbours running, look at the line, run wanmi recover again; leave out who "
        "cannot be reached with --waive LINK"),
    "recovery.moving": Row(
        "邻居一再收到旧副本的数据，新纪元没能开启",
        "确认没有第二个副本在运行，再运行 wanmi recover",
        "make sure no second copy runs, then run wanmi recover again"),
    "recovery": Row("恢复没有做完", "再运行 wanmi recover", "run wanmi recover again"),
    "backup.none": Row(
        "这不是一份完整的备份", "选含 manifest.json 的备份目录；以 .part 结尾的是半途而废的",
        "name a folder with manifest.json; what ends in .part was cut short"),
    "backup.damaged": Row(
        "备份已损坏", "不要用它恢复；换一份并用 wanmi backup --verify 核对",
        "do not restore from it; take another one and look at it with wanmi backup --verify"),
    "backup.database": Row(
        "备份里的数据库读不出来", "不要用它恢复；换一份并用 wanmi backup --verify 核对",
        "do not restore from it; take another one and look at it with wanmi backup --verify"),
    "backup.format": Row(
        "备份由更新的程序写成", "升级程序后再恢复", "upgrade the program, then restore"),
    "backup.exists": Row("同名备份已存在", *_AGAIN),
    "backup.busy": Row("另一个备份正在进行", "等它结束", "wait until it has ended"),
    "backup.recovering": Row(
        "节点正在恢复，此时的备份不能用", "先用 wanmi recover 完成恢复，再备份",
        "end the recovery with wanmi recover, then back up"),
    "backup.not_empty": Row(
        "要恢复到的目录或数据库不是空的", "换一个空目录（或空数据库）；原有数据不要删，先留着",
        "name an empty directory (or database); keep what is there, do not delete it"),
    "backup.other_database": Row(
        "备份与设置的数据库种类不同", "恢复到与原来相同种类的数据库",
        "restore into the same kind of database as before"),
    "backup.database_url": Row(
        "数据库密码不在备份里", "加 --database-url 写明要恢复到的空库",
        "name the empty database with --database-url"),
    "backup.passphrase_exposed": Row(
        "口令文件可被其他用户读取", "对该文件运行 chmod 600", "chmod 600 that file"),
    "backup.passphrase_short": Row(
        "口令太短", "口令至少 12 个字符", "take a passphrase of 12 characters or more"),
    "backup.passphrase_wrong": Row(
        "口令不对，私钥没有解开", "用备份时的口令文件", "use the passphrase of that backup"),
    "backup": Row("备份不能使用", "换一份备份", "take another backup"),
    "renew.root": Row("根节点没有上级，不需要换发证书", "不用办理", "there is nothing to renew"),
    "renew": Row("上级没有换发证书", "联系上级管理员", "call the parent's administrator"),
    "revoke.self": Row(
        "根节点不能作废自己", "核对节点标识", "check the id"),
    "link.unreachable": Row(
        "端口或对方不可用", "端口被占用就换一个（wanmi.toml），否则检查网络",
        "take another port in wanmi.toml if it is in use, otherwise look at the network"),
    "link": Row("连接有问题", "运行 wanmi doctor 查看", "see wanmi doctor"),
    "case": Row("业务规则不允许", "查看案卷状态后再试", "look at the case, then try again"),
}

UNKNOWN: Final = Row("操作被拒绝", "运行 wanmi doctor 查看", "see wanmi doctor")


def refusal(code: str) -> Row:
    """The row of a code, else of its family."""
    return REFUSALS.get(code) or REFUSALS.get(code.partition(".")[0]) or UNKNOWN
