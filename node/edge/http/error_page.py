"""Writes ``docs/errors.md`` from the table of failures: ``python -m node.edge.http.error_page``."""

from __future__ import annotations

import sys

from hub.errors import Retry
from node.edge.http.answers import known_codes
from node.edge.http.problems import TYPE_PREFIX
from node.edge.http.status import CODES, Row

HEAD = f"""# Errors

Generated from `node/edge/http/status.py`; a test keeps this page fresh.

Every failure of the REST API is an RFC 9457 problem (`application/problem+json`):

```json
{{
  "type": "{TYPE_PREFIX}case.version_conflict",
  "title": "案卷已被他人更新",
  "status": 409,
  "detail": "what happened this time",
  "code": "case.version_conflict",
  "retry": "after_change",
  "remedy": "重新读取案卷，确认后再提交",
  "request_id": "names the call in the log of the node",
  "errors": []
}}
```

Programs branch on `code`; titles follow `Accept-Language` (zh-CN, en). `retry` is one of

| retry | Means |
|---|---|
| `never` | the same call fails again; something in it is wrong for good |
| `later` | the same call may work in a moment; with an `Idempotency-Key` repeating is harmless |
| `after_change` | something has to change first: the case, the request, a right, a table |

A node may answer with a finer code of a known kind (`case.…`, `link.…`); status, retry and title
are then those of the kind. Errors of a unit's legacy system never appear here: they become states
of the adapter, visible under `GET /api/v1/adapters`.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    by_class = {code: row for code, row in known_codes().items() if code not in CODES}
    parts.append(_table("The case and the link", by_class))
    parts.append(_table("The call itself", CODES))
    return "\n".join(parts)


def _table(title: str, rows: dict[str, Row]) -> str:
    lines = [f"## {title}", "", "| Code | Status | Retry | Title | 标题 | What to do |",
             "|---|---|---|---|---|---|"]
    for code, row in sorted(rows.items()):
        retry: Retry = row.retry
        lines.append(f"| `{code}` | {int(row.status)} | `{retry}` | {row.en} | {row.zh} | "
                     f"{row.remedy_en} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
