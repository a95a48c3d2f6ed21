"""Units, names and numbers of the simulated world."""

from __future__ import annotations

from dataclasses import dataclass

from hub.ids import NodeId

MS = 1_000
SECOND = 1_000_000
DAY = 86_400 * SECOND
KIB = 1024
PARENT = NodeId("420200")
CHILDREN = tuple(NodeId(f"42020{n}") for n in (2, 3, 4))
LANES = 5
FORGED = b"forged"
STRANGE = b"strange"
"""Body of a word sealed by somebody who could not."""
"""Body of a word that nobody said."""
WALL_AT_START = 1_700_000_000 * SECOND


TROUBLE_US = 240 * SECOND
"""Length of the safety phase."""
EVENTS_MAX = 100_000
"""Events of one seed: several times what a long one takes. More is a machine that runs hot."""


class Broken(AssertionError):
    """An invariant does not hold."""


@dataclass(slots=True)
class Said:
    """One word in the observer's ledger, in commit order of its origin."""

    msg_id: bytes
    lane: bytes
    overtake: bool
    mark: str
