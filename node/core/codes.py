"""Class codes and the identities built from them, generation by generation.

Three generations of one standard are met at once: GB/T 47678.5-2026, the GB/T 30428.2-2013 that it
replaces, and CJ/T 214-2007 before that. They give the same digits to different things (0405 is a
shop trading outside its door in one, a burst heating pipe in another) and one digit string to a
component and to a matter. So a class is only ever named by the triple (standard, kind, code), codes
are text, and nothing is split by position without its standard.

Digit layouts: second-hand, from implementations and from a public transcription of the 2026 text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from node.core.errors import Invalid


class Kind(StrEnum):
    """What is classified."""

    COMPONENT = "component"
    """部件: a thing with an owner or maintainer."""
    MATTER = "matter"
    """事件, since 2026 事项: a happening or behaviour."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ClassKey:
    """The name of a class: unique, and never shortened."""

    standard_ref: str
    kind: str
    code: str

    def __str__(self) -> str:
        return f"{self.standard_ref} {self.kind} {self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How many digits a standard gives to what.

    A class is ``major`` + ``minor`` digits, a component ``region`` + class + ``sequence``, a matter
    code ``region`` + class. ``local_from`` is the lowest minor number that the standard leaves to
    localities; None = it says nothing, so whatever the national list does not use. ``monitored``
    are the digits of a monitored component or event (sensors), () = the standard has none.
    """

    standard_ref: str
    major: int = 2
    minor: int
    region: int = 6
    sequence: int
    local_from: int | None = None
    monitored: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        assert min(self.major, self.minor, self.region, self.sequence) > 0, self

    @property
    def class_digits(self) -> int:
        return self.major + self.minor

    @property
    def instance_digits(self) -> int:
        return self.region + self.class_digits + self.sequence

    @property
    def matter_digits(self) -> int:
        return self.region + self.class_digits


GB_2026: Final = "GB/T 47678.5-2026"
GB_2013: Final = "GB/T 30428.2-2013"
CJ_2007: Final = "CJ/T 214-2007"

LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType({
    one.standard_ref: one
    for one in (
        Layout(standard_ref=GB_2026, minor=3, sequence=6, local_from=80,
               monitored=(6, 2, 2, 2, 6)),
        Layout(standard_ref=GB_2013, minor=2, sequence=6),
        Layout(standard_ref=CJ_2007, minor=2, sequence=6),
    )
})
"""The generations that are known. Whatever else a node registers brings its layout along: one
implementation writes 16 digits as 6+2+3+5, another as 6+2+2+6, and only the standard tells."""


def canonical_ref(text: str) -> str:
    """A known standard however its spaces and dashes are typed; any other text as it is."""
    plain = _plain_ref(text)
    return next((ref for ref in LAYOUTS if _plain_ref(ref) == plain), text.strip())


def check_class(layout: Layout, code: str) -> str:
    """The code of a minor class, if it has the standard's digits and is not all zeros in either
    part; ``Invalid`` (``codes.class``) otherwise."""
    _digits(code, layout.class_digits, of=f"a class of {layout.standard_ref}", code="codes.class")
    if not code[: layout.major].strip("0") or not code[layout.major :].strip("0"):
        raise Invalid(f"{code}: neither major nor minor class is 0", code="codes.class")
    return code


def padded_class(layout: Layout, code: str) -> str:
    """A class code as a sheet gives it, with the leading zeros that spreadsheets lose (``1001``
    for ``01001``). ``Invalid`` if it is none even then."""
    return check_class(layout, _padded(code, layout.class_digits))


def joined_class(layout: Layout, major: str, minor: str) -> str:
    """The class of a major and a minor number given apart, each padded to its own width."""
    if len(major) > layout.major or len(minor) > layout.minor:
        raise Invalid(
            f"{major}-{minor}: {layout.standard_ref} has {layout.major} digits for major and "
            f"{layout.minor} for minor classes", code="codes.class",
        )
    return check_class(layout, _padded(major, layout.major) + _padded(minor, layout.minor))


def padded_major(layout: Layout, major: str) -> str:
    """A major class alone, padded."""
    found = _padded(major, layout.major)
    _digits(found, layout.major, of=f"a major class of {layout.standard_ref}", code="codes.class")
    return found


# --- identities -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentIdentity:
    """One component on the ground: where it is registered, what it is, and its number there."""

    standard_ref: str
    region: str
    code: str
    sequence: str

    def __str__(self) -> str:
        return self.region + self.code + self.sequence

    @property
    def class_key(self) -> ClassKey:
        return ClassKey(standard_ref=self.standard_ref, kind=Kind.COMPONENT, code=self.code)


def component_identity(layout: Layout, *, region: str, code: str, number: int) -> ComponentIdentity:
    """The identity of component ``number`` of a class in a region; numbers start at 1."""
    _digits(region, layout.region, of="a region", code="codes.identity")
    check_class(layout, code)
    if not 1 <= number < 10**layout.sequence:
        raise Invalid(
            f"{number}: {layout.standard_ref} numbers components from 1 to "
            f"{10**layout.sequence - 1}", code="codes.identity",
        )
    return ComponentIdentity(standard_ref=layout.standard_ref, region=region, code=code,
                             sequence=f"{number:0{layout.sequence}}")


def read_component(layout: Layout, text: str) -> ComponentIdentity:
    """The parts of a component's identity under its standard. ``Invalid`` (``codes.identity``) if
    the digits do not fit it; they are not tried under another."""
    _digits(text, layout.instance_digits, of=f"a component of {layout.standard_ref}",
            code="codes.identity")
    region, code, sequence = _cut(text, (layout.region, layout.class_digits, layout.sequence))
    check_class(layout, code)
    if not sequence.strip("0"):
        raise Invalid(f"{text}: components are numbered from 1", code="codes.identity")
    return ComponentIdentity(
        standard_ref=layout.standard_ref, region=region, code=code, sequence=sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterCode:
    """A class of matters in a region. It repeats for every case and is nobody's key."""

    standard_ref: str
    region: str
    code: str

    def __str__(self) -> str:
        return self.region + self.code

    @property
    def class_key(self) -> ClassKey:
        return ClassKey(standard_ref=self.standard_ref, kind=Kind.MATTER, code=self.code)


def matter_code(layout: Layout, *, region: str, code: str) -> MatterCode:
    """The matter code of a class in a region."""
    _digits(region, layout.region, of="a region", code="codes.identity")
    return MatterCode(
        standard_ref=layout.standard_ref, region=region, code=check_class(layout, code))


def read_matter(layout: Layout, text: str) -> MatterCode:
    """The parts of a matter code under its standard; ``Invalid`` if the digits do not fit it."""
    _digits(text, layout.matter_digits, of=f"a matter of {layout.standard_ref}",
            code="codes.identity")
    region, code = _cut(text, (layout.region, layout.class_digits))
    return MatterCode(
        standard_ref=layout.standard_ref, region=region, code=check_class(layout, code))


def read_monitored(layout: Layout, text: str) -> tuple[str, ...]:
    """The parts of a monitored component's or event's code; ``Invalid`` if the standard has no such
    codes or the digits do not fit."""
    if not layout.monitored:
        raise Invalid(f"{layout.standard_ref} has no codes of monitored components",
                      code="codes.identity")
    _digits(text, sum(layout.monitored), of=f"a monitored object of {layout.standard_ref}",
            code="codes.identity")
    return _cut(text, layout.monitored)


# --- local extension ------------------------------------------------------------------------------


def next_local(
    layout: Layout, major: str, *, national: Collection[str], taken: Collection[str]
) -> str:
    """The next free code for a local class of a major class: from the top down.

    ``national`` and ``taken`` are class codes of one kind. Where the standard names no border, a
    local number stays above every national one. ``Invalid`` (``codes.no_room``) when none is left.
    """
    major = padded_major(layout, major)
    low = layout.local_from
    if low is None:
        used = [int(code[layout.major :]) for code in national if code.startswith(major)]
        low = max(used, default=0) + 1
    spent = {*national, *taken}
    for number in range(10**layout.minor - 1, low - 1, -1):
        code = f"{major}{number:0{layout.minor}}"
        if code not in spent:
            return code
    raise Invalid(f"{layout.standard_ref}: no local code is left in major class {major}",
                  code="codes.no_room")


def is_in_local_range(layout: Layout, code: str) -> bool:
    """Whether the standard leaves this number to localities; False where it names no border."""
    return layout.local_from is not None and int(code[layout.major :]) >= layout.local_from


def is_fault_of(component: str, matter: str) -> bool:
    """Whether a matter class of the same digits is the fault of a component class, by their names:
    the 2026 standard has 供水井盖 as a component and 供水井盖异常 as a matter, under which its
    faults are filed. In older generations the same digits name other things."""
    letters = iter(matter)
    return bool(component) and all(letter in letters for letter in component)


def _plain_ref(text: str) -> str:
    return "".join(text.split()).upper().translate({ord(dash): "-" for dash in "—–－‑"})


# --- digits ---------------------------------------------------------------------------------------


def _padded(text: str, digits: int) -> str:
    return text.zfill(digits) if text.isascii() and text.isdigit() else text


def _digits(text: str, count: int, *, of: str, code: str) -> None:
    if len(text) != count or not text.isascii() or not text.isdigit():
        raise Invalid(f"{text!r} is not {of}: that has {count} digits", code=code)


def _cut(text: str, widths: tuple[int, ...]) -> tuple[str, ...]:
    assert len(text) == sum(widths)
    parts, start = [], 0
    for width in widths:
        parts.append(text[start : start + width])
        start += width
    return tuple(parts)
