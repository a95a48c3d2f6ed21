"""The private keys a node holds, and how a running node comes to hold others.

Keys change while everything runs: sign keys once in a while, the keys towards the parent with every
renewed certificate. Whoever uses them asks here at each use; they are replaced as a whole, so that
nobody ever sees half of a change. The files say what holds, and any process may have changed them.

Towards the parent a node uses the TLS key and the nkey it was made with, until its papers are
renewed: from then on ``client.key`` and ``client.seed``. Those of its own doors, and what is
derived from its own nkey for its children's mailboxes, do not change with that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from hub.roster.keys import NatsKey, SignKey, TlsKey

SIGN_FILE, TLS_FILE, NATS_FILE = "sign.key", "tls.key", "nats.seed"
NEXT_FILE, BEFORE_FILE = "sign-next.key", "sign-before.key"
"""The sign key a node goes over to, and the one it had: to look at old words, used by nobody."""
CLIENT_KEY_FILE, CLIENT_SEED_FILE = "client.key", "client.seed"
"""Towards the parent, once its papers were renewed."""
IDENTITY_FILE = "identity.json"
_READ = (IDENTITY_FILE, SIGN_FILE, TLS_FILE, NATS_FILE, NEXT_FILE, CLIENT_KEY_FILE,
         CLIENT_SEED_FILE)

Stamps = tuple[tuple[int, int], ...]
"""Inode and time of change of each file that was read; (0, 0) for one that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeKeys:
    """All private keys of one moment. Private material is inside and never shown."""

    sign: SignKey
    tls: TlsKey
    nats: NatsKey
    sign_from_us: int
    beside: SignKey | None = None
    beside_from_us: int = 0
    beside_ends: bool = False
    """Whether the node goes over by itself once its roster lists the key beside; else by hand."""
    client_tls: TlsKey | None = None
    client_nats: NatsKey | None = None

    @property
    def signers(self) -> tuple[SignKey, ...]:
        """Whoever seals: the first is the one that every neighbour knows."""
        return (self.sign,) if self.beside is None else (self.sign, self.beside)


class Holding:
    """What an identity holds now. ``keys`` is replaced as a whole."""

    __slots__ = ("_looking", "keys", "stamps")

    def __init__(self, keys: NodeKeys, stamps: Stamps = ()) -> None:
        self.keys = keys
        self.stamps = stamps
        self._looking = threading.Lock()

    def look(self, directory: Path, read: Callable[[], NodeKeys]) -> bool:
        """Hold what the files say now; True if that is something else than before. ``read``
        loads them, and is called only if one of them changed."""
        with self._looking:
            stamps = stamps_of(directory)
            if stamps == self.stamps:
                return False
            before, self.keys = self.keys, read()
            self.stamps = stamps
            return ids_of(before) != ids_of(self.keys)

    def __repr__(self) -> str:
        return f"Holding({self.keys.sign.key_id})"


class LiveSigners(Sequence[SignKey]):
    """Whoever seals now, for those who seal for as long as the node runs."""

    __slots__ = ("_holding",)

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    @overload
    def __getitem__(self, index: int) -> SignKey: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[SignKey, ...]: ...

    def __getitem__(self, index: int | slice) -> SignKey | tuple[SignKey, ...]:
        return self._holding.keys.signers[index]

    def __len__(self) -> int:
        return len(self._holding.keys.signers)

    def __iter__(self) -> Iterator[SignKey]:
        return iter(self._holding.keys.signers)


class LiveSigner:
    """The key that neighbours know now, for whoever signs one thing at a time."""

    __slots__ = ("_holding",)

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    @property
    def key_id(self) -> str:
        return self._holding.keys.sign.key_id

    @property
    def alg(self) -> str:
        return self._holding.keys.sign.alg

    def sign(self, data: bytes) -> bytes:
        return self._holding.keys.sign.sign(data)


def load_keys(
    directory: Path, *, sign_from_us: int, beside_from_us: int, beside_ends: bool
) -> NodeKeys:
    """Read the private files. Raises ``Untrusted`` (``keys.missing``, ``keys.exposed``)."""
    def there(name: str) -> Path | None:
        path = directory / name
        return path if path.exists() else None

    beside, client, seed = there(NEXT_FILE), there(CLIENT_KEY_FILE), there(CLIENT_SEED_FILE)
    return NodeKeys(
        sign=SignKey.load(directory / SIGN_FILE),
        tls=TlsKey.load(directory / TLS_FILE),
        nats=NatsKey.load(directory / NATS_FILE),
        sign_from_us=sign_from_us,
        beside=SignKey.load(beside) if beside is not None else None,
        beside_from_us=beside_from_us,
        beside_ends=beside_ends and beside is not None,
        client_tls=TlsKey.load(client) if client is not None else None,
        client_nats=NatsKey.load(seed) if seed is not None else None,
    )


def stamps_of(directory: Path) -> Stamps:
    """By which a change of any of the files is noticed."""
    found = []
    for name in _READ:
        try:
            stat = (directory / name).stat()
        except FileNotFoundError:
            found.append((0, 0))
        else:
            found.append((stat.st_ino, stat.st_mtime_ns))
    return tuple(found)


def ids_of(keys: NodeKeys) -> tuple[object, ...]:
    """What tells one moment's keys from another's."""
    return (
        *(key.key_id for key in keys.signers), keys.beside_ends, keys.tls.spki_digest(),
        keys.nats.public,
        keys.client_tls.spki_digest() if keys.client_tls is not None else b"",
        keys.client_nats.public if keys.client_nats is not None else "",
    )
