"""Free loopback ports for servers whose port is written down before they bind it.

They lie below the range from which systems take ports for outgoing connections (from 32768 on
Linux, from 49152 elsewhere): a port of that range may be gone by the time a server binds it, or
while a killed one is away.
"""

from __future__ import annotations

import itertools
import socket
from secrets import randbelow
from typing import Final

from hub.errors import Unreachable

FIRST: Final = 15_000
COUNT: Final = 17_000
TRIES_MAX: Final = 1_000
"""A machine on which so many ports in a row are taken has another problem."""
_walk: Final = [itertools.count(randbelow(COUNT))]
"""From a place of its own: other processes on this machine do the same."""


def free_ports(count: int) -> list[int]:
    """So many different ports of 127.0.0.1 on which nobody listens now. This process gives each
    port once before it gives any again: whoever has one may not have bound it yet, or be away.

    Raises ``Unreachable`` if there are none.
    """
    held: list[socket.socket] = []
    try:
        for _ in range(TRIES_MAX):
            if len(held) == count:
                break
            one = socket.socket()
            held.append(one)
            try:
                one.bind(("127.0.0.1", FIRST + next(_walk[0]) % COUNT))
            except OSError:
                held.pop().close()
        else:
            raise Unreachable(f"looking for {count} free ports from {FIRST} on")
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


def walk_from(place: int) -> None:
    """Look from this place of the range on: for processes that start side by side, each far from
    the others."""
    _walk[0] = itertools.count(place)


def free_port() -> int:
    """One of them."""
    return free_ports(1)[0]
