"""Data sets read over a real line: the city reads the district's at once; what a law bars stays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from node.cli import app
from tests.integration.http.node import CITY, DISTRICT, Node
from tests.integration.http.town import WITHIN_S, Town, start_town

BODIES = (
    "机构代码,机构名称,经度,纬度\n"
    "XS-01,西塞山市政所,115.10,30.20\nXS-02,=西塞山园林所,115.11,30.21\n"
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = start_town(tmp_path_factory.mktemp("town"))
    try:
        yield made
    finally:
        made.stop()


def screen(node: Node, *words: str, status: int = 0) -> str:
    """What a clerk sees, on eighty columns."""
    result = CliRunner().invoke(app, [*words, "--home", str(node.home), "--lang", "zh"], env={
        "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": "", "COLUMNS": "80"})
    assert result.exit_code == status, (words, result.output)
    if words[0] == "share" and "--out" not in words:  # a path may be long
        assert max(map(cell_len, result.output.splitlines()), default=0) <= 80, result.output
    return result.output


def read(api: httpx.Client, node: str, dataset: str) -> tuple[int, Any]:
    """A page as soon as there is a line; the status and the body."""
    until = time.monotonic() + WITHIN_S
    while True:
        answer = api.post("/api/v1/shared/read", json={
            "node": node, "dataset": dataset, "purpose": "部件更新比对"})
        if answer.status_code != 503 or time.monotonic() > until:
            return answer.status_code, answer.json()
        time.sleep(0.2)


def test_a_neighbour_reads_what_is_free_at_once_and_what_is_barred_never(
    town: Town, tmp_path: Path
) -> None:
    file = tmp_path / "bodies.csv"
    file.write_text(BODIES, encoding="utf-8")
    with town.city.client() as city, town.district.client() as district:
        assert read(city, DISTRICT, "organisations")[1]["rows"] == []
        screen(town.district, "import", "organisations", str(file))
        status, page = read(city, DISTRICT, "organisations")
        assert status == 200, page
        assert [row["code"] for row in page["rows"]] == ["XS-01", "XS-02"]
        assert page["sharing"] == "free"
        status, refused = read(city, DISTRICT, "reporters")
        assert (status, refused["code"]) == (403, "share.barred")
        assert "法律" in refused["detail"]
        assert read(district, CITY, "grids")[0] == 200  # a child asks as well
        assert read(city, DISTRICT, "secrets")[0] == 404
        assert read(city, "999999", "grids")[0] == 409
        aimless = city.post("/api/v1/shared/read", json={
            "node": DISTRICT, "dataset": "grids", "purpose": ""})
        assert aimless.status_code == 422

        given = [(one["side"], one["peer"], one["purpose"].partition(" · ")[0], one["row_count"])
                 for one in district.get("/api/v1/shared/log").json()]
        assert ("ANSWERED", CITY, "organisations", 2) in given
        assert ("REFUSED", CITY, "reporters", 0) in given
        asked = [(one["side"], one["peer"], one["row_count"])
                 for one in city.get("/api/v1/shared/log").json()]
        assert ("ASKED", DISTRICT, 2) in asked

    assert "西塞山市政所" in screen(
        town.city, "share", "read", DISTRICT, "organisations", "--purpose", "比对")
    out = tmp_path / "out.csv"
    screen(town.city, "share", "read", DISTRICT, "organisations", "--purpose", "比对",
           "--out", str(out))
    assert ",'=西塞山园林所," in out.read_text(encoding="utf-8-sig")
    assert "依法不共享" in screen(town.city, "share", "list")
    assert "拒绝" in screen(town.district, "share", "log")
    assert "share.barred" in screen(
        town.city, "share", "read", DISTRICT, "tracks", "--purpose", "比对", status=3)
