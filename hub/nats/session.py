"""One connection to a NATS server, with the habits of nats-py that would hurt us switched off.

The client never reconnects by itself: a reconnect would replay subscriptions and lose pull
requests behind the back of whoever talks, so a lost connection ends the session and its owner
opens a new one. Nothing is buffered while disconnected, for what is flushed later is a hidden
duplicate. Requests wait on futures of our own, because cancelling nats-py in the middle of a
publish is swallowed there, and because a lost connection must end a wait at once.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import ssl
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from hub.carriers.tls import trusting
from hub.errors import FabricError, UnknownPeer, Unreachable
from hub.nats.login import NatsLogin

CONNECT_S = 10.0
"""Seconds for a connection to the only server there is."""
CONNECT_EACH_S = 4.0
"""The same where there are others to try: one that hangs must not use up what they need."""
CLOSE_S = 2.0
REQUEST_S = 5.0
"""Seconds for an answer of the server; afterwards the outcome is unknown."""
PING_S, PINGS_MAX = 10, 2
"""A dead connection is noticed after three silent pings: thirty seconds."""
UNSENT_BYTES_MAX = 2 * 1024 * 1024
"""Bytes that may wait for the socket before a publisher has to wait too."""
PENDING_MESSAGES_MAX = 1024
PENDING_BYTES_MAX = 16 * 1024 * 1024
"""What one subscription holds for a slow reader; further messages of a lossy subject are lost."""
VIOLATION = re.compile(r"permissions violation for (?:publish|subscription) to \"([^\"]*)\"", re.I)
STATUS = "Status"
NO_RESPONDERS = "503"

log = structlog.get_logger()
Arrived = Callable[[Msg], Awaitable[None]]


def ignore(_subject: str) -> None:
    """For callers that do not count permission violations. Others get the subject, in lower
    case."""


class NatsSession:
    """Made by ``open``; over for good once ``closed`` is set."""

    def __init__(
        self, client: Client, *, inbox_prefix: str, on_violation: Callable[[str], None]
    ) -> None:
        self.closed = asyncio.Event()
        self.reason = ""
        self._client = client
        self._inbox_prefix = inbox_prefix
        self._on_violation = on_violation
        self._waiting: dict[str, tuple[str, asyncio.Future[Msg]]] = {}
        self._answers = ""

    @classmethod
    async def open(
        cls,
        *,
        servers: Sequence[str],
        login: NatsLogin,
        ca: Path,
        server_name: str,
        name: str,
        inbox_prefix: str,
        on_violation: Callable[[str], None] = ignore,
        within_s: float = 0.0,
    ) -> NatsSession:
        """Connect and log in over TLS, to any of the servers. Raises ``Unreachable``;
        ``UnknownPeer`` when the login or the certificate is refused by one and no other took us."""
        failed: FabricError = Unreachable(f"connecting to NATS as {name}: no server is named")
        within_s = within_s or (CONNECT_S if len(servers) == 1 else CONNECT_EACH_S)
        for server in random.sample(list(servers), len(servers)):
            try:
                return await cls._open_one(
                    server, within_s=within_s, login=login, ca=ca, server_name=server_name,
                    name=name, inbox_prefix=inbox_prefix, on_violation=on_violation,
                )
            except FabricError as err:
                if not isinstance(failed, UnknownPeer):
                    failed = err
        raise failed

    @classmethod
    async def _open_one(
        cls,
        server: str,
        *,
        within_s: float,
        login: NatsLogin,
        ca: Path,
        server_name: str,
        name: str,
        inbox_prefix: str,
        on_violation: Callable[[str], None],
    ) -> NatsSession:
        client = Client()
        session = cls(client, inbox_prefix=inbox_prefix, on_violation=on_violation)
        doing = f"connecting to NATS as {name}"
        try:
            options: dict[str, Any] = {
                **login.prepare(client),
                **({"signature_cb": login.sign} if login.has_key else {}),
                **({"tls_hostname": server_name} if server_name else {}),
            }
            async with asyncio.timeout(within_s):
                await client.connect(
                    servers=[server],
                    name=name,
                    tls=trusting(ca),
                    tls_handshake_first=True,
                    allow_reconnect=False,
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    connect_timeout=int(within_s),
                    ping_interval=PING_S,
                    max_outstanding_pings=PINGS_MAX,
                    pending_size=0,
                    inbox_prefix=inbox_prefix,
                    error_cb=session._failed,
                    closed_cb=session._ended,
                    **options,
                )
            session._answers = client.new_inbox()
            await session.subscribe(f"{session._answers}.*", session._answered)
        except BaseException as err:
            await session.close()
            raise _said(err, client.last_error, doing) from err
        return session

    def inbox(self) -> str:
        """A fresh subject only this session listens on."""
        return self._client.new_inbox()

    async def subscribe(self, subject: str, arrived: Arrived) -> Subscription:
        """Call ``arrived`` for each message, one after the other."""
        try:
            return await self._client.subscribe(
                subject,
                cb=arrived,
                pending_msgs_limit=PENDING_MESSAGES_MAX,
                pending_bytes_limit=PENDING_BYTES_MAX,
            )
        except nats.errors.Error as err:
            raise Unreachable(f"subscribing to {subject}") from err

    async def unsubscribe(self, subscription: Subscription) -> None:
        """Listen no more; what was under way to us has arrived when this returns, or the session
        is over."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await subscription.drain()  # type: ignore[no-untyped-call]
        except (TimeoutError, nats.errors.TimeoutError):
            self._give_up("the server did not answer a ping")
        except (nats.errors.Error, OSError):
            return
        except asyncio.CancelledError:
            self._give_up("closed")  # nobody waits for that ping's answer any more
            raise

    async def publish(
        self,
        subject: str,
        data: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        reply: str = "",
    ) -> None:
        """Hand a message to the socket; waits while too much is unsent. ``Unreachable``."""
        try:
            if self._client.pending_data_size > UNSENT_BYTES_MAX:
                await self._client.flush(int(REQUEST_S))
            await self._client.publish(subject, data, reply=reply, headers=headers)
        except nats.errors.TimeoutError as err:
            self._give_up("the server did not answer a ping")
            raise Unreachable(f"publishing to {subject}: too much is unsent") from err
        except (nats.errors.Error, OSError) as err:
            raise Unreachable(f"publishing to {subject}") from err

    async def request(
        self,
        subject: str,
        data: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        timeout_s: float = REQUEST_S,
    ) -> Msg:
        """Publish and wait for the answer. ``Unreachable``: nobody there, refused, or unknown."""
        if self.closed.is_set():
            raise Unreachable(f"asking {subject}: {self.reason}")
        token = self.inbox().rsplit(".", 1)[1]
        answer: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
        self._waiting[token] = (subject, answer)
        try:
            await self.publish(subject, data, headers=headers, reply=f"{self._answers}.{token}")
            async with asyncio.timeout(timeout_s):
                message = await answer
        except TimeoutError as err:
            raise Unreachable(f"asking {subject}: no answer", code="link.no_answer") from err
        finally:
            self._waiting.pop(token, None)
            if answer.done() and not answer.cancelled():
                answer.exception()  # seen: it may have failed after we stopped waiting
        if (message.headers or {}).get(STATUS) == NO_RESPONDERS:
            raise Unreachable(f"asking {subject}: nobody listens", code="link.nobody")
        return message

    async def api(self, subject: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the server's JetStream API; ``{"error": …}`` is returned like any answer."""
        data = b"" if body is None else json.dumps(body).encode()
        answer = await self.request(subject, data)
        try:
            found: dict[str, Any] = json.loads(answer.data)
        except ValueError as err:
            raise Unreachable(f"asking {subject}: no JetStream answer") from err
        return found

    async def close(self) -> None:
        """End it; idempotent, and quick even when the server answers no more."""
        self._over("closed")
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._client.close()
        except TimeoutError:
            self._give_up("closed")
        except (nats.errors.Error, OSError, AttributeError):
            # nats-py closes a connection that never came up by stumbling over what it lacks
            self._hush()
        except asyncio.CancelledError:
            self._give_up("closed")
            raise

    async def _answered(self, message: Msg) -> None:
        waiting = self._waiting.get(message.subject.rsplit(".", 1)[1])
        if waiting is not None and not waiting[1].done():
            waiting[1].set_result(message)

    async def _failed(self, error: Exception) -> None:
        violated = VIOLATION.search(str(error))
        if violated is None:
            log.debug("nats_error", error=str(error))
            return
        subject = violated[1]  # nats-py has made it lower case
        self._on_violation(subject)
        for asked, answer in self._waiting.values():
            if asked.lower() == subject.lower() and not answer.done():
                answer.set_exception(
                    Unreachable(f"asking {subject}: not permitted", code="link.forbidden")
                )

    async def _ended(self) -> None:
        self._over(str(self._client.last_error or "the connection was lost"))

    def _give_up(self, reason: str) -> None:
        """Drop the connection without a word. A ping that nobody waits for any more stays in the
        client's queue, and its answer, when it comes after all, ends the client's reading without
        ending the connection: half a minute in which nothing is heard."""
        self._over(reason)
        self._hush()
        transport = getattr(self._client._transport, "_io_writer", None)
        if transport is not None:
            transport.transport.abort()

    def _hush(self) -> None:
        """End the tasks of subscriptions. A client whose closing was cut short leaves them, and
        whoever drops it then has the garbage collector find tasks that still wait."""
        for one in tuple(self._client._subs.values()):
            one._stop_processing()

    def _over(self, reason: str) -> None:
        if self.closed.is_set():
            return
        self.reason = reason
        self.closed.set()
        for subject, answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Unreachable(f"asking {subject}: {reason}"))


def _said(raised: BaseException, last: Exception | None, doing: str) -> BaseException:
    """The fabric's word for what nats-py raised; cancellation and our own errors stay."""
    if isinstance(raised, FabricError) or not isinstance(
        raised, (OSError, TimeoutError, nats.errors.Error)
    ):
        return raised
    for error in (raised, last):
        text = str(error).lower()
        if "authorization violation" in text or "authentication" in text:
            return UnknownPeer(f"{doing}: the login was refused")
        if isinstance(error, ssl.SSLCertVerificationError):
            return UnknownPeer(f"{doing}: the server's certificate is not trusted")
    return Unreachable(f"{doing}: {raised!r}")
