"""The tables of an office as its use cases ask for them: one object over the modules of this
package.

It satisfies ``node.service.ports.Store`` by shape. It holds nothing: every method works on the
connection of the caller's transaction and never commits.
"""

from __future__ import annotations

from node.store import (
    access,
    adapters,
    cards,
    casework,
    city,
    fund,
    gauges,
    ledger,
    listing,
    revisions,
    scopes,
    standards,
    timers,
    traces,
)


class NodeStore:
    """All statements of ``node.store``, as methods."""

    load_cases = staticmethod(casework.load_cases)
    save_cases = staticmethod(casework.save_cases)
    save_assignments = staticmethod(casework.save_assignments)
    known_causes = staticmethod(casework.known_causes)
    add_journal = staticmethod(casework.add_journal)
    journal_clash = staticmethod(casework.journal_clash)
    add_changes = staticmethod(casework.add_changes)
    changes = staticmethod(casework.changes)
    cases_inside = staticmethod(scopes.cases_inside)
    latest_change = staticmethod(casework.latest_change)
    case_journal = staticmethod(casework.case_journal)
    case_digests = staticmethod(casework.case_digests)
    assignments = staticmethod(casework.assignments)
    case_assignments = staticmethod(casework.case_assignments)

    list_cases = staticmethod(listing.list_cases)
    sorted_cases = staticmethod(listing.sorted_cases)
    count_cases = staticmethod(listing.count_cases)
    count_lights = staticmethod(listing.count_lights)
    lane_of = staticmethod(listing.lane_of)
    last_entries = staticmethod(ledger.last_entries)
    watched_entries = staticmethod(ledger.watched_entries)
    assignees = staticmethod(ledger.assignees)
    signers = staticmethod(ledger.signers)
    ledger = staticmethod(ledger.ledger)
    bonds = staticmethod(listing.bonds)
    gauges = staticmethod(gauges.gauges)

    save_timers = staticmethod(timers.save_timers)
    cancel_timers = staticmethod(timers.cancel_timers)
    due_timers = staticmethod(timers.due_timers)
    fire_timers = staticmethod(timers.fire_timers)
    next_timer = staticmethod(timers.next_timer)
    command = staticmethod(timers.command)
    save_command = staticmethod(timers.save_command)
    forget_commands = staticmethod(timers.forget_commands)
    next_case_no = staticmethod(timers.next_case_no)
    add_work_items = staticmethod(timers.add_work_items)
    settle_work_items = staticmethod(timers.settle_work_items)
    work_items = staticmethod(timers.work_items)
    open_work_kind = staticmethod(timers.open_work_kind)

    add_traces = staticmethod(traces.add_traces)
    known_traces = staticmethod(traces.known_traces)
    case_traces = staticmethod(traces.case_traces)
    entries_from = staticmethod(traces.entries_from)
    trace_set_below = staticmethod(traces.trace_set_below)
    trace_set_above = staticmethod(traces.trace_set_above)
    unacked_traces = staticmethod(traces.unacked_traces)
    evidence = staticmethod(traces.evidence)
    mark_trace_msg = staticmethod(traces.mark_trace_msg)
    assignments_on = staticmethod(traces.assignments_on)
    duties_from = staticmethod(traces.duties_from)

    save_adapter_jobs = staticmethod(adapters.save_adapter_jobs)
    due_adapter_jobs = staticmethod(adapters.due_adapter_jobs)
    adapter_job = staticmethod(adapters.adapter_job)
    update_adapter_job = staticmethod(adapters.update_adapter_job)
    adapter_cursor = staticmethod(adapters.adapter_cursor)
    save_adapter_cursor = staticmethod(adapters.save_adapter_cursor)
    known_adapter_events = staticmethod(adapters.known_adapter_events)
    add_adapter_events = staticmethod(adapters.add_adapter_events)
    add_adapter_quarantine = staticmethod(adapters.add_adapter_quarantine)
    adapter_quarantine = staticmethod(adapters.adapter_quarantine)
    settle_adapter_quarantine = staticmethod(adapters.settle_adapter_quarantine)
    adapter_quarantine_count = staticmethod(adapters.adapter_quarantine_count)
    adapter_quarantine_item = staticmethod(adapters.adapter_quarantine_item)
    adapter_counts = staticmethod(adapters.adapter_counts)
    open_adapter_jobs = staticmethod(adapters.open_adapter_jobs)

    list_rows = staticmethod(city.list_rows)
    responsibilities_for = staticmethod(city.responsibilities_for)

    kept_rows = staticmethod(revisions.kept_rows)
    put_kept_rows = staticmethod(revisions.put_kept_rows)
    drop_kept_rows = staticmethod(revisions.drop_kept_rows)
    newest_revision = staticmethod(revisions.newest_revision)
    add_revision = staticmethod(revisions.add_revision)
    list_revisions = staticmethod(revisions.list_revisions)
    revision_row = staticmethod(revisions.revision_row)
    revision_changes = staticmethod(revisions.revision_changes)
    changed_since = staticmethod(revisions.changed_since)
    forget_revisions = staticmethod(revisions.forget_revisions)

    editions = staticmethod(standards.editions)
    add_edition = staticmethod(standards.add_edition)
    update_edition = staticmethod(standards.update_edition)
    delete_edition = staticmethod(standards.delete_edition)
    copy_content = staticmethod(standards.copy_content)
    put_standards = staticmethod(standards.put)
    classes = staticmethod(standards.classes)
    class_row = staticmethod(standards.class_row)
    filing_conditions = staticmethod(standards.conditions)
    list_conditions = staticmethod(standards.list_conditions)
    dimensions = staticmethod(standards.dimensions)
    area_classes = staticmethod(standards.area_classes)
    crossings = staticmethod(standards.crossings)
    add_crossings = staticmethod(standards.add_crossings)

    count_conditions = staticmethod(standards.count_conditions)

    units = staticmethod(cards.units)
    unit_card = staticmethod(cards.unit_card)
    component_bodies = staticmethod(cards.component_bodies)
    put_phrases = staticmethod(cards.put_phrases)
    phrases = staticmethod(cards.phrases)
    phrase_of = staticmethod(cards.phrase_of)
    settle_phrase = staticmethod(cards.settle_phrase)
    count_phrases = staticmethod(cards.count_phrases)

    fund_mark = staticmethod(fund.fund_mark)
    fund_news = staticmethod(fund.fund_news)
    add_fund_entries = staticmethod(fund.add_fund_entries)
    forget_fund_entries = staticmethod(fund.forget_fund_entries)
    fund_entries = staticmethod(fund.fund_entries)
    fund_sums = staticmethod(fund.fund_sums)
    open_recoveries = staticmethod(fund.open_recoveries)
    add_deposit = staticmethod(fund.add_deposit)
    deposits = staticmethod(fund.deposits)

    token = staticmethod(access.token)
    save_token = staticmethod(access.save_token)
    revoke_tokens = staticmethod(access.revoke_tokens)
    lock_tokens = staticmethod(access.lock_tokens)
    unlock_tokens = staticmethod(access.unlock_tokens)
    live_token = staticmethod(access.live_token)
    tokens = staticmethod(access.tokens)
    count_tokens = staticmethod(access.count_tokens)
    meta = staticmethod(access.meta)
    set_meta = staticmethod(access.set_meta)
