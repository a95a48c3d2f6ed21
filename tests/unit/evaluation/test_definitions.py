"""Versions of the indicators: checked as a whole on reading, chosen by the period."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from node.core.errors import Invalid
from node.core.periods import read_period
from node.core.sources import Sources
from node.service.evaluation import handbook
from node.service.evaluation.definitions import (
    load_definitions,
    read_definition,
    shipped,
    shipped_sources,
)
from node.service.evaluation.versions import BadDefinition, Definitions

(_, TEXT), *_ = shipped()


def wrong(old: str, new: str) -> list[str]:
    assert old in TEXT
    with pytest.raises(BadDefinition) as refusal:
        read_definition(TEXT.replace(old, new, 1), name="ours.toml")
    assert refusal.value.code == "evaluation.definition"
    assert "ours.toml" in str(refusal.value)
    for sentence in refusal.value.sentences:
        assert sentence.say("zh") != sentence.say("en")
    return [sentence.say("en") for sentence in refusal.value.sentences]


def test_a_group_of_sources_is_whatever_the_list_of_the_office_puts_in_it() -> None:
    listed = shipped_sources()
    public = {code for code, one in listed.rows.items() if one.public}
    definition = read_definition(TEXT, name="ours.toml").definition
    (told,) = [one for one in definition.counters["reported_by_public"].where
               if one.column == "source"]
    assert public == set(told.values)
    rows = {**listed.rows, "wechat": replace(listed.rows["app"], code="wechat")}
    ours = Sources(version="ours", rows=rows)
    definition = read_definition(TEXT, name="ours.toml", sources=ours).definition
    (told,) = [one for one in definition.counters["reported_by_public"].where
               if one.column == "source"]
    assert public | {"wechat"} == set(told.values)


def test_shipped_indicators_are_sound() -> None:
    for name, text in shipped():
        assert read_definition(text, name=name).definition.digest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('numerator = "handled"', 'numerator = "handeld"', "no counter handeld"),
        ('of = "reported"', 'of = "seen"', "no counter seen"),
        ('source = ["collector"]', 'source = ["colector"]', "list of sources has no colector"),
        ('["group:public"]', '["group:citizens"]', "list of sources has no group:citizens"),
        ('["group:patrol", "group:system"]', '["web", "camera"]', "list of sources has no web"),
        ('window = "handle"', 'window = "someday"', "no window someday"),
        ('columns = ["begun_at"]', 'columns = ["born_at"]', "no column born_at"),
        ('{ rate = "leg_closing", weight = 0.3 }', '{ rate = "leg_closing", weight = 0.4 }',
         "weight 1.1"),
        ('{ rate = "leg_closing", weight', '{ rate = "leg_opening", weight', "no rate leg_opening"),
        ('{ band = "unit_caseload"', '{ band = "caseload"', "no score band caseload"),
        ("[[50, 100], [100, 90]", "[[100, 90], [50, 100]", "must be in order"),
        ("[[50, 100]", "[[50, 130]", "score 130"),
        ("at_least = 0\n", "at_least = 10\n", "must be in order"),
        ('composite = "unit"', 'composite = "units"', "no composite units"),
        ('keys = ["unit"]', 'keys = ["owner"]', "no column owner"),
        ('rates = ["handling", "handling_on_time", "signing_on_time"',
         'rates = ["filing_on_time", "handling_on_time", "signing_on_time"', "one of this kind"),
        ('keys = ["area:6"]', 'keys = ["area:six"]', "area:six"),
        ("[counters.missed]", "[counters.handled]", "is the program's"),
        ('version = "2026-1"', 'version = "2026 1"', "version"),
        ('cut = "period_end"', 'cut = "sometimes"', "cut"),
        ('zh = "处置率"', 'zh = ""', "rates.handling.zh"),
        ("trial_nodes = []", "trial_nodes = [\n", "not TOML"),
        ('begin = "reported"', 'begin = "dreamt"', "no column dreamt"),
    ],
)
def test_mistake_in_a_file_is_named_where_it_stands(old: str, new: str, said: str) -> None:
    assert any(said in sentence for sentence in wrong(old, new)), wrong(old, new)


def test_everything_wrong_is_said_at_once() -> None:
    text = TEXT.replace('numerator = "handled"', 'numerator = "x"').replace("0.35", "0.5")
    with pytest.raises(BadDefinition) as refusal:
        read_definition(text, name="ours")
    assert len(refusal.value.sentences) > 2


def version(name: str, valid_from: str) -> str:
    return TEXT.replace('version = "2026-1"', f'version = "{name}"').replace(
        "valid_from = 2000-01-01", f"valid_from = {valid_from}"
    )


def test_period_is_judged_by_the_rules_that_held_when_it_began() -> None:
    kept = Definitions(
        read_definition(text, name="x")
        for text in (TEXT, version("new", "2026-07-01"), version("newest", "2026-11-15"))
    )
    chosen = {
        name: kept.of(read_period(name)).definition.version
        for name in ("2026-06", "2026-07", "2026-11", "2026-12", "2026")
    }
    assert chosen == {
        "2026-06": "2026-1", "2026-07": "new", "2026-11": "new", "2026-12": "newest",
        "2026": "2026-1",
    }
    assert kept.of(read_period("2026-12"), "new").definition.version == "new"
    with pytest.raises(Invalid, match="'old'"):
        kept.named("old")
    with pytest.raises(Invalid, match="no version"):
        kept.of(read_period("1999"))


def test_city_keeps_versions_of_its_own_beside_the_shipped_one(tmp_path: Path) -> None:
    folder = tmp_path / "indicators"
    folder.mkdir()
    (folder / "ours.toml").write_text(version("ours", "2026-01-01"), encoding="utf-8")
    found = [one.definition.version for one in load_definitions(tmp_path).all()]
    assert found == ["2026-1", "ours"]
    (folder / "again.toml").write_text(version("ours", "2026-02-01"), encoding="utf-8")
    with pytest.raises(BadDefinition, match="two versions named ours"):
        load_definitions(tmp_path)


def test_documented_formulas_are_those_of_the_data_file() -> None:
    page = (Path(__file__).parents[3] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert handbook.renewed(page) == page, (
        "write it again: python -m node.service.evaluation.handbook --write docs/evaluation.md")


def test_handbook_tells_every_rate_weight_and_bound() -> None:
    told = handbook.handbook(read_definition(TEXT, name="x").definition)
    for said in ("handled_on_time ÷ should_handle", "(1 − leg_rework) 30 %", "≤ 2000 → 90",
                 "A ≥ 90", "sha256 `", "area_class II"):
        assert said in told
