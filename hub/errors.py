"""What can go wrong on a link, as one closed family with stable codes.

    FabricError
    ├── Unreachable     the peer or carrier does not answer now        retry LATER
    ├── Unsealed        bytes whose seal or digest does not hold       retry NEVER
    ├── Malformed       bytes that are no envelope or no message       retry NEVER
    ├── UnknownPeer     nobody in our roster, or a key that is not     retry AFTER_CHANGE
    ├── Untrusted       a document, key or certificate we do not trust retry AFTER_CHANGE
    ├── Incompatible    no common protocol version                     retry AFTER_CHANGE
    ├── Overloaded      a named limit is reached                       retry LATER
    └── Fenced          another process or copy owns this link         retry AFTER_CHANGE

Codes are what the outside sees (metrics, Fault messages, problem details); the classes say what
the caller does next.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Retry(StrEnum):
    """What a caller may do after a failure."""

    NEVER = "never"
    LATER = "later"
    AFTER_CHANGE = "after_change"


class FabricError(Exception):
    """The link has trouble. ``code`` is stable; the message says what we were doing."""

    retry: ClassVar[Retry] = Retry.NEVER
    family: ClassVar[str] = "fabric"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code or self.family


class Unreachable(FabricError):
    """The peer or the carrier does not answer now."""

    retry = Retry.LATER
    family = "link.unreachable"


class Unsealed(FabricError):
    """Bytes whose seal or digest does not hold; they are kept in quarantine."""

    family = "envelope.unsealed"


class Malformed(FabricError):
    """Bytes that are no envelope or no link message, or break a limit of the layout."""

    family = "envelope.malformed"


class UnknownPeer(FabricError):
    """A node or key that our roster does not list."""

    retry = Retry.AFTER_CHANGE
    family = "peer.unknown"


class Untrusted(FabricError):
    """A join document, key file, certificate or roster that we refuse to rely on."""

    retry = Retry.AFTER_CHANGE
    family = "trust.refused"


class Incompatible(FabricError):
    """No common protocol version, or an envelope layout from the future."""

    retry = Retry.AFTER_CHANGE
    family = "link.incompatible"


class Overloaded(FabricError):
    """A named limit is reached: queue, body size, disk."""

    retry = Retry.LATER
    family = "node.overloaded"


class Fenced(FabricError):
    """Another process, or another copy of this node, owns the link now."""

    retry = Retry.AFTER_CHANGE
    family = "link.fenced"
