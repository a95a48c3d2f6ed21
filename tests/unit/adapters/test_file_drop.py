"""The shared folder: encodings, half-written and doubled files, reasons, and crashes anywhere."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import os
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from adapters.contract import Adapter, OutcomeUnknown, Page, UnitAct, UnitUnavailable
from adapters.file_drop.sheets import Dialect, write_sheet
from adapters.manifest import load_adapter
from adapters.simulation import picture
from tests.unit.adapters.test_mapping import an_order

HEAD = "流水号,外部编号,工单号,状态,说明,时间,退单原因,照片\r\n"


def row(number: int, status: str = "已接收", photos: str = "", key: str = "a/1") -> str:
    when = f"2026-07-01 08:00:{number % 60:02d}"
    return f"L{number},{key},TX-1,{status},说明{number},{when},,{photos}\r\n"


def sheet(*rows: str) -> str:
    return HEAD + "".join(rows) + f"#END,{len(rows)}\r\n"


class Share:
    """A shared folder and the adapter before it."""

    def __init__(self, home: Path, **config: object) -> None:
        self.root = home / "share"
        for name in ("orders", "results/photos"):
            (self.root / name).mkdir(parents=True)
        self.folder = home / "unit"
        self.folder.mkdir()
        lines = [f"{name} = {json.dumps(value)}" for name, value in config.items()]
        (self.folder / "manifest.toml").write_text(
            f'id = "unit"\nkind = "file_drop"\n[config]\nfolder = {json.dumps(str(self.root))}\n'
            + "\n".join(lines),
            "utf-8",
        )
        (self.folder / "mapping.toml").write_bytes(
            (files("adapters") / "file_drop" / "example-mapping.toml").read_bytes()
        )
        self.adapter = self.make()

    def make(self) -> Adapter:
        return load_adapter(self.folder).create(lambda: datetime.now(UTC))

    def drop(self, name: str, text: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.root / "results" / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    def poll(self, cursor: str = "") -> Page:
        return asyncio.run(self.adapter.poll(cursor))

    def settle(self, cursor: str) -> None:
        asyncio.run(self.adapter.settle(cursor))

    def names(self, folder: str) -> list[str]:
        return sorted(one.name for one in (self.root / folder).iterdir() if one.is_file())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("rows", [1, 3])
def test_files_are_read_in_the_encodings_of_the_trade(
    tmp_path: Path, encoding: str, rows: int
) -> None:
    share = Share(tmp_path)
    share.drop("a.csv", sheet(*(row(n) for n in range(rows))), encoding)
    page = share.poll()
    assert [event.text for event in page.events] == [f"说明{n}" for n in range(rows)]
    assert page.unreadable == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_orders_are_written_in_the_unit_s_encoding(tmp_path: Path, encoding: str) -> None:
    share = Share(tmp_path, encoding_out=encoding)
    asyncio.run(share.adapter.submit(an_order(text='引号"和,逗号\n换行')))
    (order,) = (share.root / "orders").glob("*.csv")
    text = order.read_bytes().decode(encoding)
    assert "黄石大道" in text
    assert '引号""和,逗号\n换行' in text
    assert text.endswith("#END,1\r\n")
    assert order.read_bytes().startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")


@pytest.mark.parametrize("name", ["a.csv.part", "a.csv.tmp", ".a.csv", "~$a.csv", "a.txt", "A.TMP"])
def test_files_under_way_are_not_looked_at(tmp_path: Path, name: str) -> None:
    share = Share(tmp_path)
    share.drop(name, sheet(row(1)))
    assert share.poll() == Page(events=(), cursor="")


def test_a_half_written_file_waits_at_every_length(tmp_path: Path) -> None:
    share = Share(tmp_path)
    whole = sheet(row(1), row(2)).encode("gb18030")
    for length in [*range(0, len(whole) - 2, 7), len(whole) - 3]:
        share.drop("a.csv", whole[:length])
        page = share.poll()
        assert (page.events, page.unreadable) == ((), ()), f"read at {length} of {len(whole)}"
    share.drop("a.csv", whole)
    assert len(share.poll().events) == 2


def test_a_wrong_row_count_means_half_written(tmp_path: Path) -> None:
    share = Share(tmp_path)
    share.drop("a.csv", sheet(row(1)).replace("#END,1", "#END,2"))
    assert share.poll().events == ()


def test_a_file_that_never_gets_whole_is_rejected_with_a_reason(tmp_path: Path) -> None:
    share = Share(tmp_path, give_up_s=0.1)
    share.drop("a.csv", HEAD + row(1))
    assert share.poll().unreadable == ()
    deadline = 200
    while not (page := share.poll()).unreadable and deadline:
        deadline -= 1
        os.sched_yield()
        asyncio.run(asyncio.sleep(0.01))
    assert "文件仍不完整" in page.unreadable[0].detail
    share.settle(page.cursor)
    assert share.names("rejected") == ["a.csv", "a.csv.原因.txt"]
    reason = (share.root / "rejected" / "a.csv.原因.txt").read_text("utf-8-sig")
    assert "最后一行不是 #END" in reason


def test_a_sidecar_tells_when_a_file_is_whole(tmp_path: Path) -> None:
    share = Share(tmp_path, complete="sidecar")
    data = (HEAD + row(1)).encode()
    path = share.drop("a.csv", data)
    assert share.poll().events == ()
    path.with_name("a.csv.sha256").write_text(hashlib.sha256(data[:-5]).hexdigest(), "ascii")
    assert share.poll().events == ()
    path.with_name("a.csv.sha256").write_text(
        f"{hashlib.sha256(data).hexdigest()}  a.csv\n", "ascii"
    )
    page = share.poll()
    assert len(page.events) == 1
    share.settle(page.cursor)
    assert [*(share.root / "results").glob("*.*")] == []
    asyncio.run(share.adapter.submit(an_order()))
    (order,) = (share.root / "orders").glob("*.csv")
    proof = order.with_name(f"{order.name}.sha256").read_text("ascii")
    assert proof == hashlib.sha256(order.read_bytes()).hexdigest()


def test_without_any_marker_a_file_must_lie_still(tmp_path: Path) -> None:
    share = Share(tmp_path, complete="still", still_s=0.2)
    path = share.drop("a.csv", HEAD + row(1))
    assert share.poll().events == ()
    with path.open("ab") as file:
        file.write(row(2).encode())
    assert share.poll().events == (), "a file that grew is not still"
    deadline = 500
    while not (page := share.poll()).events and deadline:
        deadline -= 1
        asyncio.run(asyncio.sleep(0.01))
    assert len(page.events) == 2


def test_bad_rows_do_not_cost_the_others_and_get_a_readable_reason(tmp_path: Path) -> None:
    share = Share(tmp_path)
    share.drop("a.csv", sheet(row(1), row(2, "外星状态"), row(3), "L4,,,,,,,\r\n", "x\r\n"))
    page = share.poll()
    assert [event.event_id for event in page.events] == ["L1", "L3"]
    assert len(page.unreadable) == 3
    assert "外星状态" in page.unreadable[0].evidence.decode()
    assert share.names("results") == ["a.csv"], "nothing moves before the node has committed"
    share.settle(page.cursor)
    assert share.names("archive") == ["a.csv"]
    reason = (share.root / "rejected" / "a.csv.原因.txt").read_text("utf-8-sig")
    assert "第 3 行未能读取" in reason
    assert "外星状态" in reason


def test_the_same_file_twice_and_the_same_row_twice_are_one_event(tmp_path: Path) -> None:
    share = Share(tmp_path)
    text = sheet(row(1), row(1), row(2))
    share.drop("a.csv", text)
    share.drop("b.csv", text)
    page = share.poll()
    assert [event.event_id for event in page.events] == ["L1", "L2"]
    share.settle(page.cursor)
    share.drop("a.csv", text)
    again = share.poll(page.cursor)
    assert {event.event_id for event in again.events} <= {"L1", "L2"}
    share.settle(again.cursor)
    assert share.names("results") == []
    assert share.names("archive") == ["2-a.csv", "a.csv", "b.csv"]


def test_what_is_committed_but_not_archived_does_not_come_again(tmp_path: Path) -> None:
    share = Share(tmp_path)
    share.drop("a.csv", sheet(row(1)))
    first = share.poll()
    share.adapter = share.make()
    assert share.poll(first.cursor).events == ()
    share.drop("b.csv", sheet(row(2)))
    second = share.poll(first.cursor)
    assert [event.event_id for event in second.events] == ["L2"]
    share.settle(second.cursor)
    assert share.names("archive") == ["a.csv", "b.csv"], "the unsettled file is in the new cursor"


def test_a_long_file_is_read_in_pages_that_survive_a_crash(tmp_path: Path) -> None:
    share = Share(tmp_path)
    share.drop("a.csv", sheet(*(row(n, key=f"a/{n}") for n in range(450))))
    cursor, seen, pages = "", [], 0
    while True:
        share.adapter = share.make()
        page = share.poll(cursor)
        seen += [event.event_id for event in page.events]
        cursor, pages = page.cursor, pages + 1
        share.settle(cursor)
        if not page.more:
            break
        assert share.names("results") == ["a.csv"]
    assert (len(seen), len(set(seen)), pages) == (450, 450, 3)
    assert share.names("archive") == ["a.csv"]


def test_a_file_that_is_no_text_is_rejected_whole(tmp_path: Path) -> None:
    share = Share(tmp_path)
    share.drop("a.csv", b"\xff\xfe\x81 PK\x03\x04\n")
    share.drop("b.csv", sheet(row(1)))
    page = share.poll()
    assert [event.event_id for event in page.events] == ["L1"]
    assert page.unreadable[0].evidence.startswith(b"\xff\xfe")
    share.settle(page.cursor)
    assert share.names("archive") == ["b.csv"]
    assert "编码" in (share.root / "rejected" / "a.csv.原因.txt").read_text("utf-8-sig")


def test_rows_wait_for_their_photos_and_names_stay_in_the_folder(tmp_path: Path) -> None:
    share = Share(tmp_path)
    share.drop("a.csv", sheet(row(1, "已办结", "one.png;two.png")))
    (share.root / "results" / "photos" / "one.png").write_bytes(picture("one"))
    assert share.poll().events == ()
    (share.root / "results" / "photos" / "two.png").write_bytes(b"not a picture")
    page = share.poll()
    (event,) = page.events
    assert event.act is UnitAct.DONE
    assert [photo.data for photo in event.photos] == [picture("one")]
    assert "不是图片" in page.unreadable[0].detail
    (tmp_path / "secret.png").write_bytes(picture("secret"))
    share.drop("b.csv", sheet(row(2, "已办结", "../../../secret.png")))
    (event,) = share.poll(page.cursor).events
    assert event.photos == ()


def test_a_link_in_the_share_leads_nowhere(tmp_path: Path) -> None:
    share = Share(tmp_path)
    secret = tmp_path / "cli.token"
    secret.write_text("wanmi_secret\n")
    (share.root / "results" / "a.csv").symlink_to(secret)
    (tmp_path / "mine.png").write_bytes(picture("mine"))
    (share.root / "results" / "photos" / "one.png").symlink_to(tmp_path / "mine.png")
    os.mkfifo(share.root / "results" / "photos" / "two.png")
    share.drop("b.csv", sheet(row(1, "已办结", "one.png;two.png")))
    page = share.poll()
    assert [event.photos for event in page.events] == [()]
    assert all(b"wanmi_secret" not in item.evidence for item in page.unreadable)
    assert ["one.png", "two.png"] == sorted(item.source for item in page.unreadable)


@pytest.mark.parametrize(
    ("text", "written"),
    [("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("@SUM(1)", "'@SUM(1)"), ("＋1", "'＋1"),
     ("-3.5", "-3.5"), ("+8613800000000", "+8613800000000"), ("井盖", "井盖")],
)
def test_a_clerk_s_spreadsheet_computes_nothing(text: str, written: str) -> None:
    dialect = Dialect(encoding="utf-8", delimiter=",", complete="still", end_marker="")
    sheet = list(csv.reader(write_sheet({"说明": text}, dialect).decode().splitlines()))
    assert [["说明"], [written]] == sheet


def test_an_unmounted_share_swallows_nothing(tmp_path: Path) -> None:
    share = Share(tmp_path)
    (share.root / "orders").rename(tmp_path / "away")
    for call in (
        share.adapter.submit(an_order()),
        share.adapter.lookup("a/1"),
        share.adapter.poll(""),
    ):
        with pytest.raises(UnitUnavailable, match="is the share mounted"):
            asyncio.run(call)
    assert not asyncio.run(share.adapter.probe()).ok
    (tmp_path / "away").rename(share.root / "orders")
    assert asyncio.run(share.adapter.lookup("a/1")) is None


@pytest.mark.parametrize("after", range(1, 8))
def test_a_crash_at_any_file_operation_drops_the_order_once(
    tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies before its n-th rename or sync; whatever it left, the next one finishes."""
    share = Share(tmp_path)
    left = after

    def counted(real: object) -> object:
        def call(*arguments: object, **more: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
            return real(*arguments, **more)  # type: ignore[operator]

        return call

    with monkeypatch.context() as crash:
        crash.setattr(os, "replace", counted(os.replace))
        crash.setattr(os, "fsync", counted(os.fsync))
        try:
            share.adapter._submit(an_order())  # type: ignore[attr-defined]
        except KeyboardInterrupt:
            dropped = bool(list((share.root / "orders").glob("*.csv")))
        else:
            dropped = True
    taken = share.names("orders")
    for name in taken:  # the unit is quick: it takes the file before our next life
        (share.root / "orders" / name).unlink()
    again = share.make()
    known = asyncio.run(again.lookup("a/1"))
    if known is not None:
        assert dropped, f"crash {after}: the lookup believes in an order nobody has"
    asyncio.run(again.submit(an_order()))
    assert len(taken) + len(share.names("orders")) == 1, f"crash before operation {after}"


def test_a_rename_whose_answer_is_lost_is_unknown_not_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = Share(tmp_path)
    real = os.replace

    def lossy(source: Path, target: Path) -> None:
        real(source, target)
        if target.parent.name == "orders":
            raise OSError(5, "Input/output error")

    with monkeypatch.context() as share_fault:
        share_fault.setattr(os, "replace", lossy)
        with pytest.raises(OutcomeUnknown):
            asyncio.run(share.adapter.submit(an_order()))
    assert asyncio.run(share.adapter.lookup("a/1")) is not None


def test_a_receipt_line_still_being_written_does_not_count(tmp_path: Path) -> None:
    share = Share(tmp_path)
    receipts = share.root / "receipts.csv"
    receipts.write_bytes("外部编号,工单号\r\na/1,TX-00".encode("gb18030"))
    assert asyncio.run(share.adapter.lookup("a/1")) is None
    receipts.write_bytes("外部编号,工单号\r\na/1,TX-0012\r\n".encode("gb18030"))
    found = asyncio.run(share.adapter.lookup("a/1"))
    assert found is not None
    assert found.unit_reference == "TX-0012"
