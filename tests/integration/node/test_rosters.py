"""A newer roster goes down the tree at once, on contacts that stand."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from hub.roster.identity import Identity
from hub.roster.roster import reissue, sign_roster
from node.main.serving import Running
from tests.integration.node.town import plan, until
from tests.trees import CITY, DISTRICT, STREET


def serial(node: Running) -> int:
    return node.fabric._keeper.newest_serial()


def test_a_newer_roster_reaches_the_lowest_office_without_a_new_contact(tmp_path: Path) -> None:
    async def story() -> None:
        town = plan(tmp_path)
        async with town.running(CITY, DISTRICT, STREET) as nodes:
            links = [nodes[DISTRICT].fabric._drivers[f"{CITY}-{DISTRICT}"],
                     nodes[STREET].fabric._drivers[f"{DISTRICT}-{STREET}"]]

            async def up() -> bool:
                return all(one.status().up for one in links)

            async def same() -> bool:
                return len({serial(one) for one in nodes.values()}) == 1

            await until("both links", up)
            await until("one roster", same)
            since = [one.status().contact_since_us for one in links]
            identity = Identity.load(town.settings[CITY].keys)
            before = identity.roster()
            identity.keep_roster(sign_roster(
                reissue(before, now_us=time.time_ns() // 1_000), identity.roster_signer()))
            await nodes[CITY].fabric._keeper.refresh()
            assert before.serial + 1 == serial(nodes[CITY])
            await until("the newer roster", same, within_s=5)
            assert before.serial + 1 == serial(nodes[STREET])
            assert since == [one.status().contact_since_us for one in links]

    asyncio.run(story())
