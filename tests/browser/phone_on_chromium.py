"""The collector's phone and the citizen's page in a browser, with and without a network."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Browser, Page, Route, expect

from tests import beat
from tests.browser.axe import serious
from tests.browser.people import PHONE, opened, state_of
from tests.browser.town import Town, account
from tests.integration.http.conftest import opening

LOGIN, NAME = "c401", "王丽"
LON, LAT = beat.at(24.0, 22.0)
"""Where the phone is: some metres beside the first component of the beat."""
TAKEN = "2026:11:26 09:30:05"
WITHIN_MS = 40_000
"""Until what waits is sent, on a busy machine: the first repeat comes after five seconds."""


def picture(colour: str) -> bytes:
    """A photo as a camera writes it: large, with its time."""
    made, exif = io.BytesIO(), Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = TAKEN
    Image.new("RGB", (2400, 1800), colour).save(made, "JPEG", exif=exif)
    return made.getvalue()


FILES = [{"name": f"{one}.jpg", "mimeType": "image/jpeg", "buffer": picture(one)}
         for one in ("gray", "green", "navy", "brown")]


@pytest.fixture(scope="module")
def collector(town: Town, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Cookies of a collector who is on the beat."""
    folder: Path = tmp_path_factory.mktemp("beat")
    with town.node.client() as api:
        account(town.node, api, LOGIN, NAME, ("collector",))
        beat.lay(town.node, api, folder, LOGIN, NAME)
    return state_of(chromium, town.node.url, LOGIN)


@pytest.fixture
def phone(town: Town, chromium: Browser, collector: Any) -> Iterator[Page]:
    """The page on a phone that keeps it, with what is taken along."""
    page = opened(chromium, town.node.url, size=PHONE, state=collector)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": LON, "latitude": LAT, "accuracy": 6})
    come(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    # As a collector reads it before leaving: what is taken along has arrived.
    expect(page.locator("#net")).to_have_text("有网络", timeout=WITHIN_MS)
    yield page
    page.context.close()


def come(page: Page) -> None:
    page.goto("/console/phone")
    expect(page.locator("body")).to_have_attribute("data-ready", "yes")


def fill(page: Page, text: str) -> None:
    """A report, as somebody fills it in."""
    page.locator("#shots input").nth(0).set_input_files(FILES[0])
    page.locator("#shots img").first.wait_for()
    page.locator("#shots input").nth(1).set_input_files(FILES[1])
    expect(page.locator("#shots img")).to_have_count(2)
    expect(page.locator("#fix")).to_contain_text("定位误差约 6 米")
    page.get_by_label("地址或参照物").fill("杭州东路88号门前")
    page.locator("#near button").first.click()
    expect(page.locator("#chosen")).to_contain_text("供水井盖异常")
    page.get_by_label("说明", exact=True).fill(text)


def send(page: Page, text: str) -> None:
    fill(page, text)
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.locator("#toast")).to_contain_text("已存入待送")


def cases(town: Town, text: str) -> list[dict[str, Any]]:
    """Documents of the cases with these words, newest first."""
    with town.node.client() as api:
        listed = api.get("/api/v1/cases", params={"source": "collector"}).json()["items"]
        found = [api.get(f"/api/v1/cases/{one['case_id']}").json() for one in listed]
    return [one for one in found if one["facts"]["text"] == text]


def test_a_report_made_without_a_network_outlives_the_tab_and_arrives_once(
    town: Town, phone: Page
) -> None:
    context, text = phone.context, "井盖缺了一角，离线上报"
    context.set_offline(True)
    phone.reload()
    expect(phone.locator("#net")).to_have_text("无网络，先存手机")
    send(phone, text)
    phone.get_by_role("link", name="待送").click()
    expect(phone.locator("#queue-list")).to_contain_text("等待发送")
    phone.close()
    page = context.new_page()
    come(page)
    page.get_by_role("link", name="待送").click()
    expect(page.locator("#queue-list .card")).to_have_count(1)
    assert cases(town, text) == []

    context.set_offline(False)
    expect(page.locator("#queue-list")).to_contain_text("已送达", timeout=WITHIN_MS)
    (case,) = cases(town, text)
    facts = case["facts"]
    assert (facts["category"]["kind"], facts["category"]["code"]) == ("matter", "01001")
    assert facts["component"] == beat.COMPONENTS[0][0]
    assert facts["place"]["area"] == beat.COMMUNITY
    assert facts["source_details"] == {"collector": LOGIN, "beat": beat.BEAT}
    assert sorted(one["role"] for one in facts["photos"]) == ["far", "near"]
    with town.node.client() as api:
        data = api.get(f"/api/v1/photos/{facts['photos'][0]['digest']}").content
    kept = Image.open(io.BytesIO(data))
    assert kept.size == (1600, 1200)
    assert kept.getexif().get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] == TAKEN
    page.reload()
    page.wait_for_timeout(500)
    assert len(cases(town, text)) == 1


def test_whoever_leaves_before_the_pack_has_come_is_told_so_and_keeps_what_is_filled_in(
    town: Town, chromium: Browser, collector: Any
) -> None:
    page = opened(chromium, town.node.url, size=PHONE, state=collector)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": LON, "latitude": LAT, "accuracy": 6})
    page.route("**/console/phone/pack", lambda route: route.abort("connectionreset"))
    come(page)
    expect(page.locator("#net")).to_have_text("正在取离线数据")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#near-none")).to_contain_text("部件和类别表还没有取到手机上")
    page.get_by_label("说明", exact=True).fill("网络恢复后接着填")
    page.get_by_role("button", name="选其他事项").click()
    expect(page.locator("#class-none")).to_contain_text("部件和类别表还没有取到手机上")
    page.unroute("**/console/phone/pack")
    page.context.set_offline(False)
    expect(page.locator("#class-list button").first).to_be_visible(timeout=WITHIN_MS)
    expect(page.locator("#class-none")).to_be_empty()
    page.locator("#classes").get_by_role("button", name="关闭").click()
    expect(page.locator("#net")).to_have_text("有网络")
    expect(page.locator("#near button").first).to_contain_text("供水井盖")
    expect(page.get_by_label("说明", exact=True)).to_have_value("网络恢复后接着填")
    page.context.close()


def test_a_report_whose_answer_was_lost_is_sent_again_and_is_one(
    town: Town, chromium: Browser, collector: Any
) -> None:
    page = opened(chromium, town.node.url, size=PHONE, state=collector)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": LON, "latitude": LAT, "accuracy": 6})
    sent: list[str] = []

    def lose(route: Route) -> None:
        sent.append(route.request.headers["idempotency-key"])
        answer = route.fetch()
        assert answer.status == 201, answer.text()
        if len(sent) == 1:
            route.abort("connectionreset")
        else:
            route.fulfill(response=answer)

    page.route("**/api/v1/cases", lose)
    come(page)
    text = "井盖松动，答复丢失"
    send(page, text)
    page.get_by_role("link", name="待送").click()
    expect(page.locator("#queue-says")).to_contain_text("没有收到答复")
    assert len(cases(town, text)) == 1
    expect(page.locator("#queue-list")).to_contain_text("已送达", timeout=WITHIN_MS)
    assert len(sent) == 2
    assert len(set(sent)) == 1
    assert len(cases(town, text)) == 1
    page.context.close()


def task(town: Town, text: str) -> str:
    with town.node.client() as api:
        made = api.post("/api/v1/cases", json=opening(text=text)).json()["case_id"]
        sent = api.post(f"/api/v1/cases/{made}/start-verify", json={"collector": LOGIN})
        assert sent.status_code == 200, sent.text
    return str(made)


def test_a_look_on_site_is_done_without_a_network_and_what_came_too_late_says_why(
    town: Town, phone: Page
) -> None:
    done, late = task(town, "现场看井盖"), task(town, "晚到的核实")
    phone.get_by_role("link", name="任务").click()
    phone.get_by_role("button", name="刷新任务").click()
    expect(phone.locator("#task-list .card")).to_have_count(2)
    phone.context.set_offline(True)
    for case_id, answer, words in ((done, "属实", ""), (late, "不属实", "现场没有看到")):
        phone.locator(f"#t-{case_id}").get_by_role("button", name="办理").click()
        phone.locator("#task").get_by_role("button", name="提交").click()
        expect(phone.locator("#task-wrong")).to_have_text("请选择结论")
        phone.locator("#task").get_by_label(answer, exact=True).check()
        phone.locator("#task-shots input").first.set_input_files(FILES[2])
        phone.locator("#task-shots img").wait_for()
        phone.locator("#task textarea").fill(words)
        phone.locator("#task").get_by_role("button", name="提交").click()
        expect(phone.locator(f"#t-{case_id}")).to_contain_text("已提交，等待发送")
    with town.node.client() as api:
        taken = api.post(f"/api/v1/cases/{late}/verify", json={"found": True})
        assert taken.status_code == 200, taken.text

    phone.context.set_offline(False)
    phone.get_by_role("link", name="待送").click()
    expect(phone.locator("#queue-list")).to_contain_text("已送达", timeout=WITHIN_MS)
    expect(phone.locator("#queue-list")).to_contain_text("被退回", timeout=WITHIN_MS)
    expect(phone.locator("#queue-list .wrong")).to_contain_text("案卷当前状态不允许此操作")
    with town.node.client() as api:
        document = api.get(f"/api/v1/cases/{done}").json()
    assert document["status"] == "pending_filing"
    phone.on("dialog", lambda dialog: dialog.accept())
    phone.locator("#queue-list").get_by_role("button", name="删除").click()
    expect(phone.locator("#n-queue")).to_have_text("0")


def test_a_session_that_ended_on_the_way_loses_nothing_and_leaving_asks_and_wipes(
    town: Town, phone: Page
) -> None:
    text = "路灯杆倾斜，登录过期后送达"
    phone.context.set_offline(True)
    send(phone, text)
    phone.context.clear_cookies()
    phone.context.set_offline(False)
    expect(phone.locator("#net")).to_have_text("登录已过期", timeout=WITHIN_MS)
    phone.reload()
    expect(phone.locator("#n-queue")).to_have_text("1")
    phone.get_by_role("link", name="去登录").click()
    phone.get_by_label("用户名").fill(LOGIN)
    phone.get_by_label("口令").fill("seven lamps are dark")
    phone.get_by_role("button", name="登录").click()
    phone.wait_for_url("**/console/phone", timeout=WITHIN_MS)
    phone.get_by_role("link", name="待送").click()
    expect(phone.locator("#queue-list")).to_contain_text("已送达", timeout=WITHIN_MS)
    assert len(cases(town, text)) == 1

    phone.get_by_role("link", name="上报").click()
    phone.context.set_offline(True)
    send(phone, "不会送出")
    phone.get_by_role("button", name="菜单").click()
    phone.get_by_role("button", name="退出登录").click()
    expect(phone.locator("#leaving-says")).to_contain_text("还有 1 件没有送出")
    phone.get_by_role("button", name="先不退出").click()
    expect(phone.locator("#n-queue")).to_have_text("1")
    phone.get_by_role("button", name="菜单").click()
    phone.get_by_role("button", name="退出登录").click()
    phone.get_by_role("button", name="退出并清除手机上的数据").click()
    expect(phone.locator("#n-queue")).to_have_text("0")
    phone.context.set_offline(False)
    phone.wait_for_url("**/account/login?said=left", timeout=WITHIN_MS)
    assert cases(town, "不会送出") == []


def test_a_walk_is_recorded_and_taken(town: Town, phone: Page) -> None:
    phone.get_by_role("link", name="巡查").click()
    expect(phone.locator("#shift")).to_contain_text(beat.BEAT_NAME)
    phone.get_by_role("button", name="开始巡查").click()
    for east in (40.0, 70.0):
        lon, lat = beat.at(east, 22.0)
        phone.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 6})
        expect(phone.locator("#patrol-figures")).to_contain_text(
            "约 16 米" if east < 50 else "约 46 米")
    phone.get_by_role("button", name="结束巡查").click()
    expect(phone.locator("#patrol-figures dd").nth(2)).to_have_text("0")
    with town.node.client() as api:
        shift = api.post(f"/api/v1/collectors/{LOGIN}/patrol", json={"purpose": "核对"})
    assert shift.json()["points"] >= 1


def test_a_call_for_help_goes_before_what_waits(town: Town, phone: Page) -> None:
    expect(phone.locator("#alarm-open")).not_to_have_attribute("hidden", "")
    asked: list[str] = []
    phone.on("request", lambda one: asked.append(one.url.rpartition("/")[2])
             if one.method == "POST" else None)
    phone.context.set_offline(True)
    send(phone, "报警之前的上报")
    phone.get_by_role("link", name="巡查").click()
    phone.get_by_role("button", name="报警求助").click()
    phone.get_by_label("威胁、围堵").check()
    phone.get_by_role("button", name="立即报警").click()
    expect(phone.locator("#n-queue")).to_have_text("2")
    asked.clear()
    phone.context.set_offline(False)
    expect(phone.locator("#n-queue")).to_have_text("0", timeout=WITHIN_MS)
    assert asked[0] == "alarms"
    with town.node.client() as api:
        (alarm,) = [one for one in api.get("/api/v1/alarms").json()["items"]
                    if one["collector"] == LOGIN]
    assert alarm["kind"] == "threat"


def test_a_report_that_lacks_something_says_what_and_goes_there(phone: Page) -> None:
    phone.get_by_role("button", name="上报", exact=True).click()
    expect(phone.locator("#report-wrong")).to_have_text("还缺照片：近景、远景")
    fill(phone, "")
    phone.get_by_role("button", name="上报", exact=True).click()
    expect(phone.locator("#report-wrong")).to_have_text("请填写说明")
    expect(phone.get_by_label("说明", exact=True)).to_be_focused()
    phone.reload()
    expect(phone.locator("#shots img")).to_have_count(2)
    expect(phone.get_by_label("地址或参照物")).to_have_value("杭州东路88号门前")
    phone.locator("#correct summary").click()
    phone.get_by_role("button", name="东 5 米").click()
    expect(phone.locator("#fix")).to_contain_text("手动修正的位置")
    phone.get_by_role("button", name="选其他事项").click()
    phone.get_by_label("输入名称或代码查找").fill("暴露垃圾")
    phone.locator("#class-list button").first.click()
    expect(phone.locator("#chosen")).to_contain_text("暴露垃圾")
    phone.get_by_role("button", name="清空重填").click()
    expect(phone.locator("#shots img")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_phone_has_no_serious_fault_is_no_wider_than_its_screen_and_has_large_targets(
    town: Town, chromium: Browser, collector: Any, theme: str
) -> None:
    page = opened(chromium, town.node.url, size=PHONE, state=collector, theme=theme)
    come(page)
    for room in ("report", "tasks", "queue", "patrol"):
        page.goto(f"/console/phone#{room}")
        expect(page.locator(f"#{room}")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], room
        small = page.evaluate(
            "[...document.querySelectorAll('button, a, select, label.shot, label.tick')]"
            ".filter(one => one.offsetParent && one.getBoundingClientRect().height < 44)"
            ".map(one => one.textContent.trim())")
        assert small == [], room
        assert serious(page) == [], room
    page.get_by_role("button", name="菜单").click()
    assert serious(page) == []
    assert page.complaints == []  # type: ignore[attr-defined]
    page.context.close()


@pytest.mark.usefixtures("collector")  # who has laid the beat
def test_a_citizen_reports_without_an_account_and_follows_it(
    town: Town, chromium: Browser
) -> None:
    page = opened(chromium, town.node.url, size=PHONE)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": LON, "latitude": LAT, "accuracy": 9})
    page.goto("/public")
    page.get_by_role("main").get_by_role("link", name="反映问题").click()
    says, kinds = page.locator("#seek-says"), page.get_by_label("是什么问题").locator("option")
    expect(says).to_contain_text("也可以直接选")
    whole = kinds.count()
    page.get_by_label("查找问题类别").fill("垃圾满了")
    expect(says).to_contain_text("请在下面选一类")
    assert 1 < kinds.count() < whole
    page.get_by_label("查找问题类别").fill("没有这样的")
    expect(says).to_contain_text("没有相符的")
    assert kinds.count() == whole
    page.get_by_label("查找问题类别").fill("暴露垃圾")
    page.get_by_label("是什么问题").select_option(label="暴露垃圾")
    page.get_by_label("说明", exact=True).fill("路口堆了一堆垃圾")
    page.get_by_label("地址或参照物").fill("杭州东路路口")
    page.get_by_role("button", name="用我现在的位置").click()
    expect(page.locator("#fix")).to_contain_text("误差约 9 米")
    page.get_by_label(re.compile("照片")).set_input_files(FILES[3])
    page.get_by_label("电话").fill("07140000000")
    assert serious(page) == []
    page.get_by_label("我已阅读并同意").check()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到，谢谢您")
    number, code = page.locator("#number").inner_text(), page.locator("#code").inner_text()
    assert serious(page) == []

    page.goto("/public/follow")
    page.get_by_label("受理编号").fill(number)
    page.get_by_label("查询码").fill("AAAAAAAA")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("alert")).to_contain_text("没有这个编号，或查询码不符")
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询").click()
    expect(page.locator("main")).to_contain_text("暴露垃圾")
    assert code not in page.url
    assert serious(page) == []
    for path in ("/public", "/public/report", "/public/follow"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path
    with town.node.client() as api:
        (case,) = api.get("/api/v1/cases", params={"text": number}).json()["items"]
        facts = api.get(f"/api/v1/cases/{case['case_id']}").json()["facts"]
    assert facts["place"]["area"] == beat.COMMUNITY
    assert len(facts["photos"]) == 1
    page.context.close()


def test_a_call_for_help_is_seen_taken_and_settled_at_the_duty_desk(
    town: Town, phone: Page, desk: Any
) -> None:
    page = desk()
    page.goto("/console/work")
    phone.get_by_role("link", name="巡查").click()
    phone.get_by_role("button", name="报警求助").click()
    phone.get_by_label("交通等意外").check()
    phone.get_by_label("情况（可以不填）").fill("被电动车撞倒")
    phone.get_by_role("button", name="立即报警").click()
    light = page.locator("#links a.light.bad")
    expect(light).to_contain_text("采集员报警无人接警", timeout=WITHIN_MS)
    light.click()
    call = page.locator("#list .card", has_text="交通等意外")
    expect(call).to_contain_text(f"{NAME}（{LOGIN}）")
    call.get_by_role("link", name="查看位置并接警").click()
    expect(page.locator("main")).to_contain_text("被电动车撞倒")
    expect(page.locator("main")).to_contain_text("误差约 6 米")
    page.get_by_role("button", name="接警").click()
    expect(page.locator(".title .light")).to_have_text("已接警")
    page.get_by_label("处警结果").select_option(label="已送医")
    page.get_by_label("处置经过").fill("已陪同就医，无大碍")
    assert serious(page) == []
    page.get_by_role("button", name="办结").click()
    expect(page.locator(".title .light")).to_have_text("已办结")
    expect(page.locator("main")).to_contain_text("已陪同就医，无大碍")
    page.goto("/console/alarms?settled=true")
    expect(page.locator("#list")).to_contain_text("已送医 刘洋")
    assert page.complaints == []


def test_what_came_back_says_why_in_the_form_and_replaces_nothing_that_was_begun(
    phone: Page
) -> None:
    phone.context.set_offline(True)
    send(phone, "先报的这一件")
    phone.evaluate("""async () => {
      const db = await new Promise(done => {
        const asked = indexedDB.open("wanmi-phone"); asked.onsuccess = () => done(asked.result); });
      const kept = db.transaction("queue", "readwrite").objectStore("queue");
      const all = await new Promise(done => {
        const asked = kept.getAll(); asked.onsuccess = () => done(asked.result); });
      const one = all.find(each => each.state === "waiting");
      one.steps[0].body.category.kind = "none";
      await new Promise(done => { kept.put(one).onsuccess = done; });
    }""")
    phone.context.set_offline(False)
    phone.get_by_role("link", name="待送").click()
    card = phone.locator("#queue-list .card", has_text="被退回")
    expect(card).to_be_visible(timeout=WITHIN_MS)
    phone.get_by_role("link", name="上报").click()
    phone.get_by_label("说明", exact=True).fill("正在填的另一件")
    phone.get_by_role("link", name="待送").click()
    card.get_by_role("button", name="改好再报").click()
    expect(phone.locator("#toast")).to_contain_text("上报页里还有没报出的内容")
    expect(card).to_be_visible()
    phone.get_by_role("link", name="上报").click()
    expect(phone.get_by_label("说明", exact=True)).to_have_value("正在填的另一件")
    phone.get_by_role("button", name="清空重填").click()
    phone.get_by_role("link", name="待送").click()
    card.get_by_role("button", name="改好再报").click()
    expect(phone.locator("#report-wrong")).to_contain_text("退回原因：")
    expect(phone.get_by_label("说明", exact=True)).to_have_value("先报的这一件")
    expect(phone.locator("#shots img")).to_have_count(2)
