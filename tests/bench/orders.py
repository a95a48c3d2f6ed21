"""Orders to measured processes: one JSON line each way, over their stdin and stdout."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

LINE_BYTES_MAX = 16 * 1024 * 1024
START_S, STOP_S, ORDER_S = 60.0, 20.0, 300.0


class Worker:
    """A measured process, as the bench holds it."""

    def __init__(self, process: Process, hello: dict[str, Any], log: Path) -> None:
        self._process = process
        self._log = log
        self.hello = hello

    @property
    def pid(self) -> int:
        return self._process.pid

    async def order(self, name: str, **fields: Any) -> dict[str, Any]:
        """Give an order and wait for its answer."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(json.dumps({"order": name, **fields}).encode() + b"\n")
        await stdin.drain()
        return await answer_of(self._process, self._log, ORDER_S)


async def answer_of(process: Process, log: Path, within_s: float) -> dict[str, Any]:
    assert process.stdout is not None
    async with asyncio.timeout(within_s):
        line = await process.stdout.readline()
    if not line:
        raise RuntimeError(f"a measured process ended: {_tail(log)}")
    answer: dict[str, Any] = json.loads(line)
    if "error" in answer:
        raise RuntimeError(f"{answer['error']}: {_tail(log)}")
    return answer


def _tail(log: Path) -> str:
    return log.read_text()[-4000:]


@asynccontextmanager
async def worker(
    arguments: Sequence[str], log: Path, *, start_s: float = START_S
) -> AsyncIterator[Worker]:
    """A process that lives as long as the block."""
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdin=PIPE, stdout=PIPE, stderr=file, limit=LINE_BYTES_MAX
        )
    try:
        yield Worker(process, await answer_of(process, log, start_s), log)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def obey(who: object, hello: dict[str, Any]) -> None:
    """The measured process's side: say hello, then carry orders out until stdin ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say(hello)
    while line := await reader.readline():
        order = json.loads(line)
        try:
            _say(await getattr(who, order.pop("order"))(**order))
        except Exception as error:
            _say({"error": repr(error)})


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)
