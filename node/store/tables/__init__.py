"""Every table of an office, by area; all share one ``metadata``."""

from __future__ import annotations

from node.store.tables.casework import (
    access_log,
    adapter_cursor,
    adapter_event,
    adapter_job,
    adapter_quarantine,
    api_token,
    assignment,
    cases,
    change,
    command,
    filing_condition,
    journal,
    meta,
    responsibility,
    timer,
    trace,
    work_item,
)
from node.store.tables.naming import NODE_ID, UUID_TEXT, metadata

__all__ = [
    "NODE_ID",
    "UUID_TEXT",
    "access_log",
    "adapter_cursor",
    "adapter_event",
    "adapter_job",
    "adapter_quarantine",
    "api_token",
    "assignment",
    "cases",
    "change",
    "command",
    "filing_condition",
    "journal",
    "meta",
    "metadata",
    "responsibility",
    "timer",
    "trace",
    "work_item",
]
