"""The chain of the audit log: whatever is done to it shows, and the first broken row is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.core.audit import (
    KEEP_MIN,
    REBORN,
    START,
    Head,
    HeadKind,
    Linked,
    Row,
    Sealed,
    Verdict,
    chained,
    cut,
    detail_text,
    examine,
    permit,
    row_bytes,
    statement,
)
from node.core.errors import NotPermitted

NODE = "420200"
DAY_US = 86_400_000_000
WORDS = st.text(max_size=12)


def row(n: int, **changed: object) -> Row:
    said: dict[str, object] = {
        "n": n, "at_us": n * 1_000, "actor": "王", "roles": "dispatcher", "origin": "10.0.0.8",
        "action": "LockToken", "subject": f"token:C{n}", "outcome": "done", "reason": "设备丢失",
        "detail": detail_text({"tokens": 1}), **changed,
    }
    return Row(**said)  # type: ignore[arg-type]


def log(*rows: Row, after: bytes = START) -> list[Linked]:
    linked = []
    for one in rows:
        after = chained(after, one)
        linked.append(Linked(row=one, chain=after))
    return linked


def written(count: int) -> list[Linked]:
    return log(*(row(n) for n in range(1, count + 1)))


def head(linked: Linked, *, trouble: str = "", **changed: object) -> Sealed:
    said: dict[str, object] = {
        "kind": HeadKind.HEAD, "node": NODE, "branch": 0, "n": linked.row.n,
        "chain": linked.chain, "at_us": linked.row.at_us, **changed,
    }
    return Sealed(head=Head(**said), trouble=trouble)  # type: ignore[arg-type]


def look(rows: list[Linked], *heads: Sealed, **more: object) -> Verdict:
    return examine(rows, heads, node=NODE, **more)  # type: ignore[arg-type]


def flaws(verdict: Verdict) -> list[tuple[int, str]]:
    return [(one.n, one.code) for one in verdict.flaws]


def test_a_log_that_nobody_touched_holds() -> None:
    rows = written(5)
    found = look(rows, head(rows[2]), head(rows[4]))
    assert (found.rows, found.first, found.last, found.proven, found.flaws) == (5, 1, 5, 5, ())
    assert look([]).flaws == ()


@pytest.mark.parametrize("name", [
    "at_us", "actor", "roles", "origin", "action", "subject", "outcome", "reason", "detail"])
def test_a_changed_value_of_any_column_breaks_the_log_at_its_row(name: str) -> None:
    rows = written(5)
    value = 7 if name == "at_us" else "别的"
    rows[2] = replace(rows[2], row=replace(rows[2].row, **{name: value}))
    assert flaws(look(rows)) == [(3, "audit.chain")]


def test_a_row_taken_out_slipped_in_or_moved_is_found() -> None:
    rows = written(6)
    assert flaws(look([*rows[:2], *rows[3:]]))[0] == (3, "audit.gap")
    assert flaws(look(rows[1:]))[0] == (1, "audit.begin")
    assert flaws(look([*rows[:3], rows[2], *rows[3:]]))[0] == (4, "audit.gap")
    assert flaws(look([*rows[:2], rows[3], rows[2], *rows[4:]]))[0] == (3, "audit.gap")


def test_a_tail_cut_off_behind_a_signed_head_is_found() -> None:
    rows = written(6)
    assert flaws(look(rows[:4], head(rows[4]))) == [(5, "audit.tail")]
    # What no head names yet nobody can miss: that is why heads are signed often.
    assert look(rows[:5], head(rows[4])).flaws == ()
    assert look(rows[:5], head(rows[3])).proven == 4


def test_a_log_written_anew_contradicts_the_next_signed_head() -> None:
    rows = written(6)
    anew = log(*(one.row for one in rows[:2]), row(3, actor="李"), *(one.row for one in rows[3:]))
    found = look(anew, head(rows[1]), head(rows[4]))
    assert flaws(found) == [(3, "audit.head")]
    assert found.flaws[0].other == 5


def test_a_head_that_nobody_signed_or_of_another_node_is_a_flaw_and_proves_nothing() -> None:
    rows = written(3)
    found = look(rows, head(rows[2], trouble="audit.seal"))
    assert (flaws(found), found.proven) == ([(3, "audit.seal")], 0)
    assert flaws(look(rows, head(rows[2], node="420300"))) == [(3, "audit.node")]


def test_a_signed_purge_takes_the_place_of_what_went() -> None:
    rows = written(6)
    now = 6_000 + 400 * DAY_US
    purge = {"kind": HeadKind.PURGE, "at_us": now, "before_us": now - 200 * DAY_US}
    found = look(rows[3:], head(rows[2], **purge))
    assert (found.first, found.rows, found.flaws) == (4, 3, ())
    # Rows that were to go and did not yet are nobody's flaw.
    assert look(rows, head(rows[2], **purge)).flaws == ()
    # Without the signature there is no such permission.
    assert (1, "audit.begin") in flaws(look(rows[3:], head(rows[2], trouble="x", **purge)))
    assert flaws(look(rows[3:], head(rows[2], **{**purge, "before_us": now - 183 * DAY_US}))) == [
        (3, "audit.young")]


def test_heads_kept_elsewhere_find_a_log_exchanged_with_its_heads() -> None:
    rows = written(5)
    other = log(*(row(n, actor="李") for n in range(1, 6)))
    assert flaws(look(other, head(other[4]), anchors=[head(rows[3])])) == [(4, "audit.anchor")]
    assert look(rows, head(rows[4]), anchors=[head(rows[3])]).flaws == ()
    assert flaws(look(rows[:3], anchors=[head(rows[4])])) == [(5, "audit.anchor")]


def test_rows_lost_with_a_disk_are_explained_by_the_recovery_and_by_nothing_else() -> None:
    rows = written(6)
    anchors = [head(rows[2]), head(rows[5], at_us=6_500)]
    back = log(row(4, action=REBORN, detail=detail_text({"branch": 9}), at_us=9_000),
               row(5, at_us=9_100), row(6, at_us=9_200), after=rows[2].chain)
    found = look([*rows[:3], *back], branch=9, anchors=anchors)
    assert (found.lost, found.flaws) == (1, ())
    # A log that ends before the anchored row is explained in the same way.
    assert look([*rows[:3], back[0]], branch=9, anchors=anchors).flaws == ()
    # An old row that was changed is not: it is older than the head that names it.
    forged = log(row(1), row(2), row(3, actor="李"), row(4, action=REBORN, at_us=9_000,
                 detail=detail_text({"branch": 9})))
    assert (3, "audit.anchor") in flaws(look(forged, branch=9, anchors=anchors))
    # And a recovery that the office does not know of explains nothing.
    assert flaws(look([*rows[:3], *back], branch=0, anchors=anchors)) == [(6, "audit.anchor")]


def test_rows_go_after_six_months_at_the_earliest_whatever_is_asked() -> None:
    now = 1_000 * DAY_US
    assert cut(now, timedelta(days=1)) == cut(now, KEEP_MIN) == now - 184 * DAY_US
    assert cut(now, timedelta(days=400)) == now - 400 * DAY_US


def test_the_forms_that_are_digested_and_signed_stay_as_they_are() -> None:
    """Whoever checks a log in ten years works these out anew: they are the contract."""
    one = row(1)
    assert row_bytes(one) == (
        '[1,1000,"王","dispatcher","10.0.0.8","LockToken","token:C1","done","设备丢失",'
        '"{\\"tokens\\":1}","sha256"]').encode()
    assert chained(START, one).hex() == CHAIN_OF_ONE
    said = statement(Head(kind=HeadKind.HEAD, node=NODE, branch=0, n=1, chain=b"\x01", at_us=2))
    assert said == (
        b'wanmi/audit-head/1\0{"at":2,"before":0,"branch":0,"chain":"01","kind":"HEAD","n":1,'
        b'"node":"420200"}')


CHAIN_OF_ONE = "1226890b517a26de6b05c64506265d6c7d7784845b022ee5effc5511d2064cd6"


def test_sm3_chains_as_well_and_an_unknown_digest_holds_nothing() -> None:
    assert look(log(row(1), row(2, alg="sm3"), row(3))).flaws == ()
    odd = [*written(1), Linked(row=row(2, alg="rot13"), chain=b"x" * 32)]
    assert flaws(look(odd)) == [(2, "audit.chain")]


def test_reading_takes_a_role_that_the_profile_names() -> None:
    permit(frozenset({"auditor"}), ("auditor",))
    permit(frozenset({"*"}), ("auditor",))
    with pytest.raises(NotPermitted) as refused:
        permit(frozenset({"dispatcher"}), ("auditor",))
    assert refused.value.code == "audit.role"


@settings(max_examples=200)
@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=8), st.data())
def test_no_single_change_of_any_log_goes_unseen(
    texts: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    rows = log(*(row(n, actor=a, subject=b, reason=c)
                 for n, (a, b, c) in enumerate(texts, start=1)))
    signed = head(rows[-1])
    at = data.draw(st.integers(0, len(rows) - 1))
    what = data.draw(st.sampled_from(["actor", "subject", "reason", "drop", "chain"]))
    if what == "drop":
        changed = rows[:at] + rows[at + 1:]
    elif what == "chain":
        flip = bytes([rows[at].chain[0] ^ 1]) + rows[at].chain[1:]
        changed = [*rows[:at], replace(rows[at], chain=flip), *rows[at + 1:]]
    else:
        other = data.draw(WORDS.filter(lambda text: text != getattr(rows[at].row, what)))
        forged = replace(rows[at], row=replace(rows[at].row, **{what: other}))
        changed = [*rows[:at], forged, *rows[at + 1:]]
    found = look(changed, signed)
    assert found.flaws
    assert found.flaws[0].n == at + 1
