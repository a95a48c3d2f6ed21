"""The demo after its verdict: the consoles are open, and a line can be cut by hand."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from random import Random

from rich.console import Console

from node.cli.demo.day import Planned
from node.cli.demo.desk import Desk
from node.cli.demo.federation import Federation
from node.cli.demo.morning import Morning
from node.cli.demo.tour import GROUND, TOLD, Seat, on_the_beat, seats

ENDS_WITH = "以上也在 all this is in"
"""How the last line begins that is told when the doors are open."""


async def visit(
    console: Console, federation: Federation, stop: asyncio.Event, *, seed: int,
    planned: Sequence[Planned], cut_off: str,
) -> None:
    """Lay a morning's work on the desks, open accounts, tell the doors; until ``stop``. Enter
    cuts the lines of ``cut_off`` and mends them again."""
    root = federation.root.plan.id
    desks = {node: Desk(office, Random(f"{seed}/{node}/morning"))
             for node, office in federation.offices.items()}
    with console.status("给各岗位建账户，摆上今早的案卷 accounts, and a morning's work…"):
        await asyncio.to_thread(on_the_beat, federation, federation.folder / GROUND)
        await Morning(desks, root, seed).come(planned)
        made = await seats(federation)
    for desk in desks.values():
        await desk.close()
    _tell(console, federation, made)
    office = federation.offices[cut_off]

    def cut_or_mend() -> None:
        whole = not any(cable.is_cut for cable in office.cables)
        for cable in office.cables:
            cable.cut() if whole else cable.mend()
        console.print(f"✂ {office.plan.name}的链路断了 link cut" if whole else
                      f"✓ {office.plan.name}的链路恢复 link mended")

    with _on_enter(cut_or_mend):
        if sys.stdin.isatty():
            console.print(f"按回车切断{office.plan.name}的链路，再按一次恢复 "
                          f"Enter cuts the link of {cut_off}, once more mends it")
        await stop.wait()


@contextmanager
def _on_enter(act: Callable[[], None]) -> Iterator[None]:
    """``act`` on each line typed, where somebody sits at a terminal."""
    if not sys.stdin.isatty():
        yield
        return
    loop = asyncio.get_running_loop()

    def typed() -> None:
        if sys.stdin.readline():
            act()
        else:
            loop.remove_reader(sys.stdin)

    loop.add_reader(sys.stdin, typed)
    try:
        yield
    finally:
        loop.remove_reader(sys.stdin)


def _tell(console: Console, federation: Federation, made: Sequence[Seat]) -> None:
    def say(line: str) -> None:
        console.print(line, soft_wrap=True, highlight=False)

    say("\n[bold]工作台已开放，Ctrl-C 停止 the consoles are open, Ctrl-C ends[/bold]")
    for office, seats_ in groupby(made, key=lambda seat: seat.office):
        at = federation.offices[office]
        say(f"\n[bold]{office} {at.plan.name}[/bold]  {at.url}/console")
        for seat in seats_:
            codes = f"  恢复码 recovery codes: {' '.join(seat.codes)}" if seat.codes else ""
            say(f"  {seat.login:9}{seat.title}{codes}")
    root = federation.root
    say(f"\n口令 password: [bold]{made[0].password}[/bold]")
    say(f"采集手机页 collector's phone: {root.url}/console/phone  (caiji)")
    say(f"市民页面 citizens: {root.url}/public")
    say(f"接口 API: {root.url}/api/v1 · 令牌 token: {root.home}/keys/cli.token")
    say(f"{ENDS_WITH} {federation.folder / TOLD}")
