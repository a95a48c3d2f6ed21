"""A district below a city, reached by a line that can be cut."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from hub.envelope import Draft
from hub.ids import LinkId, MsgId
from hub.ports import free_port
from hub.store.engine import open_engine
from hub.store.outbox import enqueue
from hub.store.tx import Tx
from node.service.fresh import SystemIds
from tests.browser.line import Line
from tests.integration.http.node import DISTRICT, LINK, Node, launch, wanmi

GRPC_PORT = re.compile(r"grpc_port\W+(\d+)")
SETTLE_S = 30.0


@dataclass(slots=True, kw_only=True)
class Below:
    """The district and its line."""

    node: Node
    line: Line

    def says(self, type_: str, body: bytes, lane: bytes = b"") -> None:
        """A word in its outbox, as a program of another version would have written it. It goes up
        with the next contact."""
        ids = SystemIds()
        draft = Draft(
            msg_id=MsgId(ids.uuid7()), type=type_, schema_rev=1, lane=lane or ids.uuid7(),
            occurred_at_us=time.time_ns() // 1000, hlc=1, body=body)
        engine = open_engine(f"sqlite:///{self.node.home}/data/wanmi.db")
        try:
            with engine.begin() as conn:
                enqueue(Tx(conn=conn, now_us=time.time_ns() // 1000), LinkId(LINK), (draft,))
        finally:
            engine.dispose()

    def stop(self) -> None:
        """Both end."""
        self.node.stop()
        self.line.end()


def join(city: Node) -> Below:
    """The district of ``tests.integration.http.node.start`` comes in, by a line."""
    folder = city.home.parent
    home = folder / DISTRICT
    found = GRPC_PORT.search(city.log.read_text(encoding="utf-8"))
    assert found, "the city says where its door is"
    line = Line(int(found[1]))
    wanmi("link", "join", "--home", str(home), str(folder / "kit.json"), "--json")
    port = free_port()
    settings = home / "wanmi.toml"
    written = settings.read_text(encoding="utf-8")
    written = written.replace("127.0.0.1:9", f"127.0.0.1:{line.port}")
    written = re.sub(r"(?m)^(\[http\](?:\n[^\[]*?)*?\nport = )\d+", rf"\g<1>{port}", written)
    written = re.sub(r"(?m)^(\[grpc\](?:\n[^\[]*?)*?\nport = )\d+", r"\g<1>0", written)
    settings.write_text(written, encoding="utf-8")
    node = launch(home, port, "")
    node.wait_ready()
    return Below(node=node, line=line)


def until(what: str, condition: Callable[[], bool], within_s: float = SETTLE_S) -> None:
    """Wait for a level."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {within_s:g} s for {what}"
        time.sleep(0.1)
