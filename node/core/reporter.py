"""Who reported it: the only personal data of a case, kept apart from facts and journal.

A reporter never reaches an event, a word on a link or a log; the fields hide from ``repr``.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Name and phone as given; ``channel`` is how the result is to be told (phone, sms, …)."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    wants_reply: bool = False
    channel: str = ""

    @property
    def reachable(self) -> bool:
        """Left a contact: may be told the result and asked what it was worth."""
        return bool(self.phone.strip())
