"""Acts that the audit log records, and kinds of things they are about, have words for people."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import node
from node.edge.console.audit import words
from node.edge.http.verb_paths import PATHS
from node.service.case_words import VERBS

HERE = Path(node.__file__).parent
RECORDS = re.compile(r"AuditEntry|Deed\(")
ACT = re.compile("[A-Z][a-z]+([A-Z][a-z]+)*")
ABOUT = re.compile(r'subject=f?"([a-z]+):')
OTHERS = frozenset({
    "Feature", "FeatureCollection", "LineString", "Point",  # of maps
    "ReportLate", "ReportStale", "WordLate",  # of links
})
"""Words that look like acts in modules that record some, and are none."""


def recording() -> Iterator[str]:
    """The text of every module that writes into the log."""
    for path in sorted(HERE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "console" not in path.relative_to(HERE).parts and RECORDS.search(text):
            yield text


def test_every_act_in_the_log_has_a_word() -> None:
    acts = {
        item.value for text in recording() for item in ast.walk(ast.parse(text))
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
        and ACT.fullmatch(item.value)} - OTHERS
    assert {"Login", "ReadPositions", "ImportTable", "StartNode"} <= acts
    assert sorted(one for one in acts
                  if one not in words.ACTIONS and PATHS.get(one, "") not in VERBS) == []


def test_every_kind_of_thing_that_an_act_is_about_has_a_word() -> None:
    kinds = {one for text in recording() for one in ABOUT.findall(text)}
    assert {"account", "table", "layer", "dataset"} <= kinds
    assert sorted(kinds - set(words.KINDS)) == []
