"""Reports that citizens post themselves: without an account, with a number and a code at once.

The door is shut until an office opens it in its settings. Who posts is counted by address for an
hour and all together for a minute, in memory: enough against a script, and nothing about anybody
is kept.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from hub.errors import Overloaded
from node.core.commands import OpenCase
from node.core.errors import Invalid, NotPermitted
from node.core.sources import Sources
from node.service.reporting import Reporting
from node.service.views import Reply

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
    """One act: a citizen's report."""

    def __init__(
        self, *, reporting: Reporting, sources: Sources, rules: Rules, now_us: Callable[[], int]
    ) -> None:
        self._reporting = reporting
        self._sources = sources
        self._rules = rules
        self._now_us = now_us
        self._by_address: OrderedDict[str, deque[int]] = OrderedDict()
        self._lately: deque[int] = deque()

    async def post(self, command: OpenCase, fingerprint: bytes, *, address: str) -> Reply:
        """Register what a citizen reports. ``NotPermitted`` (``public.closed``) where the office
        takes no reports this way; ``Invalid`` (``intake.source``, ``public.source``) for a source
        that is not there, or not the public's; ``Overloaded`` (``public.busy``) beyond the
        limits; else as ``OpenCase``."""
        if not self._rules.reports:
            raise NotPermitted("this office takes no reports over its public page",
                               code="public.closed")
        if not self._sources.get(command.source).public:
            raise Invalid(f"{command.source!r} is not a source of the public",
                          code="public.source", source=command.source)
        self._admit(address)
        return await self._reporting.open(replace(command, actor=ACTOR), fingerprint)

    def _admit(self, address: str) -> None:
        now = self._now_us()
        his = self._by_address.pop(address, deque())
        _forget(his, now - HOUR_US)
        _forget(self._lately, now - MINUTE_US)
        self._by_address[address] = his
        if len(self._by_address) > ADDRESSES_MAX:
            self._by_address.popitem(last=False)
        if len(his) >= self._rules.per_address_h or len(self._lately) >= self._rules.per_minute:
            raise Overloaded("too many reports over the public page", code="public.busy")
        his.append(now)
        self._lately.append(now)


def _forget(times: deque[int], before: int) -> None:
    while times and times[0] <= before:
        times.popleft()
