"""Idempotency keys and expected versions."""

from __future__ import annotations

import pytest

from node.edge.http.problems import BadCall
from node.edge.http.repeats import expected_version, fingerprint


def test_spaces_and_member_order_do_not_change_a_fingerprint() -> None:
    one = fingerprint("POST", "/x", "", b'{"a": 1, "b": [2, 3]}')

    assert one == fingerprint("POST", "/x", "", b'{"b":[2,3],"a":1}')
    assert one != fingerprint("POST", "/x", "", b'{"a":1,"b":[3,2]}')
    assert one != fingerprint("POST", "/y", "", b'{"a":1,"b":[2,3]}')
    assert one != fingerprint("POST", "/x", '"3"', b'{"a":1,"b":[2,3]}')


def test_bodies_that_are_no_json_have_fingerprints_too() -> None:
    assert fingerprint("POST", "/x", "", b"\xff") != fingerprint("POST", "/x", "", b"\xfe")
    deep = b"[" * 100_000
    assert len(fingerprint("POST", "/x", "", deep)) == 32


@pytest.mark.parametrize(("header", "in_body", "expected"), [
    (None, None, None), (None, 4, 4), ("*", 4, 4), ('"7"', None, 7), ('W/"7"', None, 7),
    ("7", 7, 7),
])
def test_the_expected_version_comes_from_header_or_body(
    header: str | None, in_body: int | None, expected: int | None
) -> None:
    assert expected == expected_version(header, in_body)


@pytest.mark.parametrize(("header", "in_body"), [
    ("abc", None), ('"7"', 8), ("", None), ('"-1"', None), ('"1","2"', None), ("9" * 40, None),
])
def test_a_version_that_cannot_be_meant_is_refused(header: str, in_body: int | None) -> None:
    with pytest.raises(BadCall) as caught:
        expected_version(header, in_body)
    assert caught.value.code == "request.version_invalid"
