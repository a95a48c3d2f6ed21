"""Identities and codes under every layout: what is built is read back, what is padded stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.core.codes import (
    LAYOUTS,
    Layout,
    component_identity,
    joined_class,
    matter_code,
    next_local,
    padded_class,
    read_component,
    read_matter,
)

LAYOUT = st.one_of(st.sampled_from(sorted(LAYOUTS.values(), key=str)), st.builds(
    Layout, standard_ref=st.just("local"), minor=st.integers(2, 4), sequence=st.integers(4, 7)))


@st.composite
def identities(draw: st.DrawFn) -> tuple[Layout, str, str, int]:
    layout = draw(LAYOUT)
    region = draw(st.text("0123456789", min_size=layout.region, max_size=layout.region))
    major = draw(st.integers(1, 10**layout.major - 1))
    minor = draw(st.integers(1, 10**layout.minor - 1))
    code = f"{major:0{layout.major}}{minor:0{layout.minor}}"
    return layout, region, code, draw(st.integers(1, 10**layout.sequence - 1))


@given(identities())
def test_an_identity_is_read_back_as_it_was_built(given_: tuple[Layout, str, str, int]) -> None:
    layout, region, code, number = given_

    built = component_identity(layout, region=region, code=code, number=number)

    assert len(str(built)) == layout.instance_digits
    assert read_component(layout, str(built)) == built
    matter = matter_code(layout, region=region, code=code)
    assert read_matter(layout, str(matter)) == matter


@given(identities())
def test_padding_undoes_what_a_spreadsheet_does_and_is_idempotent(
    given_: tuple[Layout, str, str, int],
) -> None:
    layout, _, code, _ = given_

    assert padded_class(layout, str(int(code))) == code
    assert padded_class(layout, code) == code
    major, minor = code[: layout.major], code[layout.major :]
    assert joined_class(layout, str(int(major)), str(int(minor))) == code


@given(LAYOUT, st.sets(st.integers(1, 999), max_size=30), st.integers(0, 8))
def test_local_codes_are_fresh_and_descend(
    layout: Layout, national: set[int], count: int
) -> None:
    top = 10**layout.minor
    codes = {f"01{n:0{layout.minor}}" for n in national if n < min(top // 2, 80)}
    taken: list[str] = []
    for _ in range(count):
        taken.append(next_local(layout, "1", national=codes, taken=taken))

    assert taken == sorted(taken, reverse=True)
    assert len({*taken} | codes) == len(taken) + len(codes)
    assert all(code > max(codes, default="") for code in taken)
