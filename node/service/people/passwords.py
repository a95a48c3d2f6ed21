"""Passwords as Argon2id strings (RFC 9106), computed beside the event loop and few at a time.

A hash carries its own parameters, so old ones stay readable when the rules rise; whoever comes in
under weaker ones is hashed anew. libsodium computes them and gives the interpreter free meanwhile.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from hub.errors import Overloaded
from node.service.people.rules import HashRules

KIB: Final = 1024
_PARAMETERS: Final = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$")
T = TypeVar("T")


def normal(password: str) -> str:
    """The same password from every keyboard: Unicode NFKC, after NIST SP 800-63B-4."""
    return unicodedata.normalize("NFKC", password)


class Passwords:
    """Hashes and compares."""

    def __init__(self, rules: HashRules) -> None:
        self._rules = rules
        self._turn = asyncio.Semaphore(rules.at_once)
        self._waiting = 0
        self._nobody = ""

    async def hashed(self, password: str) -> str:
        """A fresh hash. ``Overloaded`` (``login.busy``) when too many wait."""
        return await self._beside(lambda: self._hash(password))

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether it is the one. Without a kept one the answer is no, and takes as long."""
        def compare() -> bool:
            against = kept or self._dummy()
            return _same(against, password) and kept is not None

        return await self._beside(compare)

    async def fits_any(self, kept: Sequence[str], password: str) -> bool:
        """Whether it is one of these."""
        return await self._beside(lambda: any(_same(one, password) for one in kept))

    def is_weaker(self, kept: str) -> bool:
        """Whether a hash was made with less than the rules ask for now."""
        found = _PARAMETERS.match(kept)
        if found is None:
            return True
        memory, passes = int(found[1]), int(found[2])
        return memory < self._rules.memory_kib or passes < self._rules.passes

    def _hash(self, password: str) -> str:
        from nacl.pwhash import argon2id

        made = argon2id.str(
            normal(password).encode(), opslimit=self._rules.passes,
            memlimit=self._rules.memory_kib * KIB,
        )
        return made.decode("ascii")

    def _dummy(self) -> str:
        if not self._nobody:
            self._nobody = self._hash("nobody")
        return self._nobody

    async def _beside(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._rules.waiting:
            raise Overloaded("too many people are logging in at this moment", code="login.busy")
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def _same(kept: str, password: str) -> bool:
    from nacl.exceptions import InvalidkeyError
    from nacl.pwhash import verify

    try:
        return bool(verify(kept.encode("ascii"), normal(password).encode()))
    except InvalidkeyError:
        return False
