"""The REST API of a running node, as the command line calls it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import UUID

import httpx

from node.cli.home import local_token, settings_of
from node.cli.speech import Exit, Speech, Trouble

if TYPE_CHECKING:
    from node.settings import Settings

TIMEOUT: Final = httpx.Timeout(60.0, connect=5.0)
"""A reconcile may take a minute; whoever does not accept a connection within 5 s is not there."""

ALIVE_S: Final = 3.0
"""Liveness asks nothing of the database, so a running node answers well within this."""

_EXITS: Final = {401: Exit.TOKEN, 404: Exit.UNKNOWN, 500: Exit.FOUND, 503: Exit.SILENT}


def local_url(settings: Settings) -> str:
    """Where a node with these settings listens, seen from its own machine."""
    host = settings.http.host
    host = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{settings.http.port}"


def setup_url(settings: Settings, made: Any) -> str:
    """Where a one-time link for an account opens, in a browser."""
    base = settings.http.public_url.rstrip("/") or local_url(settings)
    return f"{base}/account/setup/{made.token}"


def answers(settings: Settings) -> bool:
    """Whether the node of these settings runs: its own id answers at its own address."""
    try:
        said = httpx.get(local_url(settings) + "/healthz", timeout=ALIVE_S, trust_env=False)
        return bool(said.is_success and said.json().get("node") == settings.node.id)
    except (httpx.HTTPError, ValueError, AttributeError):
        return False


class Api:
    """One node's REST API. Every failure becomes a ``Trouble``."""

    def __init__(self, *, url: str, token: str, home: Path, speech: Speech) -> None:
        self._speech, self._home, self.url = speech, home, url
        self._client = httpx.Client(
            base_url=url, timeout=TIMEOUT, trust_env=False,
            headers={
                "Authorization": f"Bearer {token}",
                "Accept-Language": "en" if speech.language == "en" else "zh-CN",
            },
        )

    @classmethod
    def of(cls, home: Path, url: str, token: str, speech: Speech) -> Self:
        """Where and as whom, from options and environment, else from the home directory."""
        if not url or not token:
            settings = settings_of(home, speech)
            url = url or local_url(settings)
            token = token or local_token(settings)
        if not token:
            raise speech.trouble(Exit.TOKEN, "token.missing")
        return cls(url=url.rstrip("/"), token=token, home=home, speech=speech)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, path: str, **params: object) -> Any:
        """The JSON document at a path below ``/api/v1``."""
        return self._call("GET", path, params={
            name: value for name, value in params.items() if value not in (None, "", False)
        })

    def get_bytes(self, path: str, **params: object) -> bytes:
        """A file at a path below ``/api/v1``."""
        answer = self._send("GET", path, params={
            name: value for name, value in params.items() if value not in (None, "", False)
        })
        return answer.content

    def post(
        self, path: str, body: Mapping[str, object] | None = None, *, key: str = "",
        **params: str,
    ) -> Any:
        """POST JSON; ``key`` makes repeats harmless."""
        return self._call("POST", path, json=body, params=params,
                          headers={"Idempotency-Key": key} if key else {})

    def put(self, path: str, body: Mapping[str, object]) -> Any:
        """PUT JSON: harmless to repeat."""
        return self._call("PUT", path, json=body)

    def delete(self, path: str) -> Any:
        return self._call("DELETE", path)

    def post_csv(self, path: str, content: str, *, dry_run: bool) -> Any:
        return self._call(
            "POST", path, content=content.encode(), params={"dry_run": "true"} if dry_run else {},
            headers={"Content-Type": "text/csv; charset=utf-8"},
        )

    def download(
        self, path: str, target: Path, body: Mapping[str, object] | None = None
    ) -> int:
        """The answer as a file, as it comes; returns its bytes. ``body``: what is posted for it."""
        size = 0
        with self._client.stream(
            "GET" if body is None else "POST", "/api/v1" + path, json=body
        ) as answer:
            if not answer.is_success:
                answer.read()
                raise self._trouble(answer)
            with target.open("wb") as out:
                for part in answer.iter_bytes():
                    size += out.write(part)
        return size

    def photo(self, path: Path, role: str) -> dict[str, Any]:
        """Upload a photo; returns what a verb's ``photos`` takes."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise self._speech.trouble(
                Exit.USAGE, "file.unreadable", file=path,
                reason=self._speech.unreadable(error)) from error
        stored = self._call("POST", "/photos", files={"file": (path.name, data)})
        return {**stored, "role": role}

    def case_id(self, given: str) -> str:
        """A case by id or by its number."""
        try:
            return str(UUID(given))
        except ValueError:
            pass
        page = self.get("/cases", text=given, limit=200)
        for item in page["items"]:
            if item["case_no"] == given:
                return str(item["case_id"])
        raise self._speech.trouble(Exit.UNKNOWN, "case.unfound", no=given)

    def _call(self, method: str, path: str, **options: Any) -> Any:
        return self._send(method, path, **options).json()

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, "/api/v1" + path, **options)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise self._speech.trouble(
                Exit.SILENT, "node.silent", url=self.url, home=self._home) from error
        except httpx.TimeoutException as error:
            raise self._speech.trouble(
                Exit.SILENT, "node.slow", url=self.url, seconds=int(TIMEOUT.read or 0)) from error
        except httpx.HTTPError as error:
            raise self._speech.trouble(Exit.SILENT, "node.cut", url=self.url) from error
        if answer.is_success:
            return answer
        raise self._trouble(answer)

    def _trouble(self, answer: httpx.Response) -> Trouble:
        kind = answer.headers.get("content-type", "")
        if not re.match(r"application/problem\+json\b", kind):
            return self._speech.trouble(
                Exit.SILENT, "node.foreign", url=self.url, status=answer.status_code)
        problem = answer.json()
        code = _EXITS.get(answer.status_code, Exit.REFUSED)
        if problem["code"] == "auth.scope":
            code = Exit.TOKEN
        # what a refusal names stands in its sentence already; a mistake has only its own line
        pointers = {fault["pointer"] for fault in problem["errors"]}
        lines = [f"{fault['pointer']}: {fault['detail']}" for fault in problem["errors"]
                 if fault["code"] != problem["code"] or not (
                     fault["detail"] in problem["detail"]
                     or fault["pointer"].endswith(("_zh", "_en"))
                     or f"{fault['pointer']}_name_zh" in pointers
                     or fault["pointer"] in ("/id", "/status", "/verb", "/roles", "/name"))]
        if code is Exit.FOUND:
            lines.append(self._speech.t("request_id", request_id=problem["request_id"]))
        return Trouble(
            code, problem["code"],
            self._speech.t("detailed", title=problem["title"], detail=problem["detail"]),
            remedy=problem["remedy"], lines=lines, document=problem,
        )
