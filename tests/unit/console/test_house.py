"""What holds for every room: guarded routes, known operations, files that are what they say."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from fastapi.routing import APIRoute

from node.edge.console import rooms, statics
from node.edge.console.cases.acting import BATCH, INVERSE, LEADING, USUAL, all_verbs
from node.edge.console.cases.fields import GRAVE
from node.edge.console.visit import PageRoute
from node.edge.console.work.queues import all_queues
from node.edge.http.verb_paths import PATHS
from node.service.people.book import VERBS, read_roles

HERE = Path(rooms.__file__).parent
ROLES = HERE.parents[1] / "roles" / "standard.toml"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
COLOUR = re.compile(r":[^:;{}]*(?:#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\()[^;{}]*[;}]")
"""A declaration whose value holds a colour."""
LINE = re.compile(r"^\| `([^`]+)` \| [^|]+ \| [^|]+ \| [^|]+ \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def routes() -> list[APIRoute]:
    return [route for router in rooms.routers() for route in router.routes
            if isinstance(route, APIRoute)]


def test_every_page_asks_whether_a_write_is_meant_and_says_failures_as_a_page() -> None:
    bare = [route.path for route in routes()
            if not isinstance(route, PageRoute) and not route.path.startswith("/console/static/")]
    assert bare == []


def test_every_page_names_the_operation_whose_rights_it_needs() -> None:
    posts = read_roles(ROLES)
    named = {route.path: route.operation_id for route in routes() if isinstance(route, PageRoute)}
    assert named
    assert {} == {path: one for path, one in named.items() if one not in posts.acts}
    assert {} == {one.path: one.operation for one in rooms.ROOMS if one.operation not in posts.acts}


def test_keys_of_rooms_are_single_letters_each_once() -> None:
    keys = [one.key for one in rooms.ROOMS]
    assert all(re.fullmatch("[a-z]", key) for key in keys)
    assert len(keys) == len(set(keys))


def test_every_verb_of_the_api_has_a_button_here() -> None:
    assert set(all_verbs()) == set(PATHS.values()) - {""}
    assert set(USUAL.values()) <= set(BATCH)
    assert {*BATCH, *GRAVE, *LEADING, *INVERSE, *INVERSE.values()} <= set(all_verbs())


def test_queues_name_verbs_and_filters_that_there_are() -> None:
    from node.core.roles import WHOLE

    for queue in all_queues():
        assert set(queue.verbs) <= VERBS, queue.name
        assert queue.asked(WHOLE).scope is WHOLE
    names = [queue.name for queue in all_queues()]
    assert len(names) == len(set(names))


def test_vendored_files_are_those_that_are_written_down() -> None:
    folder = HERE / "static" / "vendor"
    listed = dict(LINE.findall((folder / "README.md").read_text(encoding="utf-8")))
    there = {
        path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()
        if path.suffix in {".js", ".mjs", ".css"}
    }
    assert listed == there
    for name in there:
        package = name.partition(".")[0].removesuffix("-worker")
        assert (folder / f"LICENSE.{package}.txt").is_file(), name


def test_styles_name_tokens_and_no_colour_of_their_own() -> None:
    own = [
        (path.name, value) for path in sorted((HERE / "static").rglob("*.css"))
        if path.name != "tokens.css" and "vendor" not in path.parts
        for value in COLOUR.findall(COMMENT.sub("", path.read_text(encoding="utf-8")))]
    assert own == [
        ("account.css", ": #fff;"),  # squares of a code need white
        ("base.css", ": rgba(10, 16, 24, .45);"),  # behind a dialog older browsers know no token
    ]


def test_no_page_asks_anything_of_the_outside_or_runs_text() -> None:
    for path in (HERE / "pages").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(src|href|action|hx-\w+)=\"(https?:)?//", text), path.name
        assert not re.search(r"\sstyle=|<script(?![^>]* src=)|\son\w+=|hx-on", text), path.name
        assert "|safe" not in text.replace(" ", ""), path.name


def test_every_file_is_found_by_the_address_that_pages_use() -> None:
    assert statics.url("tokens.css").startswith("/console/static/")
    assert len(statics.version()) == 12
    assert {"console.js", "base.css", "vendor/htmx.min.js"} <= set(statics.names())
