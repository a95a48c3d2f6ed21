"""A login service elsewhere, over HTTP: OpenID Connect Discovery, authorization code, ID token.

Signatures are checked by joserfc against the service's published keys, with algorithms of ours
alone: what a token names as its algorithm is never a choice of its sender.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hub.errors import Unreachable
from node.core.errors import NotPermitted

TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
ANSWER_BYTES_MAX: Final = 256 * 1024
KNOWN_S: Final = 3_600.0
"""How long what the service says of itself is believed."""
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
LEEWAY_S: Final = 60
"""Clocks of two offices differ."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(slots=True, kw_only=True)
class OpenIdProvider:
    """One service. ``secret`` "" = a public client, which has PKCE alone."""

    issuer: str
    client_id: str
    secret: str
    scopes: str
    clock: Callable[[], float] = time.time
    _known: dict[str, Any] = field(default_factory=dict)
    _known_at: float = 0.0

    async def address(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Where the browser is sent to log in."""
        known = await self._metadata()
        asked = urlencode({
            "response_type": "code", "client_id": self.client_id, "redirect_uri": redirect_uri,
            "scope": self.scopes, "state": state, "nonce": nonce, "code_challenge": challenge,
            "code_challenge_method": "S256",
        })
        between = "&" if urlsplit(known["authorization_endpoint"]).query else "?"
        return f"{known['authorization_endpoint']}{between}{asked}"

    async def redeem(
        self, *, code: str, redirect_uri: str, verifier: str, nonce: str
    ) -> Mapping[str, Any]:
        """The claims of a code."""
        known = await self._metadata()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri,
            "code_verifier": verifier, "client_id": self.client_id,
        }
        auth = httpx.BasicAuth(self.client_id, self.secret) if self.secret else None
        said = await self._call("POST", known["token_endpoint"], data=form, auth=auth)
        token = said.get("id_token")
        if not isinstance(token, str):
            raise NotPermitted("the login service gave no ID token", code="oidc.refused")
        return await self._verified(token, nonce)

    async def leaving(self) -> str:
        """Where one logs out there."""
        try:
            said = (await self._metadata()).get("end_session_endpoint", "")
        except Unreachable:
            return ""
        return f"{said}?{urlencode({'client_id': self.client_id})}" if said else ""

    async def _verified(self, token: str, nonce: str) -> Mapping[str, Any]:
        claims = jwt.JWTClaimsRegistry(
            now=int(self.clock()), leeway=LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True}, sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        for fresh in (False, True):  # keys change: those that were known are asked for again once
            keys = await self._keys(fresh=fresh)
            try:
                read = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
                claims.validate(read.claims)
            except (JoseError, ValueError) as error:
                why = error
                continue
            else:
                return read.claims
        raise NotPermitted(f"the ID token does not hold: {why}", code="oidc.refused") from why

    async def _keys(self, *, fresh: bool) -> KeySet:
        known = await self._metadata()
        if fresh or "keys" not in known:
            known["keys"] = await self._call("GET", known["jwks_uri"])
        try:
            return KeySet.import_key_set(known["keys"])
        except (JoseError, ValueError, KeyError) as error:
            raise NotPermitted("the login service's keys cannot be read",
                               code="oidc.refused") from error

    async def _metadata(self) -> dict[str, Any]:
        if not self._known or self.clock() - self._known_at > KNOWN_S:
            said = await self._call(
                "GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if said.get("issuer") != self.issuer or not all(
                    _safe(said.get(name)) for name in wanted):
                raise NotPermitted(
                    f"what {self.issuer} says of itself does not fit", code="oidc.refused")
            self._known, self._known_at = dict(said), self.clock()
        return self._known

    async def _call(self, method: str, url: str, **given: Any) -> dict[str, Any]:
        try:
            async with (
                httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client,
                client.stream(method, url, headers={"Accept": "application/json"}, **given) as got,
            ):
                body = b""
                async for part in got.aiter_bytes():
                    body += part
                    if len(body) > ANSWER_BYTES_MAX:
                        raise NotPermitted("the login service says too much", code="oidc.refused")
                if got.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                    raise Unreachable(f"the login service answers {got.status_code}",
                                      code="oidc.unreachable")
                if not got.is_success:
                    raise NotPermitted(f"the login service answers {got.status_code}",
                                       code="oidc.refused")
                said = httpx.Response(got.status_code, content=body).json()
        except httpx.HTTPError as error:
            raise Unreachable("the login service does not answer",
                              code="oidc.unreachable") from error
        except ValueError as error:
            raise NotPermitted("the login service's answer cannot be read",
                               code="oidc.refused") from error
        if not isinstance(said, dict):
            raise NotPermitted("the login service's answer cannot be read", code="oidc.refused")
        return said


def _safe(url: object) -> bool:
    """TLS, or the same machine."""
    if not isinstance(url, str):
        return False
    asked = urlsplit(url)
    return asked.scheme == "https" or (asked.scheme == "http" and asked.hostname in _LOOPBACK)
