"""A telecom's work-order system that knows only files, as a process of its own.

    python -m adapters.file_drop.simulator --folder share --store telecom.db --step-s 2
    python -m adapters.file_drop.simulator --store telecom.db --audit
    python -m adapters.file_drop.simulator --store telecom.db --set-faults duplicate=0.3,slow=0.2

It takes order files, keeps a receipts file, and writes result files in the manner of such systems:
straight into the final name, in GB18030, with Beijing times. Faults: ``duplicate`` drops a file
twice under two names, ``reorder`` shuffles rows, ``garbage`` adds rows and files nobody can read,
``slow`` leaves a file half written for ``slow_s``, ``lose_answer`` delays the receipts, ``outage``
stops everything. They are kept in the store, so any process can switch them while it runs.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.simulation import NAMES, Cancelled, Crew, Event, Faults, UnitSystem, picture

TICK_S = 0.05
"""How often the folder is looked at."""
ROWS_PER_FILE = 50
"""Events of one result file."""
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
COLUMNS = ("流水号", "外部编号", "工单号", "状态", "说明", "时间", "退单原因", "照片")
TAKE, CANCEL = "新派", "撤销"
END = "#END"


class Desk:
    """The part of the unit that moves files."""

    def __init__(
        self, unit: UnitSystem, folder: Path, *, encoding: str, stop: threading.Event
    ) -> None:
        self.unit, self.folder, self.encoding, self.stop = unit, folder, encoding, stop
        for name in ("orders", "orders/taken", "results", "results/photos"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def turn(self) -> None:
        """One round: orders in, crew at work, receipts and results out."""
        faults = self.unit.faults()
        if self.unit.happens(faults.outage):
            return
        self.take_orders()
        self.unit.work()
        if not self.unit.happens(faults.lose_answer):
            self.write_receipts()
        self.write_results()

    def take_orders(self) -> None:
        """Read every whole order file once; move it away afterwards."""
        for path in sorted((self.folder / "orders").glob("*.csv")):
            if not self.unit.recall(f"file:{path.name}"):
                rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
                if not rows or rows[-1][:1] != [END]:
                    continue
                for cells in rows[1:-1]:
                    self.take(dict(zip(rows[0], cells, strict=False)))
                self.unit.remember(f"file:{path.name}", "taken")
            os.replace(path, self.folder / "orders" / "taken" / path.name)

    def take(self, row: Mapping[str, str]) -> None:
        """One line of an order file."""
        if row["操作"] == CANCEL:
            self.unit.cancel(row["外部编号"], row.get("撤销原因", ""))
            return
        photos = [name for name in row.get("照片", "").split(";") if name]
        there = sum((self.folder / "orders" / "photos" / name).is_file() for name in photos)
        try:
            self.unit.take(row["外部编号"], row, photos=there)
        except Cancelled:
            return

    def write_receipts(self) -> None:
        """The whole list anew, by rename."""
        orders = self.unit.audit()["work_orders"]
        if self.unit.recall("receipts") == str(len(orders)):
            return
        rows = [("外部编号", "工单号"), *((one["ext"], one["order_no"]) for one in orders)]
        part = self.folder / "receipts.part"
        part.write_bytes(self.sheet(rows))
        os.replace(part, self.folder / "receipts.csv")
        self.unit.remember("receipts", str(len(orders)))

    def write_results(self) -> None:
        """News since the last file, as the next file. Faults are looked up after the news, so that
        those switched on before something was said befall it."""
        events = self.unit.events(int(self.unit.recall("written", "0")), ROWS_PER_FILE)
        if not events:
            return
        faults = self.unit.faults()
        rows = [self.row(event) for event in events]
        if self.unit.happens(faults.reorder):
            self.unit.shuffle(rows)
        if self.unit.happens(faults.duplicate):
            rows.append(rows[0])
        if self.unit.happens(faults.garbage):
            rows.append(("", "没有编号", "", "外星状态", "", "昨天下午", "", ""))
            (self.folder / "results" / f"Z{events[-1].seq:08d}.csv").write_bytes(
                b"\xff\xfe\x81 PK\n"
            )
        data = self.sheet([COLUMNS, *rows, (END, str(len(rows)))])
        name = f"R{events[0].seq:08d}-{events[-1].seq:08d}"
        path = self.folder / "results" / f"{name}.csv"
        if self.unit.happens(faults.slow):
            path.write_bytes(data[: len(data) // 2])
            self.stop.wait(faults.slow_s)
        path.write_bytes(data)
        if self.unit.happens(faults.duplicate):
            (self.folder / "results" / f"{name}-bis.csv").write_bytes(data)
        self.unit.remember("written", str(events[-1].seq))

    def row(self, event: Event) -> tuple[str, ...]:
        """One event as a line; its photos are written first."""
        names = []
        for number in range(event.photos):
            names.append(f"{event.order_no}-{event.seq}-{number}.png")
            photo = self.folder / "results" / "photos" / names[-1]
            photo.write_bytes(picture(f"{event.seq}/{number}"))
        return (
            f"L{event.seq}",
            event.ext,
            event.order_no,
            NAMES.get(event.status, event.status),
            event.remark,
            event.at.strftime(TIME_FORMAT),
            event.reason,
            ";".join(names),
        )

    def sheet(self, rows: Sequence[tuple[str, ...]]) -> bytes:
        """Rows in the unit's encoding."""
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return text.getvalue().encode(self.encoding)


def main(argv: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT, or answer one question about the store."""
    parser = argparse.ArgumentParser(prog="python -m adapters.file_drop.simulator")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--prefix", default="TX", help="begins the unit's own order numbers")
    parser.add_argument("--encoding", default="gb18030", help="of the files it writes")
    parser.add_argument("--step-s", type=float, default=0.0, help="seconds per step; 0 = by hand")
    parser.add_argument("--return-share", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faults", default="", help="name=share,… to begin with")
    parser.add_argument("--audit", action="store_true", help="print what the store holds and end")
    parser.add_argument("--set-faults", metavar="FAULTS", help="switch faults and end")
    args = parser.parse_args(argv)
    crew = Crew(step_s=args.step_s, return_share=args.return_share, seed=args.seed)
    unit = UnitSystem(args.store, prefix=args.prefix, crew=crew)
    if args.audit:
        sys.stdout.write(json.dumps(unit.audit(), ensure_ascii=False) + "\n")
    elif args.set_faults is not None:
        unit.set_faults(Faults.parse(args.set_faults))
    elif args.folder is None:
        parser.error("--folder is required to run")
    else:
        if args.faults:
            unit.set_faults(Faults.parse(args.faults))
        run(unit, args.folder, args.encoding)
    unit.close()
    return 0


def run(unit: UnitSystem, folder: Path, encoding: str) -> None:
    """Turn after turn until a signal; the first line printed says that the folder is ready."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    desk = Desk(unit, folder, encoding=encoding, stop=stop)
    sys.stdout.write(json.dumps({"folder": str(folder)}) + "\n")
    sys.stdout.flush()
    while not stop.wait(TICK_S):
        desk.turn()


if __name__ == "__main__":
    raise SystemExit(main())
