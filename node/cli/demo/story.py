"""The order of the demo: build, start, live the day, wait for quiet, judge, tell."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.live import Live

from node.cli.demo.basedata import lay_in
from node.cli.demo.books import Books, Edge, Finding
from node.cli.demo.centre import (
    CallBack,
    Checker,
    Dispatcher,
    Intake,
    LowerDesk,
    ShiftLeader,
)
from node.cli.demo.clerks import BureauStaff, Clerk
from node.cli.demo.day import Planned, Twist, plan
from node.cli.demo.desk import Desk
from node.cli.demo.federation import Federation, Trouble, wanmi
from node.cli.demo.figures import drawn, settled
from node.cli.demo.ground import generate
from node.cli.demo.guide import visit
from node.cli.demo.legacy import Legacy
from node.cli.demo.morning import DRAWN, chosen
from node.cli.demo.people import Memory, Person, Reporter
from node.cli.demo.table import Board, Row, verdicts
from node.cli.demo.tour import GROUND
from node.cli.demo.trade import Trade
from node.cli.demo.trouble import Kill, Troubles
from node.cli.demo.verdict import Observer

EXAMPLE = Path("deploy/examples/huangshi")
CUT_OFF, KILLED = "420203", "420202"
"""Who suffers: the district that is cut off, the node that is killed."""
PER_SECOND = 8.0
"""Reports per second: a day of 320 in forty seconds."""
QUIET_TIMEOUT_S = 120.0
REFRESH_S = 0.5
COUNTED: Mapping[str, tuple[Twist, ...]] = {
    "不立案 declined": (Twist.DECLINED,),
    "不受理 not accepted": (Twist.UNFOUNDED,),
    "重复 duplicate": (Twist.DUPLICATE,),
    "自处置 self-handled": (Twist.SELF_HANDLED,),
    "回退 returned": (Twist.MISDIRECTED,),
    "返工 reworked": (Twist.REWORK,),
    "撤回 withdrawn": (Twist.CROSSING,),
    "协办 assisted": (Twist.ASSISTED,),
    "满意度 rated": (Twist.HAPPY, Twist.UNHAPPY),
    "重办 reopened": (Twist.UNHAPPY,),
    "延期 extended": (Twist.EXTENDED,),
    "挂账 suspended": (Twist.SUSPENDED,),
    "转报 passed up": (Twist.SUSPENDED,),
    "催办 pressed": (Twist.PRESSED,),
    "督办 supervised": (Twist.SUPERVISED,),
    "督办回复 replied": (Twist.SUPERVISED,),
    "申诉 appeal upheld": (Twist.APPEALED,),
    "强制结案 forced": (Twist.FORCED,),
    "无主 no owner": (Twist.NO_OWNER,),
    "协调 coordinated": (Twist.COORDINATED,),
    "作废 voided": (Twist.VOIDED,),
}
"""What must have happened at least as often as it was planned."""


def screen() -> Console:
    """Where the demo is told. It keeps the output that it has now: commands are run in this process
    (``federation.wanmi``) and the output exchanged meanwhile, and a spinner that turns in another
    thread would stand among what they say."""
    return Console(file=sys.stdout)


def run(
    *, exit_: bool, seed: int, cases: int, folder: Path | None = None, kills: Sequence[str] = ()
) -> int:
    """Run the demo; 0 if every invariant held, 1 if one did not, 2 if the demo itself failed."""
    example = _example()
    home = folder or Path(tempfile.mkdtemp(prefix="wanmi-demo-"))
    console = screen()
    status = 2
    try:
        status = asyncio.run(_live(console, Wanted(
            example=example, folder=home, exit=exit_, seed=seed, cases=cases,
            kills=tuple(Kill.parse(text) for text in kills))))
    except* Trouble as troubles:
        for trouble in _leaves(troubles):
            console.print(f"[red]{trouble}[/red]")
    if status == 0 and folder is None:
        shutil.rmtree(home, ignore_errors=True)
    else:
        console.print(f"数据和日志留在 data and logs are kept in {home}")
    return status


def _leaves(group: BaseExceptionGroup[Trouble]) -> list[BaseException]:
    leaves: list[BaseException] = []
    for one in group.exceptions:
        leaves += _leaves(one) if isinstance(one, BaseExceptionGroup) else [one]
    return leaves


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    example: Path
    folder: Path
    exit: bool
    seed: int
    cases: int
    kills: tuple[Kill, ...]


async def _live(console: Console, wanted: Wanted) -> int:
    federation = Federation(example=wanted.example, folder=wanted.folder)
    ground = wanted.folder / GROUND
    generate(wanted.example, ground)
    planned = plan(
        example=wanted.example, ground=ground, city=federation.plan.root.id, seed=wanted.seed,
        cases=wanted.cases, crossed=CUT_OFF)
    legacy = Legacy(federation)
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    began = time.monotonic()
    try:
        with console.status("建立密钥、证书和名册 making keys, certificates, the roster…"):
            await federation.provision()
            legacy.equip()
        with console.status("导入基础数据 taking over the base data…"):
            for node, office in federation.offices.items():
                await asyncio.to_thread(
                    lay_in, wanmi, home=office.home, node=node, example=wanted.example,
                    ground=ground, root=office is federation.root)
        with console.status("启动五个节点和旧系统 starting nodes and legacy systems…"):
            await federation.start()
        console.print(f"联邦已就绪 the federation is ready ({time.monotonic() - began:.0f} s)")
        findings, board = await _day(console, federation, legacy, planned, wanted, stop)
        if stop.is_set():
            return 130
        took_s = time.monotonic() - began
        held = _tell(console, federation, board, findings, took_s, wanted.seed)
        if not wanted.exit:
            await visit(console, federation, stop, seed=wanted.seed, cut_off=CUT_OFF,
                        planned=chosen(plan(
                            example=wanted.example, ground=ground, city=federation.plan.root.id,
                            seed=wanted.seed + 1, cases=DRAWN, crossed=CUT_OFF)))
        return 0 if held else 1
    finally:
        with console.status("停止各进程 stopping…"):
            await federation.stop()


async def _day(
    console: Console, federation: Federation, legacy: Legacy, planned: list[Planned],
    wanted: Wanted, stop: asyncio.Event,
) -> tuple[list[Finding], Board]:
    seed = wanted.seed
    memory = Memory(to_call={one.number for one in planned
                             if one.twist in (Twist.HAPPY, Twist.UNHAPPY)})
    board = Board(planned=len(planned), began_at=time.monotonic(), began=datetime.now(UTC),
                  counts=memory.counts)
    root = federation.root.plan.id
    desks = {node: Desk(office, Random(f"{seed}/{node}"))
             for node, office in federation.offices.items()}
    people: list[Person] = [
        post(desks[root], memory, Random(f"{seed}/{post.__name__}"))
        for post in (Intake, Checker, CallBack)
    ]
    posts = {name: Desk(federation.root, Random(f"{seed}/desk/{name}"), token=token)
             for name, token in federation.root.tokens.items()}
    people += [Dispatcher(posts["dispatch"], memory, Random(f"{seed}/Dispatcher")),
               ShiftLeader(posts["shift"], memory, Random(f"{seed}/shift"))]
    people += [LowerDesk(desks[p.id], memory, Random(f"{seed}/{p.id}/desk"))
               for p in federation.plan.nodes if p.parent]
    clerks = {node: Clerk(desk, memory, Random(f"{seed}/{node}/clerk"))
              for node, desk in desks.items() if node != root}
    people += clerks.values()
    people += [BureauStaff(desks[a.node], memory, Random(f"{seed}/{a.id}"), a.id)
               for a in federation.plan.adapters if a.kind == "human"]
    reporter = Reporter(desks[root], memory)
    books = Books({node: office.database for node, office in federation.offices.items()})
    edges = [Edge(parent=p.parent, child=p.id) for p in federation.plan.nodes if p.parent]
    observer = Observer(books, edges, root)
    troubles = Troubles(
        federation, memory, lambda said: board.tell(time.monotonic(), said),
        share=lambda: board.opened / len(planned))
    async with _background(
        *(person.work() for person in people),
        _look(federation, observer, board, memory),
        troubles.happen(district=clerks[CUT_OFF], city=desks[root],
                        victim=KILLED, kills=wanted.kills),
    ) as failed:
        with Live(get_renderable=lambda: board.render(time.monotonic()), console=console,
                  refresh_per_second=4, transient=False):
            async with asyncio.TaskGroup() as reports:
                for number, one in enumerate(planned):
                    await asyncio.sleep(
                        max(0.0, board.began_at + number / PER_SECOND - time.monotonic()))
                    if stop.is_set() or failed():
                        break
                    reports.create_task(reporter.report(one))
            quiet = await _until_quiet(observer, memory, troubles, stop, failed)
            _glance(federation, observer, board, memory)  # the last screen shows the end
    if stop.is_set():
        return [], board
    reconciled = await _reconcile(federation, desks)
    findings = observer.findings(
        planned=len(planned) + memory.opened_besides,
        answered=[answer for desk in (*desks.values(), *posts.values())
                  for answer in desk.answered],
        legacy=await legacy.orders(), reconciled=reconciled)
    if quiet:
        findings.insert(0, Finding(name="the federation comes to rest", counted="",
                                   broken=(quiet,)))
    findings += Trade(books, edges, root).findings()
    board.sheet, agreed = await settled(desks, edges, board.began)
    findings.append(agreed)
    findings.append(_twists_happened(planned, memory))
    books.close()
    for desk in (*desks.values(), *posts.values()):
        await desk.close()
    return findings, board


@asynccontextmanager
async def _background(*jobs: Coroutine[Any, Any, None]) -> AsyncIterator[Callable[[], bool]]:
    """Run jobs beside the block. Yields a function that raises what one of them died of."""
    tasks = [asyncio.ensure_future(job) for job in jobs]

    def failed() -> bool:
        for task in tasks:
            if task.done() and not task.cancelled():
                error = task.exception()
                if error is not None:
                    raise Trouble(f"{type(error).__name__}: {error}") from error
        return False

    try:
        yield failed
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _look(
    federation: Federation, observer: Observer, board: Board, memory: Memory
) -> None:
    """Keep the table true."""
    while True:
        await asyncio.sleep(REFRESH_S)
        _glance(federation, observer, board, memory)


def _glance(federation: Federation, observer: Observer, board: Board, memory: Memory) -> None:
    board.opened = len(memory.plans)
    for node, office in federation.offices.items():
        seen = observer.glance(node)
        board.rows[node] = Row(
            name=office.plan.name, up=office.process.alive, cases=seen.cases, open=seen.open,
            link=seen.link, queued=seen.queued)
    root = board.rows[federation.root.plan.id]
    board.ended = root.cases - root.open


async def _until_quiet(
    observer: Observer, memory: Memory, troubles: Troubles, stop: asyncio.Event,
    failed: Callable[[], bool],
) -> str:
    def left() -> str:
        if not troubles.over:  # ended here, it would leave dead what it has just killed
            return "a trouble is not over yet"
        calls = len(memory.to_call)
        return f"{calls} reporters not asked yet" if calls else observer.quiet()

    deadline = time.monotonic() + QUIET_TIMEOUT_S
    what = left()
    while what and time.monotonic() < deadline and not stop.is_set():
        failed()
        await asyncio.sleep(REFRESH_S)
        what = left()
    return what


async def _reconcile(federation: Federation, desks: dict[str, Desk]) -> dict[str, int]:
    missing = {}
    for plan_ in federation.plan.nodes:
        if plan_.parent:
            link = f"{plan_.parent}-{plan_.id}"
            said = await desks[plan_.parent].post(f"/api/v1/links/{link}/reconcile", {})
            assert said is not None
            missing[link] = sum(row["missing"] + row["differ"] for row in said)
    return missing


def _twists_happened(planned: list[Planned], memory: Memory) -> Finding:
    """A day on which nothing went wrong would prove nothing."""
    expected = {word: sum(one.twist in twists for one in planned)
                for word, twists in COUNTED.items()}
    return Finding(
        name="the day had its troubles",
        counted=f"{len(memory.counts)} kinds, {sum(memory.counts.values())} times",
        broken=tuple(f"{word}: {memory.counts.get(word, 0)} of {n}"
                     for word, n in expected.items() if memory.counts.get(word, 0) < n))


def _tell(
    console: Console, federation: Federation, board: Board, findings: list[Finding],
    took_s: float, seed: int,
) -> bool:
    console.print(verdicts(findings, console.width))
    for finding in findings:
        for line in finding.broken[:5]:
            console.print(f"[red]✗ {finding.name}: {line}[/red]")
        if len(finding.broken) > 5:
            console.print(f"[red]  … and {len(finding.broken) - 5} more[/red]")
    if board.sheet is not None:
        console.print(drawn(board.sheet, federation.plan.called()))
    console.print(" · ".join(f"{word} {n}" for word, n in board.counts.items()), style="dim")
    for at, said in board.news:
        console.print(f"{at:6.0f} s  {said}")
    held = not any(finding.broken for finding in findings)
    verdict = "全部成立 all hold" if held else "不成立 NOT all hold"
    console.print(f"[bold]{verdict}[/bold] · seed {seed} · {len(federation.offices)} nodes · "
                  f"{board.ended} cases ended · {took_s:.0f} s")
    return held


def _example() -> Path:
    """The worked example: below the working directory, else beside the sources."""
    beside = Path(__file__).resolve().parents[3] / EXAMPLE
    for place in (EXAMPLE, beside):
        with contextlib.suppress(OSError):
            if (place / "federation.toml").is_file():
                return place
    raise Trouble(f"the example is not here: {EXAMPLE}")
