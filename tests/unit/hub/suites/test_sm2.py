"""SM2 and SM3 as the standards have them, checked against a second implementation."""

from __future__ import annotations

import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.envelope import Alg
from hub.errors import Incompatible, Malformed
from hub.roster.keys import SignKey
from hub.seal import digest
from hub.suites import openssl as binding
from hub.suites.openssl import OpenSsl, openssl
from hub.suites.pem import pem_of
from hub.suites.registry import ED25519, SM2, fits, key_id_of, known, suite_of, verify
from hub.suites.sm2 import Sm2Key, Sm2Private
from tests.unit.hub.suites import reference

# GB/T 32918.5 (GM/T 0003.5), annex A.2: user 1234567812345678 signs "message digest".
D = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
X = 0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
Y = 0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
PUBLIC = b"\4" + X.to_bytes(32, "big") + Y.to_bytes(32, "big")
MESSAGE = b"message digest"


@pytest.mark.parametrize(("data", "expected"), [
    (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
])
def test_sm3_is_that_of_its_standard(data: bytes, expected: str) -> None:
    assert digest(Alg.SM3, data).hex() == expected  # GB/T 32905, annex A


def test_the_signature_printed_in_the_standard_holds() -> None:
    key = Sm2Key(PUBLIC)
    assert key.holds(MESSAGE, reference.der(R, S))
    assert not key.holds(b"message digesT", reference.der(R, S))
    assert not key.holds(MESSAGE, reference.der(R, S - 1))
    assert not openssl().holds(openssl().public(PUBLIC), MESSAGE, reference.der(R, S),
                               user_id=b"8765432187654321")


def test_the_second_implementation_makes_the_signature_of_the_standard() -> None:
    assert reference.sign(D, K, MESSAGE) == (R, S)
    assert reference.holds((X, Y), MESSAGE, R, S)


def test_each_implementation_takes_what_the_other_signs() -> None:
    for number in range(3):
        message = os.urandom(number * 50)
        ours = Sm2Private.generate()
        r, s = reference.undone(ours.sign(message))
        assert reference.holds(reference.point(ours.public), message, r, s)
        assert not reference.holds(reference.point(ours.public), message + b"x", r, s)
        theirs = reference.der(*reference.sign(D, K + number, message))
        assert Sm2Key(PUBLIC).holds(message, theirs)


def test_a_signature_has_one_form_only() -> None:
    key, good = Sm2Key(PUBLIC), reference.der(R, S)
    raw = R.to_bytes(32, "big") + S.to_bytes(32, "big")
    longer = b"\x30\x81" + good[1:]  # the same numbers, the length written in two bytes
    for other in (raw, longer, good + b"\0", good[:-1], b"", b"\x30\x00", bytes(72), bytes(500)):
        assert not key.holds(MESSAGE, other)
    for r, s in ((0, S), (R, 0), (reference.N, S), (R, reference.N), (R, reference.N - R)):
        assert not key.holds(MESSAGE, reference.der(r, s))


def test_what_is_no_point_of_the_curve_is_no_key() -> None:
    off = PUBLIC[:-1] + bytes([PUBLIC[-1] ^ 1])
    compressed = bytes([2 + Y % 2]) + PUBLIC[1:33]
    for raw in (off, compressed, b"", bytes(65), PUBLIC + b"\0", b"\4" + bytes(64)):
        with pytest.raises(ValueError, match=r"SM2 key"):
            Sm2Key(raw)
        assert not verify(SM2, raw, reference.der(R, S), MESSAGE)


def test_a_key_comes_back_from_its_file(tmp_path: Path) -> None:
    key = SignKey.generate(SM2)
    key.save(tmp_path / "sign.key")
    again = SignKey.load(tmp_path / "sign.key")
    assert (again.alg, again.public, again.key_id) == (SM2, key.public, key.key_id)
    assert again.key_id == key_id_of(key.public, SM2) == digest(Alg.SM3, key.public).hex()[:20]
    assert verify(SM2, key.public, again.sign(b"word"), b"word")
    assert fits(SM2, key.public, key.key_id)
    assert not fits(SM2, PUBLIC, key.key_id)
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_a_file_that_only_looks_like_an_sm2_key_is_refused_without_quoting_it(
    tmp_path: Path,
) -> None:
    whole = Sm2Private.generate().to_file()
    short = pem_of(bytes.fromhex("3011020100300b06072a8648ce3d0201") + bytes.fromhex(
        "06082a811ccf5501822d") + b"canary canary canary")
    for name, pem in (("short.key", short), ("cut.key", whole.replace(b"-----END", b"-----"))):
        (tmp_path / name).write_bytes(pem)
        (tmp_path / name).chmod(0o600)
        with pytest.raises(Malformed) as refused:
            SignKey.load(tmp_path / name)
        assert refused.value.code == "keys.malformed"
        assert "canary" not in str(refused.value)


def test_threads_share_one_key() -> None:
    private = Sm2Private.generate()
    public = Sm2Key(private.public)
    start = threading.Barrier(4)

    def work(number: int) -> bool:
        start.wait()
        words = [f"{number}.{n}".encode() for n in range(40)]
        return all(public.holds(word, private.sign(word))
                   and not public.holds(word + b"!", private.sign(word)) for word in words)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))


class Bare:
    """A library as some systems ship it: a function is not there."""

    def __init__(self, without: str) -> None:
        self._without = without

    def __getattr__(self, name: str) -> object:
        if name == self._without:
            raise AttributeError(name)
        return getattr(binding.ctypes.CDLL(binding._candidates()[0]), name)


@pytest.mark.parametrize("without", ["EVP_sm3", "EVP_PKEY_CTX_set1_id"])
def test_a_machine_without_sm2_says_so(without: str) -> None:
    with pytest.raises(Incompatible) as refused:
        OpenSsl(Bare(without))  # type: ignore[arg-type]
    assert refused.value.code == "suite.missing"
    assert without in str(refused.value)


def test_a_suite_is_skipped_where_it_is_missing_and_refused_where_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binding, "_candidates", lambda: ("libnothing-of-the-kind.so",))
    binding.openssl.cache_clear()
    try:
        assert known(SM2) is None
        assert known(ED25519) is not None
        for _ in range(2):
            with pytest.raises(Incompatible) as refused:
                SignKey.generate(SM2)
            assert refused.value.code == "suite.missing"
        assert fits(SM2, b"anything", "of the kind")
    finally:
        binding.openssl.cache_clear()
    with pytest.raises(Incompatible) as unknown:
        suite_of("rsa")
    assert unknown.value.code == "suite.unknown"
