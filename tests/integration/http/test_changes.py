"""The change feed: live, resumed after a break, bounded."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx

from tests.integration.http.conftest import opening
from tests.integration.http.node import CLIENTS_MAX, Node

WAIT_S = 15.0


def _events(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    """Events and comments of a stream, one by one, until the deadline."""
    deadline = time.monotonic() + WAIT_S
    event: dict[str, Any] = {}
    for line in answer.iter_lines():
        if time.monotonic() > deadline:
            raise AssertionError("the stream said nothing we waited for")
        if line.startswith(":"):
            yield {"comment": line[1:].strip()}
        elif line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif event:
            yield {**event, "data": json.loads(event["data"])}
            event = {}


def _until_case(answer: httpx.Response, case_id: str) -> dict[str, Any]:
    return next(event for event in _events(answer)
                if event.get("data", {}).get("case_id") == case_id)


def test_a_listener_hears_what_is_committed_from_now_on(node: Node, api: httpx.Client) -> None:
    before = api.post("/api/v1/cases", json=opening()).json()["case_id"]
    with node.client() as client, client.stream("GET", "/api/v1/changes") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        events = _events(stream)
        assert "from" in next(events)["comment"]
        now = api.post("/api/v1/cases", json=opening()).json()["case_id"]
        first = next(event for event in events if "data" in event)

    assert first["event"] == "change"
    assert first["data"]["case_id"] == now != before
    assert int(first["id"]) == first["data"]["n"]


def test_who_comes_back_with_the_last_id_misses_nothing(node: Node, api: httpx.Client) -> None:
    first = api.post("/api/v1/cases", json=opening()).json()["case_id"]
    with node.client() as client, client.stream("GET", "/api/v1/changes?after=0") as stream:
        seen = _until_case(stream, first)
    missed = [api.post("/api/v1/cases", json=opening()).json()["case_id"] for _ in range(3)]

    with node.client() as client, client.stream(
        "GET", "/api/v1/changes", headers={"Last-Event-ID": seen["id"]},
    ) as stream:
        got = []
        for event in _events(stream):
            if "data" in event:
                got.append(event)
            if len(got) == 3:
                break

    assert [event["data"]["case_id"] for event in got] == missed
    numbers = [int(event["id"]) for event in got]
    assert numbers == sorted(numbers)
    assert numbers[0] > int(seen["id"])


def test_silence_is_filled_with_heartbeats(node: Node) -> None:
    with node.client() as client, client.stream("GET", "/api/v1/changes") as stream:
        assert any(event.get("comment") == "heartbeat" for event in _events(stream))


def test_listeners_are_bounded_and_a_place_is_free_again_afterwards(node: Node) -> None:
    clients = [node.client() for _ in range(CLIENTS_MAX)]
    streams = []
    try:
        for client in clients:
            stream = client.send(client.build_request("GET", "/api/v1/changes"), stream=True)
            assert stream.status_code == 200
            streams.append(stream)
        with node.client() as late:
            refused = late.get("/api/v1/changes")
        assert (refused.status_code, refused.json()["code"]) == (503, "changes.too_many")
        assert refused.headers["retry-after"]
    finally:
        for stream in streams:
            stream.close()
        for client in clients:
            client.close()
    deadline = time.monotonic() + WAIT_S
    with node.client() as again:
        while True:
            with again.stream("GET", "/api/v1/changes") as stream:
                if stream.status_code == 200:
                    break
            assert time.monotonic() < deadline, "the places were not given back"
            time.sleep(0.1)


def test_a_last_id_that_is_no_number_is_refused(api: httpx.Client) -> None:
    answer = api.get("/api/v1/changes", headers={"Last-Event-ID": "yesterday"})

    assert (answer.status_code, answer.json()["code"]) == (422, "page.cursor")


def test_programs_that_poll_read_the_same_feed(api: httpx.Client) -> None:
    case_id = api.post("/api/v1/cases", json=opening()).json()["case_id"]
    found: list[dict[str, Any]] = []
    after = 0
    while True:
        page = api.get("/api/v1/changes/page", params={"after": after, "limit": 200}).json()
        if not page:
            break
        found += page
        after = page[-1]["n"]

    assert case_id in {change["case_id"] for change in found}
    assert [change["n"] for change in found] == sorted({change["n"] for change in found})
