"""Every figure of the shipped indicators is explained in full, in both languages."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from node.core.counters import MARKS, TIMES, Excluded, RowKind
from node.core.errors import Invalid
from node.core.indicators import Subject
from node.core.periods import read_period
from node.edge.console.evaluation.asked import Asked, spans, tab_of
from node.edge.console.evaluation.meaning import EXCLUDED, INSTANTS, OF_KIND, ROWS, meaning_of
from node.edge.console.overview.tiles import tiles
from node.edge.console.speech import Speech
from node.edge.console.visit import Visit
from node.service.evaluation.definitions import load_definitions
from node.service.evaluation.sheet import shown_name

DEFINITION = load_definitions(None).all()[-1].definition
SOURCE = SimpleNamespace(code="hotline", zh="热线", en="hotline")


def visit(language: str) -> Visit:
    desk = SimpleNamespace(sources=lambda: {"sources": [SOURCE]})
    return cast(Visit, SimpleNamespace(language=language, say=Speech(language), desk=desk))


def asked(subject: Subject, period: str = "2026-11") -> Asked:
    return Asked(subject=subject, period=read_period(period), definition=DEFINITION, area="",
                 group="", version="", our="", node="420200")


def figures(subject: Subject) -> list[tuple[str, str]]:
    found = [("rate", name) for name in subject.rates]
    found += [("count", shown_name(one)) for one in DEFINITION.measures(subject)]
    return [*found, *([("score", "")] if subject.composite else [])]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("subject", DEFINITION.subjects.values(), ids=lambda one: one.name)
def test_every_figure_of_a_sheet_says_what_it_means(subject: Subject, language: str) -> None:
    for of, name in figures(subject):
        told = meaning_of(visit(language), asked(subject), of, name)
        said = [told.title, told.formula, *(text for title, texts in told.parts
                                            for text in (title, *texts))]
        assert all(said), (of, name)
        assert DEFINITION.version in told.version
        assert told.source
        if language == "en":
            assert [] == [text for text in said
                          if any("\u3400" <= sign <= "\u9fff" for sign in text)], (of, name)


def test_a_rate_names_numerator_denominator_window_and_what_does_not_count() -> None:
    told = meaning_of(
        visit("zh-CN"), asked(DEFINITION.subjects["unit"]), "rate", "handling_on_time")
    assert told.formula == "按期处置数 ÷ 应处置数"
    said = dict(told.parts)
    assert said["分子：按期处置数"][-1] == (
        "不计入：已作废、重复登记、误派退回、已撤回、移送在外、已改派的")
    assert said["分母：应处置数"][0] == "截至统计时点已发生“派到本单位”"
    assert said["统计口径"][0] == DEFINITION.windows["handle"].zh


def test_a_score_names_every_part_with_its_weight_and_every_grade() -> None:
    told = meaning_of(visit("zh-CN"), asked(DEFINITION.subjects["unit"]), "score", "")
    said = dict(told.parts)
    assert "（1 − 返工率）× 30%" in said["各项与权重"]
    assert len(said["等级"]) == len(DEFINITION.grades)


@pytest.mark.parametrize(("of", "name"), [
    ("rate", "filing"), ("count", "handled@nowhere"), ("count", "nothing@handle"),
    ("grade", "A"), ("rate", "<script>")])
def test_what_no_sheet_shows_has_no_meaning(of: str, name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        meaning_of(visit("zh-CN"), asked(DEFINITION.subjects["unit"]), of, name)
    assert refusal.value.code == "evaluation.figure"


def test_every_instant_and_every_reason_has_a_word() -> None:
    assert {*INSTANTS, *OF_KIND[RowKind.CASE]} >= {*TIMES, *MARKS}
    assert set(EXCLUDED) == set(Excluded)
    assert set(ROWS) == set(OF_KIND) == set(RowKind)
    assert all(set(words) == set(OF_KIND[RowKind.CASE]) for words in OF_KIND.values())


def test_every_subject_stands_under_one_tab() -> None:
    found = {one.name: tab_of(one) for one in DEFINITION.subjects.values()}
    assert found["district"] == found["grid_head"] == "区域"
    assert found["unit"] == found["office"] == "责任单位"
    assert found["collector"] == found["dispatcher"] == "岗位"
    assert found["class"] == found["source"] == "其他"


def test_another_length_of_period_stays_where_one_was() -> None:
    one = asked(DEFINITION.subjects["unit"], "2026-03")
    links = {link.title: link for link in spans(visit("zh-CN"), one)}
    assert "period=2026-03-31" in links["日"].path
    assert "period=2026-Q1" in links["季"].path
    assert links["月"].here


def test_the_shipped_indicators_tell_every_figure_of_the_overview() -> None:
    file = tiles()
    assert file.told_by(DEFINITION) == list(file.tiles)
    assert {file.places, file.classes} <= set(DEFINITION.subjects)
    assert any(one.trend for one in file.tiles)
    assert all(len(one.shown(DEFINITION)) == 1 for one in file.tiles if one.trend or one.parts)


def test_rules_that_lack_a_subject_a_counter_or_a_rate_leave_the_figure_out() -> None:
    without: Any = replace(DEFINITION, subjects={
        name: one for name, one in DEFINITION.subjects.items() if name != "unit"})
    assert {one.subject for one in tiles().told_by(without)} == {"district"}
    bare: Any = replace(DEFINITION, rates={}, windows={
        name: one for name, one in DEFINITION.windows.items() if name != "done"})
    assert [one.title for one in tiles().told_by(bare)] == ["今日上报", "今日立案", "今日派遣"]
