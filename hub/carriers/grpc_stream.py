"""gRPC carrier: one server per node for all its children, one dialer per child.

The service is ``hub.v1.Link``, but no message is parsed here: handlers pass bytes through, so the
carrier cannot come to depend on what it carries. A certificate says who calls; ``Authorise`` says
whether that caller still has a link, at every new stream, so that a revoked certificate is
refused although its signature still holds.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import grpc
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hub.carriers.grpc_pipe import (
    ACCEPTED,
    KEEPALIVE_S,
    KEEPALIVE_TIMEOUT_S,
    MESSAGE_OPTIONS,
    PING_TIMEOUT,
    SERVICE,
    SIDE_METHODS,
    SYNC,
    ClientEnds,
    GrpcContact,
    GrpcStream,
    Pipe,
    ServerEnds,
)
from hub.carriers.port import Contact, Kind
from hub.carriers.streams import ByteStream, StreamHandler
from hub.carriers.tls import TlsFiles, trusting
from hub.errors import FabricError, UnknownPeer, Unreachable
from hub.ids import LinkId, NodeId

DIAL_S = 10.0
"""Seconds from dialling to the server's acceptance; a handshake takes less than one."""
DIAL_ONE_S = 3.0
"""The same, where there are further addresses to try: a process that was stopped still accepts
connections and never says anything."""
PROBE_S = 2.0
"""Seconds to ask a server that dropped us whether our certificate was why."""
STREAMS_PER_LINK_MAX = 8
"""Streams one child may hold open: Sync (old and new), Bulk and Ask, each with its successor."""
STOP_S = 1.0
"""Seconds of grace for open streams at stop."""

log = structlog.get_logger()
Handler = Callable[[Contact], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who called, by a certificate that our link CA signed."""

    names: frozenset[str]
    """Common name and subject alternative names."""
    spki_digest: bytes
    """SHA-256 of the SubjectPublicKeyInfo (DER): what a revocation list names."""


Authorise = Callable[[Caller], LinkId | None]
"""The link of this caller, or None: unknown or revoked. In memory; asked at every new stream."""


class GrpcServer:
    """Serves every child of this node on one port."""

    def __init__(
        self, *, tls: TlsFiles, authorise: Authorise, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.port = port
        """The port to bind; 0 until ``start`` has chosen one."""
        self._host = host
        self._authorise = authorise
        self._server: grpc.aio.Server | None = None
        self._listeners: dict[LinkId, Handler] = {}
        self._routes: dict[str, StreamHandler] = {}
        self._open: dict[asyncio.Task[None], GrpcContact | GrpcStream] = {}
        self._offered: grpc.ServerCertificateConfiguration | None = None
        self._tls = tls

    def listener(self, link: LinkId) -> GrpcListener:
        """The parent's end of one link."""
        return GrpcListener(self, link)

    def route(self, method: str, handler: StreamHandler) -> None:
        """Serve ``Bulk`` or ``Ask``; before or after ``start``."""
        assert method in SIDE_METHODS, method
        self._routes[method] = handler

    async def start(self) -> None:
        server = grpc.aio.server(
            options=(
                *MESSAGE_OPTIONS,
                ("grpc.so_reuseport", 0),  # a second server on our port is a mistake, not help
                ("grpc.keepalive_time_ms", int(KEEPALIVE_S * 1000)),
                ("grpc.keepalive_timeout_ms", int(KEEPALIVE_TIMEOUT_S * 1000)),
                (PING_TIMEOUT, int(KEEPALIVE_TIMEOUT_S * 1000)),
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
                ("grpc.http2.max_ping_strikes", 0),  # else GOAWAY too_many_pings
            )
        )
        credentials = grpc.dynamic_ssl_server_credentials(
            _server_files(self._tls),
            self._fetch,  # type: ignore[arg-type]  # the stubs forget that it may return None
            require_client_authentication=True,
        )
        methods = {SYNC: self._sync} | {name: self._side(name) for name in SIDE_METHODS}
        server.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler(
                    SERVICE,
                    {
                        # no (de)serialiser: bytes in, bytes out
                        name: grpc.stream_stream_rpc_method_handler(method)
                        for name, method in methods.items()
                    },
                ),
            )
        )
        try:
            self.port = server.add_secure_port(f"{self._host}:{self.port}", credentials)
        except RuntimeError as err:
            raise Unreachable(f"binding {self._host}:{self.port}") from err
        await server.start()
        self._server = server

    async def stop(self) -> None:
        """End all streams and close the port; idempotent."""
        server, self._server = self._server, None
        if server is None:
            return
        await self._end(dict(self._open))
        await server.stop(STOP_S)

    def renew(self, tls: TlsFiles) -> None:
        """Use these files from the next handshake on; open streams stay."""
        self._offered = _server_files(tls)
        self._tls = tls

    async def drop(self, link: LinkId) -> None:
        """End every stream of this link, after its revocation or retirement."""
        await self._end({t: end for t, end in self._open.items() if end.link == link})

    async def _end(self, ends: dict[asyncio.Task[None], GrpcContact | GrpcStream]) -> None:
        for end in ends.values():
            await end.close()
        if ends:
            _, slow = await asyncio.wait(ends, timeout=STOP_S)
            for task in slow:
                task.cancel()

    def listen(self, link: LinkId, handler: Handler | None) -> None:
        """Who takes the contacts of this link; None: nobody."""
        if handler is None:
            self._listeners.pop(link, None)
        else:
            self._listeners[link] = handler

    def _fetch(self) -> grpc.ServerCertificateConfiguration | None:
        # asked by gRPC's own thread before every handshake; None: no change
        offered, self._offered = self._offered, None
        return offered

    async def _sync(
        self, _requests: object, context: grpc.aio.ServicerContext[bytes, bytes]
    ) -> None:
        link, child = await self._admit(context)
        handler = self._listeners.get(link)
        if handler is None:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "nobody takes this link now")
        contact = GrpcContact(Pipe(ServerEnds(context)), link=link, peer=child)
        await self._serve(context, contact, partial(handler, contact), SYNC)

    def _side(
        self, name: str
    ) -> Callable[[object, grpc.aio.ServicerContext[bytes, bytes]], Awaitable[None]]:
        async def side(_requests: object, context: grpc.aio.ServicerContext[bytes, bytes]) -> None:
            link, child = await self._admit(context)
            handler = self._routes.get(name)
            if handler is None:
                await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{name} is not served here")
            stream = GrpcStream(Pipe(ServerEnds(context)), link=link, peer=child)
            await self._serve(context, stream, partial(handler, stream), name)

        return side

    async def _admit(
        self, context: grpc.aio.ServicerContext[bytes, bytes]
    ) -> tuple[LinkId, NodeId]:
        pem = b"".join(context.auth_context().get("x509_pem_cert", ()))
        caller = _caller(pem) if pem else None
        link = None if caller is None else self._authorise(caller)
        if caller is None or link is None:
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "this certificate has no link")
        child = link.split("-")[1]
        if child not in caller.names:
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "not the child of this link")
        if sum(1 for end in self._open.values() if end.link == link) >= STREAMS_PER_LINK_MAX:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many streams of one link")
        return link, NodeId(child)

    async def _serve(
        self, context: grpc.aio.ServicerContext[bytes, bytes], end: GrpcContact | GrpcStream,
        work: Callable[[], Awaitable[None]], method: str,
    ) -> None:
        # Nothing waits between ``_admit``'s count and this stream's being counted, or a thousand
        # that come at once would all find room.
        # gRPC cancels its handler when the peer is lost; our own handler must not be cut in the
        # middle of a commit, so it runs beside and is told by the end of its stream instead.
        async def run() -> None:
            try:
                await _accepted(context)
                await work()
            except FabricError as err:
                log.info("stream_ended", link=end.link, method=method, code=err.code)
            except Exception:
                log.exception("stream_handler_failed", link=end.link, method=method)
            finally:
                await end.close()

        task = asyncio.get_running_loop().create_task(run())
        self._open[task] = end
        task.add_done_callback(lambda done: self._open.pop(done, None))
        try:
            await asyncio.wait((task,))
        finally:
            end.lose()


async def _accepted(context: grpc.aio.ServicerContext[bytes, bytes]) -> None:
    """Tell the caller that it has a link here; gRPC's own errors share no base class."""
    try:
        await context.send_initial_metadata((ACCEPTED,))
    except Exception as err:
        raise Unreachable("accepting a stream: its caller has gone") from err


class GrpcListener:
    """The parent's end of one link on the node's server."""

    kind = Kind.GRPC

    def __init__(self, server: GrpcServer, link: LinkId) -> None:
        self._server = server
        self._link = link

    async def start(self, handler: Handler) -> None:
        self._server.listen(self._link, handler)

    async def stop(self) -> None:
        self._server.listen(self._link, None)
        await self._server.drop(self._link)


class GrpcDialer:
    """The child's end. Words and side streams have a connection each: a photo in the pipe must
    not hold up an order. ``others``: further addresses of the same parent, tried in turn; only the
    process that owns it listens."""

    kind = Kind.GRPC

    def __init__(
        self,
        *,
        link: LinkId,
        host: str,
        port: int,
        others: Sequence[tuple[str, int]] = (),
        tls: TlsFiles,
        server_name: str = "",
        keepalive_s: float = KEEPALIVE_S,
        keepalive_timeout_s: float = KEEPALIVE_TIMEOUT_S,
    ) -> None:
        self.link = link
        self.peer = NodeId(link.split("-")[0])
        self._targets = ((host, port), *others)
        self._target = (host, port)
        self._tls = tls
        self._server_name = server_name
        self._keepalive_ms = (int(keepalive_s * 1000), int(keepalive_timeout_s * 1000))
        self._side_channel: grpc.aio.Channel | None = None

    async def dial(self) -> Contact:
        """A fresh connection each time: renewed certificates count, and gRPC's own reconnect
        timer stays out of the driver's. The address that answered last is asked first."""
        failures: list[FabricError] = []
        for target in sorted(self._targets, key=lambda one: one != self._target):
            try:
                contact = await self._dial(target)
            except (Unreachable, UnknownPeer) as err:
                failures.append(err)
            else:
                if target != self._target:
                    self._target = target
                    await self.close()  # side streams follow
                return contact
        # Whoever is merely away may be back sooner than a person can change a refusal.
        raise next((one for one in failures if isinstance(one, Unreachable)), failures[0])

    async def _dial(self, target: tuple[str, int]) -> Contact:
        channel = self._channel(target)
        try:
            call = await self._open(channel, SYNC, target)
        except BaseException:
            await channel.close(None)
            raise
        return _DialledContact(
            Pipe(ClientEnds(call)), channel=channel, link=self.link, peer=self.peer
        )

    async def stream(self, method: str) -> ByteStream:
        """Open ``Bulk`` or ``Ask``; needs no contact. Raises as ``dial`` does."""
        assert method in SIDE_METHODS, method
        if self._side_channel is None:
            self._side_channel = self._channel(self._target)
        channel = self._side_channel
        try:
            call = await self._open(channel, method, self._target)
        except FabricError:
            await self.close()
            raise
        return GrpcStream(Pipe(ClientEnds(call)), link=self.link, peer=self.peer)

    async def close(self) -> None:
        """Close the side streams' connection; contacts close themselves. Idempotent."""
        channel, self._side_channel = self._side_channel, None
        if channel is not None:
            await channel.close(None)

    def _channel(self, target: tuple[str, int]) -> grpc.aio.Channel:
        try:
            credentials = grpc.ssl_channel_credentials(
                root_certificates=self._tls.ca.read_bytes(),
                private_key=self._tls.private_key(),
                certificate_chain=self._tls.certificate.read_bytes(),
            )
        except OSError as err:
            raise UnknownPeer(f"dialling {self.peer}: reading our credentials") from err
        options: list[tuple[str, int | str]] = [
            *MESSAGE_OPTIONS,
            ("grpc.keepalive_time_ms", self._keepalive_ms[0]),
            ("grpc.keepalive_timeout_ms", self._keepalive_ms[1]),
            (PING_TIMEOUT, self._keepalive_ms[1]),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.enable_http_proxy", 0),
            ("grpc.use_local_subchannel_pool", 1),  # no sharing: one connection per purpose
        ]
        if self._server_name:
            options.append(("grpc.ssl_target_name_override", self._server_name))
        host, port = target
        return grpc.aio.secure_channel(f"{host}:{port}", credentials, options=options)

    async def _open(
        self, channel: grpc.aio.Channel, method: str, target: tuple[str, int]
    ) -> grpc.aio.StreamStreamCall[bytes, bytes]:
        # no (de)serialiser and no request iterator, which the stubs cannot express
        opened: Any = channel.stream_stream
        call: grpc.aio.StreamStreamCall[bytes, bytes] = opened(f"/{SERVICE}/{method}")()
        try:
            async with asyncio.timeout(DIAL_S if len(self._targets) == 1 else DIAL_ONE_S):
                metadata = await call.initial_metadata()
        except TimeoutError as err:
            call.cancel()
            raise Unreachable(f"dialling {self.peer} for {method}: no answer") from err
        except BaseException:
            call.cancel()
            raise
        if ACCEPTED in tuple(metadata or ()):
            return call
        raise await self._why(await call.code(), await call.details() or "", method, target)

    async def _why(
        self, code: grpc.StatusCode, details: str, method: str, target: tuple[str, int]
    ) -> FabricError:
        doing = f"dialling {self.peer} for {method}"
        if code in (grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED):
            return UnknownPeer(f"{doing}: {details}")
        if code is grpc.StatusCode.UNAVAILABLE and await self._distrusted(target):
            return UnknownPeer(f"{doing}: the handshake was refused")
        return Unreachable(f"{doing}: {code.name.lower()} {details}")

    async def _distrusted(self, target: tuple[str, int]) -> bool:
        """Whether one side refuses the other's certificate. gRPC calls that unavailable, like a
        dead host; the TLS layer knows better, and the driver waits longer for a person."""
        host, port = target
        try:
            context = trusting(self._tls.ca)
            with self._tls.key_file() as key:
                context.load_cert_chain(self._tls.certificate, key)
            context.set_alpn_protocols(["h2"])
            async with asyncio.timeout(PROBE_S):
                reader, writer = await asyncio.open_connection(
                    host, port, ssl=context, server_hostname=self._server_name or host
                )
                try:
                    # TLS 1.3: a refusal comes after our handshake is done, and gRPC's takes the
                    # form of silence, where a server that liked us speaks HTTP/2 first
                    return not await reader.read(1)
                finally:
                    writer.close()
        except ssl.SSLError:
            return True
        except (OSError, TimeoutError):
            return False


class _DialledContact(GrpcContact):
    """A contact that owns its connection."""

    def __init__(
        self, pipe: Pipe, *, channel: grpc.aio.Channel, link: LinkId, peer: NodeId
    ) -> None:
        super().__init__(pipe, link=link, peer=peer)
        self._channel = channel

    async def close(self) -> None:
        await super().close()
        await self._channel.close(None)


def _server_files(tls: TlsFiles) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration(
        [(tls.private_key(), tls.certificate.read_bytes())],
        root_certificates=tls.ca.read_bytes(),
    )


@lru_cache(maxsize=1024)  # a server has some hundred children; parsing costs a tenth of a ms
def _caller(pem: bytes) -> Caller:
    certificate = x509.load_pem_x509_certificate(pem)
    names = {
        str(name.value)
        for name in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    }
    try:
        alternative = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
    except x509.ExtensionNotFound:
        pass
    else:
        names.update(alternative.get_values_for_type(x509.DNSName))
        names.update(alternative.get_values_for_type(x509.UniformResourceIdentifier))
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Caller(names=frozenset(names), spki_digest=hashlib.sha256(spki).digest())
