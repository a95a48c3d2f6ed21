"""Repeats of a call are harmless: ``Idempotency-Key`` becomes the command id.

The id is derived from the caller and the key, so two callers never share one; the fingerprint of
the request goes with the command, so that the same key with other content is noticed by the office
in the transaction that would have repeated the answer.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request

from node.core.facts import CommandId
from node.edge.http.gate import Caller, caller_of
from node.edge.http.problems import BadCall

NAMESPACE: Final = uuid.UUID("6f0b7f3e-2a55-5d4c-9a3e-9f1f0c6a7d21")
"""Of command ids made from idempotency keys; changing it forgets all keys in flight."""

_KEY: Final = re.compile(r"[\x21-\x7e]{1,128}")
_ETAG: Final = re.compile(r'(?:W/)?"?(\d{1,15})"?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """How one command is recognised. ``fingerprint`` is empty for a call without a key: nothing
    can repeat it, so there is nothing to compare."""

    command_id: CommandId
    fingerprint: bytes


async def once(
    request: Request,
    caller: Annotated[Caller, Depends(caller_of)],
    idempotency_key: Annotated[str | None, Header(
        description="Any key of yours, 1 to 128 visible ASCII characters. Repeating the call with "
        "it within 72 hours returns the first answer and changes nothing; another body with the "
        "same key is refused (`idempotency.mismatch`).",
        examples=["intake-12319-20260301-0007"],
    )] = None,
) -> Once:
    """Read the key. Raises ``BadCall`` ``idempotency.invalid``."""
    if idempotency_key is None:
        fresh = request.app.state.office.fresh_id()
        return Once(command_id=CommandId(fresh), fingerprint=b"")
    return keyed(caller, idempotency_key, fingerprint(
        request.method, request.url.path, request.headers.get("if-match", ""),
        await request.body(),
    ))


def keyed(caller: Caller, key: str, asked: bytes) -> Once:
    """A caller's key with the digest of what is asked. Raises ``BadCall``
    ``idempotency.invalid``."""
    if not _KEY.fullmatch(key):
        raise BadCall("idempotency.invalid", "expected 1 to 128 visible ASCII characters")
    name = caller.key.hex() + "/" + key
    return Once(command_id=CommandId(str(uuid.uuid5(NAMESPACE, name))), fingerprint=asked)


def fingerprint(method: str, path: str, condition: str, body: bytes) -> bytes:
    """Digest of what a request asks for; spaces and the order of JSON members do not count."""
    try:
        parsed: Any = json.loads(body) if body else None
        canonical = json.dumps(parsed, sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        canonical = body
    digest = hashlib.sha256()
    for part in (method.encode(), path.encode(), condition.encode(), canonical):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


def expected_version(if_match: str | None, in_body: int | None) -> int | None:
    """The version the caller has seen, from ``If-Match`` or the body; None = whatever it is now.

    Raises ``BadCall`` ``request.version_invalid`` if the header is no version or they differ.
    """
    if if_match is None or if_match.strip() == "*":
        return in_body
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise BadCall("request.version_invalid", f"If-Match is {if_match[:40]!r}, expected \"7\"")
    version = int(match.group(1))
    if in_body is not None and in_body != version:
        raise BadCall(
            "request.version_invalid",
            f"If-Match says version {version}, expected_version says {in_body}",
        )
    return version
