"""``wanmi mailboxes``: the files of every server of a cluster of mailbox servers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from node.cli.session import Session, command
from node.cli.speech import Exit

group = typer.Typer()


@command(group, "mailboxes", "写出邮箱服务器集群各台的配置和证书 (write what each server of a "
         "cluster of mailbox servers needs)")
def mailboxes(
    session: Session, *,
    out: Annotated[Path, typer.Option(
        "--out", "-o", help="写到哪个文件夹，每台一个子文件夹 (a folder; one in it per server)",
        file_okay=False)],
) -> None:
    """To be run again after every ``link accept`` and once a year; what has not changed is left
    as it is, so that the report names the servers that need a copy."""
    from hub.nats.cluster import CONFIG_FILE, Member, Papers, render
    from hub.nats.users import accounts_of, box_key
    from hub.roster.identity import Identity
    from hub.roster.keys import NatsKey

    speech, settings = session.speech, session.settings()
    members = [Member.of(name=one.name, url=one.url, route=one.route,
                         monitor_port=one.monitor_port) for one in settings.nats.servers]
    if not members:
        raise speech.trouble(Exit.REFUSED, "mailboxes.none")
    identity = Identity.load(settings.keys)
    now_us = time.time_ns() // 1_000
    papers = Papers(settings.keys / "mailboxes", links=identity.authority(now_us=now_us))
    accounts = accounts_of(identity, lambda link: box_key(identity, link),
                           replicas=settings.nats.replicas)
    # a key that nobody holds, the same every time: the files change only with the children
    nobody: NatsKey = identity.nats.derived("nobody")
    rows = []
    for member in members:
        wanted = {**papers.of(member, now_us=now_us), CONFIG_FILE: render(
            member, members, accounts, cluster=f"wanmi-{identity.node}",
            nobody=nobody.public).encode()}
        rows.append({"name": member.name, "folder": str(out / member.name),
                     "changed": _write(out / member.name, wanted)})
    said = {"servers": rows, "replicas": settings.nats.replicas, "links": len(accounts.links)}

    def draw() -> None:
        for row in rows:
            speech.say(speech.t("mailboxes.member", name=row["folder"], changed=", ".join(
                row["changed"]) or speech.t("mailboxes.same")))
        if any(row["changed"] for row in rows):
            speech.say(speech.t("mailboxes.copy"))

    speech.show(said, draw)


def _write(folder: Path, wanted: dict[str, bytes]) -> list[str]:
    """Files whose content was another one; all of them are their owner's alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    changed = []
    for name, content in sorted(wanted.items()):
        path = folder / name
        if path.exists() and path.read_bytes() == content:
            continue
        new = path.with_name(f"{name}.new")
        new.touch(mode=0o600)
        new.write_bytes(content)
        new.replace(path)
        changed.append(name)
    return changed
