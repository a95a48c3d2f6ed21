"""What a feedback must show (反馈), and what one lacks (校核).

Which photos, and whether the closing condition met is named, is data of the office that files
(``node/feedback``, or a city's own file): the rule of the class is written into the facts when the
case is filed and travels with every order. The unit's own office refuses a feedback that lacks
something; whoever receives one from a system that knows no such rule, or from an older office,
sends it back with the reason, and after so many times leaves it to a person. Source: feedback with
a request for review, proofread by the centre (003 section 3(5)5); results by standard
(处置结果规范, 002 section 4(3)2(2)).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from node.core.errors import Invalid
from node.core.facts import Category, Facts, Photo, Wanted

CLOSING: Final = "closing"
"""What lacks where the closing condition met is not named; every other is the role of a photo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRule:
    """One row: what feedbacks of a class want. ``code`` is a beginning, each text "" = any; a code
    means something only inside its standard and kind."""

    standard_ref: str = ""
    kind: str = ""
    code: str = ""
    wanted: Wanted

    def covers(self, category: Category) -> bool:
        """Is this class under the row?"""
        return (
            self.standard_ref in ("", category.standard_ref)
            and self.kind in ("", category.kind)
            and category.code.startswith(self.code)
        )

    @property
    def weight(self) -> tuple[int, int, int]:
        """How specific it is: the longer code, then a kind, then a standard."""
        return len(self.code), bool(self.kind), bool(self.standard_ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRules:
    """Every row of one office. ``returns_max``: so often one handing-over is sent back by itself
    before a person is asked. ``text`` says so to the unit, with ``{lacks}`` in the words of
    ``names``."""

    version: str
    rows: tuple[FeedbackRule, ...] = ()
    returns_max: int = 0
    text: str = "{lacks}"
    names: Mapping[str, str] = field(default_factory=dict)

    def wanted(self, category: Category) -> Wanted:
        """Of the most specific row, the earlier of two alike; nothing without any."""
        fitting = [one for one in self.rows if one.covers(category)]
        return max(fitting, key=lambda one: one.weight).wanted if fitting else Wanted()

    def reason(self, lacking: Iterable[str]) -> str:
        """What the unit reads when it comes back."""
        return self.text.format(lacks="、".join(self.names.get(one, one) for one in lacking))


def lacks(facts: Facts | None, *, closing: str, photos: Iterable[Photo]) -> tuple[str, ...]:
    """What such a feedback of this case lacks: roles of photos, ``closing``."""
    if facts is None:
        return ()
    shown = {photo.role for photo in photos}
    missing = [role.value for role in facts.wanted.photos if role not in shown]
    if facts.wanted.closing and facts.closing and not closing:
        missing.append(CLOSING)
    return tuple(missing)


def refuse_lacking(facts: Facts | None, *, closing: str, photos: Iterable[Photo]) -> None:
    """``Invalid``: ``feedback.photo_missing`` or ``feedback.closing_missing``, which name what; if
    both lack, the first names both."""
    missing = lacks(facts, closing=closing, photos=photos)
    if not missing:
        return
    assert facts is not None, "of nothing nothing is wanted"
    name = facts.category.name or facts.category.code
    roles = [one for one in missing if one != CLOSING]
    if roles and CLOSING in missing:
        raise Invalid(
            f"a feedback on {name} shows photos of role {', '.join(roles)}, and names the closing "
            f"condition met: {facts.closing}",
            code="feedback.photo_missing", why="both", field="photos", fields="photos, closing_met",
            roles=", ".join(roles), name=name, closing=facts.closing,
        )
    if roles:
        raise Invalid(
            f"a feedback on {name} shows photos of role {', '.join(roles)}",
            code="feedback.photo_missing", field="photos", roles=", ".join(roles), name=name,
        )
    raise Invalid(
        f"a feedback on {name} names the closing condition met: {facts.closing}",
        code="feedback.closing_missing", field="closing_met", closing=facts.closing, name=name,
    )
