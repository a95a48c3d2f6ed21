"""One account at one node's API, as any client has it: keys, repeats, photos, forms.

Every call has a key of its own and is repeated with the same key until it is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from typing import Any

import httpx

from node.cli.demo.federation import Office
from node.cli.demo.verdict import Answered

TRY_AGAIN_S = 0.5
TRIES_MAX = 120
"""A node that is away longer than TRIES_MAX * TRY_AGAIN_S ends the demo."""
REFUSED = (403, 404, 409, 422)
"""The world has moved on since the person looked; she looks again."""


class Desk:
    """One person's access to one node."""

    def __init__(self, office: Office, random: Random, token: str = "") -> None:
        self.office = office
        self.node = office.plan.id
        self.answered: list[Answered] = []
        self.refused = 0
        self._random = random
        self._http = httpx.AsyncClient(
            base_url=office.url, timeout=30.0,
            headers={"Authorization": f"Bearer {token or office.token}",
                     "Accept-Language": "zh-CN"},
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def get(self, path: str, **query: object) -> Any:
        """GET, again and again until the node answers."""
        params = {name: str(value) for name, value in query.items()}
        answer = await self._until_answered(lambda: self._http.get(path, params=params))
        answer.raise_for_status()
        return answer.json()

    async def do(self, case_id: str, verb: str, **body: object) -> bool:
        """One verb on one case; False if the node refused it."""
        return await self.post(f"/api/v1/cases/{case_id}/{verb}", body) is not None

    async def post(self, path: str, body: object) -> Any:
        """POST with a key; the answer, or None if a rule said no."""
        key = {"Idempotency-Key": self._random.randbytes(16).hex()}
        answer = await self._until_answered(
            lambda: self._http.post(path, json=body, headers=key))
        if answer.status_code in REFUSED:
            self.refused += 1
            return None
        if answer.status_code >= 400:
            raise RuntimeError(f"{self.node} {path}: {answer.status_code} {answer.text[:300]}")
        said = answer.json()
        if isinstance(said, dict) and "version" in said and "case_id" in said:
            self.answered.append(Answered(
                node=self.node, case_id=said["case_id"], version=said["version"]))
        return said

    async def photo(self, data: bytes, role: str) -> dict[str, Any]:
        """Upload a photo; what a case then says about it."""
        answer = await self._until_answered(lambda: self._http.post(
            "/api/v1/photos", files={"file": ("photo.png", data, "image/png")}))
        answer.raise_for_status()
        stored = answer.json()
        return {"digest": stored["digest"], "size": stored["size"],
                "media_type": stored["media_type"], "role": role}

    async def page(self, url: str) -> str:
        """A page of the node as a browser without a token sees it."""
        answer = await self._until_answered(
            lambda: self._http.get(url, headers={"Authorization": ""}))
        return answer.text

    async def send_form(self, url: str, fields: dict[str, str], photo: bytes) -> int:
        """Send a form with one photo, as a browser does; the HTTP status."""
        files = {"photos": ("after.png", photo, "image/png") if photo else ("", b"")}
        answer = await self._until_answered(lambda: self._http.post(
            url, data=fields, headers={"Authorization": ""}, files=files))
        return answer.status_code

    async def _until_answered(
        self, call: Callable[[], Awaitable[httpx.Response]]
    ) -> httpx.Response:
        for _ in range(TRIES_MAX):
            with suppress(httpx.TransportError):
                answer = await call()
                if answer.status_code not in (429, 503):
                    return answer
            await asyncio.sleep(TRY_AGAIN_S)
        raise RuntimeError(f"{self.node} does not answer")
