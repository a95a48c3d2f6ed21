"""What a figure means, in words, from the rules it is computed by: what is divided by what, which
rows count in which period, what does not count, and where the rule is from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from node.core.counters import Counter, Excluded, Filter, RowKind
from node.core.errors import Invalid
from node.core.indicators import Band, Composite, Cut, Missing, Part, Rate
from node.edge.console.evaluation.asked import Asked
from node.edge.console.visit import Visit
from node.service.case_words import KINDS

INSTANTS: Final[Mapping[str, str]] = {
    "due_at": "时限届满", "filed_at": "立案", "rated_at": "群众评价",
    "reported": "上报", "registered": "登记", "accepted": "受理", "accepted_on_time": "按时受理",
    "rejected": "不予受理", "verify_sent": "派出核实", "verify_sent_on_time": "按时派出核实",
    "verified": "核实", "verified_on_time": "按时核实", "filed": "立案",
    "filed_on_time": "按时立案", "filed_correctly": "准确立案", "declined": "不予立案",
    "valid_report": "认定为有效上报",
    "dispatched": "派遣", "dispatched_on_time": "按时派遣", "misdispatched": "认定为误派",
    "signed": "签收", "signed_on_time": "按时签收", "handled": "处置完毕",
    "handled_on_time": "按期处置完毕", "handled_on_time_by_round": "按返工时限处置完毕",
    "handled_late": "超期处置完毕", "check_sent": "派出核查", "check_sent_on_time": "按时派出核查",
    "checked": "核查", "checked_on_time": "按时核查", "should_close": "应结案", "closed": "结案",
    "closed_on_time": "按期结案", "ended": "了结", "reworked": "返工", "shirked": "认定为推诿",
    "returned": "回退", "extended": "准予延期", "suspended": "挂账", "voided": "作废",
    "withdrawn": "撤回", "supervised": "督办", "pressed": "催办", "exempt": "申诉成立",
    "forced": "强制结案", "self_handled": "采集员自行处置", "transferred": "移送",
    "unowned": "认定无责任主体", "outside_beat": "在责任网格外上报",
    "false_report": "认定为虚假上报",
    "contested": "提出责任争议", "contest_settled": "责任争议裁定",
    "handled_on_time_apart": "扣除争议时间后按期处置完毕",
}
"""Instants of a row, as a clerk names what happened."""
OF_KIND: Final[Mapping[RowKind, Mapping[str, str]]] = {
    RowKind.CASE: {
        "begun_at": "上报", "done_at": "结案", "settle_at": "结案或到期（先到者）"},
    RowKind.LEG: {
        "begun_at": "派到本单位", "done_at": "处置完毕", "settle_at": "处置完毕或到期（先到者）"},
    RowKind.POST: {
        "begun_at": "环节开始", "done_at": "办理", "settle_at": "办理或到期（先到者）"},
}
"""Those that mean something else for each kind of row."""
ROWS: Final[Mapping[str, str]] = {
    RowKind.CASE: "按案卷计：一件案卷计一次",
    RowKind.LEG: "按承办计：一件案卷每派给一个单位计一次",
    RowKind.POST: "按岗位操作计：每办理一个环节计一次",
}
EXCLUDED: Final[Mapping[str, str]] = {
    Excluded.VOIDED: "已作废", Excluded.DUPLICATE: "重复登记", Excluded.RETURNED: "误派退回",
    Excluded.WITHDRAWN: "已撤回", Excluded.TRANSFERRED: "移送在外", Excluded.SUPERSEDED: "已改派",
}
COLUMNS: Final[Mapping[str, str]] = {
    "area": "区划", "grid": "单元网格", "standard_ref": "标准", "category_kind": "类别",
    "code": "分类代码", "component": "部件", "source": "来源", "unit": "责任单位",
    "assignor": "派遣单位", "filing_node": "立案单位", "maker": "所在单位", "post": "岗位",
    "step": "环节", "actor": "人员", "score": "评价分",
}
"""Columns of a row that rules filter by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One figure explained: ``formula`` in one line, then pairs of a heading and sentences."""

    title: str
    name: str
    formula: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    source: str
    version: str


def meaning_of(visit: Visit, question: Asked, of: str, name: str) -> Meaning:
    """``of``: rate, count or score, as the columns of a sheet have it. ``Invalid``
    (``evaluation.figure``): the sheet has none of that name."""
    found = _Words(visit, question)
    rules = question.definition
    if of == "rate" and name in question.subject.rates:
        return found.rate(rules.rates[name])
    if of == "count":
        counter, _, window = name.rstrip("*").partition("@")
        if counter in rules.counters and window in rules.windows:
            return found.count(rules.counters[counter], window, name)
    if of == "score" and question.subject.composite in rules.composites:
        return found.score(rules.composites[question.subject.composite])
    raise Invalid(
        f"the sheet of {question.subject.name} has no figure {name[:60]}",
        code="evaluation.figure")


class _Words:
    def __init__(self, visit: Visit, question: Asked) -> None:
        self._visit, self._english = visit, visit.language == "en"
        self._sources: dict[str, str] = {
            one.code: one.en if self._english else one.zh
            for one in visit.desk.sources()["sources"]}
        self._asked, self._rules = question, question.definition

    def rate(self, rate: Rate) -> Meaning:
        above, below = self._rules.counters[rate.numerator], self._rules.counters[rate.denominator]
        say = self._visit.say
        return Meaning(
            title=self._called(rate), name=rate.name,
            formula=say("%(above)s ÷ %(below)s", above=self._called(above),
                        below=self._called(below)),
            parts=(
                (say("分子：%(counter)s", counter=self._called(above)),
                 tuple(self._counts(above))),
                (say("分母：%(counter)s", counter=self._called(below)),
                 tuple(self._counts(below))),
                *self._window(rate.window, attributed=rate.attributed), *self._common(),
                (say("没有数据时"), (say("分母为零时显示“—”，不作 0 也不作 100"),)),
            ),
            source=say(rate.source or self._rules.source), version=self._version(),
        )

    def count(self, counter: Counter, window: str, name: str) -> Meaning:
        return Meaning(
            title=self._called(counter), name=name,
            formula=self._visit.say("符合下列条件的件数"),
            parts=((self._visit.say("计入条件"), tuple(self._counts(counter))),
                   *self._window(window, attributed=name.endswith("*")), *self._common()),
            source=self._visit.say(self._rules.source), version=self._version(),
        )

    def score(self, composite: Composite) -> Meaning:
        say = self._visit.say
        parts = tuple(self._part(part) for part in composite.parts)
        bands = tuple(
            (self._called(band), tuple(self._band(band)))
            for band in (self._rules.bands[one.band] for one in composite.parts if one.band))
        missing = say("没有数据的一项不计，其余各项权重按比例放大（得分带 *）") if (
            self._rules.missing is Missing.RESCALE) else say("有一项没有数据即不得分")
        grades = tuple(
            say("%(letter)s 级：%(score)s 分及以上", letter=one.letter, score=_number(one.at_least))
            for one in self._rules.grades)
        return Meaning(
            title=self._called(composite), name=composite.name,
            formula=say("各项得分按权重相加，满分 100 分"),
            parts=((say("各项与权重"), parts), *bands, (say("没有数据时"), (missing,)),
                   (say("等级"), grades), *self._common()),
            source=say(composite.source or self._rules.source), version=self._version(),
        )

    # --- sentences ----------------------------------------------------------------------------

    def _instant(self, name: str, *, attributed: bool = False) -> str:
        subject = self._asked.subject
        kind = subject.kind
        if attributed and subject.attributed is not None:
            kind = subject.attributed.kind
        return self._visit.say(OF_KIND[kind].get(name) or INSTANTS[name])

    def _called(self, one: Rate | Counter | Band | Composite) -> str:
        return one.en if self._english else one.zh

    def _counts(self, counter: Counter) -> Iterator[str]:
        say = self._visit.say
        yield say("截至统计时点已发生“%(what)s”", what=self._instant(counter.since))
        for name in counter.unless:
            yield say("发生过“%(what)s”的不计", what=self._instant(name))
        for name in counter.until:
            yield say("统计时点前已发生“%(what)s”的不再计", what=self._instant(name))
        for one in counter.where:
            yield self._filter(one)
        if counter.charged:
            yield say("不计入：%(kinds)s的",
                      kinds=say("、").join(say(one) for one in EXCLUDED.values()))
        else:
            yield say("作废、回退、撤回等也计入")

    def _filter(self, one: Filter) -> str:
        column = self._visit.say(COLUMNS[one.column])
        if "*" in one.values:
            known = self._visit.say("%(column)s不明的不计", column=column)
            return self._visit.say("只计%(column)s不明的", column=column) if one.negate else known
        values = self._visit.say("、").join(self._value(one.column, value) for value in one.values)
        if one.negate:
            return self._visit.say("%(column)s为%(values)s的不计", column=column, values=values)
        return self._visit.say("只计%(column)s为%(values)s的", column=column, values=values)

    def _value(self, column: str, value: str) -> str:
        if column == "source":
            return self._sources.get(value, value)
        if column == "category_kind":
            return self._visit.say(KINDS.get(value, value))
        return value

    def _window(
        self, name: str, *, attributed: bool
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        window, say = self._rules.windows[name], self._visit.say
        what = say("、").join(
            self._instant(one, attributed=attributed) for one in window.columns)
        said = [window.en if self._english else window.zh,
                say("即“%(what)s”的时间落在本期之内", what=what)]
        if attributed:
            said.append(say("按责任网格归到本人名下的案卷计"))
        yield say("统计口径"), tuple(said)

    def _common(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        say, subject = self._visit.say, self._asked.subject
        said = [say(ROWS[subject.kind])]
        said += [self._filter(Filter(column=name, values=values))
                 for name, values in subject.where.items()]
        said.append(say("按期末时的状态评价：期后补办的在本期仍算未办")
                    if self._rules.cut is Cut.PERIOD_END else say("按现在的状态评价"))
        if self._rules.trial_nodes:
            said.append(say("试运行单位不参评：%(nodes)s",
                            nodes=say("、").join(self._rules.trial_nodes)))
        yield say("对象与时点"), tuple(said)

    def _part(self, part: Part) -> str:
        named = self._rules.rates[part.rate] if part.rate else self._rules.bands[part.band]
        weight = _number(part.weight * 100)
        if part.inverse:
            return self._visit.say(
                "（1 − %(name)s）× %(weight)s%%", name=self._called(named), weight=weight)
        return self._visit.say("%(name)s × %(weight)s%%", name=self._called(named), weight=weight)

    def _band(self, band: Band) -> Iterator[str]:
        say = self._visit.say
        counters = (self._rules.counters[name] for name in band.counters)
        volume = " + ".join(self._called(one) for one in counters)
        yield say("按每月的件数评分：%(volume)s", volume=volume) if band.monthly else say(
            "按本期的件数评分：%(volume)s", volume=volume)
        for group, ladder in (("", band.ladder), *band.by_group.items()):
            steps = say("；").join((
                *(say("%(most)s 件以内 %(score)s 分", most=most, score=score)
                  for most, score in ladder.steps),
                say("以上 %(score)s 分", score=ladder.above)))
            yield f"{group} {steps}".strip()

    def _version(self) -> str:
        return self._visit.say(
            "%(title)s %(version)s，自 %(first)s 起施行", title=self._rules.title,
            version=self._rules.version, first=self._rules.valid_from.isoformat())


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"
