"""The page behind a one-time link: what it shows in every state, and what it never lets through."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from adapters.contract import FormDesk, FormLink, PhotoRef, UnitAct, UnitRejected
from adapters.human.adapter import HumanAdapter
from adapters.human.desk import Answer, Desk
from adapters.manifest import load_adapter
from adapters.simulation import picture
from node.edge import forms
from node.edge.form_words import WORDS
from node.edge.forms import PHOTOS_MAX, TEXT_CHARS_MAX, router
from tests.unit.adapters.test_mapping import an_order

PHOTO = {"photos": ("a.png", picture("a"), "image/png")}


class Garden:
    """A unit without a system: its adapter, the page, and a clock a test can turn."""

    def __init__(self, home: Path) -> None:
        self.now = datetime(2026, 7, 1, tzinfo=UTC)
        self.folder = home / "garden"
        self.folder.mkdir()
        (self.folder / "manifest.toml").write_text(
            'id = "garden"\nkind = "human"\n[config]\npublic_url = "http://node"\nlink_days = 3\n',
            "utf-8",
        )
        made = load_adapter(self.folder).create(lambda: self.now)
        assert isinstance(made, HumanAdapter)
        self.adapter = made
        self.nudged: list[str] = []

    def form_desk(self, adapter: str) -> FormDesk | None:
        return self.adapter if adapter == "garden" else None

    def nudge(self, adapter: str) -> None:
        self.nudged.append(adapter)

    async def link(self, **order: object) -> FormLink:
        await self.adapter.submit(an_order(case_id="c", **order))
        (link,) = await self.adapter.links("c")
        return link

    async def events(self) -> list[tuple[UnitAct, str, int]]:
        page = await self.adapter.poll("")
        return [(event.act, event.text, len(event.photos)) for event in page.events]


def play(home: Path, scene: Callable[[Garden, httpx.AsyncClient], Awaitable[None]]) -> None:
    async def run() -> None:
        garden = Garden(home)
        app = FastAPI()
        app.include_router(router(garden))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, follow_redirects=True) as http:
            await scene(garden, http)
        await garden.adapter.close()

    asyncio.run(run())


def ticket_of(page: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found, "the page offers no form"
    return found[1]


async def send(http: httpx.AsyncClient, url: str, **fields: str) -> httpx.Response:
    ticket = fields.pop("ticket", "") or ticket_of((await http.get(url)).text)
    return await http.post(url, data={"ticket": ticket, **fields}, files=PHOTO)


def test_the_page_shows_the_order_and_asks_nothing_of_the_outside(tmp_path: Path) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        link = await garden.link(text="<script>alert(1)</script>")
        answer = await http.get(link.url)
        page = answer.text
        assert answer.status_code == 200
        assert "黄石大道" in page
        assert "2026-07-01 00:05" in page, "Beijing time"
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
        assert not re.search(r'(?:src|href|action)="(?!/)', page), "an address outside the node"
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"

    play(tmp_path, scene)


def test_signing_working_and_finishing(tmp_path: Path) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        url = (await garden.link()).url
        page = (await send(http, url, act="signed")).text
        assert 'value="signed"' not in page
        assert "签收" in page
        for text in ("到场", "一半"):
            page = (await send(http, url, act="progress", text=text)).text
            assert text in page
        page = (await send(http, url, act="done", text="修好了")).text
        assert "已提交处置结果" in page
        assert "<form" not in page
        assert await garden.events() == [
            (UnitAct.SIGNED, "", 1),
            (UnitAct.PROGRESS, "到场", 1),
            (UnitAct.PROGRESS, "一半", 1),
            (UnitAct.DONE, "修好了", 1),
        ]
        assert garden.nudged == ["garden"] * 4

    play(tmp_path, scene)


def test_the_closing_condition_is_asked_for_where_there_is_one(tmp_path: Path) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        url = (await garden.link(closing="路面恢复平整")).url
        assert "已达到结案条件：路面恢复平整" in (await http.get(url)).text
        refused = await send(http, url, act="done", text="", closing_met="yes")
        assert 422 == refused.status_code
        assert "checked" in refused.text, "what was ticked is kept"
        await send(http, url, act="done", text="修好了", closing_met="yes")
        (event,) = (await garden.adapter.poll("")).events
        assert event.closing_met

    play(tmp_path, scene)


def test_without_a_closing_condition_or_a_tick_nothing_is_claimed(tmp_path: Path) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        url = (await garden.link()).url
        assert "closing_met" not in (await http.get(url)).text
        await send(http, url, act="done", text="修好了")
        (event,) = (await garden.adapter.poll("")).events
        assert not event.closing_met

    play(tmp_path, scene)


def test_a_desk_of_before_the_question_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    Desk(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE said DROP COLUMN closing_met")
    desk = Desk(path)
    key, ends = "a/1", datetime(2026, 7, 3, tzinfo=UTC)
    desk.put(an_order(key=key), token=b"t", expires_at=ends)
    answer = Answer(act=UnitAct.DONE, ticket="1", text="好", reason="", photos=(),
                    closing_met=True)
    desk.say(key, answer, at=ends)
    assert [True] == [one.closing_met for one in desk.said()]
    desk.close()


@pytest.mark.parametrize("act", ["signed", "progress", "done", "return"])
def test_a_double_click_and_the_back_button_count_once(tmp_path: Path, act: str) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        url = (await garden.link()).url
        ticket = ticket_of((await http.get(url)).text)
        fields = {"act": act, "text": "x", "reason_code": "other", "ticket": ticket}
        answers = await asyncio.gather(*(send(http, url, **fields) for _ in range(4)))
        assert {answer.status_code for answer in answers} == {200}
        assert len(await garden.events()) == 1
        if act != "progress":
            fields["ticket"] = "another-page-of-the-same-form"
            await send(http, url, **fields)
            assert len(await garden.events()) == 1

    play(tmp_path, scene)


def test_a_return_names_its_reason(tmp_path: Path) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        url = (await garden.link()).url
        refused = await send(http, url, act="return", text="归水务局")
        assert refused.status_code == 422
        assert "请选择回退原因" in refused.text
        assert "归水务局" in refused.text, "what was typed is kept"
        page = (await send(http, url, act="return", text="归水务局", reason_code="not_ours")).text
        assert "已提交回退申请" in page
        (event,) = (await garden.adapter.poll("")).events
        assert (event.act, event.reason_code) == (UnitAct.RETURN, "not_ours")

    play(tmp_path, scene)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"act": "done"}, "请填写说明"),
        ({"act": "done", "text": "x" * (TEXT_CHARS_MAX + 1)}, "文字不得超过"),
        ({"act": "close", "text": "x"}, "请选择要提交的内容"),
        ({"act": "none", "text": "x"}, "请选择要提交的内容"),
        ({"act": "", "text": "x"}, "请选择要提交的内容"),
    ],
)
def test_what_cannot_be_taken_is_said_and_not_stored(
    tmp_path: Path, fields: dict[str, str], sentence: str
) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        answer = await send(http, (await garden.link()).url, **fields)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert await garden.events() == []

    play(tmp_path, scene)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([("photos", ("a.jpg", b"MZ\x90 program", "image/jpeg"))], "照片须为"),
        ([("photos", ("a.svg", b"<svg onload=x>", "image/svg+xml"))], "照片须为"),
        ([("photos", ("a.png", picture("a"), "image/png"))] * (PHOTOS_MAX + 1), "照片最多"),
    ],
)
def test_files_that_are_no_photos_are_refused(
    tmp_path: Path, files: list[tuple[str, tuple[str, bytes, str]]], sentence: str
) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        url = (await garden.link()).url
        ticket = ticket_of((await http.get(url)).text)
        fields = {"ticket": ticket, "act": "done", "text": "x"}
        answer = await http.post(url, data=fields, files=files)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert await garden.events() == []

    play(tmp_path, scene)


def test_a_body_without_a_bound_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "BODY_BYTES_MAX", 1_000)

    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        url = (await garden.link()).url

        async def endless() -> object:
            yield b"x"

        for content in (endless(), b"x" * 1_001):
            answer = await http.post(url, content=content)  # type: ignore[arg-type]
            assert answer.status_code == 422
            assert "提交内容过大" in answer.text

    play(tmp_path, scene)


def test_every_end_has_its_page(tmp_path: Path) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        link = await garden.link()
        ticket = ticket_of((await http.get(link.url)).text)
        for wrong in (f"{link.url}x", "http://node/f/garden/x", "http://node/f/nobody/x"):
            answer = await http.get(wrong)
            assert (answer.status_code, "链接无效" in answer.text) == (404, True)
            assert "黄石大道" not in answer.text
        garden.now += timedelta(days=3)
        expired = await http.get(link.url)
        assert (expired.status_code, "链接已过期" in expired.text) == (410, True)
        assert "黄石大道" not in expired.text
        await send(http, link.url, act="done", text="late", ticket=ticket)
        assert await garden.events() == []
        fresh = await garden.adapter.renew(link.key)
        assert fresh is not None
        assert (await http.get(link.url)).status_code == 404, "the old link is void"
        assert "签收" in (await http.get(fresh.url)).text
        await garden.adapter.withdraw(link.key, "", "错派")
        withdrawn = await http.get(fresh.url)
        assert "工单已撤回" in withdrawn.text
        assert "<form" not in withdrawn.text
        await send(http, fresh.url, act="done", text="late", ticket=ticket)
        assert await garden.events() == []
        with pytest.raises(UnitRejected):
            await garden.adapter.submit(an_order(case_id="c"))

    play(tmp_path, scene)


def test_the_desk_stores_no_token_and_survives_a_restart(tmp_path: Path) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        link = await garden.link()
        token = link.url.rpartition("/")[2]
        await garden.adapter.close()
        raw = b"".join(one.read_bytes() for one in garden.folder.iterdir())
        assert token.encode() not in raw
        made = load_adapter(garden.folder).create(lambda: garden.now)
        assert isinstance(made, HumanAdapter)
        garden.adapter = made
        assert (await http.get(link.url)).status_code == 200
        assert [one.url for one in await made.links("c")] == [link.url]
        assert (garden.folder / "form.key").stat().st_mode & 0o077 == 0
        with sqlite3.connect(garden.folder / "desk.db") as desk:
            assert desk.execute("SELECT length(token) FROM work").fetchall() == [(32,)]
        desk.close()

    play(tmp_path, scene)


def test_photos_of_the_case_are_shown_while_the_link_lives(tmp_path: Path) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        path = tmp_path / "scene.png"
        path.write_bytes(picture("scene"))
        photo = PhotoRef(digest="0" * 64, media_type="image/png", role="near", path=str(path))
        gone = PhotoRef(digest="1" * 64, media_type="image/png", role="far", path="")
        url = (await garden.link(photos=(photo, gone))).url
        assert (await http.get(url)).text.count("<img ") == 1
        assert (await http.get(f"{url}/photo/0")).content == picture("scene")
        assert (await http.get(f"{url}/photo/1")).status_code == 404
        assert (await http.get(f"{url}/photo/7")).status_code == 404
        garden.now += timedelta(days=4)
        assert (await http.get(f"{url}/photo/0")).status_code == 404

    play(tmp_path, scene)


def test_a_dead_link_takes_no_byte_of_a_body(tmp_path: Path) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        url = (await garden.link()).url
        sent = 0

        async def body() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(64):
                sent += 1
                yield b"x" * 1024

        head = {"content-type": "multipart/form-data; boundary=b", "content-length": "65536"}
        forged = await http.post(f"{url}x", content=body(), headers=head)
        assert (404, 0) == (forged.status_code, sent)
        garden.now += timedelta(days=4)
        late = await http.post(url, content=body(), headers=head)
        assert (410, 0) == (late.status_code, sent)

    play(tmp_path, scene)


def test_characters_that_no_database_takes_are_refused(tmp_path: Path) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        url = (await garden.link()).url
        answer = await send(http, url, act="progress", text="a\x00b")
        assert answer.status_code == 422
        assert "无法保存的字符" in answer.text
        assert await garden.events() == []

    play(tmp_path, scene)


@pytest.mark.parametrize(("accept", "tag", "said"), [
    ("en-GB,en;q=0.9", "en", "What was done (required)"),
    ("zh-CN", "zh-CN", "处置结果（必填）"), ("", "zh-CN", "处置结果（必填）"),
])
def test_the_page_speaks_the_reader_s_language(
    tmp_path: Path, accept: str, tag: str, said: str
) -> None:
    async def scene(garden: Garden, http: httpx.AsyncClient) -> None:
        http.headers["accept-language"] = accept
        url = (await garden.link()).url
        page = await http.get(url)
        assert tag == page.headers["content-language"]
        assert f'<html lang="{tag}">' in page.text
        assert said in page.text
        refused = await send(http, url, act="return", text="x")
        assert ("Please choose a reason" in refused.text) == (tag == "en")
        done = await send(http, url, act="done", text="ok")
        assert ("The result has been sent" in done.text) == (tag == "en")
        gone = await http.get(f"{url}x")
        assert ("There is no such link" in gone.text) == (tag == "en")

    play(tmp_path, scene)


def test_the_words_of_the_page_exist_in_both_languages_and_are_used() -> None:
    source = "".join(
        (Path(forms.__file__).parent / name).read_text("utf-8")
        for name in ("forms.py", "pages/form.html")
    )
    for key, (chinese, english) in WORDS.items():
        assert re.search("[\u4e00-\u9fff：]", chinese), key
        assert not re.search("[\u4e00-\u9fff]", english), key
        assert set(re.findall("{[a-z]+}", chinese)) == set(re.findall("{[a-z]+}", english)), key
        assert f'"{key}"' in source or key.startswith(("state.", "reason.")), key
