"""Which public key a seal must verify under: the newest roster, and what neighbours enrolled here.

The roster rules over every key it names. An enrolled key counts beside it, so that a new child can
speak before the next serial goes down the tree. An expired roster changes nothing here: words
between known members never stop.

Reads are lock-free and happen on worker threads; the ring is replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType

from hub.ids import NodeId
from hub.roster.roster import PublicKey, Roster
from hub.seal import PublicKey as Verifying
from hub.store.rosters import KeyRow
from hub.suites import registry as suites

GRACE_US = timedelta(days=30) // timedelta(microseconds=1)
"""An old key still verifies this long after its end: what was sealed before a cut arrives late."""
EARLY_US = timedelta(days=1) // timedelta(microseconds=1)
"""A key is taken this long before its beginning: the receiver's clock may be hours behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedKey:
    """A public key, the node whose words it may seal, and its loaded form (loading costs as much
    as verifying, so it happens once)."""

    node: NodeId
    key: PublicKey
    loaded: Verifying


class RosterKeyRing:
    """Public keys by id, as valid at a time, and the tree they belong to (``hub.seal.KeyRing``)."""

    __slots__ = ("_now",)

    def __init__(self, roster: Roster | None = None, enrolled: Iterable[KeyRow] = ()) -> None:
        self._now: tuple[Roster | None, Mapping[str, OwnedKey]] = (None, {})
        self.replace(roster, enrolled)

    def replace(self, roster: Roster | None, enrolled: Iterable[KeyRow]) -> None:
        """Take over a newer roster and the present enrolments, in one step for all readers. What is
        loaded already is not loaded again: most calls bring the same keys."""
        before = self._now[1]
        keys: dict[str, OwnedKey] = {}
        for row in enrolled:
            key = PublicKey(
                key_id=row.key_id,
                alg=row.alg,
                public=row.public,
                valid_from_us=row.valid_from_us,
                valid_to_us=row.valid_to_us,
                revoked_from_us=row.revoked_from_us,
            )
            if (loaded := _loaded(key, before)) is not None:
                keys[key.key_id] = OwnedKey(node=row.node, key=key, loaded=loaded)
        for member in roster.members if roster else ():
            for key in member.sign_keys:
                here = keys.get(key.key_id)
                loaded = here.loaded if here is not None else _loaded(key, before)
                if loaded is None:
                    continue
                keys[key.key_id] = OwnedKey(
                    node=member.id, key=_sooner_revoked(key, here), loaded=loaded
                )
        self._now = (roster, MappingProxyType(keys))

    def public(self, key_id: str, node: NodeId, at_us: int) -> Verifying | None:
        """The key, if words of ``node`` received at ``at_us`` may be sealed by it."""
        known = self._now[1].get(key_id)
        return None if known is None or refusal_of(known, node, at_us) else known.loaded

    def refusal(self, key_id: str, node: NodeId, at_us: int) -> str:
        """Why ``public`` gives nothing: ``key.unknown`` (a newer roster may help),
        ``key.not_yours``, ``key.revoked``, ``key.expired``; "" when it gives the key."""
        known = self._now[1].get(key_id)
        return "key.unknown" if known is None else refusal_of(known, node, at_us)

    def parent_of(self, node: NodeId) -> NodeId | None:
        """The node above; None for the root and for nodes the roster does not list."""
        member = self._now[0].member(node) if self._now[0] else None
        return member.parent if member else None

    def name_of(self, node: NodeId) -> str:
        """What the node is called; "" = the roster does not list it, or without a name."""
        member = self._now[0].member(node) if self._now[0] else None
        return member.name if member else ""

    def is_below(self, node: NodeId, ancestor: NodeId) -> bool:
        """Whether ``node`` is in the subtree of ``ancestor``, itself included."""
        roster = self._now[0]
        return roster is not None and roster.in_subtree(node, ancestor)

    def serial(self) -> int:
        """Serial of the roster in use; 0 without one."""
        return self._now[0].serial if self._now[0] else 0


def refusal_of(known: OwnedKey, node: NodeId, at_us: int) -> str:
    """Why words of ``node`` received at ``at_us`` may not be sealed by this key; "" if they may."""
    key = known.key
    if known.node != node:
        return "key.not_yours"
    if key.revoked_from_us is not None and at_us >= key.revoked_from_us:
        return "key.revoked"
    if not key.valid_from_us - EARLY_US <= at_us <= key.valid_to_us + GRACE_US:
        return "key.expired"
    return ""


def _loaded(key: PublicKey, before: Mapping[str, OwnedKey]) -> Verifying | None:
    """The key ready to verify with; None for one that this machine cannot use: of a suite that it
    does not know or lacks, or no point of its curve. Whoever seals with it stays unknown here."""
    held = before.get(key.key_id)
    if held is not None and (held.key.alg, held.key.public) == (key.alg, key.public):
        return held.loaded
    suite = suites.known(key.alg)
    try:
        return suite.load(key.public) if suite is not None else None
    except ValueError:
        return None


def _sooner_revoked(key: PublicKey, here: OwnedKey | None) -> PublicKey:
    """A parent's own revocation holds at once, before a roster repeats it."""
    if here is None or here.key.revoked_from_us is None:
        return key
    if key.revoked_from_us is not None and key.revoked_from_us <= here.key.revoked_from_us:
        return key
    return replace(key, revoked_from_us=here.key.revoked_from_us)
