"""A power company's work-order system with a JSON interface, as a process of its own.

    python -m adapters.rest.simulator --port 0 --store power.db --step-s 2 --faults lose_answer=0.2

It prints ``{"port": …}`` as its first line. The interface is at ``/api``, faults are switched by
``POST /control/faults``, ``GET /audit`` lists all work orders with their external numbers and
counts duplicates. Answers are of the kind met in the field: HTTP 200 with a ``code`` in the body,
times in Beijing time without a zone, photos as base64.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from email.message import Message
from email.parser import BytesParser
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from adapters.simulation import BEIJING, Cancelled, Crew, Event, Faults, UnitSystem, picture

BODY_BYTES_MAX = 64 * 1024 * 1024
"""One order with its photos."""
TICK_S = 0.05
"""How often the crew looks for work that is due."""
WEBHOOK_TIMEOUT_S = 5.0
"""A receiver that does not answer by then gets the notification again."""
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


class Dropped(Exception):
    """The connection is cut without an answer."""


class Api(BaseHTTPRequestHandler):
    """One request to the unit's system."""

    protocol_version = "HTTP/1.1"
    unit: UnitSystem
    token: str

    def do_GET(self) -> None:
        """Queries."""
        self._serve(b"")

    def do_POST(self) -> None:
        """Orders, cancellations and control."""
        size = int(self.headers.get("Content-Length") or 0)
        self._serve(self.rfile.read(min(size, BODY_BYTES_MAX)))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the audit is the log."""

    def _serve(self, body: bytes) -> None:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        try:
            if url.path.startswith("/api/"):
                self._api(url.path.removeprefix("/api"), query, body)
            else:
                self._control(url.path, body)
        except (Dropped, ConnectionError):
            self.close_connection = True
            self.connection.close()

    def _api(self, path: str, query: Mapping[str, str], body: bytes) -> None:
        faults = self.unit.faults()
        if self.unit.happens(faults.outage):
            raise Dropped
        if self.token and self.headers.get("Authorization") != f"Bearer {self.token}":
            self._json({"code": 401, "msg": "令牌无效"}, status=401)
            return
        if path == "/ping":
            self._json({"code": 0, "msg": "正常"})
        elif path == "/workorders" and self.command == "POST":
            self._take(faults, body)
        elif path == "/workorders":
            number = self.unit.find(query.get("extNo", ""))
            self._answer(faults, {"list": [{"orderNo": number}] if number else []})
        elif path == "/workorders/cancel":
            wish = json.loads(body)
            self.unit.cancel(wish["extNo"], wish.get("reason", ""))
            self._after_commit(faults)
            self._json({"code": 0, "msg": "已撤销"})
        elif path == "/events":
            self._events(faults, query)
        else:
            self._json({"code": 404, "msg": "无此接口"}, status=404)

    def _take(self, faults: Faults, body: bytes) -> None:
        fields, photos = _fields(self.headers, body)
        try:
            number = self.unit.take(fields["extNo"], fields, photos=photos)
        except Cancelled:
            self._json({"code": 4101, "msg": "该外部编号已撤销，不予接收"})
            return
        except KeyError:
            self._json({"code": 4001, "msg": "缺少 extNo"}, status=400)
            return
        self._after_commit(faults)
        self._answer(faults, {"orderNo": number})

    def _after_commit(self, faults: Faults) -> None:
        """What may go wrong once the order is in the books."""
        if self.unit.happens(faults.slow):
            time.sleep(faults.slow_s)
        if self.unit.happens(faults.lose_answer):
            raise Dropped
        if self.unit.happens(faults.error_after_commit):
            self._raw(b"<html><h1>502 Bad Gateway</h1></html>", "text/html", status=502)
            raise Dropped

    def _events(self, faults: Faults, query: Mapping[str, str]) -> None:
        after, limit = int(query.get("after") or 0), int(query.get("limit") or 100)
        if self.unit.happens(faults.slow):
            time.sleep(faults.slow_s)
        found = self.unit.events(after, limit)
        items = [as_json(event) for event in found]
        if items and self.unit.happens(faults.duplicate):
            items += items[-3:]
        if self.unit.happens(faults.reorder):
            self.unit.shuffle(items)
        last = found[-1].seq if found else after
        self._answer(faults, {"items": items, "next": str(last), "more": len(found) == limit})

    def _control(self, path: str, body: bytes) -> None:
        if path == "/audit":
            self._json(self.unit.audit())
        elif path == "/control/faults":
            if self.command == "POST":
                self.unit.set_faults(Faults.of(json.loads(body)))
            self._json(asdict(self.unit.faults()))
        elif path == "/control/say":
            said = json.loads(body)
            self.unit.say(
                said["extNo"],
                said["status"],
                said.get("remark", ""),
                reason=said.get("reason", ""),
                photos=int(said.get("photos", 0)),
            )
            self._json({"code": 0})
        else:
            self._json({"code": 404}, status=404)

    def _answer(self, faults: Faults, data: Mapping[str, Any]) -> None:
        if self.unit.happens(faults.garbage):
            self._raw(b"<html>\xff\xfe\x00 system busy {", "application/json")
        else:
            self._json({"code": 0, "msg": "成功", "data": data})

    def _json(self, document: Mapping[str, Any], *, status: int = 200) -> None:
        self._raw(json.dumps(document, ensure_ascii=False).encode(), "application/json", status)

    def _raw(self, data: bytes, media_type: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def as_json(event: Event) -> dict[str, Any]:
    """An event as the interface shows it, photos inside."""
    return {
        "eventId": f"E{event.seq}",
        "extNo": event.ext,
        "orderNo": event.order_no,
        "status": int(event.status) if event.status.isdigit() else event.status,
        "remark": event.remark,
        "reason": event.reason,
        "time": event.at.astimezone(BEIJING).strftime(TIME_FORMAT),
        "photos": [
            {
                "name": f"{event.order_no}-{n}.png",
                "type": "image/png",
                "content": base64.b64encode(picture(f"{event.seq}/{n}")).decode(),
            }
            for n in range(event.photos)
        ],
    }


def _fields(headers: Message, body: bytes) -> tuple[dict[str, Any], int]:
    """The order's fields and how many photos came with it, from JSON or multipart."""
    if not headers.get("Content-Type", "").startswith("multipart/"):
        fields = json.loads(body)
        photos = fields.pop("photos", [])
        return fields, sum(1 for one in photos if base64.b64decode(one["content"]))
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    fields, photos = {}, 0
    for part in BytesParser().parsebytes(head + body).walk():
        if part.get_filename():
            photos += bool(part.get_payload(decode=True))
        elif part.get_param("name", header="content-disposition") == "order":
            payload = part.get_payload(decode=True)
            fields = json.loads(payload) if isinstance(payload, bytes) else {}
    return fields, photos


class Pusher(threading.Thread):
    """Pushes each event to a webhook, signed, again and again until it is taken."""

    def __init__(self, unit: UnitSystem, url: str, key: bytes, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.unit, self.url, self.key, self.stop = unit, urlsplit(url), key, stop

    def run(self) -> None:
        """Until stopped."""
        while not self.stop.wait(TICK_S):
            for event in self.unit.events(int(self.unit.recall("pushed", "0")), 50):
                if not self._push(event):
                    break
                self.unit.remember("pushed", str(event.seq))

    def _push(self, event: Event) -> bool:
        body = json.dumps({"events": [as_json(event)]}, ensure_ascii=False).encode()
        stamp = str(int(time.time()))
        times = 2 if self.unit.happens(self.unit.faults().duplicate) else 1
        try:
            for _ in range(times):
                status = self._post(body, stamp)
        except OSError:
            return False
        return 200 <= status < 300

    def _post(self, body: bytes, stamp: str) -> int:
        door = HTTPConnection(self.url.netloc, timeout=WEBHOOK_TIMEOUT_S)
        try:
            door.request(
                "POST", self.url.path, body, {"Content-Type": "application/json"} | signature(
                    self.key, stamp, body)
            )  # fmt: skip
            return door.getresponse().status
        finally:
            door.close()


def signature(key: bytes, stamp: str, body: bytes) -> dict[str, str]:
    """Headers that sign a notification: HMAC-SHA256 over timestamp, dot, body."""
    proof = hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Timestamp": stamp, "X-Signature": f"sha256={proof}"}


def main(argv: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m adapters.rest.simulator")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--prefix", default="DL", help="begins the unit's own order numbers")
    parser.add_argument("--token-file", type=Path, help="bearer token callers must show")
    parser.add_argument("--step-s", type=float, default=0.0, help="seconds per step; 0 = by hand")
    parser.add_argument("--return-share", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faults", default="", help="name=share,… (see Faults)")
    parser.add_argument("--dedupe", action="store_true", help="notice repeated external numbers")
    parser.add_argument("--webhook", default="", help="URL every event is pushed to")
    parser.add_argument("--webhook-secret-file", type=Path)
    args = parser.parse_args(argv)
    crew = Crew(step_s=args.step_s, return_share=args.return_share, seed=args.seed)
    unit = UnitSystem(args.store, prefix=args.prefix, crew=crew, dedupe=args.dedupe)
    if args.faults:
        unit.set_faults(Faults.parse(args.faults))
    token = args.token_file.read_text("utf-8").strip() if args.token_file else ""
    handler = type("BoundApi", (Api,), {"unit": unit, "token": token})
    server = ThreadingHTTPServer((args.host, args.port), handler)
    server.daemon_threads = True
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if args.webhook:
        Pusher(unit, args.webhook, args.webhook_secret_file.read_bytes().strip(), stop).start()
    sys.stdout.write(json.dumps({"port": server.server_address[1]}) + "\n")
    sys.stdout.flush()
    while not stop.wait(TICK_S):
        unit.work()
    server.shutdown()
    unit.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
