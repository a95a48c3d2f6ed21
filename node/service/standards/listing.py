"""What may be reported: every class in force with its filing conditions, for those who choose one
away from a desk (a phone that goes offline, a citizen's page)."""

from __future__ import annotations

from datetime import date
from typing import Any

from node.core.codes import Kind, is_fault_of
from node.core.standards import Catalog


def listed(catalog: Catalog, day: date) -> list[dict[str, Any]]:
    """Minor classes of every standard in force: standard_ref kind code name major_name incident
    conditions[{condition_no filing}]. A component class has ``fault``: the code of the matter class
    under which its faults are filed, "" = under its own."""
    found: list[dict[str, Any]] = []
    for edition in catalog.standards(day):
        ref, digits = edition.standard_ref, edition.layout.class_digits
        matters = {one.key.code: one.name for one in catalog.classes(ref, Kind.MATTER, day)}
        for kind in Kind:
            for one in catalog.classes(ref, kind, day):
                if len(one.key.code) < digits:
                    continue  # a major class
                filings = {met.number: met.filing for met in catalog.conditions(one.key, day)}
                fault = kind is Kind.COMPONENT and is_fault_of(
                    one.name, matters.get(one.key.code, ""))
                found.append({
                    "standard_ref": ref, "kind": kind.value, "code": one.key.code,
                    "name": one.name, "major_name": one.major_name, "incident": one.incident,
                    "fault": one.key.code if fault else "",
                    "conditions": [{"condition_no": number, "filing": text}
                                   for number, text in sorted(filings.items())],
                })
    return found
