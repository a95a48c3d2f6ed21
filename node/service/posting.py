"""Reports that citizens post themselves: without an account, with a number and a code at once.

The door is shut until an office opens it in its settings. Who posts is counted by address for an
hour and all together for a minute, in memory: enough against a script, and nothing about anybody
is kept.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from hub.errors import Overloaded
from node.core.commands import OpenCase
from node.core.errors import Invalid, NotPermitted
from node.core.facts import Photo, PhotoRole
from node.core.sources import Source, Sources
from node.service.reporting import Reporting
from node.service.views import PhotoStored, Reply

ACTOR = "public"
ADDRESSES_MAX = 10_000
"""Addresses counted at once; those that posted longest ago are forgotten first."""
HOUR_US, MINUTE_US = 3_600_000_000, 60_000_000


class Rules(Protocol):
    """What an office settles about its public door (``node.settings.Public``)."""

    @property
    def reports(self) -> bool: ...
    @property
    def per_address_h(self) -> int: ...
    @property
    def per_minute(self) -> int: ...


class Posting:
    """One act: a citizen's report. ``keep`` stores a picture; ``code`` is the code by which
    whoever reported a case follows it."""

    def __init__(
        self, *, reporting: Reporting, sources: Sources, rules: Rules, now_us: Callable[[], int],
        keep: Callable[[bytes], Awaitable[PhotoStored]], code: Callable[[str], str],
    ) -> None:
        self._reporting = reporting
        self._sources = sources
        self._rules = rules
        self._now_us = now_us
        self._keep = keep
        self._code = code
        self._by_address: OrderedDict[str, deque[int]] = OrderedDict()
        self._lately: deque[int] = deque()

    async def post(
        self, command: OpenCase, fingerprint: bytes, *, address: str,
        pictures: Sequence[bytes] = (),
    ) -> Reply:
        """Register what a citizen reports, with pictures in the order in which the source asks for
        them. The answer holds the code to follow it, also where nobody left a phone.
        ``NotPermitted`` (``public.closed``) where the office takes no reports this way;
        ``Invalid`` (``intake.source``, ``public.source``) for a source that is not there, or not
        the public's; ``Overloaded`` (``public.busy``) beyond the limits; else as ``OpenCase`` and
        as storing a picture."""
        self.ready(address)
        source = self._sources.get(command.source)
        if not source.public:
            raise Invalid(f"{command.source!r} is not a source of the public",
                          code="public.source", source=command.source)
        self._count(address)
        photos = [_photo(await self._keep(data), source, at) for at, data in enumerate(pictures)]
        command = replace(command, actor=ACTOR, photos=tuple(photos))
        reply = await self._reporting.open(command, fingerprint)
        return replace(reply, follow_up=self._code(reply.case_id))

    def ready(self, address: str) -> None:
        """Refuse a caller before anything they send is read: ``public.closed``, ``public.busy``.
        Nothing is counted."""
        if not self._rules.reports:
            raise NotPermitted("this office takes no reports over its public page",
                               code="public.closed")
        now = self._now_us()
        his = self._by_address.get(address, ())
        if (_since(his, now - HOUR_US) >= self._rules.per_address_h
                or _since(self._lately, now - MINUTE_US) >= self._rules.per_minute):
            raise Overloaded("too many reports over the public page", code="public.busy")

    def _count(self, address: str) -> None:
        now = self._now_us()
        his = self._by_address.pop(address, deque())
        _forget(his, now - HOUR_US)
        _forget(self._lately, now - MINUTE_US)
        self._by_address[address] = his
        if len(self._by_address) > ADDRESSES_MAX:
            self._by_address.popitem(last=False)
        his.append(now)
        self._lately.append(now)


def _photo(stored: PhotoStored, source: Source, at: int) -> Photo:
    role = source.photos[at] if at < len(source.photos) else PhotoRole.NEAR
    return Photo(digest=stored.digest, size=stored.size, media_type=stored.media_type, role=role)


def _since(times: Iterable[int], after: int) -> int:
    return sum(one > after for one in times)


def _forget(times: deque[int], before: int) -> None:
    while times and times[0] <= before:
        times.popleft()
