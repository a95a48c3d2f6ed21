"""``wanmi backup`` and ``wanmi restore``: a copy of a node that may run, and a home made of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hub.errors import FabricError
from node.cli.composition import Kept, composition
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech, Trouble, interactive

group = typer.Typer()

STEPS = {"database": "step.database", "photos": "step.photos", "digests": "step.digests"}
Passphrase = Annotated[Path | None, typer.Option(
    "--passphrase-file", dir_okay=False, exists=True,
    help="口令文件（权限 600）：私钥加密后一并处理 (seal or open the private keys with it)")]


@command(group, "backup", "备份节点，不停机；--verify 只核对 (back a node up while it runs)")
def backup(
    session: Session,
    *,
    to: Annotated[Path | None, typer.Option(
        "--to", file_okay=False, help="存放目录，默认 <home>/backups (where to)")] = None,
    keep: Annotated[int, typer.Option(
        min=0, help="保留最近几份，0 为全部 (how many to keep; 0 = all)")] = 7,
    passphrase_file: Passphrase = None,
    verify: Annotated[Path | None, typer.Option(
        "--verify", file_okay=False, help="逐字节核对这份备份 (read a backup again)")] = None,
) -> None:
    speech = session.speech
    main = composition(speech)
    if verify is not None:
        with progress_bar(speech) as step:
            found = main.verify_backup(verify, progress=step)
        _show(speech, found, "backup.whole")
        return
    session.settings()
    with progress_bar(speech) as step:
        found = main.backup(
            session.home, to, keep=keep, passphrase_file=passphrase_file, progress=step)
    _record(session, lambda: _backed_up(session, found))
    _show(speech, found, "backup.done")


@command(group, "restore", "用备份建立一个空的节点目录 (fill an empty home from a backup)")
def restore(
    session: Session,
    folder: Annotated[Path, typer.Argument(
        metavar="BACKUP", exists=True, file_okay=False, help="备份目录 (the backup's folder)")],
    *,
    passphrase_file: Passphrase = None,
    database_url: Annotated[str, typer.Option(
        envvar="WANMI_DATABASE__URL", help="恢复到这个空库；留空按备份里的设置 (an empty database)",
    )] = "",
) -> None:
    speech = session.speech
    if session.home == Path.cwd() and any(session.home.iterdir()):
        raise speech.trouble(Exit.USAGE, "restore.home")
    with progress_bar(speech) as step:
        found = composition(speech).restore(
            folder, session.home, passphrase_file=passphrase_file, database_url=database_url,
            progress=step)
    document = {**found.document(), "home": str(session.home)}
    _record(session, lambda: composition(speech).note(
        session.home, "RestoreBackup", f"backup:{folder}", {"taken_at": document["taken_at"]}))

    def draw() -> None:
        speech.say(speech.t("restore.done", home=session.home, taken_at=_when(speech, document)))
        if passphrase_file is None:
            speech.say(speech.t("restore.keys", home=session.home))
        speech.say(speech.t("restore.next", home=session.home))

    speech.show(document, draw)


def _record(session: Session, note: Callable[[], object]) -> None:
    """Have it written into the audit log. What was done stands, even if nobody could write it
    down; then that is said."""
    try:
        note()
    except (Trouble, FabricError) as error:
        session.speech.note(session.speech.t("backup.unrecorded", reason=error))


def _backed_up(session: Session, found: Kept) -> None:
    document = found.document()
    if session.online():
        with session.api() as api:
            api.post("/audit/backups", {
                name: document[name] for name in ("path", "taken_at", "keys")})
        return
    composition(session.speech).note(
        session.home, "BackUpNode", f"backup:{document['path']}",
        {"taken_at": document["taken_at"], "keys": document["keys"]})


def _show(speech: Speech, found: Kept, key: str) -> None:
    document = found.document()

    def draw() -> None:
        speech.say(speech.t(
            key, path=document["path"], files=document["files"],
            size=megabytes(document["bytes"]), taken_at=_when(speech, document)))
        if not document["keys"]:
            speech.say(speech.t("backup.no_keys"))
        if document["missing_photos"]:
            speech.say(speech.t("backup.missing_photos", count=document["missing_photos"]))
        for name in document["removed"]:
            speech.say(speech.t("backup.removed", name=name))

    speech.show(document, draw)


def _when(speech: Speech, document: dict[str, object]) -> str:
    return speech.time(document["taken_at"])


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1e6:.1f} MB"


@contextmanager
def progress_bar(speech: Speech) -> Iterator[Callable[[str, int, int], None]]:
    """One bar per step on the terminal; nothing where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn())
    with Progress(
        *columns, console=Console(stderr=True), disable=not interactive(), transient=True,
    ) as bar:
        tasks: dict[str, object] = {}

        def step(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(speech.t(STEPS.get(name, "step.other")), total=total)
            bar.update(tasks[name], completed=done, total=total)  # type: ignore[arg-type]

        yield step
