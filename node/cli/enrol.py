"""``wanmi enrol``: become the child of whoever invited, in one command."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from node.cli.composition import composition
from node.cli.home import has_settings
from node.cli.links import entered
from node.cli.session import Session, command
from node.cli.setup import draw_first, draw_made, establish
from node.cli.speech import Exit, Speech

if TYPE_CHECKING:
    from hub.enrol.caller import Heard
    from hub.enrol.invitation import Invitation
    from hub.roster.documents import JoinRequest, Kit
    from hub.roster.identity import Identity

ASK_FIRST_S: Final = 1.0
ASK_MAX_S: Final = 15.0
"""Between two questions while somebody has to approve: doubled from the first to the last."""

group = typer.Typer()


@command(group, "enrol", "凭邀请码加入上级，一条命令办完 (join the parent that invited)")
def enrol(
    session: Session,
    *,
    invitation: Annotated[str, typer.Argument(
        metavar="[INVITATION]", help="上级给的邀请码 (what the parent's administrator gave)")] = "",
    file: Annotated[str, typer.Option(
        "--invitation", help="从文件读取，- 为标准输入 (read it from a file; - = stdin)")] = "",
    profile: Annotated[str, typer.Option(help="权限配置名称或路径 (profile)")] = "",
    http_port: Annotated[int, typer.Option(min=0, max=65535)] = 8080,
    grpc_port: Annotated[int, typer.Option(min=0, max=65535)] = 8443,
    nats_port: Annotated[int, typer.Option(min=0, max=65535)] = 4222,
    nats: Annotated[bool, typer.Option(
        "--nats", help="内嵌 nats-server (run a mailbox server for children)")] = False,
    prefer: Annotated[str, typer.Option(help="首选通道 GRPC | NATS (preferred carrier)")] = "",
    no_wait: Annotated[bool, typer.Option(
        "--no-wait", help="上级尚未确认时不等待 (do not wait for an approval)")] = False,
    database_url: Annotated[str, typer.Option(
        envvar="WANMI_DATABASE__URL", help="留空为 SQLite (empty = SQLite)")] = "",
    suite: Annotated[str, typer.Option(
        help="签名套件 ed25519（配 SHA-256）或 sm2（配 SM3） (crypto suite)")] = "ed25519",
    passphrase_file: Annotated[Path | None, typer.Option(
        help="用此文件中的口令加密私钥，权限 600 (seal the private keys under it)",
        dir_okay=False)] = None,
) -> None:
    """Make the node if there is none, show its keys to the parent, wait for the kit and keep it.
    May be cut short and run again."""
    from hub.enrol.invitation import Invitation
    from hub.roster import join
    from hub.roster.identity import Identity

    speech, began = session.speech, time.monotonic()
    invited = Invitation.from_text(_given(speech, invitation, file))
    made: dict[str, str] = {}
    if not has_settings(session.home):
        made = establish(
            session, id_=invited.node, name=invited.name, profile=profile,
            parent=invited.parent, http_port=http_port, grpc_port=grpc_port,
            nats_port=nats_port, nats=nats, database_url=database_url, suite=suite,
            passphrase_file=passphrase_file,
        )
        draw_made(speech, made)
        draw_first(speech, made)
    identity = Identity.load(session.settings().keys)
    if (identity.node, identity.parent) != (invited.node, invited.parent):
        raise speech.trouble(
            Exit.REFUSED, "enrol.other_node", node=identity.node, parent=identity.parent or "-",
            invited=invited.node, by=invited.parent)
    kit = identity.kit()
    if kit is None or kit.expires_at_us <= _now_us():
        request = join.make_join_request(
            identity, now_us=_now_us(), **composition(speech).told(session.home))
        kit = asyncio.run(_Asking(speech, invited, identity, request, wait=not no_wait).kit())
    roster = entered(session, kit, prefer=prefer, fingerprint=invited.root)
    said: dict[str, Any] = {
        **made, "node": identity.node, "parent": kit.parent, "roster": roster.serial,
        "seconds": round(time.monotonic() - began, 1),
    }

    def draw() -> None:
        speech.say(speech.t(
            "enrol.done", node=identity.node, parent=kit.parent, name=kit.parent_name,
            seconds=said["seconds"]))
        speech.say(speech.t("enrol.next", home=session.home))

    speech.show(said, draw)


def _given(speech: Speech, invitation: str, file: str) -> str:
    """The text of the invitation, from wherever it was said to be."""
    if invitation and not file:
        return invitation
    if invitation or not file:
        raise speech.trouble(Exit.USAGE, "enrol.invitation")
    if file == "-":
        return sys.stdin.readline()
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = speech.unreadable(error) if isinstance(error, OSError) else "UTF-8"
        raise speech.trouble(Exit.USAGE, "file.unreadable", file=file, reason=reason) from error


class _Asking:
    """One run of asking the parent, until it gives the kit."""

    def __init__(
        self, speech: Speech, invited: Invitation, identity: Identity, request: JoinRequest, *,
        wait: bool,
    ) -> None:
        self._speech = speech
        self._invited = invited
        self._signers = identity.signers
        self._request = request
        self._wait = wait
        self._told = ""

    async def kit(self) -> Kit:
        """Ask at one address after the other, then again and again while somebody has to approve.
        Raises ``FabricError`` or ``Trouble``."""
        from hub.errors import Overloaded, Unreachable, Untrusted

        pause_s, submitted = ASK_FIRST_S, False
        while True:
            try:
                heard = await self._ask(submitted=submitted)
            except (Unreachable, Overloaded):
                if not submitted:
                    raise
                self._tell("enrol.away")
            else:
                if heard.kit is not None:
                    return heard.kit
                if heard.state == "REFUSED":
                    raise Untrusted(heard.detail, code=heard.code)
                submitted = True
                if not self._wait:
                    raise self._speech.trouble(Exit.SILENT, "enrol.not_yet")
                self._tell(
                    "enrol.unlisted" if heard.code == "kit.parent_unlisted" else "enrol.waiting")
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, ASK_MAX_S)

    async def _ask(self, *, submitted: bool) -> Heard:
        from hub.enrol.caller import EnrolCaller, authority_at
        from hub.errors import Unreachable

        away: Unreachable | None = None
        for address in self._invited.at:
            self._note("enrol.calling", address=address, parent=self._invited.parent)
            try:
                authority = await authority_at(address, fingerprint=self._invited.authority)
                caller = EnrolCaller(self._invited, address, authority=authority)
                try:
                    ask = caller.status if submitted else caller.submit
                    return await ask(self._request, self._signers)
                finally:
                    await caller.close()
            except Unreachable as err:
                away = err
        assert away is not None, "an invitation names an address"
        raise away

    def _tell(self, key: str) -> None:
        """A line for whoever waits, when there is something new to say."""
        if key != self._told:
            self._told = key
            self._note(key, parent=self._invited.parent)

    def _note(self, key: str, **values: object) -> None:
        if self._told and key == "enrol.calling":
            return
        self._speech.note(self._speech.t(key, **values))


def _now_us() -> int:
    return time.time_ns() // 1000
