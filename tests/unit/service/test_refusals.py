"""Whoever reads Chinese is refused in Chinese: every rule that says no has its sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import node
from node.core import errors
from node.service.catalogue import SENTENCES
from node.service.refusals import CHINESE, UNHEARD, chinese

ROOT = Path(node.__file__).parent
FAMILY = {
    name: kind.default_code for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.Refused)
}


def constant(call: ast.Call, name: str, default: str) -> str | None:
    """A keyword of a call, if it is written out; None = it is computed."""
    found = next((one.value for one in call.keywords if one.arg == name), None)
    if found is None:
        return default
    return str(found.value) if isinstance(found, ast.Constant) else None


def raised() -> Iterator[tuple[str, str, str]]:
    """Code, why and place of every refusal whose code is written out in the sources."""
    for path in sorted(ROOT.rglob("*.py")):
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(one, ast.Call) or not isinstance(one.func, ast.Name):
                continue
            if one.func.id in FAMILY:
                code = constant(one, "code", FAMILY[one.func.id])
                if code is not None:
                    why = constant(one, "why", "") or ""
                    yield code, why, f"{path.relative_to(ROOT)}:{one.lineno}"


def test_every_refusal_has_a_sentence_in_chinese() -> None:
    bare = []
    for code, why, place in raised():
        keys = [f"{code}.{why}", code]
        if UNHEARD.isdisjoint(keys) and not any(
            key in CHINESE or f"refusal.{key}" in SENTENCES for key in keys
        ):
            bare.append((place, code, why))
    assert bare == []


def test_every_sentence_belongs_to_a_refusal_and_reads_as_chinese() -> None:
    said = {key for code, why, _ in raised() for key in (f"{code}.{why}", code)}
    for key, sentence in CHINESE.items():
        assert key in said, key
        assert re.search("[\u4e00-\u9fff]", sentence), key
        assert not sentence.endswith("。"), key
        assert f"refusal.{key}" not in SENTENCES, "said twice"
    assert {one for one in UNHEARD if one in CHINESE} == set()


def test_a_sentence_that_lacks_a_value_gives_way_to_the_plainer_one() -> None:
    [needed] = [name for _, name, _, _ in Formatter().parse(
        CHINESE["case.wrong_status.reopened"]) if name]
    assert chinese("case.wrong_status", "reopened", {needed: "c-1"}).endswith("c-1")
    assert chinese("case.wrong_status", "reopened", {}) == CHINESE["case.wrong_status"]
    assert chinese("approval.role_missing", "", {}) == ""
    assert chinese("nothing.known", "", {}) == ""
