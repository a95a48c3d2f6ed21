"""Ancestry in the roster against the plainest possible model, over arbitrary trees."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.ids import NodeId
from hub.roster.keyring import RosterKeyRing
from hub.roster.roster import DEPTH_MAX, Member, Roster, decode, encode

Parents = dict[NodeId, NodeId | None]


@st.composite
def trees(draw: st.DrawFn) -> Parents:
    """node -> parent; every node hangs under one drawn before it, not deeper than allowed."""
    parents: Parents = {NodeId("N0"): None}
    depth = {NodeId("N0"): 1}
    for n in range(1, draw(st.integers(1, 30))):
        above = draw(st.sampled_from([node for node in parents if depth[node] < DEPTH_MAX]))
        node = NodeId(f"N{n}")
        parents[node], depth[node] = above, depth[above] + 1
    return parents


def ancestors(parents: Parents, node: NodeId) -> list[NodeId]:
    above = parents[node]
    return [] if above is None else [above, *ancestors(parents, above)]


def roster_of(parents: Parents, order: list[NodeId]) -> Roster:
    return Roster(
        serial=1, issued_at_us=0, expires_at_us=1,
        members=tuple(Member(id=n, parent=parents[n], name=n, sign_keys=()) for n in order),
    )


@settings(max_examples=150, deadline=None)
@given(data=st.data(), parents=trees())
def test_ancestry_is_what_the_parents_say(data: st.DataObject, parents: Parents) -> None:
    roster = roster_of(parents, data.draw(st.permutations(list(parents))))
    ring = RosterKeyRing(roster)
    assert decode(encode(roster)) == roster
    for node in parents:
        above = ancestors(parents, node)
        assert roster.parent_of(node) == ring.parent_of(node) == parents[node]
        for other in parents:
            assert roster.is_below(node, other) == (other in above)
            assert roster.in_subtree(node, other) == (other == node or other in above)
            assert ring.is_below(node, other) == roster.in_subtree(node, other)
            hop = roster.next_hop(other, node)
            if other in above:
                assert hop is not None
                assert parents[hop] == other
                assert roster.in_subtree(node, hop)
            else:
                assert hop is None


@settings(max_examples=100, deadline=None)
@given(data=st.data(), parents=trees())
def test_children_and_parents_agree(data: st.DataObject, parents: Parents) -> None:
    roster = roster_of(parents, data.draw(st.permutations(list(parents))))
    seen = [child for node in parents for child in roster.children_of(node)]
    assert sorted(seen) == sorted(node for node in parents if parents[node] is not None)
