"""``office.evaluation``: figures of a subject and period, the cases behind them, how long it took.

Every question first brings the rows up to the last commit, then counts with one statement per
window over all keys. The rules are those of the version that holds for the period.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.clock import BEIJING
from node.core.counters import KEYS, MARKS, TIMES, RowKind
from node.core.counting import Listing, Question, Scope, Timing
from node.core.errors import Invalid
from node.core.indicators import Cut, Definition, Key, Shown, Subject
from node.core.periods import Period, read_period
from node.core.scoring import Groups, score
from node.service.audit import Recorder, imported
from node.service.evaluation.names import known_names
from node.service.evaluation.port import EvaluationStore
from node.service.evaluation.projector import Difference, Projector, Rebuilt
from node.service.evaluation.sheet import Sheet, document, names_of, opened
from node.service.evaluation.versions import Definitions, Version
from node.service.instants import to_time, to_us
from node.service.ports import Row
from node.service.surroundings import Surroundings
from node.service.unit_kinds import unit_kinds
from node.service.views import ImportResult, Page

LINES_MAX: Final = 20_000
"""Keys of one sheet: a megacity's grids. More is a question to be narrowed."""
GROUP_ROWS_MAX: Final = 200_000
"""Members of all groupings together: every grid of a megacity in a few schemes."""
UNIT, GROUP = "unit", "group"
"""The column of a row that names a unit, and how a sheet's filter by group is called."""
WHERE_VALUES_MAX: Final = 200
"""Values of one filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What somebody wants to see. ``period`` and ``version`` as they are named ("" = the version
    that holds for the period). ``where``: column -> values; ``prefixes``: column -> beginning."""

    subject: str
    period: str
    version: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    """Only lines of this group of the subject's peers; "" = every line."""
    on_trial: bool = False
    """Count nodes on trial too: only their own acceptance asks so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One row of a grouping: ``key`` belongs to ``member_of`` in [valid_from, valid_to)."""

    scheme: str
    key: str
    member_of: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    period: Period
    version: Version
    subject: Subject
    scope: Scope

    @property
    def definition(self) -> Definition:
        return self.version.definition


class Evaluation:
    """The use cases of evaluation but for publishing."""

    def __init__(
        self,
        *,
        store: EvaluationStore,
        writer: Writer,
        audit: Recorder,
        surroundings: Surroundings,
        projector: Projector,
        rules: Callable[[], Definitions],
        now_us: Callable[[], int],
        rows_max: int,
    ) -> None:
        self._store = store
        self._writer = writer
        self._audit = audit
        self._surroundings = surroundings
        self._projector = projector
        self._now_us = now_us
        self._rows_max = rows_max
        self._rules = rules
        self._definitions: Definitions | None = None

    @property
    def definitions(self) -> Definitions:
        """The rules of this node, read once. ``BadDefinition`` if a file cannot be used."""
        if self._definitions is None:
            self._definitions = self._rules()
        return self._definitions

    # --- figures ------------------------------------------------------------------------------

    async def sheet(self, ask: Ask, *, open_to_all: bool = False) -> Sheet:
        """Figures of every key of a subject. ``Invalid`` for a subject, period, version or
        column that there is not, or for more than ``LINES_MAX`` keys."""
        asked = self._prepare(ask)
        await self._projector.refresh()
        sheet = await self._writer.read(lambda conn: self._sheet(conn, asked, ask))
        return opened(sheet) if open_to_all else sheet

    async def figures(self, ask: Ask, *, open_to_all: bool = False) -> dict[str, Any]:
        """The sheet as one document; see ``node.service.evaluation.sheet.document``."""
        return document(await self.sheet(ask, open_to_all=open_to_all))

    def _sheet(self, conn: Connection, asked: _Prepared, ask: Ask) -> Sheet:
        definition, subject = asked.definition, asked.subject
        groups = self._groups(conn, asked.period)
        measures = definition.measures(subject)
        tallies: dict[tuple[str, ...], dict[Shown, int]] = {}
        for key, shown, count in self._counted(conn, asked, measures, groups):
            tallies.setdefault(key, {})[shown] = count
            if len(tallies) > LINES_MAX:
                raise Invalid(
                    f"more than {LINES_MAX} lines: narrow the question by an area or a unit",
                    code="evaluation.too_many",
                )
        if subject.peers and subject.keys[0].column == UNIT:
            groups = self._with_cards(groups, subject.peers, tallies)
        lines = score(
            definition,
            subject,
            {key: tally for key, tally in tallies.items() if any(tally.values())},
            months=asked.period.months,
            groups=groups,
        )
        return Sheet(
            node=self._surroundings.node,
            node_name=self._surroundings.name,
            subject=subject,
            period=asked.period,
            cut=asked.scope.cut,
            where=_told(ask),
            definition=definition,
            lines=tuple(one for one in lines if not ask.group or one.group == ask.group),
            names={**self._names(conn, asked, tallies), **names_of(groups)},
            group_names=unit_kinds().groups if subject.peers else {},
            measures=measures,
        )

    def _names(
        self, conn: Connection, asked: _Prepared, keys: Collection[tuple[str, ...]]
    ) -> dict[str, str]:
        """What this office knows of these keys; an imported name goes before."""
        return known_names(
            asked.subject, keys, here=self._surroundings, day=asked.period.last,
            regions=lambda codes: self._store.region_names(conn, codes))

    def _counted(
        self, conn: Connection, asked: _Prepared, measures: Sequence[Shown], groups: Groups
    ) -> list[tuple[tuple[str, ...], Shown, int]]:
        """Every count that is not nothing, one statement per window."""
        found: list[tuple[tuple[str, ...], Shown, int]] = []
        together: dict[tuple[bool, str], list[Shown]] = {}
        for shown in measures:
            together.setdefault((shown.attributed, shown.window), []).append(shown)
        for (attributed, window), theirs in together.items():
            scope = replace(asked.scope, columns=asked.definition.windows[window].columns)
            counters = tuple(asked.definition.counters[one.counter] for one in theirs)
            keys = asked.subject.keys
            if attributed:
                source = asked.subject.attributed
                assert source is not None, "a definition without it is refused"
                scope = replace(scope, kind=source.kind, where=_shared(asked, source.kind))
                owner = groups.get(source.scheme, {})
                rows = self._store.tally(
                    conn, Question(scope=scope, keys=(_key(source.column),), counters=counters)
                )
                owned = _summed((owner.get(key[0], ""), counts) for key, counts in rows)
                found.extend(
                    ((name,), shown, count)
                    for name, counts in owned.items()
                    if name
                    for shown, count in zip(theirs, counts, strict=True)
                )
                continue
            question = Question(scope=scope, keys=keys, counters=counters)
            for key, counts in self._store.tally(conn, question):
                found.extend(
                    (key, shown, count) for shown, count in zip(theirs, counts, strict=True)
                )
        return found

    async def counted(
        self, ask: Ask, figures: Sequence[Shown]
    ) -> dict[tuple[str, ...], dict[Shown, int]]:
        """Counts of a subject's own rows that no sheet of it has to show: any counter of its kind
        over any window of the rules. Lines that count nothing are left out. ``Invalid`` as for
        ``sheet``; ``evaluation.figure`` for what there is not."""
        asked = self._prepare(ask)
        for one in figures:
            self._countable(asked, one)
        await self._projector.refresh()

        def read(conn: Connection) -> list[tuple[tuple[str, ...], Shown, int]]:
            return self._counted(conn, asked, figures, self._groups(conn, asked.period))

        found: dict[tuple[str, ...], dict[Shown, int]] = {}
        for key, shown, count in await self._writer.read(read):
            if count:
                found.setdefault(key, {})[shown] = count
        return found

    def _countable(self, asked: _Prepared, shown: Shown) -> None:
        """What is on the sheet, or any counter of the same kind of rows over any window."""
        definition, subject = asked.definition, asked.subject
        if shown in definition.measures(subject):
            return
        counter = definition.counters.get(shown.counter)
        if (shown.attributed or counter is None or subject.kind not in counter.kinds
                or shown.window not in definition.windows):
            raise Invalid(
                f"the sheet of {subject.name} has no figure {shown.counter}@{shown.window}",
                code="evaluation.figure",
            )

    async def counts_between(
        self, subject: str, rate: str, begins: datetime, ends: datetime, *,
        only: str = "",
    ) -> Mapping[str, tuple[int, int]]:
        """Denominator and numerator of a rate of a subject, per first key, over rows of [begins,
        ends) (aware), as they stand now: for whoever looks at a span that is no period of the
        civil calendar, such as a shift. ``only``: one key, "" = all. By the version of the first
        day. ``Invalid`` (``evaluation.subject``, ``evaluation.figure``)."""
        day = read_period(begins.astimezone(BEIJING).date().isoformat())
        definition = self.definitions.of(day).definition
        about, asked = definition.subjects.get(subject), definition.rates.get(rate)
        if about is None:
            raise Invalid(
                f"the indicators {definition.version} have no subject {subject!r}",
                code="evaluation.subject",
            )
        if asked is None or asked.attributed:
            raise Invalid(
                f"the sheet of {subject} has no figure {rate}", code="evaluation.figure"
            )
        column = about.keys[0]
        scope = Scope(
            kind=about.kind, columns=definition.windows[asked.window].columns, begins=begins,
            ends=ends, cut=to_time(self._now_us()),
            where={**about.where, **({column.column: (only,)} if only else {})},
            trial_nodes=definition.trial_nodes,
        )
        counters = tuple(
            definition.counters[name] for name in (asked.denominator, asked.numerator))
        question = Question(scope=scope, keys=(column,), counters=counters)
        await self._projector.refresh()
        rows = await self._writer.read(lambda conn: self._store.tally(conn, question))
        return {key[0]: (counts[0], counts[1]) for key, counts in rows}

    # --- the cases behind a figure ------------------------------------------------------------

    async def cases(
        self, ask: Ask, *, key: Sequence[str], counter: str, window: str, attributed: bool,
        after: str, limit: int,
    ) -> Page:
        """The rows that one count counts, by case: exactly as many as the figure says. Items:
        case_id case_no kind ref area grid code unit actor source begun_at due_at done_at filed_at
        excluded marks{…}. An empty ``key``: those of the total of all lines."""
        asked = self._prepare(ask)
        limit = max(1, min(limit, self._rows_max))
        before = _cursor(after)
        await self._projector.refresh()

        def read(conn: Connection) -> Sequence[Row]:
            listing = self._listing(
                asked, tuple(key), counter, window,
                attributed=attributed, groups=self._groups(conn, asked.period),
            )
            return self._store.evaluated_cases(conn, listing, before, limit)

        rows = await self._writer.read(read)
        last = rows[-1] if len(rows) == limit else None
        return Page(
            items=tuple(_item(row) for row in rows),
            next=f"{last['case_id']}|{last['ref']}" if last is not None else "",
        )

    async def how_many(
        self, ask: Ask, *, key: Sequence[str], counter: str, window: str, attributed: bool,
    ) -> int:
        """How many rows ``cases`` lists on all its pages."""
        asked = self._prepare(ask)
        await self._projector.refresh()

        def read(conn: Connection) -> int:
            return self._store.count_evaluated(conn, self._listing(
                asked, tuple(key), counter, window,
                attributed=attributed, groups=self._groups(conn, asked.period),
            ))

        return await self._writer.read(read)

    async def called(
        self, ask: Ask, keys: Sequence[Sequence[str]]
    ) -> list[tuple[str, ...]]:
        """How lines of the sheet are called: of each key the name of each part, or the part itself
        where nobody knows a name. ``Invalid`` as for ``sheet``."""
        asked = self._prepare(ask)
        whole = [tuple(key) for key in keys if len(key) == len(asked.subject.keys)]

        def read(conn: Connection) -> Mapping[str, str]:
            return {**self._names(conn, asked, whole),
                    **names_of(self._groups(conn, asked.period))}

        names = await self._writer.read(read)
        return [tuple(names.get(part) or part for part in key) for key in keys]

    @property
    def advance(self) -> tuple[int, int] | None:
        """How far the rows that are being brought up to date are: done, of how many; None = they
        are up to date, or nobody has asked."""
        return self._projector.advance

    def _listing(
        self, asked: _Prepared, key: tuple[str, ...], counter: str, window: str, *,
        attributed: bool, groups: Groups,
    ) -> Listing:
        definition, subject = asked.definition, asked.subject
        self._countable(asked, Shown(counter=counter, window=window, attributed=attributed))
        scope = replace(asked.scope, columns=definition.windows[window].columns)
        width = 1 if subject.members_of else len(subject.keys)
        if len(key) not in (0, width):
            raise Invalid(
                f"a key of {subject.name} has {width} part(s)", code="evaluation.key"
            )
        keys, wanted = subject.keys, key
        actors = key[:1] or None
        if subject.members_of:
            actors = _members(groups, subject.members_of, key[:1] or None)
            keys, wanted = (), ()
            scope = _narrowed(scope, subject.keys[0].column, actors)
        if attributed:
            source = subject.attributed
            assert source is not None, "such a figure is in no sheet"
            theirs = _members(groups, source.scheme, actors)
            scope = replace(
                asked.scope, kind=source.kind, columns=scope.columns,
                where={**_shared(asked, source.kind), source.column: theirs},
            )
            keys, wanted = (), ()
        return Listing(
            scope=scope, keys=keys, key=wanted, counter=definition.counters[counter]
        )

    # --- how long it took ---------------------------------------------------------------------

    async def laps(self, ask: Ask) -> dict[str, Any]:
        """Times from step to step of the rows that came in the period, per key of the subject:
        how many, mean and longest, in seconds. ``Invalid`` as for ``sheet``."""
        asked = self._prepare(ask)
        definition, subject = asked.definition, asked.subject
        laps = [lap for lap in definition.laps if lap.kind is subject.kind]
        await self._projector.refresh()

        def read(conn: Connection) -> list[dict[str, Any]]:
            lines: dict[tuple[str, ...], dict[str, Any]] = {}
            for lap in laps:
                timing = Timing(
                    scope=asked.scope, keys=subject.keys, begin=lap.begin, end=lap.end
                )
                for key, count, total_us, most_us in self._store.timing(conn, timing):
                    lines.setdefault(key, {})[lap.name] = {
                        "count": count,
                        "mean_s": (total_us * 2 + count * 1_000_000) // (2 * count * 1_000_000),
                        "longest_s": most_us // 1_000_000,
                    }
            return [{"key": list(key), "laps": lines[key]} for key in sorted(lines)]

        return {
            "node": self._surroundings.node,
            "subject": {"name": subject.name, "zh": subject.zh, "en": subject.en},
            "period": asked.period.name,
            "as_of": asked.scope.cut.isoformat(),
            "filter": _told(ask),
            "definition": {"version": definition.version, "digest": definition.digest},
            "laps": [{"name": lap.name, "zh": lap.zh, "en": lap.en} for lap in laps],
            "lines": await self._writer.read(read),
        }

    # --- groupings ----------------------------------------------------------------------------

    async def put_members(self, rows: Sequence[Member]) -> ImportResult:
        """Take over rows of groupings (all or none); a row with the same scheme, key and begin
        replaces the old one."""

        def write(tx: Tx) -> ImportResult:
            done = put_members(self._store, tx, rows)
            self._audit.record(tx, imported("evaluation/groups", done))
            return done

        return await self._writer.write(write, urgent=True)

    def _groups(self, conn: Connection, period: Period) -> Groups:
        """What belongs to what on the last day of the period."""
        groups: dict[str, dict[str, str]] = {}
        rows = self._store.evaluation_groups(conn, to_us(period.ends) - 1)
        if len(rows) > GROUP_ROWS_MAX:
            raise Invalid("too many members of groupings", code="evaluation.too_many")
        for row in rows:
            groups.setdefault(row["scheme"], {})[row["key"]] = row["member_of"]
        return groups

    def _with_cards(
        self, groups: Groups, scheme: str, keys: Iterable[tuple[str, ...]]
    ) -> Groups:
        """The groupings, where a unit that none was imported for is in the group of its card."""
        cards = ((key[0], self._surroundings.group_of_unit(key[0])) for key in keys)
        return {
            **groups,
            scheme: {**{unit: of for unit, of in cards if of}, **groups.get(scheme, {})},
        }

    # --- the projection -----------------------------------------------------------------------

    async def rebuild(self, after: str = "") -> Rebuilt:
        """One step of computing every row anew; see ``Projector.rebuild``."""
        return await self._projector.rebuild(after)

    async def verify(self, after: str = "") -> tuple[tuple[Difference, ...], Rebuilt]:
        """One step of proving the stored rows; see ``Projector.verify``."""
        if not after:
            await self._projector.refresh()
        return await self._projector.verify(after)

    # --- preparing ----------------------------------------------------------------------------

    def prepare(self, ask: Ask) -> tuple[Period, Version]:
        """The period and the rules of a question. ``Invalid`` if it cannot be asked."""
        asked = self._prepare(ask)
        return asked.period, asked.version

    def _prepare(self, ask: Ask) -> _Prepared:
        period = read_period(ask.period)
        version = self.definitions.of(period, ask.version)
        definition = version.definition
        subject = definition.subjects.get(ask.subject)
        if subject is None:
            raise Invalid(
                f"the indicators {definition.version} have no subject {ask.subject!r}",
                code="evaluation.subject",
            )
        if ask.group and not subject.peers:
            raise Invalid(f"lines of {subject.name} are in no groups", code="evaluation.filter")
        for column in (*ask.where, *ask.prefixes):
            if column not in KEYS:
                raise Invalid(f"{column!r} is no column to filter by", code="evaluation.filter")
        for values in ask.where.values():
            if not 0 < len(values) <= WHERE_VALUES_MAX:
                raise Invalid(
                    f"a filter takes 1 to {WHERE_VALUES_MAX} values", code="evaluation.filter"
                )
        now = to_time(self._now_us())
        cut = min(now, period.ends) if definition.cut is Cut.PERIOD_END else now
        where = dict(subject.where)
        for column, values in ask.where.items():
            where[column] = _both(where.get(column), values)
        return _Prepared(
            period=period,
            version=version,
            subject=subject,
            scope=Scope(
                kind=subject.kind,
                columns=("begun_at",),
                begins=period.begins,
                ends=period.ends,
                cut=cut,
                where=where,
                prefixes=ask.prefixes,
                trial_nodes=() if ask.on_trial else definition.trial_nodes,
            ),
        )


def put_members(store: EvaluationStore, tx: Tx, rows: Sequence[Member]) -> ImportResult:
    """Write rows of groupings."""
    store.put_evaluation_groups(tx.conn, [member_row(row) for row in rows])
    return ImportResult(added=len(rows), replaced=0)


def member_row(row: Member) -> dict[str, Any]:
    """Every column of ``evaluation_group``."""
    return {
        "scheme": row.scheme,
        "key": row.key,
        "member_of": row.member_of,
        "valid_from": to_us(row.valid_from) if row.valid_from is not None else 0,
        "valid_to": to_us(row.valid_to) if row.valid_to is not None else None,
    }


_OF_THE_ROW: Final = frozenset({"unit", "assignor", "maker", "post", "step", "actor"})
"""Columns that say whose a row is; the others say what the case is about."""


def _told(ask: Ask) -> dict[str, str]:
    """The filter as it stands on the sheet; ``*`` behind a column means: begins with."""
    return {
        **{name: ",".join(values) for name, values in ask.where.items()},
        **{f"{name}*": value for name, value in ask.prefixes.items()},
        **({GROUP: ask.group} if ask.group else {}),
    }


def _shared(asked: _Prepared, kind: RowKind) -> dict[str, tuple[str, ...]]:
    """The filters of a question that also hold for rows of another kind."""
    if kind is asked.subject.kind:
        return dict(asked.scope.where)
    return {
        name: values
        for name, values in asked.scope.where.items()
        if name not in _OF_THE_ROW and name not in asked.subject.where
    }


def _both(
    one: tuple[str, ...] | None, other: tuple[str, ...]
) -> tuple[str, ...]:
    """What passes both filters of a column."""
    if one is None or "*" in one:
        return other
    return one if "*" in other else tuple(value for value in other if value in one)


def _narrowed(scope: Scope, column: str, values: tuple[str, ...]) -> Scope:
    return replace(
        scope, where={**scope.where, column: _both(scope.where.get(column), values)}
    )


def _members(
    groups: Groups, scheme: str, of: Collection[str] | None
) -> tuple[str, ...]:
    """Keys of these groups of a scheme, None = of any."""
    return tuple(
        key for key, group in groups.get(scheme, {}).items()
        if (group if of is None else group in of)
    )


def _summed(counted: Iterable[tuple[str, list[int]]]) -> dict[str, list[int]]:
    summed: dict[str, list[int]] = {}
    for name, counts in counted:
        there = summed.setdefault(name, [0] * len(counts))
        for i, count in enumerate(counts):
            there[i] += count
    return summed


def _item(row: Row) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("case_id", "case_no", "kind", "ref", "excluded", *KEYS)},
        **{name: _iso(row[name]) for name in TIMES},
        "marks": {
            name: _iso(row[f"m_{name}"]) for name in MARKS if row[f"m_{name}"] is not None
        },
    }


def _iso(us: int | None) -> str | None:
    return None if us is None else to_time(us).isoformat()


def _cursor(after: str) -> tuple[str, str] | None:
    if not after:
        return None
    case_id, bar, ref = after.partition("|")
    if not bar:
        raise Invalid("this is no cursor of a page", code="page.cursor")
    return case_id, ref


def _key(column: str) -> Key:
    return Key(column=column)
