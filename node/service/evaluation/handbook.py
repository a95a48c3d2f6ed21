"""The performance handbook (考核办法): every counter, rate, band, score and grade of one version.

Written from a definition alone, so that what is printed is what is computed.
``python -m node.service.evaluation.handbook --write docs/evaluation.md`` renews the page of the
documentation.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

from node.core.counters import Counter, Filter
from node.core.indicators import Band, Composite, Definition, Part, Rate, Subject
from node.service.evaluation.definitions import load_definitions

BEGIN: Final = "<!-- indicators: begin (python -m node.service.evaluation.handbook) -->"
END: Final = "<!-- indicators: end -->"


def handbook(definition: Definition) -> str:
    """Markdown, Chinese first, with the version, its digest and since when it holds."""
    return "\n".join(_lines(definition)) + "\n"


def _lines(definition: Definition) -> Iterator[str]:
    yield f"### {definition.title} {definition.version}"
    yield ""
    yield (
        f"自 {definition.valid_from.isoformat()} 起施行 (valid from). "
        f"sha256 `{definition.digest}`"
    )
    if definition.source:
        yield f"来源 (source): {definition.source}."
    yield ""
    yield from _windows(definition)
    yield from _counters(definition)
    yield from _rates(definition)
    yield from _bands(definition)
    yield from _composites(definition)
    yield from _grades(definition)
    yield from _subjects(definition)
    yield from _laps(definition)
    yield from _schedule(definition)


def _windows(definition: Definition) -> Iterator[str]:
    yield "#### 统计口径 (windows)"
    yield ""
    yield "| Window | 口径 | Rows whose … lies in the period | In words |"
    yield "|---|---|---|---|"
    for one in definition.windows.values():
        columns = " or ".join(f"`{name}`" for name in one.columns)
        yield f"| `{one.name}` | {one.zh} | {columns} | {one.en} |"
    yield ""


def _counters(definition: Definition) -> Iterator[str]:
    yield "#### 计数项 (counters)"
    yield ""
    yield "A row counts if the first instant is set and before the cut, and the rest holds."
    yield ""
    yield "| Counter | 计数项 | Rows | Counts |"
    yield "|---|---|---|---|"
    for counter in definition.counters.values():
        kinds = ", ".join(counter.kinds)
        yield f"| `{counter.name}` | {counter.zh} | {kinds} | {_counts(counter)} |"
    yield ""


def _counts(counter: Counter) -> str:
    said = [f"`{counter.since}`"]
    said += [f"never `{name}`" for name in counter.unless]
    said += [f"not `{name}` yet" for name in counter.until]
    said += [_filter(one) for one in counter.where]
    if not counter.charged:
        said.append("excluded rows too")
    return "; ".join(said)


def _filter(one: Filter) -> str:
    if "*" in one.values:
        return f"{one.column} is {'not ' if one.negate else ''}known"
    return f"{one.column} {'none' if one.negate else 'one'} of {', '.join(one.values)}"


def _rates(definition: Definition) -> Iterator[str]:
    yield "#### 比率 (rates)"
    yield ""
    yield "| Rate | 比率 | Formula | Window |"
    yield "|---|---|---|---|"
    for rate in definition.rates.values():
        yield f"| `{rate.name}` | {rate.zh} | {_formula(rate)} | `{rate.window}` |"
    yield ""


def _formula(rate: Rate) -> str:
    over = " (of the rows attributed to the key)" if rate.attributed else ""
    return f"{rate.numerator} ÷ {rate.denominator}{over}"


def _bands(definition: Definition) -> Iterator[str]:
    yield "#### 得分档 (score bands)"
    yield ""
    yield "| Band | 得分档 | Volume | Scores |"
    yield "|---|---|---|---|"
    for band in definition.bands.values():
        volume = " + ".join(band.counters) + (" per month" if band.monthly else "")
        yield f"| `{band.name}` | {band.zh} | {volume} | {_ladders(band)} |"
    yield ""


def _ladders(band: Band) -> str:
    said = []
    for group, ladder in (("", band.ladder), *band.by_group.items()):
        steps = [f"≤ {up_to} → {score}" for up_to, score in ladder.steps]
        ladder_said = ", ".join((*steps, f"above → {ladder.above}"))
        said.append(f"{band.scheme} {group}: {ladder_said}" if group else ladder_said)
    return "; ".join(said)


def _composites(definition: Definition) -> Iterator[str]:
    yield "#### 综合得分 (composites, 0 to 100)"
    yield ""
    yield "| Composite | 综合得分 | Formula |"
    yield "|---|---|---|"
    for one in definition.composites.values():
        yield f"| `{one.name}` | {one.zh} | {_sum(one)} |"
    yield ""


def _sum(composite: Composite) -> str:
    return " + ".join(_part(part) for part in composite.parts)


def _part(part: Part) -> str:
    name = part.rate or part.band
    weight = f"{_number(part.weight * 100)} %"
    return f"(1 − {name}) {weight}" if part.inverse else f"{name} {weight}"


def _grades(definition: Definition) -> Iterator[str]:
    yield "#### 等级 (grades)"
    yield ""
    yield ", ".join(
        f"{grade.letter} ≥ {_number(grade.at_least)} (`{grade.colour}`)"
        for grade in definition.grades
    )
    yield ""


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else str(float(value))


def _subjects(definition: Definition) -> Iterator[str]:
    yield "#### 评价对象 (subjects)"
    yield ""
    yield "| Subject | 对象 | Rows | Key | Rates | Score |"
    yield "|---|---|---|---|---|---|"
    for one in definition.subjects.values():
        key = ", ".join(
            key.column if key.length is None else f"{key.column}, first {key.length}"
            for key in one.keys
        )
        rates = ", ".join(one.rates)
        yield f"| `{one.name}` | {one.zh} | {_rows(one)} | {key} | {rates} | {one.composite} |"
    yield ""


def _rows(subject: Subject) -> str:
    said = [str(subject.kind)]
    said += [_filter(Filter(column=name, values=values)) for name, values in subject.where.items()]
    if subject.members_of:
        said.append(f"summed by {subject.members_of}")
    if subject.peers:
        said.append(f"ranked inside {subject.peers}")
    if subject.personal:
        said.append("personal")
    return "; ".join(said)


def _laps(definition: Definition) -> Iterator[str]:
    yield "#### 环节用时 (laps)"
    yield ""
    yield "| Lap | 用时 | Rows | From | To |"
    yield "|---|---|---|---|---|"
    for lap in definition.laps:
        yield f"| `{lap.name}` | {lap.zh} | {lap.kind} | `{lap.begin}` | `{lap.end}` |"


def _schedule(definition: Definition) -> Iterator[str]:
    if not definition.schedule:
        return
    yield ""
    yield "#### 定期公布 (published by itself)"
    yield ""
    yield "| Subject | When this is over | For everybody |"
    yield "|---|---|---|"
    for one in definition.schedule:
        yield f"| `{one.subject}` | {one.every} | {'yes' if one.open_to_all else 'no'} |"


def renewed(page: str) -> str:
    """The page with the shipped indicators between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    assert END in rest, "the page has both marks"
    told = "\n".join(handbook(one.definition) for one in load_definitions(None).all())
    return f"{before}{BEGIN}\n\n{told}\n{END}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m node.service.evaluation.handbook")
    parser.add_argument("--write", type=Path, help="renew this page instead of printing")
    path = parser.parse_args().write
    if path is None:
        for one in load_definitions(None).all():
            sys.stdout.write(handbook(one.definition))
        return
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
