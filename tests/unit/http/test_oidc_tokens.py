"""What an ID token must be to be believed."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from node.core.errors import NotPermitted
from node.core.mapping import Grant, mapped
from node.edge.oidc import OpenIdProvider

ISSUER, CLIENT, NOW = "https://sso.example", "wanmi", 1_800_000_000
KEY = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
GOOD = {"iss": ISSUER, "aud": CLIENT, "exp": NOW + 60, "iat": NOW, "sub": "u-1", "nonce": "n"}


def public(key: RSAKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False)]}


class Elsewhere(OpenIdProvider):
    """The service with its answers at hand; its keys may have changed."""

    published: dict[str, Any] = public(KEY)
    asked = 0

    async def _call(self, method: str, url: str, **given: Any) -> dict[str, Any]:
        type(self).asked += 1
        return self.published


def service() -> Elsewhere:
    found = Elsewhere(
        issuer=ISSUER, client_id=CLIENT, secret="", scopes="openid", clock=lambda: NOW)
    found._known = {"jwks_uri": f"{ISSUER}/jwks", "keys": public(KEY)}
    found._known_at = NOW
    return found


def _plain(what: dict[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(what).encode()).rstrip(b"=")


def read(token: str, provider: Elsewhere | None = None) -> Mapping[str, Any]:
    return asyncio.run((provider or service())._verified(token, "n"))


def signed(key: Any = KEY, alg: str = "RS256", **changed: Any) -> str:
    claims = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": "one"}, claims, key, algorithms=[alg])


def test_a_token_that_holds_tells_its_claims() -> None:
    assert read(signed())["sub"] == "u-1"
    assert read(signed(aud=["other", CLIENT]))["sub"] == "u-1"


@pytest.mark.parametrize("changed", [
    {"iss": "https://elsewhere.example"}, {"aud": "another"}, {"aud": None}, {"exp": NOW - 61},
    {"exp": None}, {"nonce": "m"}, {"nonce": None}, {"sub": None},
])
def test_a_token_for_somebody_else_or_another_time_lets_nobody_in(
    changed: dict[str, Any]
) -> None:
    with pytest.raises(NotPermitted) as error:
        read(signed(**changed))
    assert error.value.code == "oidc.refused"


def test_a_token_of_another_key_or_with_an_algorithm_of_its_senders_choice_does_not_hold() -> None:
    none = "eyJhbGciOiJub25lIn0." + signed().split(".")[1] + "."
    mixed = _plain({"alg": "HS256", "kid": "one"}) + b"." + _plain(GOOD)
    mac = hmac.new(KEY.as_pem(private=False), mixed, sha256).digest()
    forged = (mixed + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()
    for token in (signed(OTHER), none, forged, signed()[:-8] + "AAAAAAAA", "", "a.b"):
        with pytest.raises(NotPermitted):
            read(token)


def test_keys_that_were_changed_are_asked_for_again() -> None:
    provider = service()
    provider.published = public(OTHER)
    before = Elsewhere.asked

    assert read(signed(OTHER), provider)["sub"] == "u-1"
    assert Elsewhere.asked == before + 1
    assert KeySet.import_key_set(provider._known["keys"]).keys


@pytest.mark.parametrize(("claims", "roles"), [
    ({"groups": ["staff", "b"]}, ("two",)), ({"groups": "a"}, ("one",)),
    ({"groups": ["b", "a"]}, ("one",)), ({"groups": ["ab"]}, None), ({}, None),
    ({"groups": {"a": 1}}, None), ({"groups": [1, None]}, None), ({"role": "x"}, ("three",)),
])
def test_the_first_row_that_fits_counts(
    claims: dict[str, Any], roles: tuple[str, ...] | None
) -> None:
    rows = (
        Grant(claim="groups", value="a", roles=("one",)),
        Grant(claim="groups", value="b", roles=("two",)),
        Grant(claim="role", value="x", roles=("three",)),
    )
    found = mapped(claims, rows)
    assert (found.roles if found is not None else None) == roles
