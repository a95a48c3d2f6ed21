"""The contacts of one link: dialing, speaking and listening, one task each way.

Bytes become inputs of the machine and its messages become bytes; what cannot be read is kept and
ends the contact. A frame's parcel is remembered until the machine has finished with it, because a
mailbox forgets it only then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog

from hub import wire
from hub.carriers.port import Contact, Dialer, Parcel
from hub.errors import FabricError, UnknownPeer
from hub.ids import LinkId
from hub.link import messages as msg
from hub.link import steps
from hub.link.metrics import LinkMetrics
from hub.link.sealing import Sealing
from hub.store import quarantine
from hub.store.tx import Writer

DIAL_S = 15.0
"""Patience for one dial."""
SAY_S = 30.0
"""Patience for one message; a carrier that takes longer is not moving."""
OUTGOING_MAX = 64
"""Messages waiting on one contact: eight frames in flight, heartbeats, anti-entropy."""
GOODBYE_S = 1.0
"""How long an ending driver waits for its last words to go out."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Talk:
    """One contact: the carrier's object, what is to be said on it, who says it."""

    contact: Contact
    outgoing: asyncio.Queue[tuple[bytes, bool, str] | None] = field(
        default_factory=lambda: asyncio.Queue(OUTGOING_MAX)
    )
    closing: bool = False
    speaker: asyncio.Task[None] | None = None


class Talks:
    """Contacts by the number the machine knows them by. ``feed`` takes inputs, ``spawn`` runs
    tasks that end with the driver."""

    def __init__(
        self,
        *,
        link: LinkId,
        sealing: Sealing,
        writer: Writer,
        clock: Callable[[], int],
        feed: Callable[[steps.Input], None],
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        metrics: LinkMetrics | None,
    ) -> None:
        self._link = link
        self._sealing = sealing
        self._writer = writer
        self._clock = clock
        self._feed = feed
        self._spawn = spawn
        self._metrics = metrics
        self._talks: dict[int, _Talk] = {}
        self._parcels: dict[int, Parcel] = {}
        self._token = 0

    async def dial(self, action: steps.Dial, dialer: Dialer) -> None:
        """Open a contact and listen on it until it ends."""
        try:
            async with asyncio.timeout(DIAL_S):
                contact = await dialer.dial()
        except UnknownPeer as err:
            self._feed(steps.Closed(contact=action.contact, why=str(err), refused=True))
            return
        except (FabricError, TimeoutError) as err:
            why = str(err) or "no answer in time"
            self._feed(steps.Closed(contact=action.contact, why=why))
            return
        except Exception as err:
            log.exception("link.dial_broke", link=self._link, carrier=action.kind)
            self._feed(steps.Closed(contact=action.contact, why=f"the carrier broke: {err}"))
            return
        await self.own(action.contact, contact)

    async def own(self, number: int, contact: Contact) -> None:
        """Speak and listen on a contact until it ends."""
        talk = _Talk(contact)
        self._talks[number] = talk
        talk.speaker = self._spawn(self._speak(number, talk))
        self._feed(steps.Arrived(contact=number, kind=contact.kind))
        await self._listen(number, talk)

    def say(self, action: steps.Say) -> None:
        """Put a message into the queue of its contact, signed where it must be."""
        talk = self._talks.get(action.contact)
        if talk is None or talk.closing:
            return
        data = wire.message_bytes(self._sealing.sign(action.message))
        one = (data, isinstance(action.message, msg.Frame), action.name)
        self._put(action.contact, talk, one)

    def close(self, number: int) -> None:
        """End a contact once what waits on it is said."""
        talk = self._talks.get(number)
        if talk is None or talk.closing:
            return
        talk.closing = True
        try:
            talk.outgoing.put_nowait(None)
        except asyncio.QueueFull:
            self._spawn(talk.contact.close())

    def finish(self, token: int) -> None:
        """Nothing more will be done with this frame: its carrier may forget it."""
        parcel = self._parcels.pop(token, None)
        if parcel is not None and parcel.stored:
            self._spawn(self._done_with(parcel))

    async def goodbye(self) -> None:
        """This driver ends: say so on every contact, and wait a moment for it to go out."""
        for number, talk in list(self._talks.items()):
            said = wire.message_bytes(msg.Fault(code="GOODBYE", detail="this node stops"))
            self._put(number, talk, (said, False, ""))
            self.close(number)
        speakers = [talk.speaker for talk in self._talks.values() if talk.speaker]
        if speakers:
            await asyncio.wait(speakers, timeout=GOODBYE_S)

    async def _listen(self, number: int, talk: _Talk) -> None:
        """Messages of one contact, until it ends."""
        why = "the peer closed the contact"
        try:
            async for parcel in talk.contact.parcels():
                if not await self._hear(number, talk, parcel):
                    why = "an unreadable message"
                    break
        except FabricError as err:
            why = str(err)
        except Exception:
            log.exception("link.listen_broke", link=self._link)
            why = "the carrier broke"
        finally:
            self.close(number)
        self._feed(steps.Closed(contact=number, why=why))

    async def _hear(self, number: int, talk: _Talk, parcel: Parcel) -> bool:
        """One message; False if its contact is not worth keeping."""
        if self._metrics is not None:
            self._metrics.moved_bytes(
                self._link, direction="in", carrier=talk.contact.kind.value,
                count=len(parcel.data),
            )
        self._token += 1
        token = self._token
        try:
            message = wire.message_from(parcel.data)
            given = self._sealing.check(
                message, contact=number, token=token, now_us=self._clock()
            )
        except UnknownPeer as err:
            log.warning("link.key_unknown", link=self._link, why=str(err))
            await parcel.done()
            self._feed(steps.Strange(contact=number, why=str(err)))
            return True
        except FabricError as err:
            log.warning("link.message_refused", link=self._link, code=err.code, why=str(err))
            said = wire.message_bytes(msg.Fault(code="UNSEALED", detail=str(err)))
            self._put(number, talk, (said, False, ""))
            await self._quarantine(err.code, parcel)
            return False
        if isinstance(message, msg.Frame):
            self._parcels[token] = parcel
        else:
            await parcel.done()
        self._feed(given)
        return True

    async def _quarantine(self, code: str, parcel: Parcel) -> None:
        """Bytes that are no message of the peer: kept, then forgotten by the carrier."""
        with contextlib.suppress(FabricError):
            await self._writer.write(
                lambda tx: quarantine.put(tx, self._link, code, parcel.data)
            )
            await parcel.done()

    async def _speak(self, number: int, talk: _Talk) -> None:
        """Say what waits on one contact, in order; ends with it."""
        why = ""
        try:
            while (one := await talk.outgoing.get()) is not None:
                data, frame, name = one
                async with asyncio.timeout(SAY_S):
                    await talk.contact.say(data, frame=frame, msg_id=name)
                if self._metrics is not None:
                    self._metrics.moved_bytes(
                        self._link, direction="out", carrier=talk.contact.kind.value,
                        count=len(data),
                    )
        except (FabricError, TimeoutError) as err:
            why = str(err) or "the carrier does not take messages"
        except Exception as err:
            log.exception("link.speak_broke", link=self._link)
            why = f"the carrier broke: {err}"
        finally:
            self._talks.pop(number, None)
            with contextlib.suppress(FabricError, OSError):
                await talk.contact.close()
        if why:
            self._feed(steps.Closed(contact=number, why=why))

    def _put(self, number: int, talk: _Talk, one: tuple[bytes, bool, str]) -> None:
        try:
            talk.outgoing.put_nowait(one)
        except asyncio.QueueFull:
            # The carrier does not move: what we could not say is resent on the next contact.
            self.close(number)
            self._feed(steps.Closed(contact=number, why="the carrier does not take messages"))

    async def _done_with(self, parcel: Parcel) -> None:
        with contextlib.suppress(FabricError):
            await parcel.done()
