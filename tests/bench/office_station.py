"""One real office of a measured pair, in a process of its own, composed as ``wanmi serve`` does.

``python -m tests.bench.office_station HOME``; orders as for the other stations.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, text

from hub.store.engine import open_engine
from node.core import commands as cmd
from node.core.facts import (
    Address,
    AddressKind,
    CaseId,
    Category,
    CommandId,
    Limits,
    Photo,
    PhotoRole,
    Place,
)
from node.main.serving import SWITCH_INTERVAL_S, Running, running
from node.service.office import Office
from node.settings import load
from tests.bench.orders import obey
from tests.bench.sampler import Sampler, cpu_s
from tests.pictures import jpeg

CATEGORY = Category(
    standard_ref="GB/T 47678.5-2026", kind="matter", code="01001", name="供水井盖异常"
)
TEXT = "井盖缺失，周围已围挡，抢修人员已到场，预计今日恢复。" * 8
"""About half a KiB of what people write; the rest of a word's body is its frame."""
PHOTO_BYTES = 300_000
"""A phone's photo as a collector sends it (200 to 500 kB)."""
AT_ONCE = 64
"""Commands under way at one time."""
POLL_S = 0.01
ACTOR = "bench"


class OfficeStation:
    """The orders, by name."""

    def __init__(self, node: Running, engine: Engine) -> None:
        self._office: Office = node.office
        self._conn = engine.connect()
        self._sampler: Sampler | None = None

    # -- the parent's side -----------------------------------------------------------------

    async def hand_down(self, count: int, to: str, photos: int = 0) -> dict[str, Any]:
        """Open, file and dispatch so many cases to a child, each with so many photos."""
        now = datetime.now(UTC)
        limits = Limits(
            sign_by=now + timedelta(days=1), finish_by=now + timedelta(days=9), calendar="default"
        )

        async def one(n: int) -> None:
            opened = await self._office.handle(
                cmd.OpenCase(
                    **self._common(self._office.fresh_id()), case_no="", category=CATEGORY,
                    place=Place(area="420203001", address=f"黄石大道{n}号"), text=TEXT,
                    source="superior",
                    source_details=(("ordering_body", "bench"),),
                    photos=tuple([await self._photo() for _ in range(photos)]),
                )
            )
            await self._office.handle(cmd.File(**self._common(opened.case_id)))
            await self._office.handle(
                cmd.Dispatch(
                    **self._common(opened.case_id),
                    to=Address(kind=AddressKind.NODE, id=to), limits=limits,
                )
            )

        return await self._many(one, range(count))

    async def _photo(self) -> Photo:
        """What a phone takes, to a network: bytes that no carrier can make smaller."""
        data = jpeg(secrets.token_bytes(PHOTO_BYTES))
        kept = await self._office.put_photo(data, "image/jpeg")
        return Photo(digest=kept.digest, size=kept.size, media_type=kept.media_type,
                     role=PhotoRole.NEAR)

    # -- the child's side ------------------------------------------------------------------

    async def hold(self, count: int, within_s: float) -> dict[str, Any]:
        """Wait until so many cases are held here, and sign for each."""
        async with asyncio.timeout(within_s):
            while len(held := self._ids()) < count:
                await asyncio.sleep(POLL_S)
        await self._many(
            lambda case_id: self._office.handle(cmd.Sign(**self._common(case_id))), held
        )
        return {"held": len(held)}

    async def pictured(self, count: int, within_s: float) -> dict[str, Any]:
        """Wait until so many photos are here, whole."""
        async with asyncio.timeout(within_s):
            while self._one("SELECT count(*) FROM blob WHERE state = 'WHOLE'") < count:
                await asyncio.sleep(POLL_S)
        return {"at": time.time()}

    async def progress(self, rounds: int) -> dict[str, Any]:
        """Report progress on every held case, so many times: commands per second."""
        return await self._many(
            lambda case_id: self._office.handle(
                cmd.Progress(**self._common(case_id), text=TEXT)
            ),
            self._ids() * rounds,
        )

    # -- both ------------------------------------------------------------------------------

    async def pause(self) -> dict[str, Any]:
        """Stop the flow on the only link."""
        await self._office.pause_link(self._link(), actor=ACTOR)
        return {}

    async def resume(self) -> dict[str, Any]:
        """Let it flow; returns at once."""
        at = time.time()
        await self._office.resume_link(self._link(), actor=ACTOR)
        return {"at": at}

    async def said(self) -> dict[str, Any]:
        """Words ever enqueued."""
        return {"count": self._one("SELECT count(*) FROM outbox")}

    async def applied(self) -> dict[str, Any]:
        """Words of the peer that are committed here."""
        return {"count": self._one("SELECT in_seq FROM link")}

    async def settled(self, within_s: float) -> dict[str, Any]:
        """Wait until everything said is acknowledged."""
        async with asyncio.timeout(within_s):
            while self._one("SELECT count(*) FROM outbox WHERE acked_at IS NULL"):
                await asyncio.sleep(POLL_S)
        return {"at": time.time()}

    async def reach(self, count: int, within_s: float) -> dict[str, Any]:
        """Wait until so many words of the peer are committed here; what became of them."""
        async with asyncio.timeout(within_s):
            while self._one("SELECT in_seq FROM link") < count:
                await asyncio.sleep(POLL_S)
        at = time.time()
        odd = self._one("SELECT count(*) FROM inbox WHERE outcome <> 'APPLIED'")
        return {"at": at, "not_applied": odd}

    async def cpu(self) -> dict[str, Any]:
        """CPU seconds so far."""
        return {"cpu_s": cpu_s()}

    async def watch(self) -> dict[str, Any]:
        """Begin to sample where the time goes."""
        self._sampler = Sampler()
        self._sampler.start()
        return {}

    async def watched(self) -> dict[str, Any]:
        """End sampling."""
        assert self._sampler is not None, "watch comes first"
        return {"rows": await asyncio.to_thread(self._sampler.stop)}

    # -- parts -----------------------------------------------------------------------------

    def _common(self, case_id: str) -> dict[str, Any]:
        return {
            "command_id": CommandId(self._office.fresh_id()), "actor": ACTOR,
            "case_id": CaseId(case_id),
        }

    async def _many(
        self, act: Callable[[Any], Coroutine[Any, Any, Any]], items: Sequence[Any]
    ) -> dict[str, Any]:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(item: Any) -> None:
            async with places:
                await act(item)

        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for item in items:
                group.create_task(one(item))
        return {"count": len(items), "rate": len(items) / (time.monotonic() - began)}

    def _ids(self) -> list[str]:
        with self._conn.begin():
            rows = self._conn.execute(text("SELECT case_id FROM cases WHERE duty = 'held'"))
            return [row[0] for row in rows]

    def _link(self) -> str:
        with self._conn.begin():
            return str(self._conn.execute(text("SELECT link FROM link")).scalar_one())

    def _one(self, query: str) -> int:
        with self._conn.begin():
            return int(self._conn.execute(text(query)).scalar_one())


async def run(home: Path) -> None:
    settings = load(home)
    async with running(settings, registry=CollectorRegistry()) as node:
        engine = open_engine(settings.database_url, read_only=True)
        await obey(OfficeStation(node, engine), {"grpc_port": node.fabric.grpc_port})


def main() -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(30),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    asyncio.run(run(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
