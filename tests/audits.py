"""The audit log in tests: the one that use cases write into, and what stands in it."""

from __future__ import annotations

import json
from typing import Any

from hub.store.writer import GroupWriter
from node.service.audit import Audit
from node.store import audit

AUDIT = Audit(audit)


def logged(writer: GroupWriter) -> list[dict[str, Any]]:
    """Every row in order; ``detail`` read."""
    return writer.run_read(lambda conn: [
        {**row, "detail": json.loads(row["detail"] or "{}")} for row in audit.every_row(conn)])


def said(writer: GroupWriter) -> list[tuple[str, str, str, str]]:
    """(action, actor, subject, reason) of every row in order."""
    return [(one["action"], one["actor"], one["subject"], one["reason"])
            for one in logged(writer)]
