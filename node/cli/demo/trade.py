"""What the trade asks of a day, checked from outside in the journals of all offices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from node.cli.demo.books import Books, Edge, Finding

OUTER = ("OrderTaken", "DutyReworked", "RequestAnswered", "DutyResumed")
"""What sets or moves the deadline under which an office works."""
INNER = ("Assigned", "AssignmentReworked", "RequestDecided", "AssignmentResumed")
"""What sets or moves the deadline that it gives on."""
ABOVE = {"Assigned": "handed over", "AssignmentReworked": "reworked", "AssignmentEnded": ""}
BELOW = {"OrderTaken": "handed over", "DutyReworked": "reworked", "DutyEnded": ""}
"""The same fact at both ends of a hop; an end counts by its kind."""
DUPLICATES = ("CaseNotAccepted", "CaseDeclined", "CaseVoided")


class Trade:
    """Reads the journals of one federation."""

    def __init__(self, books: Books, edges: Iterable[Edge], root: str) -> None:
        self._books = books
        self._edges = tuple(edges)
        self._root = root

    def findings(self) -> list[Finding]:
        """Every invariant of the trade."""
        return [
            self._inner_limits_hold(),
            self._every_request_was_answered(),
            self._every_duplicate_names_its_original(),
            self._both_tiers_count_the_same(),
        ]

    def _inner_limits_hold(self) -> Finding:
        broken: list[str] = []
        seen = 0
        for office in (edge.child for edge in self._edges):
            outer: dict[str, str] = {}
            for one in self._books.journal(office, *OUTER, *INNER):
                given = _deadline(one.fields.get("limits"))
                if one.event in OUTER:
                    if given or one.event in ("OrderTaken", "DutyReworked"):
                        outer[one.case_id] = given
                elif given:
                    seen += 1
                    above = outer.get(one.case_id, "")
                    if above and datetime.fromisoformat(given) > datetime.fromisoformat(above):
                        broken.append(f"{office}: {one.case_id} until {given}, ours {above}")
        return Finding(name="no inner limit outlasts the outer one", counted=f"{seen} limits",
                       broken=tuple(broken))

    def _every_request_was_answered(self) -> Finding:
        """Decided once by the assignor and heard so by the asker, or moot by the end."""
        broken: list[str] = []
        asked = decided = 0
        for edge in self._edges:
            decisions: dict[str, list[bool]] = {}
            for one in self._books.journal(edge.parent, "RequestDecided"):
                decisions.setdefault(one.fields["request_id"], []).append(one.fields["granted"])
            heard = {one.fields["request_id"]: one.fields["granted"]
                     for one in self._books.journal(edge.child, "RequestAnswered")}
            ended = Counter(one.case_id for one in self._books.journal(edge.child, "DutyEnded"))
            for one in self._books.journal(edge.child, "RequestRaised"):
                asked += 1
                request = one.fields["request_id"]
                said = decisions.get(request, [])
                decided += bool(said)
                if len(said) > 1:
                    broken.append(f"{edge.parent}: {request} was decided {len(said)} times")
                elif said and heard.get(request) is not said[0]:
                    broken.append(f"{edge.child}: {request} heard another answer")
                elif not said and not ended[one.case_id]:
                    broken.append(f"{edge.parent}: {request} of {one.case_id} waits")
        return Finding(name="every request was decided once, or became moot",
                       counted=f"{asked} asked, {decided} decided", broken=tuple(broken))

    def _every_duplicate_names_its_original(self) -> Finding:
        named = {
            one.case_id: one.fields["duplicate_of"]
            for one in self._books.journal(self._root, *DUPLICATES)
            if one.fields.get("duplicate_of")
        }
        known = {case for case, in self._books.rows(self._root, "SELECT case_id FROM cases")}
        broken = [f"{case} follows {original}, which is not here"
                  for case, original in named.items() if original not in known]
        broken += [f"{case} follows {original}, a duplicate itself"
                   for case, original in named.items() if original in named]
        return Finding(name="every duplicate names the case that goes on",
                       counted=f"{len(named)} duplicates", broken=tuple(broken))

    def _both_tiers_count_the_same(self) -> Finding:
        broken: list[str] = []
        figures = 0
        for edge in self._edges:
            above = self._above(edge)
            below = Counter(
                _word(one.event, BELOW, one.fields)
                for one in self._books.journal(edge.child, *BELOW)
            )
            for word in sorted(above.keys() | below.keys()):
                figures += 1
                if above[word] != below[word]:
                    broken.append(f"{edge.link}: {word} {above[word]} above, "
                                  f"{below[word]} below")
        return Finding(name="both tiers count the same", counted=f"{figures} figures",
                       broken=tuple(broken))

    def _above(self, edge: Edge) -> Counter[str]:
        found: Counter[str] = Counter()
        to_child: set[str] = set()
        for one in self._books.journal(edge.parent, *ABOVE):
            ident = one.fields["assignment_id"]
            if one.event == "Assigned" and _is_node(one.fields["to"], edge.child):
                to_child.add(ident)
            if ident in to_child:
                found[_word(one.event, ABOVE, one.fields)] += 1
        return found


def _word(event: str, words: Mapping[str, str], fields: Mapping[str, Any]) -> str:
    return words[event] or f"{fields['ending']}"


def _is_node(address: Mapping[str, str], node: str) -> bool:
    return address["kind"] == "node" and address["id"] == node


def _deadline(limits: Mapping[str, Any] | None) -> str:
    return (limits or {}).get("finish_by") or ""
