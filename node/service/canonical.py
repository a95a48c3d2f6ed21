"""The one form in which a document is kept, digested and signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def canonical(told: Mapping[str, Any]) -> bytes:
    """A document in its one form: keys sorted, no spaces, UTF-8. This is what is signed."""
    return json.dumps(
        told, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()
