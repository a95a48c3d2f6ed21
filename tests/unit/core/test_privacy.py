"""Who sees what of personal data: by role, as a mask, or once for a reason."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

import node
from node.core.errors import Invalid, NotPermitted
from node.core.privacy import Mask, due_before, masked
from node.service.privacy_rules import ERASED, KNOWN, read_privacy

SHIPPED = Path(node.__file__).parent / "privacy" / "standard.toml"
DAY_US = 86_400_000_000


def test_the_shipped_table_names_every_field_with_its_class_source_and_time() -> None:
    rules = read_privacy(SHIPPED)
    assert set(rules.fields) == KNOWN
    assert "个人信息保护法" in rules.source
    for field in rules.fields.values():
        assert bool(field.keep) != bool(field.kept_by), field.name
        assert field.name not in ERASED or field.keep is not None
    carried = {name for name, field in rules.fields.items() if field.legs}
    assert carried == {"case.photo", "case.text", "account.name"}


def test_a_role_of_the_field_sees_it_and_others_see_the_mask() -> None:
    rules = read_privacy(SHIPPED)
    told = {
        role: (rules.shown("reporter.name", "张三丰", frozenset({role})),
               rules.shown("reporter.phone", "13812341234", frozenset({role})))
        for role in ("intake_operator", "shift_leader", "dispatcher", "handler", "*")}
    assert told["intake_operator"] == told["shift_leader"] == told["*"] == ("张三丰", "13812341234")
    assert told["dispatcher"] == told["handler"] == ("张**", "138****1234")
    assert rules.shown("reporter.phone", "13812341234", frozenset()) == "138****1234"
    assert rules.sees("case.photo", frozenset())


def test_unmasking_takes_one_of_the_roles_and_a_field_that_may_be_unmasked() -> None:
    rules = read_privacy(SHIPPED)
    for role in ("dispatcher", "supervisor", "shift_leader"):
        rules.unmaskable("reporter.phone", frozenset({role}))
    for field, role in (("reporter.phone", "handler"), ("caller.phone", "shift_leader"),
                        ("case.photo", "dispatcher")):
        with pytest.raises(NotPermitted) as refused:
            rules.unmaskable(field, frozenset({role}))
        assert refused.value.code == "privacy.role"
    with pytest.raises(Invalid) as unknown:
        rules.unmaskable("reporter.shoe", frozenset({"*"}))
    assert unknown.value.code == "privacy.field"


@pytest.mark.parametrize(("mask", "value", "told"), [
    (Mask.NAME, "张三", "张*"), (Mask.NAME, "欧阳锋之子", "欧**"), (Mask.NAME, "", ""),
    (Mask.PHONE, "138 1234 1234", "138****1234"), (Mask.PHONE, "6350000", "*****00"),
    (Mask.PHONE, "", ""), (Mask.NONE, "30.2,115.1", ""),
])
def test_masks(mask: Mask, value: str, told: str) -> None:
    assert masked(mask, value) == told


def test_what_another_rule_keeps_is_never_due_here() -> None:
    rules = read_privacy(SHIPPED)
    now = 10_000 * DAY_US
    assert due_before(rules.field("caller.name"), now) is None
    assert due_before(rules.field("reporter.name"), now) == now - 1_095 * DAY_US
    assert rules.field("reporter.name").keep == timedelta(days=1_095)


@pytest.mark.parametrize(("old", "new"), [
    ('name = "reporter.name"', 'name = "reporter.shoe"'),
    ('keep_days = 1825', 'keep_days = 0'),
    ('keep_days = 0\nkept_by = "patrol: keep_days"', 'keep_days = 30'),
    ('unmask = []\nlegs = []\nkeep_days = 1825', 'unmask = ["handler"]\nlegs = []\nkeep_days = 5'),
    ('class = "image"', 'class = "picture"'),
    ('name = "reporter.name"', 'name = "reporter.phone"'),
])
def test_a_table_with_a_hole_is_refused(tmp_path: Path, old: str, new: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "ours.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValidationError):
        read_privacy(file)
