"""Whatever is written in a text has pieces of that text only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.core.grams import grams, line_of

LETTERS = st.text(st.sampled_from("黄石大道号12345abAB -，İß"), max_size=24)


@given(LETTERS, st.integers(0, 24), st.integers(0, 24))
def test_a_part_of_a_text_has_only_pieces_of_it(text: str, first: int, last: int) -> None:
    assert grams(text[first:last]) <= grams(text)


@given(LETTERS)
def test_pieces_are_words_of_an_index(text: str) -> None:
    assert all(piece.isalnum() for piece in grams(text))
    assert line_of(text) == " ".join(sorted(grams(text)))


def test_chinese_by_pairs_and_numbers_by_four() -> None:
    assert grams("黄石大道12号") == {"黄石", "石大", "大道", "道1", "2号", "道12号"}
    assert grams("42020-0099") == {"4202", "2020", "0099"}
    assert grams("路") == frozenset()
