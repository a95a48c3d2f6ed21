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
    "backup.removed": ("已删除旧备份 {name}", "removed the old backup {name}"),
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
