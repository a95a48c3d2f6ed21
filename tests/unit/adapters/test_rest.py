"""The REST kind against a scripted unit: every answer is sorted by whether the order was taken."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import (
    Adapter,
    AdapterError,
    MappingError,
    OutcomeUnknown,
    PhotoRef,
    UnitRejected,
    UnitUnavailable,
    UnitUnreadable,
)
from adapters.manifest import load_adapter
from adapters.rest.simulator import as_json, signature
from adapters.simulation import Event, picture
from tests.unit.adapters.test_mapping import an_order, record

Answer = tuple[int, bytes]
KEY = b"a key that nobody guesses"
NOW = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)


class Scripted:
    """A unit that answers what the test says and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.script: Callable[[str, str], Answer | None] = lambda _method, _path: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer()

            def do_POST(self) -> None:
                self.answer()

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                said = outer.script(self.command, self.path)
                if said is None:
                    said = 200, b'{"code": 0, "data": {"list": [], "items": []}}'
                self.send_response(said[0])
                self.send_header("Content-Length", str(len(said[1])))
                self.end_headers()
                try:
                    self.wfile.write(said[1])
                except ConnectionError:
                    return

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join(10)
        self.server.server_close()


@pytest.fixture
def unit() -> Iterator[Scripted]:
    scripted = Scripted()
    yield scripted
    scripted.stop()


def adapter(home: Path, unit: Scripted, *changes: tuple[str, str], **config: object) -> Adapter:
    folder = home / "unit"
    folder.mkdir()
    (folder / "secret").write_bytes(b"user:pass\n")
    (folder / "secret").chmod(0o600)
    port = unit.server.server_address[1]
    config = {"base_url": f"http://127.0.0.1:{port}/api", **config}
    lines = [f"{name} = {json.dumps(value)}" for name, value in config.items()]
    (folder / "manifest.toml").write_text(
        'id = "unit"\nkind = "rest"\n[config]\n' + "\n".join(lines),
        "utf-8",
    )
    mapping = (files("adapters") / "rest" / "example-mapping.toml").read_text("utf-8")
    for before, after in changes:
        assert before in mapping, "the change did not take"
        mapping = mapping.replace(before, after)
    (folder / "mapping.toml").write_text(mapping, "utf-8")
    return load_adapter(folder).create(lambda: NOW)


async def outcome(made: Adapter, call: str, *arguments: Any) -> Any:
    """What a call returned or raised; closes the adapter."""
    try:
        return await getattr(made, call)(*arguments)
    except AdapterError as err:
        return err
    finally:
        await made.close()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"code": 0, "data": {"orderNo": "DL-1"}}', "DL-1"),
        (200, b'{"code": "0", "data": {"orderNo": 17}}', "17"),
        (200, b'{"code": 0, "data": {}}', OutcomeUnknown),
        (200, b'{"code": 4101, "msg": "no"}', UnitRejected),
        (200, b'{"code": 12345, "msg": "?"}', OutcomeUnknown),
        (200, b"<html>", OutcomeUnknown),
        (200, b"", OutcomeUnknown),
        (200, b"[1, 2]", OutcomeUnknown),
        (200, b"\xff\xfe\x00", OutcomeUnknown),
        (400, b'{"code": 1, "msg": "bad"}', UnitRejected),
        (422, b"{}", UnitRejected),
        (409, b"{}", OutcomeUnknown),
        (408, b"{}", OutcomeUnknown),
        (401, b"{}", UnitUnavailable),
        (403, b"{}", UnitUnavailable),
        (404, b"{}", UnitUnavailable),
        (429, b"{}", UnitUnavailable),
        (302, b"", UnitUnavailable),
        (500, b"{}", OutcomeUnknown),
        (502, b"<html>", OutcomeUnknown),
        (503, b"", OutcomeUnknown),
    ],
)
def test_a_submission_ends_in_one_of_four_ways(
    tmp_path: Path, unit: Scripted, status: int, body: bytes, expected: object
) -> None:
    unit.script = lambda method, _path: (status, body) if method == "POST" else None
    got = asyncio.run(outcome(adapter(tmp_path, unit), "submit", an_order()))
    if isinstance(expected, type):
        assert type(got) is expected, got
    else:
        assert got.unit_reference == expected


def test_a_closed_port_is_unavailable_and_nothing_was_taken(tmp_path: Path) -> None:
    gone = Scripted()
    made = adapter(tmp_path, gone)
    gone.stop()
    assert type(asyncio.run(outcome(made, "submit", an_order()))) is UnitUnavailable


def test_a_flood_is_cut_off(tmp_path: Path, unit: Scripted) -> None:
    unit.script = lambda _method, _path: (200, b"[" + b"1," * 4_000_000)
    made = adapter(tmp_path, unit, response_bytes_max=65_536)
    got = asyncio.run(outcome(made, "poll", ""))
    assert type(got) is UnitUnreadable
    assert len(got.evidence) <= 4096


def test_a_drip_feed_ends_at_the_deadline(tmp_path: Path, unit: Scripted) -> None:
    def slow(_method: str, _path: str) -> Answer:
        time.sleep(1.0)
        return 200, b"{}"

    unit.script = slow
    began = time.monotonic()
    got = asyncio.run(outcome(adapter(tmp_path, unit, timeout_s=0.2), "poll", ""))
    assert type(got) is UnitUnavailable
    assert time.monotonic() - began < 0.9


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ("bearer", "Authorization", "Bearer user:pass"),
        ("basic", "Authorization", "Basic " + base64.b64encode(b"user:pass").decode()),
        ("header", "X-Key", "user:pass"),
    ],
)
def test_the_three_ways_to_log_in(
    tmp_path: Path, unit: Scripted, auth: str, header: str, value: str
) -> None:
    made = adapter(tmp_path, unit, auth=auth, auth_header="X-Key", secret_file="secret")
    asyncio.run(outcome(made, "probe"))
    assert unit.asked[0][2][header] == value


def test_a_key_with_slashes_travels_whole_in_the_query(tmp_path: Path, unit: Scripted) -> None:
    asyncio.run(outcome(adapter(tmp_path, unit), "lookup", "a/1&x=2"))
    assert unit.asked[0][1] == "/api/workorders?extNo=a%2F1%26x%3D2"


def test_a_cursor_that_does_not_move_ends_the_round(tmp_path: Path, unit: Scripted) -> None:
    page = {"code": 0, "data": {"items": [record()], "next": "5", "more": True}}
    unit.script = lambda _method, _path: (200, json.dumps(page).encode())
    got = asyncio.run(outcome(adapter(tmp_path, unit), "poll", "5"))
    assert (got.cursor, got.more) == ("5", False)


def test_a_window_overlaps_and_walks_its_pages(tmp_path: Path, unit: Scripted) -> None:
    change = (
        'query = { after = "{cursor}", limit = "{limit}" }\nitems = "data.items"\n'
        'next = "data.next"\nmore = "data.more"',
        'style = "window"\noverlap_s = 600\nitems = "data.items"\nmore = "data.more"\n'
        'query = { from = "{from}", to = "{to}", page = "{page}" }',
    )
    pages = iter([True, False, False])
    unit.script = lambda _method, _path: (
        200,
        json.dumps({"code": 0, "data": {"items": [record()], "more": next(pages)}}).encode(),
    )

    async def walk() -> str:
        made, cursor = adapter(tmp_path, unit, change), ""
        for _ in range(3):
            cursor = (await made.poll(cursor)).cursor
        await made.close()
        return cursor

    asyncio.run(walk())
    day, ten = NOW - timedelta(days=1), NOW - timedelta(minutes=10)
    asked = [
        path.partition("?")[2].replace("+", " ").replace("%3A", ":") for _, path, *_ in unit.asked
    ]
    form = "%Y-%m-%d %H:%M:%S"
    beijing = timedelta(hours=8)
    end = (NOW + beijing).strftime(form)
    assert asked == [
        f"from={(day + beijing).strftime(form)}&to={end}&page=1",
        f"from={(day + beijing).strftime(form)}&to={end}&page=2",
        f"from={(ten + beijing).strftime(form)}&to={end}&page=1",
    ]


def test_a_photo_goes_out_as_multipart(tmp_path: Path, unit: Scripted) -> None:
    path = tmp_path / "scene.png"
    path.write_bytes(picture("scene"))
    made = adapter(tmp_path, unit, ('send = "base64"', 'send = "multipart"\nfield = "files"'))
    photo = PhotoRef(digest="ab" * 32, media_type="image/png", role="near", path=str(path))
    asyncio.run(outcome(made, "submit", an_order(photos=(photo,))))
    sent = unit.asked[-1]
    assert sent[2]["Content-Type"].startswith("multipart/form-data")
    assert picture("scene") in sent[3]
    assert b'name="files"; filename="near-abababababababab.png"' in sent[3]


def test_a_broken_photo_is_reported_and_the_event_lives(tmp_path: Path, unit: Scripted) -> None:
    good = base64.b64encode(picture("x")).decode()
    photos = [{"content": good}, {"content": "%%%"}, {"content": base64.b64encode(b"exe").decode()}]
    page = {"code": 0, "data": {"items": [record(photos=photos)], "next": "5"}}
    unit.script = lambda _method, _path: (200, json.dumps(page).encode())
    got = asyncio.run(outcome(adapter(tmp_path, unit), "poll", ""))
    assert [len(event.photos) for event in got.events] == [1]
    assert len(got.unreadable) == 2


def test_photos_by_reference_come_through_the_same_door_only(
    tmp_path: Path, unit: Scripted
) -> None:
    by_reference = ('content = "content", media_type = "type"', 'href = "url"')
    no_webhook = ("[calls.webhook]", "[ignored]")
    photos = [{"url": "files/1.png"}, {"url": "http://10.9.9.9/1.png"}, {"url": "files/gone.png"}]
    page = {"code": 0, "data": {"items": [record(photos=photos)], "next": "5"}}

    def script(_method: str, path: str) -> Answer:
        if path.endswith("1.png"):
            return 200, picture("1")
        return (404, b"") if path.endswith("gone.png") else (200, json.dumps(page).encode())

    unit.script = script
    made = adapter(tmp_path, unit, by_reference, no_webhook)
    got = asyncio.run(outcome(made, "poll", ""))
    if isinstance(got, AdapterError):
        raise got
    assert [photo.data for photo in got.events[0].photos] == [picture("1")]
    assert {item.source for item in got.unreadable} == {
        "photo http://10.9.9.9/1.png",
        "photo files/gone.png",
    }


@pytest.mark.parametrize(
    ("age_s", "key", "accepted"),
    [(0, KEY, True), (299, KEY, True), (301, KEY, False), (0, b"x", False)],
)
def test_a_push_must_be_fresh_and_signed(
    tmp_path: Path, unit: Scripted, age_s: int, key: bytes, accepted: bool
) -> None:
    folder_key = tmp_path / "hook"
    folder_key.write_bytes(KEY)
    folder_key.chmod(0o600)
    made = adapter(tmp_path, unit, webhook_secret_file="../hook")
    event = Event(
        seq=1, ext="a/1", order_no="DL-1", status="20", remark="", reason="", at=NOW, photos=0
    )
    body = json.dumps({"events": [as_json(event), {"status": "?"}]}).encode()
    headers = signature(key, str(int(NOW.timestamp()) - age_s), body)
    try:
        page = made.webhook({name.lower(): value for name, value in headers.items()}, body)
    except UnitRejected:
        assert not accepted
    else:
        assert accepted
        assert (len(page.events), len(page.unreadable)) == (1, 1)
    asyncio.run(made.close())


@pytest.mark.parametrize("key", [b"", b"\n", b"short"])
def test_a_key_that_could_be_guessed_is_refused(
    tmp_path: Path, unit: Scripted, key: bytes
) -> None:
    (tmp_path / "hook").write_bytes(key)
    (tmp_path / "hook").chmod(0o600)
    with pytest.raises(MappingError, match="webhook_secret_file: at least 16"):
        adapter(tmp_path, unit, webhook_secret_file="../hook")


def test_a_password_does_not_belong_into_the_address(tmp_path: Path, unit: Scripted) -> None:
    with pytest.raises(MappingError, match="base_url: no user or password"):
        adapter(tmp_path, unit, base_url="http://me:hush@127.0.0.1/api")


@pytest.mark.parametrize("odd", [b"[" * 100_000, b"{", b"\xff", b'{"events": [{"extNo": NaN}]}'])
def test_a_signed_push_of_garbage_is_quarantined(
    tmp_path: Path, unit: Scripted, odd: bytes
) -> None:
    (tmp_path / "hook").write_bytes(KEY)
    (tmp_path / "hook").chmod(0o600)
    made = adapter(tmp_path, unit, webhook_secret_file="../hook")
    headers = signature(KEY, str(int(NOW.timestamp())), odd)
    try:
        kept = made.webhook(headers, odd).unreadable[0].evidence
    except UnitUnreadable as err:
        kept = err.evidence
    assert kept
    asyncio.run(made.close())


def test_an_answer_nested_without_end_is_garbage_like_any_other(
    tmp_path: Path, unit: Scripted
) -> None:
    unit.script = lambda _method, _path: (200, b"[" * 100_000)
    assert isinstance(asyncio.run(outcome(adapter(tmp_path, unit), "poll", "")), UnitUnreadable)


def test_without_a_key_no_push_is_trusted(tmp_path: Path, unit: Scripted) -> None:
    made = adapter(tmp_path, unit)
    with pytest.raises(UnitRejected, match="webhook_secret_file"):
        made.webhook(signature(b"", "1", b"{}"), b"{}")
    asyncio.run(made.close())
