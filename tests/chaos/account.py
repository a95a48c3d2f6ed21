"""The account: what clients were answered against every database, mailbox, log and unit's book.

The invariants are those of the simulator's observer (``tests/sim/town/account.py``), asked of files
that real processes wrote. Each finding counts what it looked at, so that an account of nothing is
seen to be one.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hub import wire
from hub.envelope import Flag
from hub.ids import ZERO_CHAIN, NodeId
from hub.seal import chain_value, open_envelope
from node.cli.demo.verdict import LegacyOrder
from node.core import events as ev
from node.core.evolve import evolve
from node.core.facts import AddressKind
from tests.chaos.clients import Answer, ClientLog
from tests.chaos.losses import Lost
from tests.chaos.stores import CODEC, Edge, Ring, Store, Written, surfaces

CANARY = re.compile(rb"canary<([0-9A-Z]+)-([0-9A-Z]+)>\d+")
HEARD = ("APPLIED", "LATE")
CANARY_LEAST = 12
"""Characters: what is shorter holds none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One invariant, what was counted for it, and where it is broken."""

    name: str
    counted: str
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything the account looks at. ``folders``: where a node's files are, other than its
    database; the mailboxes of links lie below those of their parents."""

    stores: Mapping[str, Store]
    edges: tuple[Edge, ...]
    folders: Mapping[str, tuple[Path, ...]]
    homes: Mapping[str, Path]
    log: ClientLog
    orders: tuple[LegacyOrder, ...]
    ring: Ring
    losses: tuple[Lost, ...] = ()
    """Disks that were lost and restored from an older backup."""
    boxes: tuple[Path, ...] = ()
    """Where the servers of a cluster keep mailboxes."""

    def parent(self, node: str) -> str | None:
        """Whose child it is."""
        return next((edge.parent for edge in self.edges if edge.child == node), None)

    def lost(self, index: int, node: str) -> Lost | None:
        """The loss whose time the answer with this number belongs to."""
        return next((one for one in self.losses if one.covers(index, node)), None)

    def ends(self) -> Iterator[tuple[Edge, str, str]]:
        """Every direction of every link: edge, who speaks, who hears."""
        for edge in self.edges:
            yield edge, edge.parent, edge.child
            yield edge, edge.child, edge.parent


Invariant = Callable[[Scene, Counter[str]], Iterator[str]]


def account(scene: Scene, invariants: Iterable[Invariant] = ()) -> list[Finding]:
    """Each invariant (none named = all), in the order of their numbers."""
    found = []
    for check in invariants or INVARIANTS:
        counts: Counter[str] = Counter()
        try:
            broken = tuple(check(scene, counts))
        except Exception as err:  # what cannot even be read does not hold
            broken = (f"cannot be told: {err!r}",)
        text = ", ".join(f"{n} {word}" for word, n in counts.items())
        found.append(Finding(name=(check.__doc__ or "").rstrip("."), counted=text,
                             broken=broken))
    return found


# --- I1


def answers_are_kept(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I1: what was answered is in the journal, once per key."""
    causes: dict[tuple[str, str], str] = {}
    for index, one in enumerate(scene.log.answers):
        entries = scene.stores[one.node].journals.get(one.case_id, [])
        if (lost := scene.lost(index, one.node)) is not None:
            old = _old_entry(lost, one.case_id, one.version)
            if old is None or old.n > lost.n:
                yield from _came_back(scene, lost, one, old, counts)
                continue
        counts["answers"] += 1
        if one.version > len(entries):
            yield f"{one.node}: {one.verb} {one.key} was answered v{one.version} and is gone"
            continue
        entry = entries[one.version - 1]
        if entry.version != one.version:
            yield f"{one.node}: the journal of {one.case_id} has a gap"
        last = max(e.version for e in entries if e.cause == entry.cause)
        if one.version != last:
            yield f"{one.node}: {one.verb} {one.key} was answered in the middle of its effect"
        other = causes.setdefault((one.node, entry.cause), one.key)
        if other != one.key:
            yield f"{one.node}: {one.verb} {one.key} and {other} were answered by one entry"


def _old_entry(lost: Lost, case_id: str, version: int) -> Written | None:
    entries = lost.before.journals.get(case_id, [])
    return next((entry for entry in entries if entry.version == version), None)


def _came_back(scene: Scene, lost: Lost, answer: Answer, old: Written | None,
               counts: Counter[str]) -> Iterator[str]:
    """An answer of the time that was lost: its entry is there again, byte for byte, if the office
    above had acknowledged it; otherwise it was told to nobody and is gone."""
    if old is None:
        yield f"{answer.node}: {answer.verb} {answer.key} was never in the lost journal"
    elif old.digest not in lost.acknowledged:
        counts["lost, told to nobody"] += 1
    elif old.digest in scene.stores[answer.node].own_digests:
        counts["lost and come back"] += 1
    else:
        yield f"{answer.node}: {answer.verb} {answer.key} was acknowledged above and is gone"


def opened_once(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I1: every case was asked for, and stands once."""
    asked = {(one.node, one.case_id) for one in scene.log.answers if one.verb == "open"}
    asked |= {(one.node, one.opened_id) for one in scene.log.answers if one.opened_id}
    up = set(_passed_up(scene))
    counts["passed up"] += len(up)
    asked |= up
    for node, store in scene.stores.items():
        own = {(node, case.case_id) for case in store.cases.values()
               if case.duty is None and case.facts is not None}
        counts["own cases"] += len(own)
        # What was opened in a time that was lost, and told to nobody, is gone; what was opened
        # without an answer, and told, came back. A child that holds a lost case shows in I5.
        lost = {(node, case) for one in scene.losses if one.node == node for case in one.cases}
        counts["opened in what was lost"] += len(lost - own)
        yield from (f"{node}: {case} stands and nobody opened it"
                    for _, case in own - asked - lost)
        yield from (f"{node}: {case} was opened and is gone"
                    for at, case in asked - own - lost if at == node)


def _passed_up(scene: Scene) -> Iterator[tuple[str, str]]:
    """(office above, its case) of every report that was passed up, also in a time that was lost:
    the office above keeps what it was told."""
    stores = [*scene.stores.values(), *(one.before for one in scene.losses)]
    for store in stores:
        above = scene.parent(store.node)
        for entries in store.journals.values():
            for entry in entries:
                if isinstance(entry.event, ev.CasePassedUp) and above is not None:
                    yield above, entry.event.as_case


def handlers_stand(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I1: who was named as handler is written down."""
    for node, store in scene.stores.items():
        written = set(store.rows("SELECT case_id, name FROM handler"))
        lost = {pair for one in scene.losses if one.node == node for pair in one.handlers}
        for at, case_id, name in scene.log.handlers:
            counts["handlers"] += at == node
            if at == node and (case_id, name) not in written | lost:
                yield f"{node}: {name} was named for {case_id} and is not written down"


def reporters_were_told(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I1: who was told the end is written down, beside the case and in its journal."""
    for node, store in scene.stores.items():
        states = dict(store.rows("SELECT id, state FROM notice"))
        last = {entry.event.notice_id: entry.event.outcome
                for entries in store.journals.values() for entry in entries
                if isinstance(entry.event, ev.ReporterTold)}
        counts["notices"] += len(states)
        yield from (f"{node}: notice {one} is {states.get(one)}, its journal says {outcome}"
                    for one, outcome in last.items() if states.get(one) != outcome)
        said = {(one, outcome) for at, one, outcome in scene.log.told if at == node}
        said -= {pair for one in scene.losses if one.node == node for pair in one.told}
        yield from (f"{node}: {one} was answered {outcome} and is not journalled"
                    for one, outcome in said if one not in last)


# --- I2, I3, G3


def delivered_once(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I2: every word is in its destination's inbox exactly once."""
    for edge, speaker, hearer in scene.ends():
        said = [m for m, in scene.stores[speaker].rows(
            "SELECT msg_id FROM outbox WHERE link = ?", edge.link)]
        heard = Counter(m for m, in scene.stores[hearer].rows(
            "SELECT msg_id FROM inbox WHERE link = ? AND outcome <> 'DUPLICATE'", edge.link))
        counts["words"] += len(said)
        yield from (f"{edge.link}: {m.hex()} of {speaker} is lost" for m in said if m not in heard)
        yield from (f"{edge.link}: {m.hex()} of {speaker} was taken {n} times"
                    for m, n in heard.items() if n != 1)
        yield from (f"{edge.link}: {hearer} heard {m.hex()}, which {speaker} never said"
                    for m in heard.keys() - set(said))


def chains_are_equal(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I3: positions without gaps, chains that verify, equal heads at both ends."""
    for edge, speaker, hearer in scene.ends():
        prev, at = ZERO_CHAIN, (1, 0)
        for epoch, seq, chain, sealed in scene.stores[speaker].rows(
            "SELECT epoch, seq, chain, sealed FROM outbox WHERE link = ? AND seq IS NOT NULL "
            "ORDER BY epoch, seq", edge.link,
        ):
            counts["envelopes"] += 1
            head, _, _ = wire.sealed_parts(sealed)
            header = wire.header_from(head)
            begins = epoch > at[0] and seq == 1 and header.type == wire.EPOCH_START_TYPE
            counts["epochs begun"] += begins
            if (not begins and (epoch, seq) != (at[0], at[1] + 1)) or header.prev_hash != prev:
                yield f"{edge.link}: the chain of {speaker} breaks at {epoch}:{seq}"
            if chain_value(header.digest_alg, head) != chain:
                yield f"{edge.link}: a stored chain value of {speaker} is wrong at {epoch}:{seq}"
            prev, at = chain, (epoch, seq)
        out = scene.stores[speaker].rows(
            "SELECT out_epoch, out_seq, out_head, acked_epoch, acked_seq FROM link WHERE link = ?",
            edge.link)[0]
        inn = scene.stores[hearer].rows(
            "SELECT in_epoch, in_seq, in_head FROM link WHERE link = ?", edge.link)[0]
        if (*at, prev) != out[:3]:
            yield f"{edge.link}: {speaker} says it is at {out[:2]}, its outbox ends at {at}"
        if out[:3] != inn:
            yield f"{edge.link}: {speaker} said {out[:2]}, {hearer} has {inn[:2]}"
        if out[3:] != out[:2]:
            yield f"{edge.link}: {speaker} waits for acknowledgements"
        yield from _lanes(scene, edge, speaker, hearer)


def _lanes(scene: Scene, edge: Edge, speaker: str, hearer: str) -> Iterator[str]:
    """G3 and T3: words of a lane act in the order of their origin, and every word acts."""
    acted: dict[str, int] = {}
    for entries in scene.stores[hearer].journals.values():
        for entry in entries:
            acted.setdefault(entry.cause, entry.n)
    outcome = dict(scene.stores[hearer].rows(
        "SELECT msg_id, outcome FROM inbox WHERE link = ? AND outcome <> 'DUPLICATE'", edge.link))
    last: dict[bytes, int] = {}
    for msg_id, lane, sealed in scene.stores[speaker].rows(
        "SELECT msg_id, lane, sealed FROM outbox WHERE link = ? AND seq IS NOT NULL AND "
        "length(lane) > 0 ORDER BY id", edge.link,
    ):
        n = acted.get(str(uuid.UUID(bytes=msg_id)))
        if n is None:
            if outcome.get(msg_id) in HEARD:
                yield f"{edge.link}: a word of {speaker} was taken and left nothing"
            continue
        if wire.header_from(wire.sealed_parts(sealed)[0]).flags & Flag.OVERTAKE:
            continue
        if n <= last.get(lane, 0):
            yield f"{edge.link}: a lane of {speaker} acted out of order"
        last[lane] = n


# --- I4 to I6, I16


def one_effect(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I4: one effect per cause, one work order per key."""
    for node, store in scene.stores.items():
        seen: Counter[tuple[str, int]] = Counter()
        for case_id, entries in store.journals.items():
            counts["entries"] += len(entries)
            seen.update((entry.cause, entry.part) for entry in entries)
            if [entry.version for entry in entries] != list(range(1, len(entries) + 1)):
                yield f"{node}: the journal of {case_id} has gaps or doubles"
        yield from (f"{node}: {cause}/{part} took effect {n} times"
                    for (cause, part), n in seen.items() if n != 1)
    orders = Counter((order.system, order.key) for order in scene.orders)
    counts["work orders"] += len(scene.orders)
    yield from (f"{system}: {key} stands {n} times"
                for (system, key), n in orders.items() if n != 1)


def generations_agree(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I5: what is handed down is held below under the same number, and nothing else is."""
    for edge in scene.edges:
        above, below = scene.stores[edge.parent].cases, scene.stores[edge.child].cases
        for case_id, case in above.items():
            live, held = case.live, below.get(case_id)
            duty = held.duty if held is not None else None
            if live is not None and live.to.kind is AddressKind.NODE and live.to.id == edge.child:
                counts["live hops"] += 1
                if held is None or duty is None or (
                        held.held_generation, duty.assignment_id, duty.ended) != (
                        live.generation, live.assignment_id, None):
                    yield f"{edge.child} does not hold {case_id} as {edge.parent} handed it"
                elif duty.rank != live.rank:
                    yield f"{case_id}: {edge.parent} believes {live.rank!r}, it is {duty.rank!r}"
            elif duty is not None and duty.ended is None:
                yield f"I16: {edge.child} works on {case_id}, which {edge.parent} has ended"
        for case_id, held in below.items():
            if held.duty is not None and case_id not in above:
                yield f"{edge.child} holds {case_id}, unknown at {edge.parent}"
    for node, store in scene.stores.items():
        for case_id, entries in store.journals.items():
            given = [entry.event.generation for entry in entries
                     if isinstance(entry.event, ev.Assigned | ev.AssignmentReworked)]
            if given != sorted(set(given)):
                yield f"{node}: the numbers of {case_id} do not rise: {given}"


def nothing_moved_by_the_past(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I6: what was taken had been given, what counts as done had been said for that round."""
    for edge in scene.edges:
        above, below = scene.stores[edge.parent].journals, scene.stores[edge.child].journals
        for case_id, entries in below.items():
            given = {(one.event.assignment_id, one.event.generation)
                     for one in above.get(case_id, ())
                     if isinstance(one.event, ev.Assigned | ev.AssignmentReworked)}
            for entry in entries:
                if isinstance(entry.event, ev.OrderTaken):
                    counts["orders taken"] += 1
                    if (entry.event.assignment_id, entry.event.generation) not in given:
                        yield f"{edge.child} took of {case_id} what {edge.parent} never gave"
        for case_id, entries in above.items():
            mine = {one.event.assignment_id for one in entries
                    if isinstance(one.event, ev.Assigned) and one.event.to.id == edge.child}
            said = set(_done_rounds(below.get(case_id, [])))
            for entry in entries:
                if isinstance(entry.event, ev.AssigneeDone) and entry.event.assignment_id in mine:
                    counts["results"] += 1
                    if (entry.event.assignment_id, entry.event.generation) not in said:
                        yield f"{edge.parent} took a result of {case_id} nobody said for its round"


def _done_rounds(entries: Iterable[Written]) -> Iterator[tuple[str, int]]:
    assignment_id, generation = "", 0
    for entry in entries:
        event = entry.event
        if isinstance(event, ev.OrderTaken):
            assignment_id, generation = event.assignment_id, event.generation
        elif isinstance(event, ev.DutyReworked):
            generation = event.generation
        elif isinstance(event, ev.DutyDone):
            yield assignment_id, generation


# --- I7, I8


def evidence_is_complete(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I7: each ancestor holds every entry below it under its maker's seal."""
    for edge in scene.edges:
        child = scene.stores[edge.child]
        made = {(case_id, entry.branch, entry.version): entry.digest
                for case_id, entries in child.journals.items()
                if case_id in child.cases and child.cases[case_id].duty is not None
                for entry in entries}
        made |= child.apart
        at: str | None = edge.parent
        handed = set(made)
        while at is not None:
            yield from _held(scene, at, edge.child, {key: made[key] for key in handed}, counts)
            cases = scene.stores[at].cases
            handed = {key for key in handed
                      if key[0] in cases and cases[key[0]].duty is not None}
            at = scene.parent(at)


Made = tuple[str, int, int]
"""Case, branch and version of an entry."""


def _held(scene: Scene, node: str, maker: str, made: Mapping[Made, bytes],
          counts: Counter[str]) -> Iterator[str]:
    held = {}
    for case_id, branch, version, digest, entry, sealed in scene.stores[node].rows(
        "SELECT case_id, branch, version, digest, entry, sealed FROM trace WHERE node = ?", maker
    ):
        counts["traces"] += 1
        held[case_id, branch, version] = digest
        opened = open_envelope(sealed, keys=scene.ring, node=NodeId(maker), at_us=0)
        trace = CODEC.read(opened.header.type, opened.body)
        if trace.raw != entry or hashlib.sha256(entry).digest() != digest:  # type: ignore[union-attr]
            yield f"{node}: the seal of {maker} covers another entry than v{version} of {case_id}"
    yield from (f"{node} lacks {b}:v{v} of {case} at {maker}"
                for case, b, v in made.keys() - held.keys())
    yield from (f"{node} holds {b}:v{v} of {case}, unknown at {maker}"
                for case, b, v in held.keys() - made.keys())
    yield from (f"{key[1]}:v{key[2]} of {key[0]} at {node} is not what {maker} wrote"
                for key in made.keys() & held.keys() if held[key] != made[key])


def facts_agree(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I8: everybody entitled knows the same of a case."""
    for edge in scene.edges:
        above = scene.stores[edge.parent].cases
        for case_id, case in scene.stores[edge.child].cases.items():
            if case.duty is None or case.facts is None:
                continue
            counts["pairs"] += 1
            home = above.get(case_id)
            if home is None or home.facts != case.facts:
                yield f"{edge.child} knows other facts of {case_id} than {edge.parent}"


def folded_right(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """every case is the fold of its journal."""
    for node, store in scene.stores.items():
        for case_id, entries in store.journals.items():
            counts["cases"] += 1
            case = None
            for entry in entries:
                case = evolve(case, entry.event)
            if case != store.cases.get(case_id):
                yield f"{node}: {case_id} is not what its journal says"


# --- I9


def isolated(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I9: no store, log or mailbox holds what belongs to another link."""
    for node, store in scene.stores.items():
        for table in store.tables():
            for row in store.rows(f'SELECT * FROM "{table}"'):
                for cell in row:
                    if isinstance(cell, str | bytes) and len(cell) > CANARY_LEAST:
                        counts["cells"] += 1
                        data = cell if isinstance(cell, bytes) else cell.encode()
                        yield from _strangers(scene, node, f"{node}.{table}", data)
        for folder in scene.folders.get(node, ()):
            for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
                if path.is_file():
                    counts["files"] += 1
                    yield from _strangers(scene, node, str(path), path.read_bytes())
    for home in scene.homes.values():
        yield from _boxes(scene, home / "nats", counts)
    for folder in scene.boxes:
        yield from _boxes(scene, folder, counts)


def _boxes(scene: Scene, folder: Path, counts: Counter[str]) -> Iterator[str]:
    for path in folder.rglob("*") if folder.is_dir() else ():
        box = re.search(r"/L_([0-9A-Z]+)/", str(path))
        if path.is_file() and box:
            counts["mailbox files"] += 1
            yield from _strangers(scene, box[1], str(path), path.read_bytes())


def _strangers(scene: Scene, node: str, where: str, data: bytes) -> Iterator[str]:
    for plain in surfaces(data):
        for parent, child in set(CANARY.findall(plain)):
            low = NodeId(child.decode())
            me = NodeId(node)
            if not scene.ring.is_below(low, me) and not scene.ring.is_below(me, low):
                yield f"{where} holds a word of link {parent.decode()}-{child.decode()}"


# --- I10 to I12, I15, I16


def acknowledged_is_there(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I10: what an end believes acknowledged, the other holds with the same chain value."""
    for edge, speaker, hearer in scene.ends():
        held = {(epoch, seq): chain for epoch, seq, chain in scene.stores[hearer].rows(
            "SELECT epoch, seq, chain FROM inbox WHERE link = ?", edge.link)}
        for epoch, seq, chain in scene.stores[speaker].rows(
            "SELECT epoch, seq, chain FROM outbox WHERE link = ? AND acked_at IS NOT NULL",
            edge.link,
        ):
            counts["acknowledged"] += 1
            if held.get((epoch, seq)) != chain:
                yield f"{edge.link}: {hearer} acknowledged {epoch}:{seq} and does not hold it"


def nothing_parked(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I11: no word is left parked or in quarantine, no handler failed."""
    for node, store in scene.stores.items():
        counts["nodes"] += 1
        for link, code, n in store.rows(
            "SELECT link, code, count(*) FROM inbox WHERE outcome IN ('PARKED', 'DISCARDED') "
            "GROUP BY link, code"
        ):
            yield f"{node}: {n} words of {link} are parked as {code}"
        for link, code, n in store.rows(
            "SELECT link, code, count(*) FROM quarantine GROUP BY link, code"
        ):
            yield f"{node}: {n} pieces of {link} are in quarantine as {code}"
        for link, state, reason in store.rows(
            "SELECT link, state, reason FROM link WHERE state NOT IN ('UP', 'DOWN')"
        ):
            yield f"{node}: {link} is {state}: {reason}"


def timers_fired_once(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I12: each timer fires once, and none is forgotten."""
    for node, store in scene.stores.items():
        for case_id, entries in store.journals.items():
            fired = Counter((entry.event.kind, entry.event.ref) for entry in entries
                            if isinstance(entry.event, ev.Overdue))
            counts["fired"] += len(fired)
            yield from (f"{node}: {kind} {ref} of {case_id} fired {n} times"
                        for (kind, ref), n in fired.items() if n != 1)
        late = store.count(
            "SELECT count(*) FROM timer WHERE fired_at IS NULL AND due_at < "
            "(SELECT max(occurred_at) FROM journal) - 60000000")
        if late:
            yield f"{node}: {late} timers never fired"


def photos_are_whole(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I15: photos are whole where they are needed, and their bytes are theirs."""
    # Uploaded after a backup, and lost before anybody had fetched it: nobody can have it.
    forgotten = {name for one in scene.losses for name in one.photos}
    for node, store in scene.stores.items():
        whole = set()
        for digest, state in store.rows("SELECT digest, state FROM blob"):
            counts["copies"] += 1
            whole.add(digest.hex())
            name = digest.hex()
            path = scene.homes[node] / "blobs" / name[:2] / name
            if state != "WHOLE" and name in forgotten:
                counts["lost with a disk"] += 1
            elif state != "WHOLE":
                yield f"{node}: photo {name[:12]} is {state}"
            elif not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != name:
                yield f"{node}: photo {name[:12]} is not what its name says"
        lost = {name for one in scene.losses if one.node == node for name in one.photos}
        for at, name in scene.log.photos:
            if at == node and name not in whole | lost:
                yield f"{node}: an upload of {name[:12]} was answered and is gone"


def nobody_works_for_nothing(scene: Scene, counts: Counter[str]) -> Iterator[str]:
    """I16: no unit works on what was called back."""
    ended = {a for store in scene.stores.values() for a, in store.rows(
        "SELECT assignment_id FROM assignment WHERE ended IS NOT NULL")}
    for order in scene.orders:
        counts["work orders"] += 1
        if order.live and order.key.partition("/")[0] in ended:
            yield f"{order.system}: {order.key} is still being worked on"


INVARIANTS: tuple[Invariant, ...] = (
    answers_are_kept, opened_once, reporters_were_told, handlers_stand, delivered_once,
    chains_are_equal,
    one_effect, generations_agree, nothing_moved_by_the_past, evidence_is_complete, facts_agree,
    folded_right, isolated, acknowledged_is_there, nothing_parked, timers_fired_once,
    photos_are_whole, nobody_works_for_nothing,
)
