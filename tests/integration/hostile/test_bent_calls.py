"""Real calls bent byte by byte against running doors: cursors, ids and positions in addresses, and
the messages of a node that says it is invited."""

from __future__ import annotations

import asyncio
import base64
import random
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import quote

import grpc
import pytest

from hub.enrol import door as doors
from hub.enrol.door import SERVICE, EnrolDoor
from hub.enrol.proof import SUBMIT_TAG, prove
from hub.roster import join
from hub.v1 import enrol_pb2, envelope_pb2
from tests.integration.http.conftest import opening
from tests.integration.http.node import LINK, Node, served
from tests.integration.trust.test_enrol_desk import NEW, Parent
from tests.trees import CITY, grow, newcomer

SEED = 20261126
EACH = 40
BENT = ("\x00", "%", "..", "/", "\ud7ff", "，", "'", '"', ";--", "-1", "9" * 30, "1e9", "𠀀", "=")


def mangled(text: str, chance: random.Random) -> str:
    """The text with some characters changed, cut, doubled or slipped in."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0:
                text = text[:at] + chance.choice(BENT) + text[at:]
            case 1:
                text = text[:at] + text[at + chance.randint(1, 5):]
            case 2:
                text = text[:at] + chr(chance.randrange(33, 127)) + text[at + 1:]
            case _:
                text += text[at:]
    return text


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with served(tmp_path_factory.mktemp("node")) as made:
        yield made


LISTS = ("cases", "work-items", "responsibilities", "units", "ledger", "calls", "components",
         "grids", "findings", "audit", "standards", "classes", "alarms", "collectors", "notices")


def test_bent_cursors_lead_nowhere_and_break_nothing(node: Node) -> None:
    chance = random.Random(SEED)
    with node.client() as api:
        for _ in range(3):
            assert api.post("/api/v1/cases", json=opening()).status_code == 201
        real = api.get("/api/v1/cases", params={"limit": 1}).json()["next"]
        assert real
        seeds = (real, base64.urlsafe_b64encode(b'["2026-01-01",1]').decode(), "1", "420203|x")
        for name in LISTS:
            for _ in range(EACH):
                cursor = mangled(chance.choice(seeds), chance)
                answer = api.get(f"/api/v1/{name}", params={"after": cursor, "limit": 1})
                assert answer.status_code in (200, 400, 404, 409, 422), (name, cursor, answer.text)


def test_bent_ids_in_addresses_name_nothing_and_break_nothing(node: Node) -> None:
    chance = random.Random(SEED)
    with node.client() as api:
        case = api.post("/api/v1/cases", json=opening()).json()["case_id"]
        addresses = (
            ("cases/{}", case), ("cases/{}/timeline", case), ("cases/{}/journal", case),
            ("photos/{}", "0" * 64), ("links/{}", LINK), ("links/{}/parked", LINK),
            ("units/{}", "420203"), ("accounts/{}", "wangli"), ("problems/{}", case),
            ("components/{}", "4202030100100001"), ("grids/unit/{}", "420203001001"),
            ("calls/{}", case), ("alarms/{}", case), ("cases/{}/evidence", case),
            ("evaluation/publications/{}", case), ("shared/{}", "cases"),
        )
        for pattern, real in addresses:
            for _ in range(EACH):
                bad = quote(mangled(real, chance).encode("utf-8", "surrogatepass"), safe="")
                answer = api.get(f"/api/v1/{pattern.format(bad)}")
                assert answer.status_code < 500, (pattern, bad, answer.text)
        assert api.get(f"/api/v1/cases/{case}").status_code == 200


ANSWERS = {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNAVAILABLE,
           grpc.StatusCode.RESOURCE_EXHAUSTED}
"""UNKNOWN is what an exception would be, with its whole traceback in the log of the node."""


class Wide:
    """A turnstile that lets everybody through: here the desk behind it is meant."""

    def admit(self, _peer: str, *, now_s: float) -> bool:
        return now_s > 0

    def failed(self, _peer: str, *, now_s: float) -> None:
        assert now_s > 0


def bent(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(4):
            case 0:
                out[at:at] = chance.choice(
                    (b"\xff" * 10, b"\x80" * 12, b"\xed\xa0\x80", b"[" * 2_000))
            case 1:
                del out[at : at + chance.randint(1, 9)]
            case 2:
                out[at : at + 1] = bytes((chance.randrange(256),))
            case _:
                out += out[at:]
    return bytes(out)


def test_bent_messages_at_the_door_for_invited_nodes_open_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a real token, nonce and proofs beneath: what is bent is one of them, or all."""
    monkeypatch.setattr(doors, "REFUSAL_S", 0.0)
    now_us = time.time_ns() // 1_000
    chance = random.Random(SEED)
    identity, child = (
        grow(tmp_path, now_us=now_us).city, newcomer(tmp_path, NEW, CITY, now_us=now_us))

    async def story() -> None:
        async with (
            Parent(identity, f"sqlite:///{tmp_path}/w.db", now_us=now_us) as city,
            AsyncExitStack() as stack,
        ):
            door = EnrolDoor(
                city.desk, identity=identity, host="127.0.0.1", port=0,
                hosts=("localhost",), now_us=lambda: now_us)
            door._turnstile = Wide()  # type: ignore[assignment]
            invited = await city.invite()
            port = await door.open()
            stack.push_async_callback(door.stop)
            trust = grpc.ssl_channel_credentials(identity.authority(now_us=now_us).pem.encode())
            async with grpc.aio.secure_channel(f"localhost:{port}", trust) as channel:
                async def call(method: str, data: bytes) -> tuple[grpc.StatusCode, bytes]:
                    going = channel.unary_unary(f"/{SERVICE}/{method}")(data, timeout=20)
                    code = await going.code()
                    return code, await going if code is grpc.StatusCode.OK else b""

                request = join.make_join_request(child, now_us=now_us)
                for n in range(240):
                    nonce = city.desk.challenge(child.node)
                    proofs = [
                        envelope_pb2.Signature(key_id=one.key_id, alg=one.alg, value=one.value)
                        for one in prove(SUBMIT_TAG, (child.sign,), nonce=nonce, csr=request.csr,
                                         node=child.node)
                    ]
                    asks = {
                        "Challenge": enrol_pb2.ChallengeRequest(node=child.node),
                        "Submit": enrol_pb2.SubmitRequest(
                            token=invited.token if n % 3 else b"", nonce=nonce, proofs=proofs,
                            request=bent(request.to_json().encode(), chance)),
                        "Status": enrol_pb2.StatusRequest(
                            node=child.node, nonce=nonce, proofs=proofs),
                    }
                    method = ("Challenge", "Submit", "Status")[n % 3]
                    whole = asks[method].SerializeToString()
                    code, said = await call(method, whole if n % 2 else bent(whole, chance))
                    assert code in ANSWERS, (method, code)
                    if code is grpc.StatusCode.OK and method != "Challenge":
                        assert not enrol_pb2.EnrolReply.FromString(said).kit
            assert city.taken == 0

    asyncio.run(story())
