"""The table of failures is total, and docs/errors.md says what it says."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import hub
import node
from hub.errors import FabricError
from node.core.errors import Refused
from node.edge.http import error_page
from node.edge.http.answers import known_codes
from node.edge.http.status import CLASSES, CODES, row_of

PAGE = Path(__file__).parents[3] / "docs" / "errors.md"


def _load(package: object) -> None:
    """Import every module that may define an error class."""
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        last = found.name.rpartition(".")[2]
        if last.endswith(("_pb2", "_pb2_grpc")) or last in {"__main__", "main", "env"}:
            continue
        if ".migrations" in found.name or ".cli" in found.name:
            continue
        importlib.import_module(found.name)


def _leaves(family: type[Exception]) -> set[type[Exception]]:
    below = family.__subclasses__()
    if not below:
        return {family}
    return set().union(*(_leaves(class_) for class_ in below))


def test_every_leaf_of_the_two_families_has_a_row() -> None:
    _load(hub)
    _load(node)
    ours = ("hub.", "node.")  # tests have errors of their own, loaded or not
    leaves = {leaf for leaf in _leaves(Refused) | _leaves(FabricError)
              if leaf.__module__.startswith(ours)}
    assert len(leaves) >= 13
    for leaf in sorted(leaves, key=lambda class_: class_.__name__):
        code, row = row_of(leaf("while testing"))
        assert code.count(".") >= 1, leaf
        assert 400 <= row.status < 600, leaf


def test_a_finer_code_of_a_known_class_keeps_the_class_row() -> None:
    from node.core.errors import Invalid

    code, row = row_of(Invalid("no reason given", code="case.reason_missing"))

    assert code == "case.reason_missing"
    assert row is CLASSES[Invalid]


def test_a_code_with_its_own_row_wins_over_the_class() -> None:
    from node.core.errors import Invalid

    code, row = row_of(Invalid("other content", code="idempotency.mismatch"))

    assert (code, row) == ("idempotency.mismatch", CODES["idempotency.mismatch"])


def test_every_row_speaks_both_languages() -> None:
    for code, row in known_codes().items():
        assert code == code.lower()
        assert any("\u4e00" <= char <= "\u9fff" for char in row.zh), code
        assert any("\u4e00" <= char <= "\u9fff" for char in row.remedy_zh), code
        assert (row.en + row.remedy_en).isascii(), code


def test_the_page_of_errors_is_fresh() -> None:
    assert error_page.page() == PAGE.read_text(encoding="utf-8"), (
        "write it again: python -m node.edge.http.error_page > docs/errors.md"
    )
