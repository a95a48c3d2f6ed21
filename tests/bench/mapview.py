"""The map in a browser on one machine: 50,000 grids, 200,000 components, 5,000 open cases.

``python -m tests.bench.mapview`` prints a table for docs/console.md. The browser draws without a
graphics card: what a desk has is faster.
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx
import psutil
from playwright.sync_api import Page
from sqlalchemy import insert

from hub.ports import free_port
from hub.store.engine import connect, open_engine
from node.core.outlines import outline_of, to_wkb
from node.core.similar import cell_of
from node.store.tables import cases, component, grid, layer_version, region
from tests.browser.people import DESK, browser, log_in, opened
from tests.browser.town import account
from tests.contract.test_store import case_row, ident
from tests.integration.http.node import Node, launch, wanmi

WIDE, HIGH, STEP = 250, 200, 0.001
LON, LAT = 115.0, 30.1
COMPONENTS, CASES = 200_000, 5_000
BLOCK = 10
"""Grids of one side of a community; 25 communities are a street, three districts the city."""
DISTRICTS: Final = (("420202", "黄石港区"), ("420203", "西塞山区"), ("420204", "下陆区"))
TYPES: Final = (("01001", "供水井盖"), ("01037", "路灯"), ("01004", "雨水箅子"),
                ("04002", "行道树"), ("01005", "电力井盖"))
ZOOMS: Final = (11, 13, 14.5, 15, 16, 17.5)
MIDDLE: Final = (LON + WIDE * STEP / 2, LAT + HIGH * STEP / 2)
PAN_PIXELS, PAN_MS = 600, 1_000
"""One leg of four: right, down, left, up. A hand drags no faster."""
KB = 1024
ARRIVED: Final = """async ([zoom, middle, bare]) => {
  const element = document.querySelector('#map');
  const { open } = await import(document.querySelector('script[src$="/map.js"]').src);
  const { map } = await open(element);
  const idle = () => new Promise(done => map.once('idle', done));
  for (const layer of map.getStyle().layers) {
    const shown = !bare && layer.id !== 'heat' || layer.id === 'land';
    map.setLayoutProperty(layer.id, 'visibility', shown ? 'visible' : 'none');
  }
  const begun = performance.now();
  map.jumpTo({ center: middle, zoom });
  await idle();
  const full = performance.now() - begun;
  const seen = (...layers) => map.queryRenderedFeatures({ layers }).length;
  return { full, components: seen('components'), cases: seen('cases', 'many') };
}"""
PANNED: Final = """async ([pixels, ms]) => {
  const { open } = await import(document.querySelector('script[src$="/map.js"]').src);
  const { map } = await open(document.querySelector('#map'));
  const frames = [];
  let last = performance.now(), on = true;
  const frame = (now) => {
    frames.push(now - last);
    last = now;
    if (on) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  for (const [right, down] of [[1, 0], [0, 1], [-1, 0], [0, -1]]) {
    map.panBy([right * pixels, down * pixels], { duration: ms, easing: t => t });
    await new Promise(done => map.once('moveend', done));
  }
  on = false;
  return frames.slice(1);
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One zoom, in milliseconds: until everything is drawn; frames while it is dragged over new
    ground, and over the same again. ``page_ms`` and ``draw_ms``: what a frame of the second time
    costs of a processor, in the page, and in drawing without a graphics card; they hold also where
    others share the machine."""

    zoom: float
    full_ms: float
    frames: list[float]
    again: list[float]
    page_ms: float
    draw_ms: float
    tiles: int
    tile_bytes: int
    components: int
    cases: int


def share(frames: list[float], part: float) -> float:
    """What this part of the frames stayed within."""
    return sorted(frames)[min(len(frames) - 1, int(len(frames) * part))]


def area_of(x: int, y: int) -> str:
    """Community of a square."""
    community = (y // BLOCK) * (WIDE // BLOCK) + x // BLOCK
    district = DISTRICTS[min(2, x * 3 // WIDE)][0]
    return f"{district}{community // 25 + 1:03}{community % 25 + 1:03}"


def fill(url: str, *, wide: int = WIDE, high: int = HIGH, components: int = COMPONENTS,
         open_cases: int = CASES, now_us: int) -> None:
    """Write a city into the database of a stopped node."""
    rng = Random(1)
    engine = open_engine(url)
    with connect(engine) as conn, conn.begin():
        conn.execute(insert(region), [
            {"code": code, "name": name, "digest": b""} for code, name in DISTRICTS])
        counts: dict[str, int] = {}
        rows = []
        for y in range(high):
            for x in range(wide):
                area = area_of(x, y)
                counts[area] = counts.get(area, 0) + 1
                west, south = LON + x * STEP, LAT + y * STEP
                east, north = LON + (x + 1) * STEP, LAT + (y + 1) * STEP
                ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
                rows.append({
                    "kind": "unit", "code": f"{area}{counts[area]:03}", "area": area, "name": "",
                    "standard": "", "area_m2": 1.0, "outline": to_wkb(outline_of([[ring]])),
                    "west": west, "south": south, "east": east, "north": north, "digest": b""})
        conn.execute(insert(grid), rows)
        for start in range(0, components, 10_000):
            conn.execute(insert(component), [
                _component(n, rng, wide, high)
                for n in range(start, min(start + 10_000, components))])
        conn.execute(insert(cases), [_case(n, rng, wide, high, now_us) for n in range(open_cases)])
        for layer in ("grid.unit", "component", "region"):
            values = dict.fromkeys([one.name for one in layer_version.columns], 0)
            conn.execute(insert(layer_version), {
                **values, "layer": layer, "number": 1, "source": "", "actor": "", "digest": b"",
                "dated": _day(now_us)})


def _day(now_us: int) -> Any:
    from node.service.instants import to_time

    return to_time(now_us).date()


def _spot(rng: Random, wide: int, high: int) -> tuple[float, float]:
    """Crowded in the middle, as a city is."""
    while True:
        x, y = rng.gauss(wide / 2, wide / 4), rng.gauss(high / 2, high / 4)
        if 0 <= x < wide and 0 <= y < high:
            return LON + x * STEP, LAT + y * STEP


def _component(n: int, rng: Random, wide: int, high: int) -> dict[str, Any]:
    lon, lat = _spot(rng, wide, high)
    code, name = TYPES[n % len(TYPES)]
    texts = dict.fromkeys((
        "department_code", "department_name", "owner_code", "owner_name", "maintainer_code",
        "maintainer_name", "grid", "source", "note", "street_code", "street_name",
        "community_code", "community_name", "standard_ref", "crs"), "")
    return {**texts, "code": f"420203{code}{n:07}", "name": name, "type_code": code,
            "state": "damaged" if n % 50 == 0 else "intact", "lon": lon, "lat": lat, "x": lon,
            "y": lat, "label": name, "digest": b"", "born": 1}


def _case(n: int, rng: Random, wide: int, high: int, now_us: int) -> dict[str, Any]:
    lon, lat = _spot(rng, wide, high)
    hour = 3_600_000_000
    due = now_us + rng.randrange(-24, 96) * hour
    code, name = TYPES[n % len(TYPES)]
    return case_row(
        n, case_id=ident(n, start="01900001"), lon=lon, lat=lat, cell=cell_of(lon, lat), code=code,
        name=name, finish_by=due, warn_at=due - 12 * hour, urgent=n % 40 == 0,
        opened_at=now_us - rng.randrange(1, 400) * hour, updated_at=now_us)


def city(folder: Path) -> Node:
    """A node that serves it, with one account."""
    home, port = folder / "420200", free_port()
    made = json.loads(wanmi(
        "init", "--home", str(home), "--id", "420200", "--name", "黄石市", "--profile", "city",
        "--http-port", str(port), "--grpc-port", "0", "--nats-port", "0", "--json"))
    wanmi("migrate", "--home", str(home))
    fill(f"sqlite:///{home / 'data' / 'wanmi.db'}", now_us=time.time_ns() // 1_000)
    node = launch(home, port, made["token"])
    node.wait_ready()
    with node.client() as api:
        account(node, api, "liu.yang", "刘洋", ("shift_leader", "dispatcher"))
    return node


def look(page: Page, zoom: float, *, bare: bool = False) -> Seen:
    """Go to a zoom, wait for everything, drag; ``bare``: nothing but the land is drawn."""
    tiles: list[int] = []

    def came(answer: Any) -> None:
        if "/tiles/" in answer.url:
            tiles.append(int(answer.headers.get("content-length", "0")))

    page.on("response", came)
    arrived = page.evaluate(ARRIVED, [zoom, MIDDLE, bare])
    frames = page.evaluate(PANNED, [PAN_PIXELS, PAN_MS])
    before = spent()
    again = page.evaluate(PANNED, [PAN_PIXELS, PAN_MS])
    page_s, draw_s = (now - then for now, then in zip(spent(), before, strict=True))
    page.remove_listener("response", came)
    return Seen(zoom=zoom, full_ms=arrived["full"], frames=frames, tiles=len(tiles),
                again=again, page_ms=1_000 * page_s / len(again),
                draw_ms=1_000 * draw_s / len(again),
                tile_bytes=sum(tiles), components=arrived["components"], cases=arrived["cases"])


def spent() -> tuple[float, float]:
    """Processor seconds of our browser so far: pages with their workers, and drawing."""
    seconds = {"--type=renderer": 0.0, "--type=gpu-process": 0.0}
    for one in psutil.Process().children(recursive=True):
        try:
            kind = next((word for word in one.cmdline() if word in seconds), "")
            if kind:
                took = one.cpu_times()
                seconds[kind] += took.user + took.system
        except psutil.NoSuchProcess:
            continue
    return seconds["--type=renderer"], seconds["--type=gpu-process"]


def measure() -> None:
    with tempfile.TemporaryDirectory(prefix="wanmi-map-") as folder, browser() as found:
        node = city(Path(folder))
        process = psutil.Process(node.process.pid)
        rss = process.memory_info().rss
        try:
            page = opened(found, node.url, size=DESK)
            log_in(page, "liu.yang")
            sizes: dict[str, int] = {}
            page.on("response", lambda answer: sizes.update({
                answer.url: int(answer.headers.get("content-length", "0"))}))
            for which in ("first", "again"):
                sizes.clear()
                page.goto("/console/map")
                page.wait_for_function(
                    "() => document.querySelector('#map').dataset.drawn !== undefined",
                    timeout=120_000)
                took = page.evaluate("performance.now()")
                library = sum(n for url, n in sizes.items() if "/vendor/maplibre" in url)
                tiles = sum(n for url, n in sizes.items() if "/tiles/" in url)
                print(f"{which}: full map after {took:.0f} ms; library {library // KB} kB,"
                      f" tiles {tiles // KB} kB ({sum('/tiles/' in url for url in sizes)}), rest"
                      f" {(sum(sizes.values()) - library - tiles) // KB} kB")
            print("| Zoom | Everything drawn | New ground p95 | Again p50 | p95 | Page a frame |"
                  " Drawing a frame | Tiles | kB | Components | Pins |")
            print("|---|---|---|---|---|---|---|---|---|---|---|")
            for zoom, bare in ((13, True), *((zoom, False) for zoom in ZOOMS)):
                one = look(page, zoom, bare=bare)
                print(f"| {'land alone' if bare else zoom} | {one.full_ms:.0f} ms |"
                      f" {share(one.frames, 0.95):.0f} ms | {share(one.again, 0.5):.0f} ms |"
                      f" {share(one.again, 0.95):.0f} ms | {one.page_ms:.1f} ms |"
                      f" {one.draw_ms:.1f} ms | {one.tiles} |"
                      f" {math.ceil(one.tile_bytes / KB)} | {one.components} | {one.cases} |")
            with httpx.Client(base_url=node.url, trust_env=False) as http:
                http.get("/healthz").raise_for_status()
            print(f"node: {rss >> 20} MiB before, {process.memory_info().rss >> 20} MiB after;"
                  f" load {psutil.getloadavg()[0]:.1f}")
        finally:
            node.stop()


if __name__ == "__main__":
    measure()
