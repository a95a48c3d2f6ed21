"""The child's side of joining over the network: find the parent, trust only it, show the papers.

The parent's certificate chain is fetched once without trusting anything, and the authority in it is
compared with the fingerprint of the invitation. From then on TLS trusts that authority and nobody
else: whoever sits in between has either another authority, which is refused here, or not its key.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import grpc

from hub.enrol import proof
from hub.enrol.invitation import EnrolState, Invitation, split_address
from hub.errors import FabricError, Malformed, Overloaded, Unreachable, Untrusted
from hub.roster.documents import KIT_BYTES_MAX, JoinRequest, Kit
from hub.seal import Signer
from hub.v1 import enrol_pb2, envelope_pb2

CONNECT_S, CALL_S = 10.0, 40.0
SERVICE = "/hub.v1.Enrol/"

_STATES = {
    enrol_pb2.EnrolReply.ACCEPTED: EnrolState.ACCEPTED,
    enrol_pb2.EnrolReply.WAITING: EnrolState.WAITING,
    enrol_pb2.EnrolReply.REFUSED: EnrolState.REFUSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The parent's answer."""

    state: EnrolState
    kit: Kit | None
    code: str
    detail: str


async def authority_at(address: str, *, fingerprint: str) -> str:
    """The authority (PEM) of whoever answers there, if it is the one that was invited to.
    ``Unreachable``; ``Untrusted`` (``enrol.fingerprint``) for anybody else."""
    host, port = split_address(address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is said yet, and nothing believed but a digest
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    try:
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except (OSError, TimeoutError) as err:
        raise Unreachable(
            f"calling the parent at {address}: {err or 'no answer'}", code="enrol.unreachable"
        ) from err
    try:
        chain = _chain(writer.get_extra_info("ssl_object"))
    finally:
        writer.close()
    for certificate in chain:
        if hashlib.sha256(certificate).hexdigest() == fingerprint:
            return ssl.DER_cert_to_PEM_cert(certificate)
    raise Untrusted(
        f"whoever answers at {address} is not the parent of the invitation",
        code="enrol.fingerprint",
    )


def _chain(connection: Any) -> list[bytes]:
    """The certificates a server showed, DER; as the standard library gives them from 3.13 on, and
    as it has them inside before."""
    given = getattr(connection, "get_unverified_chain", None)
    if given is not None:
        return list(given())
    shown = connection._sslobj.get_unverified_chain() or ()
    return [bytes(ssl.PEM_cert_to_DER_cert(one.public_bytes())) for one in shown]


class EnrolCaller:
    """One conversation with one address of the parent; ``close`` it. ``authority``: PEM."""

    def __init__(self, invitation: Invitation, address: str, *, authority: str) -> None:
        self._invitation = invitation
        self._address = address
        self._channel = grpc.aio.secure_channel(
            address,
            grpc.ssl_channel_credentials(root_certificates=authority.encode()),
            options=(
                ("grpc.max_receive_message_length", KIT_BYTES_MAX + 64 * 1024),
                ("grpc.enable_http_proxy", 0),
                ("grpc.use_local_subchannel_pool", 1),
            ),
        )

    async def close(self) -> None:
        """Hang up."""
        await self._channel.close(None)

    async def submit(self, request: JoinRequest, signers: Sequence[Signer]) -> Heard:
        """Show token and papers. Raises ``Unreachable``, ``Overloaded`` (``enrol.busy``)."""
        nonce = await self._nonce()
        return self._heard(await self._call(
            "Submit",
            enrol_pb2.SubmitRequest(
                token=self._invitation.token, nonce=nonce, request=request.to_json().encode(),
                proofs=_proofs(proof.SUBMIT_TAG, signers, nonce, request),
            ),
            enrol_pb2.EnrolReply,
        ))

    async def status(self, request: JoinRequest, signers: Sequence[Signer]) -> Heard:
        """Ask what became of it. Raises as ``submit`` does."""
        nonce = await self._nonce()
        return self._heard(await self._call(
            "Status",
            enrol_pb2.StatusRequest(
                node=request.node, nonce=nonce,
                proofs=_proofs(proof.STATUS_TAG, signers, nonce, request),
            ),
            enrol_pb2.EnrolReply,
        ))

    async def _nonce(self) -> bytes:
        asked = enrol_pb2.ChallengeRequest(node=self._invitation.node)
        said = await self._call("Challenge", asked, enrol_pb2.ChallengeReply)
        return bytes(said.nonce)

    async def _call(self, method: str, message: Any, answer: Any) -> Any:
        call = self._channel.unary_unary(
            SERVICE + method,
            request_serializer=lambda one: one.SerializeToString(),
            response_deserializer=answer.FromString,
        )
        try:
            return await call(message, timeout=CALL_S)
        except grpc.aio.AioRpcError as err:
            raise self._why(err) from err

    def _why(self, err: grpc.aio.AioRpcError) -> FabricError:
        doing, said = f"calling the parent at {self._address}", err.details() or ""
        if err.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
            return Overloaded(f"{doing}: {said}", code="enrol.busy")
        if "CERTIFICATE_VERIFY_FAILED" in said or "Hostname" in said or "certificate" in said:
            return Untrusted(f"{doing}: its certificate does not hold", code="enrol.certificate")
        return Unreachable(f"{doing}: {err.code().name.lower()} {said}", code="enrol.unreachable")

    def _heard(self, said: Any) -> Heard:
        state = _STATES.get(said.state)
        if state is None:
            raise Malformed("the parent's answer says nothing", code="enrol.malformed")
        return Heard(
            state=state, kit=Kit.from_json(said.kit) if said.kit else None, code=said.code,
            detail=said.detail,
        )


def _proofs(
    tag: bytes, signers: Sequence[Signer], nonce: bytes, request: JoinRequest
) -> list[envelope_pb2.Signature]:
    csr = request.csr if tag == proof.SUBMIT_TAG else ""
    return [
        envelope_pb2.Signature(alg=one.alg, key_id=one.key_id, value=one.value)
        for one in proof.prove(tag, signers, nonce=nonce, csr=csr, node=request.node)
    ]
