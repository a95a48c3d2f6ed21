"""A hostile child with its real credentials: what it must not be able to do, one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hub.errors import UnknownPeer, Unreachable
from hub.ids import LinkId
from hub.nats.login import NatsLogin
from hub.nats.mailbox import api
from hub.nats.session import NatsSession
from hub.nats.subjects import LinkSubjects
from hub.roster.keys import NatsKey
from tests.contract.carrier_rigs import (
    LINK_A,
    LINK_B,
    JetStreamRig,
    conversation,
    jetstream_rig,
)

pytestmark = pytest.mark.nats
MINE, SIBLING = LinkSubjects.of(LINK_A), LinkSubjects.of(LINK_B)


def hostile(
    tmp_path: Path,
    scenario: Callable[[JetStreamRig, NatsSession, list[str]], Awaitable[None]],
) -> None:
    """Run with both links in use and the child of link A on a bare connection."""

    async def main() -> None:
        violations: list[str] = []
        async with (
            asyncio.timeout(60),
            jetstream_rig(tmp_path) as rig,
            conversation(rig, LINK_A),
            conversation(rig, LINK_B),
        ):
            session = await NatsSession.open(
                servers=[rig.server.url],
                login=NatsLogin.of_key(rig.child_keys[LINK_A]),
                ca=rig.pki.ca,
                server_name="",
                name="hostile",
                inbox_prefix=MINE.inbox_prefix,
                on_violation=violations.append,
            )
            try:
                await scenario(rig, session, violations)
            finally:
                await session.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    "subject",
    [
        MINE.down.subject,
        MINE.control("dn"),
        MINE.bulk("dn"),
        SIBLING.up.subject,
        SIBLING.down.subject,
        SIBLING.control("up"),
        api("", f"STREAM.DELETE.{MINE.down.stream}"),
        api("", f"STREAM.PURGE.{MINE.down.stream}"),
        api("", f"STREAM.UPDATE.{MINE.down.stream}"),
        api("", f"STREAM.INFO.{SIBLING.down.stream}"),
        api("", f"STREAM.MSG.GET.{MINE.up.stream}"),
        api("", f"STREAM.SNAPSHOT.{MINE.down.stream}"),
        api("", f"STREAM.RESTORE.{MINE.down.stream}"),
        api("", "STREAM.CREATE.MORE"),
        api("", "STREAM.NAMES"),
        api("", "INFO"),
        api("", f"CONSUMER.DELETE.{MINE.down.stream}.{MINE.down.consumer}"),
        api("", f"CONSUMER.DURABLE.CREATE.{MINE.up.stream}.spy"),
        api("", f"CONSUMER.MSG.NEXT.{MINE.up.stream}.{MINE.up.consumer}"),
        api("", f"CONSUMER.MSG.NEXT.{SIBLING.down.stream}.{SIBLING.down.consumer}"),
        f"$JS.ACK.{MINE.up.stream}.{MINE.up.consumer}.1.1.1.1.0",
        "$SYS.REQ.SERVER.PING",
        "anything.else",
    ],
)
def test_a_child_may_not_publish(tmp_path: Path, subject: str) -> None:
    async def scenario(_rig: JetStreamRig, session: NatsSession, violations: list[str]) -> None:
        with pytest.raises(Unreachable) as refused:
            await session.request(subject, b"{}", timeout_s=10)
        assert "link.forbidden" == refused.value.code
        assert [subject.lower()] == violations

    hostile(tmp_path, scenario)


@pytest.mark.parametrize(
    "subject",
    [
        "lk.>",
        ">",
        MINE.down.subject,
        MINE.up.subject,
        MINE.control("up"),
        SIBLING.control("dn"),
        SIBLING.down.subject,
        f"{SIBLING.inbox_prefix}.>",
        "_INBOX.>",
        "_INBOX_P_420203.>",
        "$JS.>",
        "$SYS.>",
    ],
)
def test_a_child_may_not_subscribe(tmp_path: Path, subject: str) -> None:
    async def scenario(_rig: JetStreamRig, session: NatsSession, violations: list[str]) -> None:
        heard: list[bytes] = []

        async def spy(message: object) -> None:
            heard.append(b"something")

        await session.subscribe(subject, spy)
        async with asyncio.timeout(10):
            while not violations:
                await asyncio.sleep(0.02)
        assert [subject.lower()] == violations
        assert [] == heard

    hostile(tmp_path, scenario)


def test_a_sibling_mailbox_is_not_even_in_the_same_account(tmp_path: Path) -> None:
    """The parent's user of link A, who may do everything in there, cannot see link B either."""

    async def main() -> None:
        async with (
            asyncio.timeout(60),
            jetstream_rig(tmp_path) as rig,
            conversation(rig, LINK_A),
            conversation(rig, LINK_B) as (child_b, _, above),
        ):
            session = await NatsSession.open(
                servers=[rig.server.url],
                login=NatsLogin.of_key(rig.parent_keys[LINK_A]),
                ca=rig.pki.ca,
                server_name="",
                name="observer",
                inbox_prefix="_INBOX_OBSERVER",
            )
            heard: list[str] = []

            async def spy(message: object) -> None:
                heard.append(message.subject)  # type: ignore[attr-defined]

            await session.subscribe("lk.>", spy)
            names = await session.api(api("", "STREAM.NAMES"))
            assert ["DN_420203", "UP_420203"] == sorted(names["streams"])
            await child_b.say(b"canary", frame=True)
            await child_b.say(b"canary", frame=False)
            await above.until(lambda: len(above.heard) == 2)
            await session.api(api("", "STREAM.NAMES"))  # a round trip after the canary
            assert [] == [subject for subject in heard if "420204" in subject]
            with pytest.raises(Unreachable) as refused:
                await session.request(api("", "STREAM.RESTORE.DN_420203"), b"{}")
            assert "link.forbidden" == refused.value.code
            await session.close()

    asyncio.run(main())


def test_a_reply_subject_does_not_make_the_parent_speak_for_the_child(tmp_path: Path) -> None:
    """The parent answers the child's signals; it must not answer onto the JetStream API."""

    async def scenario(rig: JetStreamRig, session: NatsSession, violations: list[str]) -> None:
        target = api("", f"STREAM.DELETE.{MINE.down.stream}")
        for signal in ("open", "alive"):
            await session.publish(
                MINE.control("up"),
                headers={"Wanmi-Contact": "forged", "Wanmi-Signal": signal},
                reply=target,
            )
        # the honest way still works afterwards, and the box is still there
        answer = await session.request(
            MINE.control("up"), headers={"Wanmi-Contact": "mine", "Wanmi-Signal": "open"}
        )
        assert "opened" == (answer.headers or {})["Wanmi-Signal"]
        info = await session.api(api("", f"CONSUMER.INFO.{MINE.down.stream}.{MINE.down.consumer}"))
        assert MINE.down.stream == info["stream_name"]
        assert [] == violations

    hostile(tmp_path, scenario)


@pytest.mark.parametrize("links", [(), (LINK_A, LINK_B)])
def test_nobody_else_logs_in_not_even_where_no_link_exists_yet(
    tmp_path: Path, links: tuple[LinkId, ...]
) -> None:
    async def main() -> None:
        async with asyncio.timeout(60), jetstream_rig(tmp_path) as rig:
            await rig.server.reload(rig.accounts(*links))
            for login in (
                NatsLogin.of_key(NatsKey.generate()),
                NatsLogin(user="sys", password="sys"),
                NatsLogin(user="admin", password="s3cr3t!"),
                NatsLogin(user="", password=""),
            ):
                with pytest.raises(UnknownPeer):
                    await NatsSession.open(
                        servers=[rig.server.url],
                        login=login,
                        ca=rig.pki.ca,
                        server_name="",
                        name="guest",
                        inbox_prefix="_INBOX",
                    )

    asyncio.run(main())
