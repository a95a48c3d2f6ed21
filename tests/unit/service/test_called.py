"""Whoever a record names is called by a card, else by the roster, else as it is written."""

from __future__ import annotations

from hub.ids import NodeId
from node.core.context import Relay
from node.core.facts import Address
from node.core.routing import Unit
from node.service.fresh import SystemIds
from node.service.profile import Profile
from node.service.register import Entry, Register
from node.service.surroundings import Surroundings


class Roster:
    """Three offices, two of them with names."""

    def parent_of(self, node: NodeId) -> NodeId | None:
        return NodeId("420200") if node != "420200" else None

    def name_of(self, node: NodeId) -> str:
        return {"420200": "黄石市", "420203008": "八泉街道"}.get(node, "")

    def is_below(self, node: NodeId, ancestor: NodeId) -> bool:
        return node.startswith(ancestor) and node != ancestor


def test_a_card_goes_before_the_roster_and_the_roster_before_a_number() -> None:
    here = Surroundings(
        node="420203", name="西塞山区", parent="420200", adapters=(), ids=SystemIds(),
        tree=Roster(), profile=Profile(
            title="区", capabilities=frozenset(), auto_route=False, relay_done=Relay.AUTO))
    here.register = Register([Entry(unit=Unit(
        unit_id="U1", name="区市政所", address=Address.parse("node:420203008")))])

    assert here.called("node:420203008") == "区市政所"
    assert here.called("420203008") == "八泉街道"
    assert here.called("node:420200") == here.called("420200") == "黄石市"
    assert here.called("node:420203") == "西塞山区"
    assert here.called("node:420299") == "420299"
    assert here.called("adapter:works") == "works"
    here.adapter_names["works"] = "区市政工单系统"
    assert here.called("adapter:works") == "区市政工单系统"
    assert here.called("liu.yang") == "liu.yang"
    assert here.called("timer") == "系统"
