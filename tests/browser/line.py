"""A line between two nodes that a test cuts and heals."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from tests.proxy import Proxy

T = TypeVar("T")


class Line:
    """Lies in a thread with a loop of its own: a test of the browser has none to give."""

    def __init__(self, target: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._proxy = Proxy(target)
        self.port = self._do(self._proxy.lay())

    def cut(self) -> None:
        """Every connection ends; new ones are dropped."""
        self._loop.call_soon_threadsafe(self._proxy.cut)

    def heal(self) -> None:
        """Whole again."""
        self._loop.call_soon_threadsafe(self._proxy.heal)

    def end(self) -> None:
        """The line is taken away."""
        self._do(self._proxy.remove())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, act: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(30)
