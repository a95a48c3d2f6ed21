"""JetStream carrier: two mailboxes and four lossy subjects per link, hosted by the parent.

Frames go through the boxes and survive a restart of anything; every other message travels on core
NATS and may be lost. A contact is made by the child: it opens with a random token on its control
subject, the parent answers, and the token then marks every control message, so that neither side
mistakes the tail of an old conversation for the new one. Frames carry no token: what an older
contact left in a box is still a frame.

Carrier signals (open, alive, gone, close) are headers of empty control messages; the link above
never sees them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from nats.aio.msg import Msg

from hub.carriers.buffer import Buffer
from hub.carriers.port import Contact, Kind, Parcel, check_size
from hub.carriers.streams import STREAM_BYTES_MAX, ByteStream, StreamHandler
from hub.errors import FabricError, Malformed, Unreachable
from hub.ids import LinkId, NodeId
from hub.nats.login import NatsLogin
from hub.nats.mailbox import BoxKeeper, BoxReader
from hub.nats.session import NatsSession, ignore
from hub.nats.subjects import LinkSubjects, Mailbox

ALIVE_S = 10.0
"""Seconds between the child's signs of life; each is answered by the parent."""
SILENCE_S = 30.0
"""Seconds without any message after which the peer counts as gone."""
PUBACK_S = 5.0
"""Seconds for a box to confirm a frame; afterwards the outcome is unknown."""
LOOK_S = 30.0
"""Seconds between two looks at the boxes (converge, stalled?)."""
REDIAL_MIN_S, REDIAL_MAX_S = 0.2, 10.0
"""The parent's own connection to its server: seconds between tries, doubling."""
CONTROL_ITEMS_MAX, CONTROL_BYTES_MAX = 1024, 16 * 1024 * 1024
"""What a slow reader of one contact may owe; further control messages are lost, as declared."""
BULK_ITEMS_MAX, BULK_BYTES_MAX = 64, 8 * 1024 * 1024
"""The same for blobs: four times the chunks that may be in flight."""

CONTACTS_MAX = 8
"""Contacts of one link that are still ending, side streams included; a child that opens more
waits."""
STOP_S = 5.0
"""Seconds the handlers of ended contacts get to return at stop."""
TOKEN_CHARS_MAX = 64

CONTACT, SIGNAL = "Wanmi-Contact", "Wanmi-Signal"
OPEN, OPENED, ALIVE, GONE, CLOSE = "open", "opened", "alive", "gone", "close"

log = structlog.get_logger()
Handler = Callable[[Contact], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """Which way we speak: the child up, the parent down."""

    box: Mailbox
    """Where our frames go."""
    control: str
    bulk: str


class JetStreamContact:
    """One conversation, the same at both ends."""

    kind = Kind.NATS

    def __init__(
        self, session: NatsSession, side: _Side, *, link: LinkId, peer: NodeId, token: str
    ) -> None:
        self.link = link
        self.peer = peer
        self.token = token
        self.heard_s = asyncio.get_running_loop().time()
        self.bulk = _BulkStream(session, side.bulk, link=link, peer=peer, token=token)
        self.over = asyncio.Event()
        self._session = session
        self._side = side
        self._arrived: Buffer[Parcel] = Buffer(
            items_max=CONTROL_ITEMS_MAX, bytes_max=CONTROL_BYTES_MAX
        )
        self._reader: BoxReader | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._publishing = asyncio.Lock()  # fair: frames reach the box in the order they were said
        self._closing = asyncio.Lock()
        self._marked = {CONTACT: token}

    async def say(self, data: bytes, *, frame: bool, msg_id: str = "") -> None:
        check_size(data, frame=frame)
        if self.over.is_set():
            raise Unreachable("speaking on a contact that has ended")
        if not frame:
            await self._session.publish(self._side.control, data, headers=self._marked)
            return
        headers = {"Nats-Expected-Stream": self._side.box.stream}
        if msg_id:
            headers["Nats-Msg-Id"] = msg_id
        async with self._publishing:
            answer = await self._session.request(
                self._side.box.subject, data, headers=headers, timeout_s=PUBACK_S
            )
        if b'"error"' in answer.data:
            raise Unreachable(
                f"putting a frame into {self._side.box.stream}: "
                f"{answer.data.decode(errors='replace')[:200]}",
                code="link.mailbox_refused",
            )

    async def parcels(self) -> AsyncIterator[Parcel]:
        while (parcel := await self._arrived.get()) is not None:
            yield parcel

    async def close(self) -> None:
        """Tell the peer, hand back what was not acknowledged, and end; idempotent. Whoever calls
        it second waits too, for the session may end only when the frames are back."""
        async with self._closing:
            if not self.over.is_set():
                try:
                    await self.signal(CLOSE)
                except Unreachable:
                    log.debug("contact_closed_silently", link=self.link)
            self.lose(forget=True)
            tasks = {task for task in self._tasks if task is not asyncio.current_task()}
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)
            await self._give_back()

    def lose(self, *, forget: bool = False) -> None:
        """The peer or the server is gone: what has arrived can still be read."""
        self.over.set()
        self.bulk.lose()
        self._arrived.close(forget=forget)

    def read_box(self, box: Mailbox, domain: str) -> None:
        """Pull frames from now on."""
        self._reader = BoxReader(self._session, box, domain=domain, taken=self._frame)
        self.spawn(self._read(self._reader))
        self.spawn(self._until_lost())

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` beside the contact; it is cancelled with it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def control(self, data: bytes) -> None:
        """A control message of the peer arrived."""
        if not self._arrived.offer(Parcel(data=data), len(data)):
            log.warning("control_message_lost", link=self.link, held=len(self._arrived))

    def heard(self) -> None:
        self.heard_s = asyncio.get_running_loop().time()

    async def signal(self, signal: str) -> None:
        await self._session.publish(
            self._side.control, headers={CONTACT: self.token, SIGNAL: signal}
        )

    async def _give_back(self) -> None:
        reader, self._reader = self._reader, None
        if reader is None or self._session.closed.is_set():
            return
        try:
            await reader.give_back()
        except Unreachable:
            log.debug("frames_not_given_back", link=self.link)

    async def _frame(self, data: bytes, done: Callable[[], Awaitable[None]]) -> None:
        self.heard()
        await self._arrived.put(Parcel(data=data, stored=True, done=done), len(data))

    async def _read(self, reader: BoxReader) -> None:
        try:
            await reader.run()
        except Unreachable:
            self.lose()

    async def _until_lost(self) -> None:
        await self._session.closed.wait()
        self.lose()


class _BulkStream:
    """The ``blk`` subjects as a side stream: lossy, which suits what asks again."""

    def __init__(
        self, session: NatsSession, subject: str, *, link: LinkId, peer: NodeId, token: str
    ) -> None:
        self.link = link
        self.peer = peer
        self._session = session
        self._subject = subject
        self._headers = {CONTACT: token}
        self._arrived: Buffer[bytes] = Buffer(items_max=BULK_ITEMS_MAX, bytes_max=BULK_BYTES_MAX)

    async def read(self) -> bytes | None:
        return await self._arrived.get()

    async def write(self, data: bytes) -> None:
        if len(data) > STREAM_BYTES_MAX:
            raise Malformed(f"writing {len(data)} bytes where a stream takes {STREAM_BYTES_MAX}")
        if self._arrived.closed:
            raise Unreachable("writing on a stream that has ended")
        await self._session.publish(self._subject, data, headers=self._headers)

    async def close(self) -> None:
        self.lose()

    def arrived(self, data: bytes) -> None:
        self._arrived.offer(data, len(data))

    def lose(self) -> None:
        self._arrived.close()


def _marks(message: Msg) -> tuple[str, str]:
    headers = message.headers or {}
    return headers.get(CONTACT, ""), headers.get(SIGNAL, "")


class JetStreamDialer:
    """The child's end. Each dial is a connection of its own, which ends with its contact."""

    kind = Kind.NATS

    def __init__(
        self,
        *,
        link: LinkId,
        servers: Sequence[str],
        login: NatsLogin,
        ca: Path,
        server_name: str = "",
        domain: str = "",
        on_violation: Callable[[str], None] = ignore,
        alive_s: float = ALIVE_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        self.link = link
        self.peer = NodeId(link.split("-")[0])
        self._subjects = LinkSubjects.of(link)
        self._servers = servers
        self._login = login
        self._ca = ca
        self._server_name = server_name
        self._domain = domain
        self._on_violation = on_violation
        self._alive_s = alive_s
        self._silence_s = silence_s
        self._contact: _ChildContact | None = None

    async def dial(self) -> Contact:
        """Raises ``UnknownPeer`` when the server refuses us, ``Unreachable`` when it or the
        parent behind it does not answer."""
        subjects = self._subjects
        session = await NatsSession.open(
            servers=self._servers,
            login=self._login,
            ca=self._ca,
            server_name=self._server_name,
            name=subjects.child,
            inbox_prefix=subjects.inbox_prefix,
            on_violation=self._on_violation,
        )
        contact = _ChildContact(
            session,
            _Side(box=subjects.up, control=subjects.control("up"), bulk=subjects.bulk("up")),
            link=self.link,
            peer=self.peer,
            token=session.inbox().rsplit(".", 1)[1],
        )
        try:
            await session.subscribe(subjects.control("dn"), contact.on_control)
            await session.subscribe(subjects.bulk("dn"), contact.on_bulk)
            await contact.greet()
        except BaseException:
            await contact.close()
            raise
        contact.read_box(subjects.down, self._domain)
        contact.spawn(contact.keep_alive(every_s=self._alive_s, silence_s=self._silence_s))
        self._contact = contact
        return contact

    async def stream(self, method: str) -> ByteStream:
        """``Bulk`` of the open contact. ``Unreachable`` without one, or for ``Ask``."""
        contact = self._contact
        if method != "Bulk" or contact is None or contact.over.is_set():
            raise Unreachable(f"opening {method} to {self.peer} over NATS")
        return contact.bulk

    async def close(self) -> None:
        """Close the open contact, if any; idempotent."""
        contact, self._contact = self._contact, None
        if contact is not None:
            await contact.close()


class _ChildContact(JetStreamContact):
    async def greet(self) -> None:
        """Open the conversation; the parent answers only when someone takes this link."""
        answer = await self._session.request(
            self._side.control, headers={CONTACT: self.token, SIGNAL: OPEN}
        )
        if _marks(answer) != (self.token, OPENED):
            raise Unreachable(f"dialling {self.peer}: it does not take this link now")

    async def on_control(self, message: Msg) -> None:
        token, signal = _marks(message)
        if token != self.token:
            return  # the tail of an older contact
        self.heard()
        if not signal:
            self.control(message.data)
        elif signal in (CLOSE, GONE):
            self.lose()

    async def on_bulk(self, message: Msg) -> None:
        if _marks(message)[0] == self.token:
            self.heard()
            self.bulk.arrived(message.data)

    async def keep_alive(self, *, every_s: float, silence_s: float) -> None:
        """Ask the parent for a sign of life; "nobody listens" ends the contact at once."""
        loop = asyncio.get_running_loop()
        while not self.over.is_set():
            await asyncio.sleep(every_s)
            try:
                answer = await self._session.request(
                    self._side.control,
                    headers={CONTACT: self.token, SIGNAL: ALIVE},
                    timeout_s=max(0.1, silence_s - (loop.time() - self.heard_s)),
                )
            except Unreachable as err:
                if err.code == "link.nobody" or loop.time() - self.heard_s >= silence_s:
                    self.lose()
                continue
            if _marks(answer) == (self.token, ALIVE):
                self.heard()
            else:
                self.lose()

    async def close(self) -> None:
        await super().close()
        await self._session.close()


class JetStreamListener:
    """The parent's end of one link: keeps both boxes as they should be, takes contacts.

    It holds one connection to its own server as the parent's user of this link's account, and
    opens a new one for as long as it is started.
    """

    kind = Kind.NATS

    def __init__(
        self,
        *,
        link: LinkId,
        servers: Sequence[str],
        login: NatsLogin,
        ca: Path,
        server_name: str = "",
        domain: str = "",
        replicas: int = 1,
        on_violation: Callable[[str], None] = ignore,
        silence_s: float = SILENCE_S,
        look_s: float = LOOK_S,
    ) -> None:
        self.link = link
        self._subjects = LinkSubjects.of(link)
        self._servers = servers
        self._login = login
        self._ca = ca
        self._server_name = server_name
        self._domain = domain
        self._on_violation = on_violation
        self._silence_s = silence_s
        self._look_s = look_s
        self._keepers = (
            BoxKeeper(box=self._subjects.down, domain=domain, replicas=replicas),
            BoxKeeper(box=self._subjects.up, domain=domain, replicas=replicas),
        )
        self._handler: Handler | None = None
        self._bulk_handler: StreamHandler | None = None
        self._running: asyncio.Task[None] | None = None
        self._contact: JetStreamContact | None = None
        self._serving: set[asyncio.Task[None]] = set()

    def route(self, method: str, handler: StreamHandler) -> None:
        """Serve ``Bulk`` on every contact; there is no ``Ask`` over NATS."""
        assert method == "Bulk", method
        self._bulk_handler = handler

    async def start(self, handler: Handler) -> None:
        """Returns at once; contacts arrive when server, boxes and child are there."""
        assert self._running is None, "started twice"
        self._handler = handler
        self._running = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        if self._contact is not None:
            await self._contact.close()
        running.cancel()
        await asyncio.wait((running,))
        if self._serving:
            _, slow = await asyncio.wait(set(self._serving), timeout=STOP_S)
            for task in slow:
                task.cancel()

    async def boxes(self) -> dict[str, int]:
        """Stored bytes per box at the last look: the mailbox metric."""
        return {keeper.box.stream: keeper.stored_bytes for keeper in self._keepers}

    @property
    def away(self) -> frozenset[str]:
        """Servers whose copy of a box was missing or behind at the last look."""
        return frozenset(name for keeper in self._keepers for name in keeper.away)

    @property
    def recreated(self) -> int:
        """How often a stuck consumer was made anew."""
        return sum(keeper.recreated for keeper in self._keepers)

    async def _run(self) -> None:
        pause, lost = REDIAL_MIN_S, False
        while True:
            try:
                session = await NatsSession.open(
                    servers=self._servers,
                    login=self._login,
                    ca=self._ca,
                    server_name=self._server_name,
                    name=f"{self.link}/parent",
                    inbox_prefix=f"_INBOX_P_{self._subjects.child}",
                    on_violation=self._on_violation,
                )
                try:
                    await self._serve(session, lost)
                    pause, lost = REDIAL_MIN_S, True
                finally:
                    if self._contact is not None:
                        self._contact.lose()
                    await session.close()
            except FabricError as err:
                if not lost:  # once when it goes, once when it is back
                    log.warning("mailboxes_lost", link=self.link, code=err.code, reason=str(err))
                lost = True
            await asyncio.sleep(pause)
            pause = min(pause * 2, REDIAL_MAX_S)

    async def _serve(self, session: NatsSession, lost: bool) -> None:
        loop = asyncio.get_running_loop()
        await self._look(session)

        async def control(message: Msg) -> None:
            await self._on_control(session, message)

        await session.subscribe(self._subjects.bulk("up"), self._on_bulk)
        await session.subscribe(self._subjects.control("up"), control)
        if lost:
            log.info("mailboxes_back", link=self.link)
        looked_s = loop.time()
        while not session.closed.is_set():
            # often enough to end a silent contact in time, seldom enough to cost nothing
            wait_s = min(self._look_s, self._silence_s / 10)
            try:
                async with asyncio.timeout(wait_s):
                    await session.closed.wait()
            except TimeoutError:
                contact = self._contact
                if contact is not None and loop.time() - contact.heard_s > self._silence_s:
                    contact.lose()
                if loop.time() - looked_s >= self._look_s:
                    await self._look(session)
                    looked_s = loop.time()

    async def _look(self, session: NatsSession) -> None:
        for keeper in self._keepers:
            await keeper.converge(session, asyncio.get_running_loop().time())

    async def _on_bulk(self, message: Msg) -> None:
        contact = self._contact
        if contact is not None and _marks(message)[0] == contact.token:
            contact.heard()
            contact.bulk.arrived(message.data)

    async def _on_control(self, session: NatsSession, message: Msg) -> None:
        token, signal = _marks(message)
        contact = self._contact
        if contact is not None and contact.over.is_set():
            contact = None
        ours = contact is not None and contact.token == token
        if len(token) > TOKEN_CHARS_MAX:
            return
        if signal == OPEN:
            if not ours and len(self._serving) >= CONTACTS_MAX:
                return  # those before have not ended yet: the child tries again
            if not ours:
                await self._open(session, token)
            await self._answer(session, message, token, OPENED)
        elif not ours or contact is None:
            if signal == CLOSE:
                return
            # the child speaks on a contact we do not have: we are new, or gave it up
            if signal == ALIVE:
                await self._answer(session, message, token, GONE)
            else:
                await session.publish(
                    self._subjects.control("dn"), headers={CONTACT: token, SIGNAL: GONE}
                )
        else:
            contact.heard()
            if signal == CLOSE:
                contact.lose()
            elif signal == ALIVE:
                await self._answer(session, message, token, ALIVE)
            else:
                contact.control(message.data)

    async def _answer(self, session: NatsSession, message: Msg, token: str, signal: str) -> None:
        # we may publish anywhere in this account, the child may not: its reply subject must not
        # become a way to make us speak to the JetStream API in its place
        if message.reply.startswith(f"{self._subjects.inbox_prefix}."):
            await session.publish(message.reply, headers={CONTACT: token, SIGNAL: signal})

    async def _open(self, session: NatsSession, token: str) -> None:
        subjects, handler = self._subjects, self._handler
        assert handler is not None, "a contact before start"
        if self._contact is not None:
            self._contact.lose()
            await self._contact.close()
        contact = JetStreamContact(
            session,
            _Side(box=subjects.down, control=subjects.control("dn"), bulk=subjects.bulk("dn")),
            link=self.link,
            peer=subjects.child,
            token=token,
        )
        self._contact = contact
        contact.read_box(subjects.up, self._domain)
        self._spawn(self._work(contact, handler(contact)))
        if self._bulk_handler is not None:
            self._spawn(self._work(None, self._bulk_handler(contact.bulk)))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _work(self, contact: JetStreamContact | None, work: Awaitable[None]) -> None:
        try:
            await work
        except FabricError as err:
            log.info("contact_ended", link=self.link, code=err.code)
        except Exception:
            log.exception("contact_handler_failed", link=self.link)
        finally:
            if contact is not None:
                await contact.close()
