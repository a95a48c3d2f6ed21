"""A certificate that has run out: made by the parent's own authority, a month and an hour ago.

Mended as the runbook says: request of the child, kit of the parent, ``wanmi link join``, restart.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from hub.ids import NodeId
from hub.roster.authority import CERTIFICATE_LIFE
from hub.roster.identity import CLIENT_FILE, Identity
from tests.chaos.town import Town

AGO = CERTIFICATE_LIFE + timedelta(hours=1)


def expire(town: Town, child: str) -> None:
    """Put a certificate in place that was valid until an hour ago, and make the child dial."""
    office = town.offices[child]
    parent = Identity.load(town.offices[office.plan.parent].home / "keys")
    known = parent.child(NodeId(child))
    assert known is not None
    authority = parent.authority(now_us=time.time_ns() // 1_000)
    old = authority.issue(known.request.csr, node=NodeId(child), now=datetime.now(UTC) - AGO)
    path = office.home / "keys" / CLIENT_FILE
    path.write_text(old.pem, encoding="utf-8")
    for name, line in town.lines.items():
        if f"-{child}" in name:
            line.reset()


async def renew(town: Town, child: str) -> None:
    """Request, kit, entry, restart."""
    office = town.offices[child]
    parent = office.plan.parent
    request, kit = office.home / "join-request.json", town.folder / f"{child}.again.kit"
    await town.said("link", "request", "--home", str(office.home))
    await town.said("link", "accept", "--home", str(town.offices[parent].home), str(request),
                    "--out", str(kit), *town.doors(f"{parent}-{child}"))
    await town.said("link", "join", "--home", str(office.home), str(kit),
                    "--prefer", office.plan.prefer)
    town.held_down.add(child)
    await office.process.stop()
    await town.start_again(child)
