"""Until when and from where a token lets somebody in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from node.core.errors import Refused
from node.core.passes import FREE, Terms, networks, refusal

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def test_a_token_ends_at_its_instant() -> None:
    terms = Terms(expires_at=NOW)

    assert refusal(terms, NOW - timedelta(microseconds=1), "10.0.0.1") == ""
    assert refusal(terms, NOW, "10.0.0.1") == "auth.expired"
    assert refusal(FREE, NOW, "") == ""


@pytest.mark.parametrize(("address", "code"), [
    ("10.0.0.7", ""), ("10.0.1.7", "auth.address"), ("192.168.1.9", ""),
    ("::ffff:10.0.0.7", ""), ("2001:db8::1", "auth.address"), ("", "auth.address"),
    ("unknown", "auth.address"),
])
def test_a_token_comes_from_its_networks_only(address: str, code: str) -> None:
    terms = Terms(addresses=networks([" 10.0.0.0/24", "192.168.1.9"]))

    assert refusal(terms, NOW, address) == code


@pytest.mark.parametrize("given", [["somewhere"], ["10.0.0.0/99"], [f"10.0.0.{n}"
                                                                  for n in range(21)]])
def test_what_is_no_network_is_refused(given: list[str]) -> None:
    with pytest.raises(Refused) as error:
        networks(given)
    assert error.value.code == "token.addresses"
