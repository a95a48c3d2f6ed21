"""The door for nodes that are invited: a gRPC server of its own, open only while somebody may come.

It asks for no client certificate, so it shares nothing with the server of the links: another port,
another service, no way from one to the other. Small messages, few at a time, and a refusal takes
as long as any other answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any, Protocol, TypeVar

import grpc
import structlog
from google.protobuf.message import DecodeError

from hub import wire
from hub.enrol.desk import Answer, EnrolDesk
from hub.enrol.invitation import EnrolState
from hub.enrol.proof import NONCE_LIFE_S, Proof
from hub.enrol.turnstile import Turnstile
from hub.errors import FabricError, Unreachable
from hub.ids import node_id
from hub.link.messages import Renew
from hub.roster.documents import KEYS_MAX, REQUEST_BYTES_MAX
from hub.roster.identity import Identity
from hub.v1 import enrol_pb2, link_pb2

SERVICE = "hub.v1.Enrol"
MESSAGE_BYTES_MAX = REQUEST_BYTES_MAX + 16 * 1024
"""Largest message that is read: a join request, a token and some proofs."""
CALLS_MAX = 16
"""Calls at one time; more are turned away at once."""
REFUSAL_S = 0.5
"""Every refusal takes this long, so that its time tells nothing."""
CALL_S = 30.0
CONNECTION_MS = 120_000
"""A connection ends after this long; whoever waits comes again."""
STOP_S = 1.0
BUSY, BAD = grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INVALID_ARGUMENT
AWAY = grpc.StatusCode.UNAVAILABLE

_STATES = {
    EnrolState.ACCEPTED: enrol_pb2.EnrolReply.ACCEPTED,
    EnrolState.WAITING: enrol_pb2.EnrolReply.WAITING,
    EnrolState.REFUSED: enrol_pb2.EnrolReply.REFUSED,
}
Asked = TypeVar("Asked")
Said = TypeVar("Said")
Call = grpc.aio.ServicerContext[Any, Any]
log = structlog.get_logger(__name__)


class Lapsed(Protocol):
    """Whoever issues papers to children whose certificate ran out."""

    def any_lapsed(self) -> bool: ...

    async def ask_lapsed(self, renew: Renew) -> Renew: ...


class EnrolDoor:
    """One per node; ``hosts`` are on its certificate."""

    def __init__(
        self,
        desk: EnrolDesk,
        *,
        identity: Identity,
        host: str,
        port: int,
        hosts: tuple[str, ...],
        now_us: Callable[[], int],
        renewals: Lapsed | None = None,
    ) -> None:
        self._desk = desk
        self._renewals = renewals
        self._identity = identity
        self._host, self._asked_port = host, port
        self._hosts = hosts
        self._now_us = now_us
        self._turnstile = Turnstile()
        self._server: grpc.aio.Server | None = None
        self._shown = b""
        self._following = asyncio.Lock()
        self.port = 0
        """Where it is open; 0 while it is shut."""

    async def follow(self) -> None:
        """Open or shut it, as invitations and children whose certificate ran out want; with a new
        certificate of ours it is opened anew."""
        async with self._following:
            wanted = self._now_us() < await self._desk.door_until_us() or (
                self._renewals is not None and self._renewals.any_lapsed()
            )
            if not wanted:
                await self._stop()
            else:
                await self._open()

    async def open(self) -> int:
        """Have it open; returns its port. ``Unreachable`` (``enrol.port``) where it is taken."""
        async with self._following:
            await self._open()
            return self.port

    async def stop(self) -> None:
        """Shut it; idempotent."""
        async with self._following:
            await self._stop()

    async def _open(self) -> None:
        key, chain = await asyncio.to_thread(self._papers)
        if self._server is not None and self._shown == chain:
            return
        await self._stop()
        server = grpc.aio.server(
            maximum_concurrent_rpcs=CALLS_MAX,
            options=(
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
                ("grpc.max_metadata_size", 4 * 1024),
                ("grpc.max_concurrent_streams", 2),
                ("grpc.max_connection_age_ms", CONNECTION_MS),
                ("grpc.max_connection_idle_ms", CONNECTION_MS),
            ),
        )
        server.add_generic_rpc_handlers((
            grpc.method_handlers_generic_handler(SERVICE, {
                "Challenge": _unary(self._guarded(
                    self._challenge, enrol_pb2.ChallengeRequest.FromString)),
                "Submit": _unary(self._guarded(
                    self._submit, enrol_pb2.SubmitRequest.FromString)),
                "Status": _unary(self._guarded(
                    self._status, enrol_pb2.StatusRequest.FromString)),
                "Renew": _unary(self._guarded(self._renew, link_pb2.Renew.FromString)),
            }),
        ))
        credentials = grpc.ssl_server_credentials(
            [(key, chain)], root_certificates=None, require_client_auth=False
        )
        address = f"[{self._host}]" if ":" in self._host else self._host
        try:
            port = server.add_secure_port(f"{address}:{self._asked_port}", credentials)
        except RuntimeError as err:
            raise Unreachable(
                f"opening the door for invited nodes at {address}:{self._asked_port}",
                code="enrol.port",
            ) from err
        # Whoever opened the door is not who comes through it: calls begin with an empty context.
        await asyncio.get_running_loop().create_task(server.start(), context=Context())
        self._server, self._shown, self.port = server, chain, port
        log.info("enrol_open", port=port)

    async def _stop(self) -> None:
        server, self._server, self.port = self._server, None, 0
        if server is not None:
            await server.stop(STOP_S)
            log.info("enrol_shut")

    def _papers(self) -> tuple[bytes, bytes]:
        """Our key, and our server certificate with the authority behind it: whoever comes compares
        that one's fingerprint with its invitation."""
        now_us = self._now_us()
        server = self._identity.server_certificate(hosts=self._hosts, now_us=now_us)
        authority = self._identity.authority(now_us=now_us)
        return self._identity.tls.pem(), (server.pem + authority.pem).encode()

    # --- calls ------------------------------------------------------------------------------------

    def _guarded(
        self, work: Callable[[Asked, str], Awaitable[tuple[Said, bool]]],
        read: Callable[[bytes], Asked],
    ) -> Callable[[bytes, Call], Awaitable[Said]]:
        # Bytes are read here: before, the server would write a whole traceback for each that are
        # no message, and nobody would count them.
        async def call(data: bytes, context: Call) -> Said:
            began = time.monotonic()
            peer = _peer(context.peer())
            if not self._turnstile.admit(peer, now_s=began):
                await context.abort(BUSY, "too many calls: try again in some minutes")
            try:
                async with asyncio.timeout(CALL_S):
                    said, stranger = await work(read(data), peer)
            except (ValueError, TypeError, DecodeError) as err:
                self._turnstile.failed(peer, now_s=time.monotonic())
                log.info("enrol_unreadable", peer=peer, why=str(err))
                await context.abort(BAD, "this cannot be read")
            except (FabricError, TimeoutError) as err:
                log.warning("enrol_failed", peer=peer, why=str(err))
                await context.abort(AWAY, "this node cannot answer now")
            if stranger:
                log.warning("enrol_stranger", peer=peer)
                self._turnstile.failed(peer, now_s=time.monotonic())
                await asyncio.sleep(max(0.0, REFUSAL_S - (time.monotonic() - began)))
            return said

        return call

    async def _challenge(
        self, asked: enrol_pb2.ChallengeRequest, _peer: str
    ) -> tuple[enrol_pb2.ChallengeReply, bool]:
        nonce = self._desk.challenge(node_id(asked.node))
        return enrol_pb2.ChallengeReply(nonce=nonce, good_for_s=NONCE_LIFE_S), False

    async def _submit(
        self, asked: enrol_pb2.SubmitRequest, peer: str
    ) -> tuple[enrol_pb2.EnrolReply, bool]:
        answer = await self._desk.submit(
            token=asked.token, nonce=asked.nonce, request=asked.request,
            proofs=_proofs(asked.proofs), origin=peer,
        )
        return _reply(answer), answer.stranger

    async def _status(
        self, asked: enrol_pb2.StatusRequest, peer: str
    ) -> tuple[enrol_pb2.EnrolReply, bool]:
        answer = await self._desk.status(
            node=node_id(asked.node), nonce=asked.nonce, proofs=_proofs(asked.proofs),
            origin=peer,
        )
        return _reply(answer), answer.stranger

    async def _renew(self, asked: link_pb2.Renew, _peer: str) -> tuple[link_pb2.Renew, bool]:
        if self._renewals is None:
            raise ValueError("nobody issues papers here")
        answer = await self._renewals.ask_lapsed(wire.renew_from(asked))
        return wire.renew_message(answer), bool(answer.code)


def _unary(call: Any) -> Any:
    return grpc.unary_unary_rpc_method_handler(
        call,
        response_serializer=lambda said: said.SerializeToString(),
    )


def _proofs(given: Any) -> tuple[Proof, ...]:
    if len(given) > KEYS_MAX:
        raise ValueError("too many proofs")
    return tuple(Proof(key_id=one.key_id, alg=one.alg, value=one.value) for one in given)


def _reply(answer: Answer) -> enrol_pb2.EnrolReply:
    return enrol_pb2.EnrolReply(
        state=_STATES[answer.state],
        kit=answer.kit.to_json().encode() if answer.kit is not None else b"",
        code=answer.code,
        detail=answer.detail,
    )


def _peer(name: str) -> str:
    """The address of a caller without its port: ``ipv4:10.0.0.7:51234`` → ``ipv4:10.0.0.7``."""
    return name.rpartition(":")[0] or name
