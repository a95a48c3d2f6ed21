"""Two libraries, one algorithm: what one signs the other accepts, and both know RFC 8032."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from hub.roster.keys import SignKey
from hub.seal import Ed25519Key

# RFC 8032 section 7.1, TEST 2: secret key, public key, message, signature.
SECRET = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
MESSAGE = b"\x72"
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")


def test_the_vector_of_the_standard() -> None:
    key = SignKey(Ed25519PrivateKey.from_private_bytes(SECRET))
    assert PUBLIC == key.public
    assert SIGNATURE == key.sign(MESSAGE)
    assert Ed25519Key.of(PUBLIC).holds(MESSAGE, SIGNATURE)


@given(secret=st.binary(min_size=32, max_size=32), data=st.binary(max_size=500))
def test_each_accepts_what_the_other_signs(secret: bytes, data: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(secret)
    ours = SignKey(private)
    assert private.sign(data) == ours.sign(data)
    Ed25519PublicKey.from_public_bytes(ours.public).verify(ours.sign(data), data)
    assert Ed25519Key.of(ours.public).holds(data, private.sign(data))


@pytest.mark.parametrize("bit", [0, 100, 255, 256, 511])
def test_one_changed_bit_is_refused(bit: int) -> None:
    spoiled = bytearray(SIGNATURE)
    spoiled[bit // 8] ^= 1 << bit % 8
    assert not Ed25519Key.of(PUBLIC).holds(MESSAGE, bytes(spoiled))


def test_a_seal_of_another_length_is_refused() -> None:
    assert not Ed25519Key.of(PUBLIC).holds(MESSAGE, SIGNATURE + b"\0")
    assert not Ed25519Key.of(PUBLIC).holds(b"", SIGNATURE + MESSAGE)
