"""The second factor: codes of a phone by time (TOTP, RFC 6238), and one-time recovery codes.

The secret is sealed with a key beside the node's own keys: a copy of the database alone makes no
codes. A code counts once; so does every code of an earlier step.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

STEP_S: Final = 30
DIGITS: Final = 6
_SIGNS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of recovery codes: nothing that is read as something else."""
RECOVERY_CHARS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """``key``: 32 bytes that seal the secrets. ``issuer``: what the phone shows."""

    key: bytes
    issuer: str
    drift_steps: int

    def fresh(self) -> bytes:
        """A fresh secret, sealed."""
        import pyotp
        from nacl.secret import SecretBox

        return bytes(SecretBox(self.key).encrypt(pyotp.random_base32().encode()))

    def uri(self, sealed: bytes, login: str) -> str:
        """``otpauth://…``, as phones read it from a picture."""
        import pyotp

        return pyotp.TOTP(self.secret(sealed)).provisioning_uri(
            name=login, issuer_name=self.issuer)

    def secret(self, sealed: bytes) -> str:
        """The secret in base 32, to be typed where no picture can be taken."""
        from nacl.secret import SecretBox

        return SecretBox(self.key).decrypt(bytes(sealed)).decode("ascii")

    def step_of(self, sealed: bytes, code: str, now_us: int) -> int | None:
        """The step whose code this is, near now; None = it is none."""
        import pyotp

        said = "".join(code.split())
        if len(said) != DIGITS or not said.isascii() or not said.isdigit():
            return None
        totp = pyotp.TOTP(self.secret(sealed), digits=DIGITS, interval=STEP_S)
        now = now_us // 1_000_000 // STEP_S
        found = None
        for step in range(now - self.drift_steps, now + self.drift_steps + 1):
            # All of them are compared: how long it takes tells nothing.
            if secrets.compare_digest(totp.at(step * STEP_S), said):
                found = step
        return found


def fresh_codes(count: int) -> list[str]:
    """Recovery codes to be shown once: 50 random bits each, in two groups."""
    half = RECOVERY_CHARS // 2
    made = ["".join(secrets.choice(_SIGNS) for _ in range(RECOVERY_CHARS)) for _ in range(count)]
    return [f"{one[:half]}-{one[half:]}" for one in made]


def code_hash(account_id: str, code: str) -> bytes:
    """What is kept of a recovery code."""
    said = "".join(char for char in code.upper() if char.isalnum())
    return sha256(f"wanmi/recovery/{account_id}/{said}".encode()).digest()


def picture(uri: str) -> str:
    """The URI as an SVG element to be put into a page."""
    import segno

    made: str = segno.make(uri, error="m").svg_inline(scale=4, border=4, light="#fff")
    return made
