"""Reads a ``mapping.toml`` and lints it before it runs: all that is wrong is told at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.contract import MappingError, UnitAct
from adapters.mapping import (
    IN_FIELDS,
    IN_REQUIRED,
    OUT_FIELDS,
    TEMPLATE,
    Codes,
    InRule,
    Mapped,
    OutRule,
    PhotoRule,
    Times,
    normal,
)
from adapters.remarks import Remark

OUT_ACTS = ("submit", "withdraw")
"""What we can say to a unit's system."""

IN_ACTS = (UnitAct.SIGNED, UnitAct.PROGRESS, UnitAct.DONE, UnitAct.RETURN)
"""What a unit's system must be able to say to us, or declare why it never does."""

CODES_MAX = 20_000
"""Rows of one code table; the largest city catalogue has a few thousand entries."""
PHOTO_WORDS = ("path", "content", "href", "media_type")
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")


def load_mapping(raw: Mapping[str, Any], *, declared: Iterable[str] = ()) -> Mapped:
    """Lint ``raw`` and make it usable; ``MappingError`` lists all that is wrong.

    ``declared``: statuses the kind or an introspection found at the remote, beside those the
    mapping itself declares."""
    problems: list[Remark] = []
    codes = _codes(_part(raw, "codes", "codes", problems), problems)
    times = _times(_part(raw, "times", "times", problems), problems)
    out = _out_rules(_part(raw, "out", "out", problems), codes, problems)
    into, photos = _in_rules(_part(raw, "in", "in", problems), codes, problems)
    status_in, status_out = _statuses(
        _part(raw, "status", "status", problems), declared, problems
    )
    if problems or times is None:
        raise MappingError(problems)
    extra = {name: part for name, part in raw.items()
            if name not in {"codes", "times", "out", "in", "status"}}  # fmt: skip
    return Mapped(
        times=times,
        out=out,
        into=into,
        photos=photos,
        codes=codes,
        status_in=status_in,
        status_out=status_out,
        extra=extra,
    )


def _times(raw: Mapping[str, Any], problems: list[Remark]) -> Times | None:
    zone, form = raw.get("zone"), raw.get("form", "iso")
    if not isinstance(zone, str) or not isinstance(form, str):
        problems.append(Remark("times.zone", "zone_missing"))
        return None
    if form not in {"iso", "unix", "unix_ms"} and "%" not in form:
        problems.append(Remark("times.form", "form", form=form))
    offset = _OFFSET.fullmatch(zone)
    if offset:
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return Times(zone=timezone(span if offset[1] == "+" else -span), form=form)
    try:
        return Times(zone=ZoneInfo(zone), form=form)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(Remark("times.zone", "zone", zone=zone))
        return None


def _codes(raw: Mapping[str, Any], problems: list[Remark]) -> dict[str, Codes]:
    tables: dict[str, Codes] = {}
    for name, rows in raw.items():
        if not isinstance(rows, Mapping):
            problems.append(Remark(f"codes.{name}", "codes_table"))
            continue
        if len(rows) > CODES_MAX:
            problems.append(Remark(f"codes.{name}", "codes_rows", most=CODES_MAX))
            continue
        out = {str(ours): normal(theirs) for ours, theirs in rows.items() if ours != "*"}
        back: dict[str, str] = {}
        for ours, theirs in out.items():
            if theirs in back:
                problems.append(Remark(
                    f"codes.{name}", "codes_twice", theirs=theirs, first=back[theirs], second=ours))
            back[theirs] = ours
        fallback = normal(rows["*"]) if "*" in rows else None
        tables[name] = Codes(out=out, back=back, fallback=fallback)
    return tables


def _out_rules(
    raw: Mapping[str, Any], codes: Mapping[str, Codes], problems: list[Remark]
) -> dict[str, OutRule]:
    rules: dict[str, OutRule] = {}
    for path, spec in raw.items():
        where = f"out.{path}"
        if not isinstance(spec, Mapping):
            problems.append(Remark(where, "rule_table"))
            continue
        _unknown(spec, {"field", "template", "const", "codes", "form", "optional"}, where, problems)
        if sum(name in spec for name in ("field", "template", "const")) != 1:
            problems.append(Remark(where, "rule_one_of"))
            continue
        template, field = _word(spec, "template", where, problems), _word(
            spec, "field", where, problems)
        used = [field] if "field" in spec else TEMPLATE.findall(template)
        for name in used:
            if name not in OUT_FIELDS:
                problems.append(Remark(where, "no_such_field", field=name))
        table = _word(spec, "codes", where, problems)
        if table and table not in codes:
            problems.append(Remark(where, "no_such_codes", table=table))
        rules[path] = OutRule(
            const=spec.get("const"),
            template=template,
            field=field,
            codes=table,
            form=str(spec.get("form", "")),
            optional=bool(spec.get("optional", False)),
        )
    sent = {rule.field for rule in rules.values()}
    if "key" not in sent and not any("{key}" in rule.template for rule in rules.values()):
        problems.append(Remark("out", "no_key"))
    return rules


def _in_rules(
    raw: Mapping[str, Any], codes: Mapping[str, Codes], problems: list[Remark]
) -> tuple[dict[str, InRule], PhotoRule | None]:
    rules: dict[str, InRule] = {}
    photos: PhotoRule | None = None
    for name, spec in raw.items():
        where = f"in.{name}"
        if name not in IN_FIELDS:
            problems.append(Remark(where, "not_ours", known=", ".join(sorted(IN_FIELDS))))
            continue
        if not isinstance(spec, Mapping) or not ("path" in spec or "join" in spec):
            problems.append(Remark(where, "needs_path"))
            continue
        if name == "photos":
            _unknown(spec, PHOTO_WORDS, where, problems)
            photos = PhotoRule(**{
                key: str(spec[key]) for key in PHOTO_WORDS if key in spec
            }) if "path" in spec else None
            continue
        _unknown(spec, {"path", "join", "codes", "time"}, where, problems)
        paths = _texts(spec, "join", where, problems) or (_word(spec, "path", where, problems),)
        table = _word(spec, "codes", where, problems)
        if table not in {"", *codes}:
            problems.append(Remark(where, "no_such_codes", table=table))
        rules[name] = InRule(
            paths=paths, codes=table, time=bool(spec.get("time", False))
        )
    problems.extend(
        Remark(f"in.{name}", "required") for name in IN_REQUIRED if name not in rules)
    return rules, photos


def _statuses(
    raw: Mapping[str, Any], declared: Iterable[str], problems: list[Remark]
) -> tuple[dict[str, UnitAct], dict[str, str]]:
    """Both directions, total: every declared status, every act."""
    incoming: dict[str, UnitAct] = {}
    for name, theirs in _part(raw, "in", "status.in", problems).items():
        try:
            act = UnitAct(name)
        except ValueError:
            problems.append(Remark(f"status.in.{name}", "no_such_act"))
            continue
        for code in map(normal, theirs if isinstance(theirs, list) else [theirs]):
            if code in incoming:
                problems.append(Remark(
                    "status.in", "means_both", code=code, first=incoming[code].value,
                    second=act.value))
            incoming[code] = act
    known = {normal(code) for code in (*_texts(raw, "declared", "status", problems), *declared)}
    if not known:
        problems.append(Remark("status.declared", "declare"))
    problems.extend(
        Remark("status.in", "unmapped", code=code) for code in sorted(known - set(incoming)))
    problems.extend(
        Remark("status.in", "undeclared", code=code) for code in sorted(set(incoming) - known))
    absent = _part(raw, "absent", "status.absent", problems)
    for act in IN_ACTS:
        reached = act in incoming.values()
        if not reached and not str(absent.get(act.value, "")).strip():
            problems.append(Remark(f"status.absent.{act}", "absent"))
        if reached and act.value in absent:
            problems.append(Remark(f"status.absent.{act}", "not_absent"))
    told = _part(raw, "out", "status.out", problems)
    outgoing = {name: normal(code) for name, code in told.items()}
    problems.extend(
        Remark(f"status.out.{name}", "missing") for name in OUT_ACTS if name not in outgoing)
    problems.extend(
        Remark(f"status.out.{name}", "no_such_act") for name in outgoing if name not in OUT_ACTS)
    twice = {code for code in outgoing.values() if list(outgoing.values()).count(code) > 1}
    problems.extend(Remark("status.out", "two_acts", code=code) for code in sorted(twice))
    return incoming, outgoing


def _part(
    raw: Mapping[str, Any], name: str, where: str, problems: list[Remark]
) -> Mapping[str, Any]:
    part = raw.get(name, {})
    if isinstance(part, Mapping):
        return part
    problems.append(Remark(where, "table"))
    return {}


def _word(spec: Mapping[str, Any], name: str, where: str, problems: list[Remark]) -> str:
    word = spec.get(name, "")
    if isinstance(word, str):
        return word
    problems.append(Remark(f"{where}.{name}", "text"))
    return ""


def _texts(
    spec: Mapping[str, Any], name: str, where: str, problems: list[Remark]
) -> tuple[str, ...]:
    """A list of texts or numbers, as texts."""
    given = spec.get(name, [])
    if isinstance(given, list):
        return tuple(str(one) for one in given)
    problems.append(Remark(f"{where}.{name}", "list"))
    return ()


def _unknown(
    spec: Mapping[str, Any], known: Collection[str], where: str, problems: list[Remark]
) -> None:
    problems.extend(
        Remark(where, "unknown_word", name=str(name)) for name in spec if name not in known)
