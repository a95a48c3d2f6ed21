"""Personal data at rest: names and phones sealed as they are written, where the office wants that.

The key lies outside of the database (``keys/data.key``), so a copy of the database alone shows
nobody. What was written before, open or under an older key, is still read.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from hub.errors import Untrusted

if TYPE_CHECKING:  # loaded by whoever has a key
    from hub.suites.cipher import Cipher

MARK: Final = "\x01sealed:"
"""Begins a sealed text; no name that a person writes does."""


class Personal:
    """Seals and opens a few short texts that belong together. ``cipher``: None = no key was ever
    made here; ``seals``: whether what is written from now on is sealed."""

    __slots__ = ("_cipher", "_seals")

    def __init__(self, cipher: Cipher | None = None, *, seals: bool = True) -> None:
        self._cipher = cipher
        self._seals = seals and cipher is not None

    @property
    def seals(self) -> bool:
        """Whether what is written now is sealed."""
        return self._seals

    def closed(self, place: str, fields: Mapping[str, str]) -> str:
        """One text to be stored in ``place`` (table and column) instead of the fields, "" where
        this office does not seal, or they are all empty."""
        if not self._seals or self._cipher is None or not any(fields.values()):
            return ""
        plain = json.dumps(dict(fields), ensure_ascii=False).encode()
        return MARK + base64.b64encode(self._cipher.seal(plain, place.encode())).decode()

    def opened(self, place: str, text: str) -> dict[str, str]:
        """The fields in a sealed text. Raises ``Untrusted`` (``cipher.key``) where its key is not
        here, ``Unsealed`` (``cipher.broken``) if it was changed or lay in another place."""
        if self._cipher is None:
            raise Untrusted(f"reading {place}: it is sealed, and there is no key here",
                            code="cipher.key")
        sealed = base64.b64decode(text.removeprefix(MARK))
        found: dict[str, str] = json.loads(self._cipher.open(sealed, place.encode()))
        return found


def is_sealed(text: str) -> bool:
    """Whether a stored text is a sealed one."""
    return text.startswith(MARK)
