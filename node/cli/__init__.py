"""``wanmi``: one command for whoever runs a node.

One module per group of commands. A running node is spoken to over its REST API; keys, settings
and papers of joining are files on the node's own machine. What only the composition root can do
is reached through ``composition``.
"""

from __future__ import annotations

from node.cli import (
    acceptance,
    accounts,
    adapters,
    alarms,
    audit,
    backups,
    budget,
    calendar,
    calls,
    cases,
    collectors,
    coordination,
    doctor,
    duties,
    enrol,
    evaluate,
    evidence,
    fund,
    handlers,
    imports,
    intake,
    invite,
    keys,
    links,
    mailboxes,
    members,
    papers,
    personal,
    place_imports,
    places,
    problems,
    recovery,
    requests,
    setup,
    sharing,
    show,
    standards,
    tokens,
    tracks,
    units,
    verify,
)
from node.cli.usage import CommandLine

app = CommandLine(
    name="wanmi", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="万米：数字化城市管理联邦节点 (a node of a federation for digital urban management)",
)
for single in (
    setup.group, backups.group, recovery.group, doctor.group, verify.group, show.group,
    mailboxes.group, acceptance.group, evidence.group, enrol.group,
):
    app.registered_commands += single.registered_commands
app.add_typer(cases.group, name="case")  # those in __all__ put theirs there
app.add_typer(intake.notices, name="notice")
app.add_typer(intake.callers, name="caller")
app.add_typer(links.group, name="link")
app.add_typer(links.roster_group, name="roster")
app.add_typer(keys.group, name="keys")
app.add_typer(invite.group, name="invite")
app.add_typer(adapters.group, name="adapter")
imports.group.registered_commands += place_imports.group.registered_commands
app.add_typer(evaluate.group, name="evaluate")
app.add_typer(imports.group, name="import")
app.add_typer(standards.group, name="standard")
app.add_typer(places.group, name="place")
app.add_typer(places.component_group, name="component")
app.add_typer(places.layer_group, name="layer")
app.add_typer(calendar.group, name="calendar")
app.add_typer(accounts.group, name="account")
app.add_typer(tokens.group, name="token")
app.add_typer(units.group, name="unit")
app.add_typer(duties.group, name="duty")
app.add_typer(audit.group, name="audit")
app.add_typer(budget.group, name="budget")
app.add_typer(personal.group, name="personal")
app.add_typer(calls.group, name="call")
app.add_typer(collectors.group, name="collector")
app.add_typer(alarms.group, name="alarm")
app.add_typer(sharing.group, name="share")
app.add_typer(fund.group, name="fund")

__all__ = ["app", "coordination", "handlers", "members", "papers", "problems", "requests", "tracks"]
