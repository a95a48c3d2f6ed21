"""What this process is among several that serve one node, as the HTTP door asks it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Beside(Protocol):
    """Asked at every call, answered from memory."""

    @property
    def role(self) -> str:
        """owner, standby or lost."""
        ...

    @property
    def term(self) -> int:
        """Of the present owner; rises with every takeover."""
        ...

    @property
    def since(self) -> datetime:
        """When the present owner became that."""
        ...

    @property
    def owner_url(self) -> str:
        """Base URL of the owner; "" = there is none at present."""
        ...
