"""``wanmi mailboxes`` and the settings it reads: data that is checked, files that change seldom."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from hub.nats.cluster import Member, Papers
from hub.roster import join
from hub.roster.keys import NatsKey
from node.cli import app
from node.settings import MailboxServer, Nats, load
from tests.cluster import NAMES, Cluster
from tests.trees import CITY, DISTRICT, newcomer

DAY_US = 86_400_000_000


def servers(count: int) -> tuple[MailboxServer, ...]:
    return tuple(
        MailboxServer(
            name=f"box{n}", url=f"tls://box{n}.example:4222", route=f"box{n}.example:6222")
        for n in range(count))


@pytest.mark.parametrize(("given", "why"), [
    ({"replicas": 2}, "1, 3 or 5"),
    ({"replicas": 3}, "needs as many"),
    ({"replicas": 5, "servers": servers(3)}, "needs as many"),
    ({"servers": servers(2)}, "1, 3 or 5 servers"),
    ({"servers": servers(3), "embedded": True}, "not both"),
    ({"servers": (*servers(2), servers(1)[0])}, "the same name"),
])
def test_settings_that_cannot_work_are_refused_with_a_reason(
    given: dict[str, object], why: str
) -> None:
    with pytest.raises(ValidationError, match=why):
        Nats(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("more", [
    {"name": "Box 1"}, {"url": "nats://box1:4222"}, {"url": "tls://a:1,tls://b:2"},
    {"route": "box1"}, {"monitor_port": 0},
])
def test_a_server_is_named_and_found_in_one_way(more: dict[str, object]) -> None:
    fit = {"name": "box1", "url": "tls://box1:4222", "route": "box1:6222"}
    MailboxServer(**fit)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        MailboxServer(**{**fit, **more})  # type: ignore[arg-type]


def test_a_derived_key_is_always_the_same_and_never_that_of_another_purpose() -> None:
    key = NatsKey.generate()
    assert key.derived("box/a-b").public == key.derived("box/a-b").public
    assert len({key.public, key.derived("box/a-b").public, key.derived("box/a-c").public,
                NatsKey.generate().derived("box/a-b").public}) == 4


def test_files_are_written_once_and_again_only_for_what_has_changed(tmp_path: Path) -> None:
    runner, home = CliRunner(), tmp_path / CITY
    init = ("init", "--home", str(home), "--id", CITY, "--profile", "city")
    assert runner.invoke(app, list(init)).exit_code == 0
    none = runner.invoke(app, ["mailboxes", "--home", str(home), "--out", str(tmp_path / "x")])
    assert none.exit_code == 3
    cluster = Cluster(tmp_path / "boxes")
    cluster.tell(home)
    assert load(home).nats.replicas == 3
    everything = cluster.write(home)
    assert set(everything) == set(NAMES)
    assert {"nats.conf", "routes.pem", "server.key", "server.pem", "route.key",
            "route.pem"} == set(everything["box1"])
    assert all(not path.stat().st_mode & 0o077 for path in (tmp_path / "boxes" / "box1").iterdir())
    assert {name: [] for name in NAMES} == cluster.write(home)
    now_us = time.time_ns() // 1_000
    child = newcomer(tmp_path, DISTRICT, CITY, now_us=now_us)
    request = tmp_path / "request.json"
    request.write_text(join.make_join_request(child, now_us=now_us).to_json())
    kit = tmp_path / "kit.json"
    accepted = runner.invoke(app, ["link", "accept", "--home", str(home), str(request), "--out",
                                   str(kit)])
    assert accepted.exit_code == 0, accepted.output
    assert {name: ["nats.conf"] for name in NAMES} == cluster.write(home)
    told = json.loads((tmp_path / "boxes" / "box2" / "nats.conf").read_text())
    assert f"L_{DISTRICT}" in told["accounts"]
    entered = runner.invoke(app, ["link", "join", "--home", str(_homed(tmp_path)), str(kit)])
    assert entered.exit_code == 0, entered.output
    parent = load(tmp_path / DISTRICT).parent
    assert parent is not None
    assert [one.url for one in cluster.servers] == parent.nats.split(",")


def _homed(folder: Path) -> Path:
    """Settings for the newcomer, whose keys are there already."""
    from node.cli.home import render_settings

    home = folder / DISTRICT
    (home / "wanmi.toml").write_text(render_settings(
        id_=DISTRICT, name="", profile="district", parent=CITY, http_port=0, grpc_port=0,
        nats_port=0, nats=False, database_url=""))
    return home


def test_papers_of_a_server_are_renewed_at_two_thirds_and_keep_their_keys(tmp_path: Path) -> None:
    city = newcomer(tmp_path, CITY, None)
    now_us = city.made_at_us
    links = city.authority(now_us=now_us)
    papers = Papers(tmp_path / "mailboxes", links=links)
    member = Member.of(name="box1", url="tls://[::1]:4222", route="box1.example:6222",
                       monitor_port=8222)
    first = papers.of(member, now_us=now_us)
    assert first == papers.of(member, now_us=now_us + 200 * DAY_US)
    later = papers.of(member, now_us=now_us + 300 * DAY_US)
    assert {"server.pem", "route.pem"} == {name for name in first if first[name] != later[name]}
    moved = Member.of(name="box1", url="tls://box9.example:4222", route="box1.example:6222",
                      monitor_port=8222)
    assert {"server.pem"} == {
        name for name, content in papers.of(moved, now_us=now_us + 301 * DAY_US).items()
        if later[name] != content}
