"""The phone's page: its words, its files, its worker."""

from __future__ import annotations

import re
from pathlib import Path

from node.edge.console import statics
from node.edge.console.phone import routes

HERE = Path(routes.__file__).parents[1]
PAGE = (HERE / "pages" / "phone" / "page.html").read_text(encoding="utf-8")
SCRIPTS = {path.name: path.read_text(encoding="utf-8")
           for path in (HERE / "static" / "phone").glob("*.js")}
BUILT = {"verify", "check"} | {
    f"{what}_{part}" for what in ("found", "passed") for part in ("ask", "yes", "no")}
"""Keys that are put together, or come with a task."""


def test_every_word_that_the_phone_says_is_on_its_page_and_no_other() -> None:
    there = set(re.findall(r'\("(\w+)", _\(', PAGE))
    said = {key for text in SCRIPTS.values() for key in re.findall(r'say\("(\w+)"', text)}
    named = {key for text in SCRIPTS.values() for key in re.findall(r'"(\w+)"', text)}
    assert [] == sorted(said - there)
    assert [] == sorted(there - named - BUILT)


def test_no_script_of_the_phone_has_a_text_of_its_own() -> None:
    for name, text in SCRIPTS.items():
        bare = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)
        assert not re.search(r"[\u4e00-\u9fff]", bare), name


def test_the_worker_keeps_every_file_that_the_page_and_its_scripts_ask_for() -> None:
    worker = routes.worker_text()
    modules = {name for text in SCRIPTS.values() for name in re.findall(r'"\./(\w+\.js)"', text)}
    asked = set(re.findall(r'static\("([^"]+)"\)', PAGE)) | {f"phone/{one}" for one in modules}
    assert asked
    assert [] == [one for one in sorted(asked) if statics.url(one) not in worker]
    assert f'const EDITION = "{statics.version()}"' in worker


def test_every_element_that_a_script_looks_for_is_on_the_page() -> None:
    ids = set(re.findall(r'\bid="([\w-]+)"', PAGE))
    asked = {one for text in SCRIPTS.values() for one in re.findall(r'\$\$?\("#([\w-]+)', text)}
    assert [] == sorted(asked - ids)
