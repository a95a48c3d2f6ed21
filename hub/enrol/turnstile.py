"""How often somebody who is not known yet may call: in all, by address, and after wrong tokens."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field

CALLS_PER_MINUTE = 300
"""Of everybody together."""
PEER_CALLS_PER_MINUTE = 60
"""Of one address: several nodes of an office set up at once, each asking every few seconds."""
PEER_FAILURES_MAX = 5
"""Wrong tokens of one address within ``FAILURE_S``; after that it is not listened to."""
FAILURE_S = 600.0
PEERS_MAX = 1_024
"""Addresses that are remembered; those longest silent are forgotten first."""
_MINUTE_S = 60.0


@dataclass(slots=True)
class _Peer:
    calls: deque[float] = field(default_factory=lambda: deque(maxlen=PEER_CALLS_PER_MINUTE))
    failures: deque[float] = field(default_factory=lambda: deque(maxlen=PEER_FAILURES_MAX))


class Turnstile:
    """One per door; ``now_s`` is monotonic time."""

    __slots__ = ("_calls", "_peers")

    def __init__(self) -> None:
        self._calls: deque[float] = deque(maxlen=CALLS_PER_MINUTE)
        self._peers: OrderedDict[str, _Peer] = OrderedDict()

    def admit(self, peer: str, *, now_s: float) -> bool:
        """Whether this call is looked at; counts it if so."""
        one = self._peer(peer)
        if _full(one.failures, FAILURE_S, now_s) or _full(one.calls, _MINUTE_S, now_s) or _full(
            self._calls, _MINUTE_S, now_s
        ):
            return False
        one.calls.append(now_s)
        self._calls.append(now_s)
        return True

    def failed(self, peer: str, *, now_s: float) -> None:
        """It came with a token that is none."""
        self._peer(peer).failures.append(now_s)

    def _peer(self, name: str) -> _Peer:
        one = self._peers.get(name)
        if one is None:
            one = self._peers[name] = _Peer()
            if len(self._peers) > PEERS_MAX:
                self._peers.popitem(last=False)
        self._peers.move_to_end(name)
        return one


def _full(times: deque[float], within_s: float, now_s: float) -> bool:
    """Whether as many as may be happened within this time."""
    return len(times) == times.maxlen and now_s - times[0] < within_s
