"""An invitation: what the parent's administrator gives to whoever sets up the new node.

It is one line of text that can be pasted: where the parent is reached, whom to trust there (the
fingerprints of its authority and of the root's key), for which node it is, and a token that works
once. The token is a secret until it is used; the parent keeps its digest only.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from hub.errors import Malformed, Untrusted
from hub.ids import NodeId, node_id
from hub.roster.documents import ENDPOINT_CHARS_MAX, ENDPOINTS_MAX
from hub.roster.roster import NAME_CHARS_MAX

TOKEN_BYTES = 32
"""256 random bits: guessing is hopeless, so a plain digest is enough to keep."""
LIFE_MAX = timedelta(hours=24)
"""How long an invitation may be good for. Whoever does not come in time is invited again."""
APPROVAL_LIFE = timedelta(days=7)
"""How long a node that has submitted may wait for the second administrator."""
COLLECT_LIFE = timedelta(hours=24)
"""How long an accepted node may ask for its kit again; afterwards it is given one by hand."""
TRIES_MAX = 10
"""Wrong uses of a right token (another node, other keys) after which it is worth nothing."""
TEXT_CHARS_MAX = 4096
HEAD, SUM_CHARS = "wanmi-invitation-1", 8
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_DAY_US = timedelta(hours=24) // timedelta(microseconds=1)


class EnrolState(StrEnum):
    """What becomes of a node that comes with an invitation."""

    ACCEPTED = "ACCEPTED"
    WAITING = "WAITING"
    REFUSED = "REFUSED"


class InviteState(StrEnum):
    """How an invitation stands."""

    OPEN = "OPEN"
    WAITING = "WAITING"
    """The node has shown its keys; another administrator must approve."""
    APPROVED = "APPROVED"
    """It was approved and is not taken in yet."""
    USED = "USED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"
    REFUSED = "REFUSED"
    SPOILT = "SPOILT"
    """Its token was used wrongly too often."""


LIVE = frozenset({InviteState.OPEN, InviteState.WAITING, InviteState.APPROVED})
ENDINGS = frozenset({InviteState.WITHDRAWN, InviteState.REFUSED, InviteState.SPOILT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What the text says. ``at``: ``host:port`` of the parent's enrol door, one or several;
    fingerprints are SHA-256, hexadecimal."""

    parent: NodeId
    parent_name: str
    at: tuple[str, ...]
    authority: str
    root: str
    node: NodeId
    name: str
    token: bytes

    def to_text(self) -> str:
        """One line without blanks; its end says whether something was lost on the way."""
        body = json.dumps(
            {
                "parent": self.parent,
                "parent_name": self.parent_name,
                "at": list(self.at),
                "authority": self.authority,
                "root": self.root,
                "node": self.node,
                "name": self.name,
                "token": base64.b64encode(self.token).decode(),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        return f"{HEAD}.{base64.urlsafe_b64encode(body).decode().rstrip('=')}.{_sum(body)}"

    @classmethod
    def from_text(cls, text: str) -> Invitation:
        """Read a pasted line; blanks and line ends that a mail put in do not matter.

        ``Malformed`` (``invite.malformed``) when it is none, or a piece is missing.
        """
        if len(text) > TEXT_CHARS_MAX:
            raise _malformed("too long for an invitation")
        parts = "".join(text.split()).split(".")
        if len(parts) != 3 or parts[0] != HEAD:
            raise _malformed(f"an invitation begins with {HEAD}. and has three parts")
        try:
            body = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        except (ValueError, binascii.Error) as err:
            raise _malformed("a piece of it was lost") from err
        if parts[2] != _sum(body):
            raise _malformed("a piece of it was lost or changed")
        try:
            fields = json.loads(body)
            made = cls(
                parent=node_id(fields["parent"]),
                parent_name=_name(fields["parent_name"]),
                at=_addresses(fields["at"]),
                authority=_digest(fields["authority"]),
                root=_digest(fields["root"]),
                node=node_id(fields["node"]),
                name=_name(fields["name"]),
                token=base64.b64decode(fields["token"], validate=True),
            )
        except (ValueError, KeyError, TypeError, binascii.Error) as err:
            raise _malformed(f"it says something impossible: {err}") from err
        if len(made.token) != TOKEN_BYTES:
            raise _malformed("its token is not whole")
        return made

    def __repr__(self) -> str:
        return f"Invitation({self.node} to {self.parent})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """What the parent keeps of an invitation. Times in µs since the epoch; 0 = not yet.

    ``rekey``: the node is known and comes with new keys. ``grpc`` and ``nats`` are the doors that
    its kit will name. ``request``: the join request it submitted, which binds the token to its
    keys."""

    token_hash: bytes
    node: NodeId
    name: str
    rekey: bool
    created_by: str
    created_at_us: int
    expires_at_us: int
    needs_approval: bool
    grpc: tuple[str, ...] = ()
    nats: tuple[str, ...] = ()
    approved_by: str = ""
    approved_at_us: int = 0
    request: str = ""
    submitted_at_us: int = 0
    used_at_us: int = 0
    tries: int = 0
    ended_as: InviteState | None = None
    ended_by: str = ""
    ended_at_us: int = 0
    reason: str = ""

    def state(self, now_us: int) -> InviteState:
        """How it stands now."""
        if self.ended_as is not None:
            return self.ended_as
        if self.used_at_us:
            return InviteState.USED
        if now_us >= self._until_us():
            return InviteState.EXPIRED
        if not self.submitted_at_us:
            return InviteState.OPEN
        return InviteState.APPROVED if self.may_enter else InviteState.WAITING

    @property
    def may_enter(self) -> bool:
        """Whether everybody who must agree has."""
        return not self.needs_approval or bool(self.approved_by)

    def keeps_door_until_us(self) -> int:
        """Until when somebody may come with it, or ask what became of it."""
        if self.ended_as is not None:
            # Whoever was refused shall hear it, not find a shut door.
            return self.ended_at_us + _DAY_US if self.submitted_at_us else 0
        if self.used_at_us:
            return self.used_at_us + COLLECT_LIFE // timedelta(microseconds=1)
        return self._until_us()

    def _until_us(self) -> int:
        if not self.submitted_at_us:
            return self.expires_at_us
        waits = self.submitted_at_us + APPROVAL_LIFE // timedelta(microseconds=1)
        return max(self.expires_at_us, waits)


def may_approve(invite: Invite, actor: str, *, now_us: int) -> None:
    """Whether this administrator may say yes. ``Untrusted``: ``invite.not_asked`` where nobody has
    to, ``invite.same_person`` for whoever made the invitation, else ``invite.<state>``."""
    if not invite.needs_approval:
        raise Untrusted(
            f"the invitation of {invite.node} needs no second approval", code="invite.not_asked"
        )
    if actor == invite.created_by:
        raise Untrusted(
            f"{actor} made the invitation of {invite.node}: another administrator approves",
            code="invite.same_person",
        )
    refuse_unless_live(invite, now_us=now_us)


def refuse_unless_live(invite: Invite, *, now_us: int) -> None:
    """``Untrusted`` (``invite.expired``, ``invite.used``, …) for one that leads nowhere."""
    state = invite.state(now_us)
    if state not in LIVE:
        raise Untrusted(
            f"the invitation of {invite.node} is {state.lower()}",
            code=f"invite.{state.lower()}",
        )


def fresh_token() -> bytes:
    """A new token from the operating system's random source."""
    return secrets.token_bytes(TOKEN_BYTES)


def token_hash(token: bytes) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(b"wanmi/invite/1\0" + token).digest()


def _sum(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:SUM_CHARS]


def _malformed(why: str) -> Malformed:
    return Malformed(f"reading an invitation: {why}", code="invite.malformed")


def _name(value: Any) -> str:
    if not isinstance(value, str) or len(value) > NAME_CHARS_MAX or not value.isprintable():
        raise ValueError("no name")
    return value


def _digest(value: Any) -> str:
    if not isinstance(value, str) or not _FINGERPRINT.fullmatch(value):
        raise ValueError("no fingerprint")
    return value


def _addresses(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= ENDPOINTS_MAX:
        raise ValueError("no address")
    for one in value:
        split_address(one)
    return tuple(value)


def split_address(address: str) -> tuple[str, int]:
    """``host:port`` in two; ``ValueError`` for anything else."""
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or len(address) > ENDPOINT_CHARS_MAX or not address.isascii() or (
        not port.isdecimal() or not 0 < int(port) < 65_536
    ):
        raise ValueError(f"{address!r} is no host:port")
    return host, int(port)
