"""The crypto suites a node may seal with: a signature algorithm and the digest that goes with it.

Everybody verifies every suite that this machine has; which one a node signs with is chosen when it
is made. A key of a suite that is not known here, or not to be had on this machine, is skipped where
keys are collected and refused where it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from hub.envelope import Alg
from hub.errors import Incompatible
from hub.seal import ED25519, Ed25519Key, PublicKey, Signer, digest
from hub.suites.device import DeviceKey, is_address
from hub.suites.ed25519 import Ed25519Private
from hub.suites.pem import is_sm2

SM2: Final = "sm2"
"""Its module ``hub.suites.sm2`` is loaded for those alone who use it."""


class PrivateKey(Protocol):
    """One sign key of any suite: in memory, or in a device."""

    @property
    def alg(self) -> str: ...

    @property
    def public(self) -> bytes:
        """As the roster lists it."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Called from worker threads."""
        ...

    def to_file(self) -> bytes:
        """PKCS#8 PEM, unencrypted; of a key in a device its address."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One suite. Functions raise ``ValueError`` for bytes that are no key of it."""

    name: str
    """As in ``Signature.alg`` and in the roster."""
    digest: Alg
    """Of envelopes sealed with it, and of its key ids."""
    public_bytes: int
    load: Callable[[bytes], PublicKey]
    """The verifying key of its raw public bytes."""
    generate: Callable[[], PrivateKey]
    of_pem: Callable[[bytes], PrivateKey]
    check: Callable[[], object]
    """Raises ``Incompatible`` (``suite.missing``) where this machine lacks it."""


def _sm2_key(raw: bytes) -> PublicKey:
    from hub.suites.sm2 import Sm2Key

    return Sm2Key(raw)


def _sm2_private() -> PrivateKey:
    from hub.suites.sm2 import Sm2Private

    return Sm2Private.generate()


def _sm2_of_pem(pem: bytes) -> PrivateKey:
    from hub.suites.sm2 import Sm2Private

    return Sm2Private.of_pem(pem)


def _sm2_check() -> object:
    from hub.suites.openssl import openssl

    return openssl()


SUITES: Final[Mapping[str, Suite]] = MappingProxyType({
    ED25519: Suite(
        name=ED25519, digest=Alg.SHA256, public_bytes=32, load=Ed25519Key.of,
        generate=Ed25519Private.generate, of_pem=Ed25519Private.of_pem, check=lambda: None,
    ),
    SM2: Suite(
        name=SM2, digest=Alg.SM3, public_bytes=65, load=_sm2_key,
        generate=_sm2_private, of_pem=_sm2_of_pem, check=_sm2_check,
    ),
})
KEY_ID_HEX: Final = 20
"""Characters of a key id: 80 bits of the key's digest. A roster refuses two keys of one id, so
the length only has to make accidents impossible; it rides on every envelope."""


def suite_of(alg: str) -> Suite:
    """The suite of a signature algorithm. Raises ``Incompatible``: ``suite.unknown``, or
    ``suite.missing`` where this machine lacks it."""
    suite = SUITES.get(alg)
    if suite is None:
        raise Incompatible(
            f"{alg!r} is no suite of ours: {', '.join(SUITES)}", code="suite.unknown")
    suite.check()
    return suite


def of_file(data: bytes) -> PrivateKey:
    """The private key in a file, whatever its suite, or the one in a device that the file names.
    Raises ``ValueError`` or ``TypeError`` for what is no sign key, ``Incompatible`` where this
    machine lacks its suite, and as ``hub.suites.device.DeviceKey.of_file``."""
    if is_address(data):
        return DeviceKey.of_file(data)
    return suite_of(SM2 if is_sm2(data) else ED25519).of_pem(data)


def known(alg: str) -> Suite | None:
    """The suite, or None if it is not known here or not to be had on this machine."""
    try:
        return suite_of(alg)
    except Incompatible:
        return None


def key_id_of(public: bytes, alg: str = ED25519) -> str:
    """The id under which a roster lists a public sign key."""
    return digest(suite_of(alg).digest, public).hex()[:KEY_ID_HEX]


def fits(alg: str, public: bytes, key_id: str) -> bool:
    """Whether a key is what its id says, as far as this machine can tell: it cannot of a suite
    that is not known here."""
    suite = known(alg)
    return suite is None or (
        len(public) == suite.public_bytes and key_id_of(public, alg) == key_id
    )


def verify(alg: str, public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` over ``message`` was made by the owner of the raw ``public`` key."""
    suite = suite_of(alg)
    try:
        return suite.load(public).holds(message, signature)
    except ValueError:
        return False


def digest_of(signers: Sequence[Signer]) -> Alg:
    """What envelopes under these seals are digested with: as the first one's suite says, which is
    the one that every receiver knows while a second accompanies it."""
    return SUITES[signers[0].alg].digest if signers and signers[0].alg in SUITES else Alg.SHA256
