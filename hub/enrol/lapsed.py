"""A child whose certificate ran out asks for newer papers at the door for invited nodes.

It has no certificate to show, but it knows its parent's authority from its kit, and its sign key
proves who it is. What is asked and answered is the same as over the link.
"""

from __future__ import annotations

import grpc

from hub import wire
from hub.enrol.caller import CALL_S, SERVICE
from hub.errors import Overloaded, Unreachable
from hub.link.messages import Renew
from hub.v1 import link_pb2


async def ask_at(address: str, renew: Renew, *, authority: str) -> Renew:
    """Ask whoever holds a certificate of ``authority`` (PEM) at ``host:port``. Raises
    ``Unreachable`` (``enrol.unreachable``), ``Overloaded`` (``enrol.busy``)."""
    channel = grpc.aio.secure_channel(
        address,
        grpc.ssl_channel_credentials(root_certificates=authority.encode()),
        options=(("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)),
    )
    call = channel.unary_unary(
        f"{SERVICE}Renew",
        request_serializer=lambda one: wire.renew_message(one).SerializeToString(),
        response_deserializer=lambda data: wire.renew_from(link_pb2.Renew.FromString(data)),
    )
    try:
        answer: Renew = await call(renew, timeout=CALL_S)
    except grpc.aio.AioRpcError as err:
        doing = f"asking for papers at {address}: {err.code().name.lower()} {err.details() or ''}"
        if err.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
            raise Overloaded(doing, code="enrol.busy") from err
        raise Unreachable(doing, code="enrol.unreachable") from err
    finally:
        await channel.close(None)
    return answer
