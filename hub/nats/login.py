"""How one of our processes logs in to a NATS server: an nkey, or a user with a password.

The nkey is preferred, because the server then holds nothing worth stealing. Either secret lives
in a file of mode 0600 and is shown by no repr.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hub.errors import Malformed
from hub.roster.keys import NatsKey, read_secret

if TYPE_CHECKING:  # a node without mailboxes does not pay for the client (2 MiB)
    from nats.aio.client import Client


class NatsLogin:
    """One user of a NATS server."""

    __slots__ = ("_key", "_newest", "_password", "_user")

    def __init__(
        self, *, key: NatsKey | None = None, user: str = "", password: str = "",
        newest: Callable[[], NatsKey] | None = None,
    ) -> None:
        self._key = key
        self._newest = newest
        self._user = user
        self._password = password

    @classmethod
    def of_key(cls, key: NatsKey) -> NatsLogin:
        return cls(key=key)

    @classmethod
    def of_newest(cls, newest: Callable[[], NatsKey]) -> NatsLogin:
        """The key that holds when a connection is made."""
        return cls(key=newest(), newest=newest)

    @classmethod
    def of_file(cls, path: Path) -> NatsLogin:
        """Read a credentials file: an nkey seed, or ``user password``, on one line.

        Raises ``Untrusted`` when others may read the file, ``Malformed`` when it is neither.
        """
        words = read_secret(path).decode(errors="replace").split()
        if len(words) == 1:
            return cls(key=NatsKey(words[0].encode()))
        if len(words) == 2:
            return cls(user=words[0], password=words[1])
        raise Malformed(f"reading {path.name}: neither an nkey seed nor user and password")

    def prepare(self, client: Client) -> dict[str, str]:
        """Arm the client for its login; returns the options ``connect`` takes besides."""
        if self._newest is not None:
            self._key = self._newest()
        key = self._key
        if key is None:
            return {"user": self._user, "password": self._password}
        # connect() itself takes only the seed as text or file; the two fields below are what it
        # would set from it, and this way the seed stays where it is
        client._public_nkey = key.public
        return {}

    def sign(self, nonce: str) -> bytes:
        """The base64 signature a server asks for; only with an nkey."""
        assert self._key is not None, "a password signs nothing"
        return base64.b64encode(self._key.sign(nonce.encode()))

    @property
    def has_key(self) -> bool:
        return self._key is not None

    def __repr__(self) -> str:
        return f"NatsLogin({self._key.public if self._key else self._user})"
