"""What must be true when the day is over, checked from outside.

The observer reads every database with its own eyes (read-only SQLite connections), asks the legacy
systems for their lists, and compares with the answers that clients were given. No node checks
itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from node.cli.demo.books import Books, Edge, Finding

ENDED = ("closed", "voided", "not_filed", "not_accepted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What the live table shows of one node."""

    cases: int
    open: int
    link: str
    queued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A command that a client saw answered: it must be in that node's journal for ever."""

    node: str
    case_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyOrder:
    """One work order as a legacy system lists it. ``key`` is ``<assignment>/<generation>``."""

    system: str
    key: str
    live: bool


class Observer:
    """Looks into the databases of all nodes."""

    def __init__(self, books: Books, edges: Iterable[Edge], root: str) -> None:
        self._books = books
        self._edges = tuple(edges)
        self._root = root

    def glance(self, node: str) -> Glance:
        """A quick look at one node."""
        ended = (*ENDED, "ended")
        links = self._all(node, "SELECT state FROM link WHERE peer_is = 'PARENT'")
        return Glance(
            cases=self._count(node, "SELECT count(*) FROM cases"),
            open=self._count(node, "SELECT count(*) FROM cases WHERE status NOT IN "
                             f"({_marks(ended)})", ended),
            link=links[0][0] if links else "",
            queued=self._count(node, "SELECT count(*) FROM outbox WHERE acked_at IS NULL"),
        )

    def quiet(self) -> str:
        """Empty once nothing is under way any more; otherwise what still is."""
        open_cases = self._count(self._root, "SELECT count(*) FROM cases WHERE status NOT IN "
                                 f"({_marks(ENDED)})", ENDED)
        if open_cases:
            return f"{open_cases} cases open at {self._root}"
        for node in self._books.nodes:
            waiting = self._count(node, "SELECT count(*) FROM outbox WHERE acked_at IS NULL")
            if waiting:
                return f"{waiting} words not acknowledged at {node}"
            wanted = self._count(node, "SELECT count(*) FROM blob WHERE state IN "
                                 "('WANTED', 'PARTIAL')")
            if wanted:
                return f"{wanted} photos on their way to {node}"
            jobs = self._count(node, "SELECT count(*) FROM adapter_job WHERE next_try_at "
                               "IS NOT NULL")
            if jobs:
                return f"{jobs} adapter calls due at {node}"
        return ""

    def findings(
        self,
        *,
        planned: int,
        answered: Iterable[Answered],
        legacy: Iterable[LegacyOrder],
        reconciled: Mapping[str, int],
    ) -> list[Finding]:
        """Every invariant, in the order in which a person would ask."""
        orders = tuple(legacy)
        return [
            self._every_case_ended_once(planned),
            self._every_assignment_ended_once(),
            self._answers_survive(tuple(answered)),
            self._chains_are_equal(),
            self._every_word_arrived_once(),
            self._nothing_waits(),
            self._supervision_is_complete(),
            Finding(
                name="anti-entropy finds nothing missing",
                counted=f"{len(reconciled)} links compared",
                broken=tuple(f"{link}: {n} missing" for link, n in reconciled.items() if n),
            ),
            self._no_doubled_work_order(orders),
            self._no_orphan_work(orders),
            self._photos_are_whole(),
        ]

    # --- the invariants -------------------------------------------------------------------

    def _every_case_ended_once(self, planned: int) -> Finding:
        rows = self._all(self._root, "SELECT case_no, status FROM cases")
        ends = Counter(
            case_id for case_id, in self._all(
                self._root, "SELECT case_id FROM journal WHERE event_type IN "
                "('CaseClosed', 'CaseDeclined', 'CaseNotAccepted', 'CaseVoided')"))
        broken = [f"{no} is {status}" for no, status in rows if status not in ENDED]
        broken += [f"{case} ended {n} times" for case, n in ends.items() if n != 1]
        if len(rows) != planned:
            broken.append(f"{planned} reported, {len(rows)} on file")
        return Finding(name="every case ended exactly once", counted=f"{len(rows)} cases",
                       broken=tuple(broken))

    def _every_assignment_ended_once(self) -> Finding:
        broken, seen = [], 0
        for node in self._books.nodes:
            for assignment, ended in self._all(
                    node, "SELECT assignment_id, ended FROM assignment"):
                seen += 1
                if ended is None:
                    broken.append(f"{node}: {assignment} never ended")
        for edge in self._edges:
            for case_id, duty in self._all(
                    edge.child, "SELECT case_id, duty FROM cases WHERE assignor IS NOT NULL"):
                if duty != "ended":
                    broken.append(f"{edge.child}: still {duty} {case_id}")
        return Finding(name="every assignment ended exactly once", counted=f"{seen} assignments",
                       broken=tuple(broken))

    def _answers_survive(self, answered: tuple[Answered, ...]) -> Finding:
        newest: dict[tuple[str, str], int] = {}
        for node in self._books.nodes:
            for case_id, version in self._all(
                    node, "SELECT case_id, max(version) FROM journal GROUP BY case_id"):
                newest[node, case_id] = version
        broken = tuple(
            f"{one.node}: answer {one.case_id} v{one.version} is gone"
            for one in answered if newest.get((one.node, one.case_id), 0) < one.version)
        return Finding(name="every answer a person got survived",
                       counted=f"{len(answered)} answers", broken=broken)

    def _chains_are_equal(self) -> Finding:
        broken = []
        for edge in self._edges:
            above, below = self._link(edge.parent, edge), self._link(edge.child, edge)
            for name, here, there in (("down", above, below), ("up", below, above)):
                if here["out"] != there["in"]:
                    broken.append(f"{edge.link} {name}: said {here['out']}, has {there['in']}")
                if here["acked"] != here["out"][:2]:
                    broken.append(f"{edge.link} {name}: not all acknowledged")
        return Finding(name="both ends of every link hold the same chain",
                       counted=f"{len(self._edges)} links, both directions", broken=tuple(broken))

    def _every_word_arrived_once(self) -> Finding:
        broken, words = [], 0
        for edge in self._edges:
            for sender, taker in ((edge.parent, edge.child), (edge.child, edge.parent)):
                said = [m for m, in self._all(
                    sender, "SELECT msg_id FROM outbox WHERE link = ?", (edge.link,))]
                heard = Counter(m for m, in self._all(
                    taker, "SELECT msg_id FROM inbox WHERE link = ? AND outcome <> 'DUPLICATE'",
                    (edge.link,)))
                words += len(said)
                lost = [m.hex() for m in said if m not in heard]
                doubled = [m.hex() for m, n in heard.items() if n != 1]
                broken += [f"{edge.link}: {m} of {sender} lost" for m in lost]
                broken += [f"{edge.link}: {m} of {sender} taken twice" for m in doubled]
        return Finding(name="every word arrived exactly once", counted=f"{words} words",
                       broken=tuple(broken))

    def _nothing_waits(self) -> Finding:
        broken = []
        for node in self._books.nodes:
            parked = self._count(node, "SELECT count(*) FROM inbox WHERE outcome = 'PARKED'")
            if parked:
                broken.append(f"{node}: {parked} words parked")
        return Finding(name="no word is left parked", counted=f"{len(self._books.nodes)} nodes",
                       broken=tuple(broken))

    def _supervision_is_complete(self) -> Finding:
        """What each node holds of the journals below it, against those journals themselves."""
        broken, entries = [], 0
        for edge in self._edges:
            held = {
                (case, branch, version): digest for case, branch, version, digest in self._all(
                    edge.parent, "SELECT case_id, branch, version, digest FROM trace "
                    "WHERE node = ?", (edge.child,))
            }
            made = {
                (case, branch, version): digest for case, branch, version, digest in self._all(
                    edge.child, "SELECT j.case_id, j.branch, j.version, j.digest FROM journal j "
                    "JOIN cases c USING (case_id) WHERE c.assignor IS NOT NULL")
            }
            entries += len(made)
            broken += [f"{edge.parent} lacks v{v} of {case} at {edge.child}"
                       for (case, _, v) in made.keys() - held.keys()]
            broken += [f"{edge.parent} holds v{v} of {case}, unknown at {edge.child}"
                       for (case, _, v) in held.keys() - made.keys()]
            broken += [f"{case} v{v} differs" for (case, b, v), digest in made.items()
                       if held.get((case, b, v), digest) != digest]
            for leaf in (e.child for e in self._edges if e.parent == edge.child):
                of_leaf = "SELECT count(*) FROM trace WHERE node = ?"
                below = self._count(edge.child, of_leaf, (leaf,))
                above = self._count(edge.parent, of_leaf, (leaf,))
                entries += below
                if below != above:
                    broken.append(f"of {leaf}: {edge.child} holds {below}, {edge.parent} {above}")
        return Finding(name="supervision is complete: each journal below arrived above",
                       counted=f"{entries} entries", broken=tuple(broken))

    def _no_doubled_work_order(self, orders: tuple[LegacyOrder, ...]) -> Finding:
        counts = Counter((order.system, order.key) for order in orders)
        return Finding(
            name="no work order stands twice in a legacy system",
            counted=f"{len(orders)} work orders",
            broken=tuple(f"{system}: {key} stands {n} times"
                         for (system, key), n in counts.items() if n != 1))

    def _no_orphan_work(self, orders: tuple[LegacyOrder, ...]) -> Finding:
        ended = {
            assignment for node in self._books.nodes for assignment, in self._all(
                node, "SELECT assignment_id FROM assignment WHERE ended IS NOT NULL")
        }
        return Finding(
            name="no unit works on what was called back",
            counted=f"{len(orders)} work orders",
            broken=tuple(f"{order.system}: {order.key} is still being worked on"
                         for order in orders
                         if order.live and order.key.partition("/")[0] in ended))

    def _photos_are_whole(self) -> Finding:
        broken, photos = [], 0
        for node in self._books.nodes:
            for digest, state in self._all(node, "SELECT digest, state FROM blob"):
                photos += 1
                if state != "WHOLE":
                    broken.append(f"{node}: photo {digest.hex()[:12]} is {state}")
        return Finding(name="every photo is whole where it is needed", counted=f"{photos} copies",
                       broken=tuple(broken))

    # --- reading --------------------------------------------------------------------------

    def _link(self, node: str, edge: Edge) -> dict[str, tuple[object, ...]]:
        row = self._all(node, "SELECT out_epoch, out_seq, out_head, in_epoch, in_seq, in_head, "
                        "acked_epoch, acked_seq FROM link WHERE link = ?", (edge.link,))[0]
        return {"out": row[0:3], "in": row[3:6], "acked": row[6:8]}

    def _all(self, node: str, sql: str, args: tuple[object, ...] = ()) -> list[tuple]:  # type: ignore[type-arg]
        return self._books.rows(node, sql, args)

    def _count(self, node: str, sql: str, args: tuple[object, ...] = ()) -> int:
        return int(self._all(node, sql, args)[0][0])


def _marks(values: tuple[str, ...]) -> str:
    return ", ".join("?" * len(values))
