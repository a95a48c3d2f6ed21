"""Every table of an office, by area; all share one ``metadata``."""

from __future__ import annotations

from node.store.tables.alarms import alarm
from node.store.tables.audit import audit_head, audit_log
from node.store.tables.budget import storage_month
from node.store.tables.calendars import calendar, calendar_day, calendar_hours
from node.store.tables.calls import call, call_private, call_step
from node.store.tables.casework import (
    adapter_cursor,
    adapter_event,
    adapter_job,
    adapter_quarantine,
    api_token,
    assignment,
    cases,
    change,
    command,
    journal,
    meta,
    timer,
    trace,
    work_item,
)
from node.store.tables.collectors import collector, collector_shift, collector_training
from node.store.tables.duties import (
    fund_deposit,
    fund_entry,
    responsibility,
    responsibility_phrase,
    unit,
)
from node.store.tables.evaluation import (
    evaluation_group,
    evaluation_row,
    publication,
    publication_file,
)
from node.store.tables.handlers import handler
from node.store.tables.intake import notice, picture, reporter
from node.store.tables.naming import NODE_ID, UUID_TEXT, metadata
from node.store.tables.people import (
    account,
    account_link,
    account_password,
    account_recovery,
    login_failure,
    session,
)
from node.store.tables.places import (
    address,
    component,
    coverage,
    grid,
    grid_unit,
    layer_version,
    organisation,
    place_change,
    place_gram,
    place_import,
    place_staged,
    place_text,
    region,
)
from node.store.tables.problems import problem_case
from node.store.tables.revisions import revision, revision_change, revision_draft
from node.store.tables.standards import (
    area_class,
    class_code,
    crosswalk,
    edition,
    filing_condition,
)
from node.store.tables.stock import stock_sheet
from node.store.tables.tracks import track_point, track_result
from node.store.tables.words import INDEX_OF_WORDS

__all__ = [
    "INDEX_OF_WORDS",
    "NODE_ID",
    "UUID_TEXT",
    "account",
    "account_link",
    "account_password",
    "account_recovery",
    "adapter_cursor",
    "adapter_event",
    "adapter_job",
    "adapter_quarantine",
    "address",
    "alarm",
    "api_token",
    "area_class",
    "assignment",
    "audit_head",
    "audit_log",
    "calendar",
    "calendar_day",
    "calendar_hours",
    "call",
    "call_private",
    "call_step",
    "cases",
    "change",
    "class_code",
    "collector",
    "collector_shift",
    "collector_training",
    "command",
    "component",
    "coverage",
    "crosswalk",
    "edition",
    "evaluation_group",
    "evaluation_row",
    "filing_condition",
    "fund_deposit",
    "fund_entry",
    "grid",
    "grid_unit",
    "handler",
    "journal",
    "layer_version",
    "login_failure",
    "meta",
    "metadata",
    "notice",
    "organisation",
    "picture",
    "place_change",
    "place_gram",
    "place_import",
    "place_staged",
    "place_text",
    "problem_case",
    "publication",
    "publication_file",
    "region",
    "reporter",
    "responsibility",
    "responsibility_phrase",
    "revision",
    "revision_change",
    "revision_draft",
    "session",
    "stock_sheet",
    "storage_month",
    "timer",
    "trace",
    "track_point",
    "track_result",
    "unit",
    "work_item",
]
