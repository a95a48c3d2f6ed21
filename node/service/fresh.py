"""Fresh ids from the operating system; simulations bring their own."""

from __future__ import annotations

import uuid_utils


class SystemIds:
    """``hub.ids.IdSource``: UUIDv7 (RFC 9562), so that ids sort by the time they were made."""

    def uuid7(self) -> bytes:
        """16 bytes."""
        return uuid_utils.uuid7().bytes
