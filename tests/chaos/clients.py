"""The load: people with a REST client or the command line, and a log of what they were answered.

A call has a key of its own and is repeated with the same key until it is answered, however long the
node is away: what a client then writes into its log is what the node has promised.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from node.cli.demo.federation import WANMI, Office
from node.cli.demo.pictures import picture
from node.cli.speech import Exit
from tests.chaos.acts import HANDLER, choose, opening

TIMEOUT_S = 8.0
AGAIN_S = 0.4
TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
"""A 500 is a bug and is counted as one; the same key says later what became of the call."""
PAGE = 100
TELLS = 0.1
"""Share of acts, at an office that takes reports in, that tell a reporter the end."""
SHARES = {"held": 3.0, "pending_dispatch": 2.0, "": 1.0}
"""What people look at: their duties, what is to be handed on, anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One command that was answered. ``key`` is the client's own."""

    node: str
    verb: str
    key: str
    case_id: str
    version: int
    opened_id: str = ""


@dataclass(slots=True)
class ClientLog:
    """What clients know, one line each, on disk at once: it must outlive what it judges."""

    path: Path
    answers: list[Answer] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    bugs: list[str] = field(default_factory=list)
    repeats: int = 0
    """Calls that were said more than once."""
    told: list[tuple[str, str, str]] = field(default_factory=list)
    """(node, notice, outcome) of what was written down about telling reporters."""
    handlers: list[tuple[str, str, str]] = field(default_factory=list)
    """(node, case, name) of handlers that were answered."""
    photos: set[tuple[str, str]] = field(default_factory=set)
    """(node, digest) of photos whose upload was answered."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answered(self, answer: Answer, said: Mapping[str, Any]) -> None:
        """A node has promised this."""
        with self._lock:
            self.answers.append(answer)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"node": answer.node, "verb": answer.verb,
                                       "key": answer.key, **said}, ensure_ascii=False) + "\n")

    def verbs(self) -> Counter[str]:
        """Answered commands by verb."""
        found = Counter(answer.verb for answer in self.answers)
        found["tell"] = len(self.told)
        found[HANDLER] = len(self.handlers)
        return +found


class Client:
    """One account at one node, through a line of its own."""

    def __init__(self, office: Office, port: int, log: ClientLog, random: Random) -> None:
        self.node = office.plan.id
        self._log = log
        self._random = random
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=TIMEOUT_S,
            headers={"Authorization": f"Bearer {office.token}", "Accept-Language": "zh-CN"})

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def get(self, path: str, **query: object) -> Any:
        """GET, until it is answered."""
        params = {name: str(value) for name, value in query.items()}
        answer, _ = await self.call("GET", path, params=params)
        return answer.json() if answer.status_code < 300 else None

    async def post(self, path: str, verb: str, body: object) -> dict[str, Any] | None:
        """One command; None if a rule said no."""
        key = self._random.randbytes(12).hex()
        answer, times = await self.call(
            "POST", path, json=body, headers={"Idempotency-Key": key})
        self._log.repeats += times > 1
        said = answer.json()
        if answer.status_code >= 300:
            self._log.refused[f"{verb} {said.get('code', answer.status_code)}"] += 1
            return None
        self._log.answered(
            Answer(node=self.node, verb=verb, key=key, case_id=said["case_id"],
                   version=said["version"], opened_id=said["opened_id"]), said)
        return said  # type: ignore[no-any-return]

    async def tell(self, notice_id: str, *, delivered: bool) -> None:
        """Write down how telling went; the answer is the notice, not the case."""
        answer, times = await self.call(
            "POST", f"/api/v1/notices/{notice_id}/outcome",
            json={"delivered": delivered, "note": "已电话告知"},
            headers={"Idempotency-Key": self._random.randbytes(12).hex()})
        self._log.repeats += times > 1
        if answer.status_code < 300:
            self._log.told.append((self.node, notice_id, answer.json()["state"]))
        else:
            self._log.refused[f"tell {answer.json().get('code', answer.status_code)}"] += 1

    async def put_handler(self, case_id: str, body: object) -> None:
        """Name a handler; said again it is the same."""
        answer, times = await self.call("PUT", f"/api/v1/cases/{case_id}/handler", json=body)
        self._log.repeats += times > 1
        if answer.status_code < 300:
            self._log.handlers.append((self.node, case_id, answer.json()["name"]))
        else:
            self._log.refused[f"handler {answer.json().get('code', answer.status_code)}"] += 1

    async def photo(self, role: str) -> dict[str, Any]:
        """Upload one; what a case then says about it."""
        data = picture(self._random)
        answer, _ = await self.call(
            "POST", "/api/v1/photos", files={"file": ("photo.png", data, "image/png")})
        stored = answer.json()
        self._log.photos.add((self.node, stored["digest"]))
        return {"digest": stored["digest"], "size": stored["size"],
                "media_type": stored["media_type"], "role": role}

    async def call(
        self, method: str, path: str, **call: Any
    ) -> tuple[httpx.Response, int]:
        times = 0
        while True:
            times += 1
            with suppress(httpx.TransportError):
                answer = await self._http.request(method, path, **call)
                if answer.status_code not in TRANSIENT:
                    return answer, times
                if answer.status_code == 500:
                    self._log.bugs.append(f"{self.node} {method} {path}: {answer.text[:300]}")
            await asyncio.sleep(AGAIN_S)


class Person:
    """Does one thing after the other with whatever lies at her office."""

    def __init__(self, client: Client, random: Random, *, opens: float, pause_s: float,
                 assignees: list[str], link: str) -> None:
        self._client = client
        self._random = random
        self._opens = opens
        self._pause_s = pause_s
        self._assignees = assignees
        self._link = link
        self._number = 0

    async def work(self, stop: asyncio.Event) -> None:
        """Until told to stop; what was begun is finished, so that its answer is known."""
        while not stop.is_set():
            draw = self._random.random()
            if draw < self._opens:
                await self._open()
            elif draw < self._opens + TELLS and self._opens:
                await self._tell()
            else:
                await self._act()
            with suppress(TimeoutError):
                pause = self._random.expovariate(1 / self._pause_s)
                await asyncio.wait_for(stop.wait(), pause)

    async def _open(self) -> None:
        self._number += 1
        photos = [await self._client.photo(role) for role in ("near", "far")] if (
            self._random.random() < 0.5) else []
        number = self._random.randrange(10**6)
        said = await self._client.post(
            "/api/v1/cases", "open", opening(self._random, number, photos))
        if said is not None and self._random.random() < 0.8:
            for verb in ("accept", "file"):
                await self._client.post(f"/api/v1/cases/{said['case_id']}/{verb}", verb, {})

    async def _tell(self) -> None:
        """Telephone about a pending notice and write down how it went."""
        page = await self._client.get("/api/v1/notices", state="pending", limit=PAGE)
        if page and page["items"]:
            notice = self._random.choice(page["items"])
            await self._client.tell(notice["id"], delivered=self._random.random() < 0.7)

    async def _act(self) -> None:
        status = self._random.choices(tuple(SHARES), weights=tuple(SHARES.values()))[0]
        page = await self._client.get("/api/v1/cases", status=status, limit=PAGE) if (
            status) else await self._client.get("/api/v1/cases", limit=PAGE)
        if not page or not page["items"]:
            return
        row = self._random.choice(page["items"])
        case = await self._client.get(f"/api/v1/cases/{row['case_id']}")
        if case is None:
            return
        case["assignees"] = self._assignees
        case["after"] = []
        if {"feed-back", "self-handle"} & set(case["verbs"]) and self._random.random() < 0.8:
            case["after"] = [await self._client.photo("handle_after")]
        self._number += 1
        chosen = choose(case, self._random, canary(self._link, self._number))
        if chosen is not None:
            verb, body = chosen
            if verb == HANDLER:
                await self._client.put_handler(row["case_id"], body)
                return
            await self._client.post(f"/api/v1/cases/{row['case_id']}/{verb}", verb, body)


def canary(link: str, number: int) -> str:
    """A word that belongs to one link: whoever is not on it must never hold it."""
    return f"canary<{link}>{number}"


class Terminal:
    """Somebody at a terminal: what she holds is signed and worked on by ``wanmi case``, a process
    for each command. The same key is said again until there is an answer."""

    VERBS = (("sign", ()), ("progress", ("--text", "已到场处理")))

    def __init__(self, office: Office, port: int, log: ClientLog, random: Random) -> None:
        self._office = office
        self._url = f"http://127.0.0.1:{port}"
        self._client = Client(office, port, log, random)
        self._log = log
        self._random = random

    async def work(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            page = await self._client.get("/api/v1/cases", status="held", limit=PAGE)
            if page and page["items"]:
                row = self._random.choice(page["items"])
                await self._do(row["case_id"], *self._random.choice(self.VERBS))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 4.0)
        await self._client.close()

    async def _do(self, case_id: str, verb: str, words: tuple[str, ...]) -> None:
        key = f"terminal-{self._random.randbytes(8).hex()}"
        command = (*WANMI, "case", verb, "--home", str(self._office.home), "--url", self._url,
                   "--json", "--key", key, *words, case_id)
        while True:
            process = await asyncio.create_subprocess_exec(
                *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
            out, err = await process.communicate()
            if process.returncode == 0:
                said = json.loads(out)
                self._log.answered(
                    Answer(node=self._office.plan.id, verb=verb, key=key, case_id=case_id,
                           version=said["version"]), said)
                return
            if process.returncode == Exit.REFUSED:
                self._log.refused[f"terminal {verb}"] += 1
                return
            if process.returncode != Exit.SILENT:
                self._log.bugs.append(f"terminal {verb}: {process.returncode} {err.decode()[:300]}")
                return
            self._log.repeats += 1
            await asyncio.sleep(AGAIN_S)
