"""The keys and papers of this node as its administrators see them, and the changes they ask for.

What is asked for lies in files, as after ``wanmi keys change`` at a node that stands still, and
whoever tends the keys is woken: the answer need not wait for a roster to come down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hub.enrol.deed import Deed, Note
from hub.errors import Untrusted
from hub.roster.identity import Identity
from hub.roster.renewing import Papers
from hub.roster.roster import Roster
from hub.store.tx import Tx, Writer
from node.service.instants import to_time

KEYS_TOPIC, RENEW_TOPIC = "keys", "renew"
"""Woken when the keys on disk changed, and when newer papers are wanted."""


class Kept(Protocol):
    """Whoever keeps the roster in use."""

    roster: Roster | None


class Renewing(Protocol):
    """Whoever keeps the papers from the parent."""

    @property
    def papers(self) -> Papers | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysView:
    """``beside``: the key this node goes over to, "" = none; ``listed``: whether its roster lists
    that. ``by_itself``: whether it then ends by itself. ``certificate_ends``: of the papers from
    the parent; None for a root. ``refused``: why the last request for newer ones got nothing."""

    suite: str
    key_id: str
    since: datetime
    beside: str
    beside_suite: str
    listed: bool
    by_itself: bool
    certificate_ends: datetime | None
    certificate_renews: datetime | None
    refused: str


class OwnKeys:
    """Views and requests."""

    def __init__(
        self,
        *,
        identity: Identity,
        keeper: Kept,
        renewals: Renewing,
        writer: Writer,
        now_us: Callable[[], int],
        note: Note,
    ) -> None:
        self._identity = identity
        self._keeper = keeper
        self._renewals = renewals
        self._writer = writer
        self._now_us = now_us
        self._note = note

    async def view(self) -> KeysView:
        """How they stand."""
        await asyncio.to_thread(self._identity.refresh)
        keys, papers = self._identity.held.keys, self._renewals.papers
        return KeysView(
            suite=keys.sign.alg,
            key_id=keys.sign.key_id,
            since=to_time(keys.sign_from_us),
            beside=keys.beside.key_id if keys.beside is not None else "",
            beside_suite=keys.beside.alg if keys.beside is not None else "",
            listed=keys.beside is not None and self._listed(keys.beside.key_id),
            by_itself=keys.beside_ends,
            certificate_ends=to_time(papers.ends_at_us) if papers is not None else None,
            certificate_renews=to_time(papers.renew_at_us) if papers is not None else None,
            refused=papers.refused[0] if papers is not None else "",
        )

    async def change(self, suite: str, *, actor: str) -> KeysView:
        """Go over to a new sign key; of the suite of today ("" or its name) by itself to the end,
        of another one until ``end``. Raises ``Untrusted`` (``keys.going_over``)."""
        await asyncio.to_thread(self._identity.refresh)
        same = suite in ("", self._identity.sign.alg)
        grown = await asyncio.to_thread(
            lambda: self._identity.going_over(
                suite or self._identity.sign.alg, now_us=self._now_us(), ends=same)
        )
        await self._done("AddSignKey", f"{grown.held.keys.signers[-1].key_id}", actor=actor)
        return await self.view()

    async def end(self, *, actor: str) -> KeysView:
        """The new key alone from now on. Raises ``Untrusted``: ``keys.not_going_over``,
        ``keys.not_listed`` while no roster here lists it."""
        await asyncio.to_thread(self._identity.refresh)
        beside = self._identity.beside
        if beside is not None and not self._listed(beside.key_id):
            raise Untrusted(
                f"no roster here lists {beside.key_id} yet: neighbours would refuse it",
                code="keys.not_listed",
            )
        gone = await asyncio.to_thread(self._identity.gone_over)
        await self._done("EndSignKey", f"{gone.sign.key_id}", actor=actor)
        return await self.view()

    async def renew(self, *, actor: str) -> KeysView:
        """Ask the parent for newer papers now. Raises ``Untrusted`` (``renew.root``)."""
        if self._identity.is_root:
            raise Untrusted(f"{self._identity.node} has no parent to renew anything",
                            code="renew.root")
        await self._done("RenewPapers", "asked", actor=actor, topic=RENEW_TOPIC)
        return await self.view()

    async def _done(
        self, action: str, outcome: str, *, actor: str, topic: str = KEYS_TOPIC
    ) -> None:
        deed = Deed(action=action, actor=actor, node=self._identity.node, outcome=outcome)

        def write(tx: Tx) -> None:
            tx.wake(topic)
            self._note(tx, deed)

        await self._writer.write(write, urgent=True)

    def _listed(self, key_id: str) -> bool:
        roster = self._keeper.roster
        good = roster.good_keys(self._identity.node) if roster is not None else ()
        return any(key.key_id == key_id for key in good)
