"""What a file is, its bytes say; what a spreadsheet runs, we do not write."""

from __future__ import annotations

import pytest

from node.core.pictures import kind_of
from node.edge.sheets.plain import blocks_table
from node.service.formulas import harmless


@pytest.mark.parametrize(("head", "expected"), [
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "image/png"),
    (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
    (b"RIFF\x10\x00\x00\x00WAVEfmt ", ""),
    (b"<html>", ""),
    (b"GIF89a", ""),
    (b"", ""),
    (b"\xff\xd8", ""),
])
def test_only_the_first_bytes_decide(head: bytes, expected: str) -> None:
    assert expected == kind_of(head)


@pytest.mark.parametrize(("value", "expected"), [
    ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("＝1+1", "'＝1+1"), (" =1", "' =1"),
    ("\n=1", "'\n=1"), ("-3", "'-3"), ("井盖缺失", "井盖缺失"),
    (None, ""), (True, "True"), (0, "0"),
])
def test_no_cell_of_the_export_is_a_formula(value: object, expected: str) -> None:
    assert expected == harmless(value)


def test_what_a_caller_said_is_no_formula_of_a_sheet_either() -> None:
    sheet = blocks_table([("about", "＋1")], [(("words", "count"), [("＝1+1", 3), (" =1", -3)])])
    assert ["about,'＋1", "", "words,count", "'＝1+1,3", "' =1,-3"] == (
        sheet.decode("utf-8-sig").splitlines())
