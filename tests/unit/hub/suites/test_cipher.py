"""Small things sealed at rest: what opens, what does not, and under which key."""

from __future__ import annotations

import pickle

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher as Block
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from hub.errors import Incompatible, Malformed, Unsealed, Untrusted
from hub.suites.cipher import AES, ALGORITHMS, OVERHEAD_BYTES, SM4, Cipher, CipherKey, is_sealed

SECRET = bytes(range(32))


def test_sm4_is_that_of_its_standard() -> None:
    """GB/T 32907, annex A.1."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    work = Block(algorithms.SM4(key), modes.ECB()).encryptor()
    assert (work.update(key) + work.finalize()).hex() == "681edf34d206965e86b3e94f536e4246"


def test_sm4_gcm_is_that_of_its_rfc() -> None:
    """RFC 8998, appendix A.1."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    nonce = bytes.fromhex("00001234567800000000abcd")
    plain = bytes.fromhex("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
                          "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa")
    work = Block(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    work.authenticate_additional_data(bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    text = work.update(plain) + work.finalize()
    assert text.hex().startswith("17f399f08c67d5ee19d0dc9969c4bb7d")
    assert work.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_what_was_sealed_opens_in_its_place_alone(alg: str) -> None:
    cipher = Cipher([CipherKey(alg, SECRET)])
    for plain in (b"", b"\0", "王女士 13800138000".encode(), bytes(10_000)):
        sealed = cipher.seal(plain, b"cases.private")
        assert is_sealed(sealed)
        assert len(sealed) == len(plain) + OVERHEAD_BYTES
        assert plain not in sealed or len(plain) < 2
        assert cipher.open(sealed, b"cases.private") == plain
        assert cipher.seal(plain, b"cases.private") != sealed
        with pytest.raises(Unsealed):
            cipher.open(sealed, b"another place")


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_every_bit_counts(alg: str) -> None:
    cipher = Cipher([CipherKey(alg, SECRET)])
    sealed = cipher.seal(b"name and phone", b"")
    for at in range(len(sealed)):
        for bit in (1, 128):
            broken = sealed[:at] + bytes([sealed[at] ^ bit]) + sealed[at + 1:]
            with pytest.raises((Unsealed, Untrusted, Malformed)):
                cipher.open(broken, b"")
    for cut in (b"", sealed[:1], sealed[:OVERHEAD_BYTES - 1]):
        with pytest.raises(Malformed):
            cipher.open(cut, b"")


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    old, new = CipherKey(AES, SECRET), CipherKey(SM4, SECRET[::-1])
    before = Cipher([old]).seal(b"x", b"")
    both = Cipher([new, old])
    assert both.open(before, b"") == b"x"
    assert not both.is_newest(before)
    after = both.seal(b"x", b"")
    assert both.is_newest(after)
    assert both.alg == SM4
    with pytest.raises(Untrusted) as refused:
        Cipher([old]).open(after, b"")
    assert refused.value.code == "cipher.key"


def test_a_key_shows_nothing_of_itself() -> None:
    key = CipherKey(AES, SECRET)
    assert SECRET.hex() not in repr(key) + repr(Cipher([key]))
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(ValueError, match="32 bytes"):
        CipherKey(AES, b"short")
    with pytest.raises(Incompatible) as refused:
        CipherKey("rot13", SECRET)
    assert refused.value.code == "suite.unknown"
