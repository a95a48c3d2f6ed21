"""Raw limits of this machine: what the parts of a link can do with no wanmi around them.

Each returns envelopes (or operations) per second for 1 KiB bodies. They are the denominators of
the ratios in docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import nats
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.bindings import crypto_sign_open
from nats.js.api import RetentionPolicy, StorageType, StreamConfig

BODY = bytes(range(256)) * 4
FRAME = 64
SECONDS = 3.0


def sqlite_grouped() -> float:
    """Inserts per second into WAL with ``synchronous=FULL``, 64 rows a transaction."""
    with tempfile.TemporaryDirectory() as folder:
        conn = sqlite3.connect(Path(folder) / "raw.db", isolation_level=None)
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=FULL")
        conn.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)")
        rows = [(BODY,)] * FRAME
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            conn.execute("BEGIN IMMEDIATE")
            conn.executemany("INSERT INTO t (body) VALUES (?)", rows)
            conn.execute("COMMIT")
            done += FRAME
        rate = done / (time.perf_counter() - began)
        conn.close()
        return rate


def ed25519() -> tuple[float, float]:
    """Signatures (OpenSSL) and verifications (libsodium) per second on one core, over a header of
    350 bytes: the libraries that the link uses."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    header = BODY[:350]
    seal = key.sign(header)
    signed = seal + header
    return _rate(lambda: key.sign(header)), _rate(lambda: crypto_sign_open(signed, public))


def _rate(act: Callable[[], object]) -> float:
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS / 2:
        for _ in range(100):
            act()
        done += 100
    return done / (time.perf_counter() - began)


async def grpc_frames() -> float:
    """Envelopes per second over one bidirectional stream in one process, frames of 64, echoed
    as a small acknowledgement; no TLS, no database."""
    frame = BODY * FRAME

    async def answer(messages: object, _: object) -> object:
        async for _message in messages:  # type: ignore[attr-defined]
            yield b"ok"

    server = grpc.aio.server(options=[("grpc.max_receive_message_length", 4 << 20)])
    server.add_generic_rpc_handlers((
        grpc.method_handlers_generic_handler(
            "raw.Link", {"Sync": grpc.stream_stream_rpc_method_handler(answer)}),
    ))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.stream_stream("/raw.Link/Sync")()
        window, done, began = 8, 0, time.perf_counter()
        for _ in range(window):
            await call.write(frame)
        while time.perf_counter() - began < SECONDS:
            await call.read()
            done += FRAME
            await call.write(frame)
        rate = done / (time.perf_counter() - began)
        call.cancel()
    await server.stop(None)
    return rate


async def jetstream_framed(url: str) -> float:
    """Envelopes per second published to a file stream with ``sync_interval: always``, 64 to a
    message, eight publishes in flight, each acknowledged by the server."""
    client = await nats.connect(url)
    stream = client.jetstream()
    await stream.add_stream(StreamConfig(
        name="RAW", subjects=["raw"], storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS, max_bytes=256 << 20))
    frame = BODY * FRAME
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        await asyncio.gather(*(stream.publish("raw", frame) for _ in range(8)))
        done += 8 * FRAME
    rate = done / (time.perf_counter() - began)
    await stream.delete_stream("RAW")
    await client.close()
    return rate
