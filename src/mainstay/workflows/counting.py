"""Counting what is new in the journal into cells, once; a decision and its outcome count when both have come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from mainstay.bundle.inspect import Contents, inspect
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.moments import parse_duration
from mainstay.domain.outcome import match_outcome
from mainstay.domain.schema import Kind, Schema
from mainstay.domain.signature import ReferenceSignature
from mainstay.domain.task import Task
from mainstay.domain.traffic import Outcome
from mainstay.monitoring.bins import Floats
from mainstay.monitoring.cells import no_cells
from mainstay.monitoring.count import count
from mainstay.monitoring.foretold import count_foretold
from mainstay.monitoring.outcomes import count_outcomes, implied, signed
from mainstay.monitoring.periods import to_us
from mainstay.monitoring.segments import segment_columns
from mainstay.monitoring.worth import CHAMPION, with_money, with_right, with_worth
from mainstay.monitoring.yardstick import Yardstick, learn
from mainstay.store.home import Home
from mainstay.store.journal import Journal
from mainstay.store.spool import Spool
from mainstay.store.spool_lines import lines_of
from mainstay.store.tables import input_columns

ID = ("key", "id")
ROWS_AT_ONCE = 200_000  # decisions counted before the next are read: a first look at a long log is bounded in memory
LATE_SLACK = timedelta(days=7)  # how late a spool may reach the journal and still get its implied outcomes


@dataclass(frozen=True, slots=True)
class Kept:
    """What counting and judging need of a version: its reference, schema and brief, and the journal's columns.

    `measure` is the reference made ready to judge by; `classes` are the plan's, in the order of its scores, and
    `decides` what it can decide, where there are several.
    """

    reference: ReferenceSignature
    measure: Yardstick
    schema: Schema
    brief: Brief
    columns: dict[str, str]
    classes: tuple[str, ...] = ()
    decides: tuple[str, ...] = ()

    @property
    def segments(self) -> tuple[str, ...]:
        """Fields whose parts are counted apart, what fairness is judged by among them."""
        return segment_columns(self.brief)

    @property
    def dated(self) -> tuple[str, ...]:
        """Fields that are dates."""
        return tuple(each.name for each in self.schema.admitted if each.kind is Kind.DATETIME)

    @property
    def delay(self) -> timedelta:
        """How long after a decision its outcome is known."""
        return parse_duration(self.brief.data.outcome_delay)


Stretch = tuple[int, int, int]  # a version, the start of a stretch in microseconds, and its rows


@dataclass(slots=True)
class Watched:
    """A model under watch: its journal, kept open, and what its versions are judged by, read once.

    `samples` are rows of the newest stretches, as long as no more come to them.
    """

    home: Home
    model: str
    journal: Journal
    versions: dict[int, Kept] = field(default_factory=dict)
    samples: dict[Stretch, Floats] = field(default_factory=dict)

    def kept(self, version: int) -> Kept:
        """Return what a version is counted and judged by; its bundle is inspected the first time."""
        if version not in self.versions:
            contents = inspect(self.home.artifacts.version_files(self.model, version))
            self.versions[version] = kept_from(contents)
        return self.versions[version]


def count_decisions(watched: Watched, *, at: datetime) -> int:
    """Count decisions that came since the last count, with what was known of them by then; return how many."""
    journal = watched.journal
    since, n_counted = journal.counted_through("decisions"), 0
    for through in journal.stages(
        "decisions", after=since, through=journal.last_batch("decisions"), n_rows=ROWS_AT_ONCE
    ):
        rows = journal.decisions(after=since, through=through)
        early = _through(journal.outcomes_of(rows.select(ID)), journal.counted_through("outcomes"))
        cells = [*decision_cells(watched.kept, rows), *pair_cells(watched, rows, early, plus=True)]
        journal.append_cells(_all(cells), stream="decisions", since=since, through=through, at=at)
        since, n_counted = through, n_counted + rows.height
    return n_counted


def count_outcomes_learned(watched: Watched, *, at: datetime) -> int:
    """Count outcomes that came since the last count, taking back what they correct; return how many."""
    journal = watched.journal
    since, through = journal.counted_through("outcomes"), journal.last_batch("outcomes")
    if through <= since:
        return 0
    new = journal.outcomes(after=since, through=through)
    rows = _through(journal.decisions_of(new.select(ID)), journal.counted_through("decisions"))
    told = journal.outcomes_of(new.select(ID))
    after, before = _through(told, through), _through(told, since)
    cells = [*pair_cells(watched, rows, after, plus=True), *pair_cells(watched, rows, before, plus=False)]
    journal.append_cells(_all(cells), stream="outcomes", since=since, through=through, at=at)
    return new.height


def imply_outcomes(watched: Watched, version: int, *, at: datetime) -> int:
    """Where silence means the negative outcome, journal it for decisions whose delay has passed; return how many."""
    kept = watched.kept(version)
    negative = kept.schema.negative  # None where there are not two outcomes: then silence says nothing
    if kept.brief.data.no_outcome_means != "negative" or negative is None:
        return 0
    last = watched.journal.table("outcomes").scan().filter("implied").select(pl.col("learned").max()).collect().item()
    since = None if last is None else last - kept.delay - LATE_SLACK
    columns = ["key", "id", "at"]
    due = watched.journal.decisions(since=since, until=at - kept.delay, columns=columns)
    silent = due.join(watched.journal.outcomes_of(due.select(ID)), on=list(ID), how="anti")
    if silent.is_empty():
        return 0
    rows = implied(silent, at=at, outcome_delay=kept.delay, negative=negative)
    spool = Spool(watched.home.spool_root, watched.model, "outcomes")
    spool.write(lines_of([_outcome(row) for row in rows.iter_rows(named=True)]))
    spool.close()
    return rows.height


def _outcome(row: dict[str, Any]) -> Outcome:
    known_us = to_us(row["learned"])
    return Outcome(
        id=row["id"], key=row["key"], outcome=row["outcome"], happened_us=known_us, learned_us=known_us, implied=True
    )


def kept_from(contents: Contents) -> Kept:
    """Return what counting and judging need of a bundle."""
    brief, schema = parse_brief(contents.brief), contents.schema
    plan, measure = contents.plan, learn(contents.reference, brief)
    decides = plan.actions if plan.payoffs else plan.classes
    return Kept(contents.reference, measure, schema, brief, input_columns(schema), plan.classes, decides)


def decision_cells(kept_of: Callable[[int], Kept], rows: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """Count decisions of any versions; `kept_of` says what a version is counted by."""
    for version, own in by_version(rows):
        kept = kept_of(version)
        personal = [each.name for each in kept.schema.admitted if each.personal]
        yield count(
            own,
            kept.reference,
            columns=kept.columns,
            segments=kept.segments,
            unnamed=personal,
            dated=kept.dated,
        )
        yield count_foretold(own, kept.reference, kept.brief, columns=kept.columns)


def pair_cells(watched: Watched, rows: pl.DataFrame, outcomes: pl.DataFrame, *, plus: bool) -> Iterable[pl.DataFrame]:
    """Count every decision with its outcomes; with `plus` false they are taken away."""
    if outcomes.is_empty():
        return
    log = signed(outcomes.select(*ID, "outcome", "learned"))
    sign = pl.col("sign") if plus else -pl.col("sign")
    for version, own in by_version(rows):
        kept = watched.kept(version)
        pairs = _joined(log, own, kept).with_columns(sign=sign)
        held = {name: kept.columns[name] for name in kept.segments if kept.columns.get(name) in pairs.columns}
        yield count_outcomes(pairs, kept.reference, segments=held)


def _joined(log: pl.DataFrame, own: pl.DataFrame, kept: Kept) -> pl.DataFrame:
    """Decisions with what came of them, and with what either was worth or it earned."""
    task, schema = kept.schema.task, kept.schema
    if task == Task.BINARY:
        worth = with_right(with_worth(own, kept.brief, columns=kept.columns), kept.brief)
        return log.join(worth, on=list(ID), how="inner").with_columns(outcome=_positive(log, schema))
    pairs = log.join(own, on=list(ID), how="inner")
    if task == Task.REGRESSION:
        told = pairs.with_columns(pl.col("outcome").cast(pl.Float64, strict=False))
    else:
        told = _with_classes(pairs, kept)
    return with_money(told, kept.brief, task=task, columns=kept.columns)


def _positive(log: pl.DataFrame, schema: Schema) -> pl.Expr:
    said = log["outcome"].unique().to_list()
    numbers = {text: float(match_outcome(text, schema.labels) == schema.positive) for text in said}
    return pl.col("outcome").replace_strict(numbers, return_dtype=pl.Float64)


def _with_classes(pairs: pl.DataFrame, kept: Kept) -> pl.DataFrame:
    """Add the class that `came` (null for one unknown to the version), its number and whether it was the one said."""
    names = kept.schema.classes
    came = {text: match_outcome(text, names) for text in pairs["outcome"].unique()}
    numbers = {text: -1.0 if name is None else float(names.index(name)) for text, name in came.items()}
    told = pairs.with_columns(
        came=pl.col("outcome").replace_strict(came, return_dtype=pl.String),
        outcome=pl.col("outcome").replace_strict(numbers, return_dtype=pl.Float64),
    )
    right = (pl.Series(_said(told, kept)) == told["came"].fill_null("")).cast(pl.Float64)
    return told.with_columns(right=pl.when(pl.col("arm") == CHAMPION).then(right))


def _said(pairs: pl.DataFrame, kept: Kept) -> pl.Series:
    """The class that was said of each row: the one decided, or the likeliest where actions are decided."""
    if set(kept.decides) == set(kept.schema.classes):
        return pairs["decision"]
    if set(kept.classes) != set(kept.schema.classes) or "scores" not in pairs.columns:
        return pl.repeat(None, pairs.height, dtype=pl.String, eager=True)  # a rule that gives actions says no class
    likeliest = pairs["scores"].str.json_decode(pl.List(pl.Float64)).list.arg_max()
    return likeliest.replace_strict(dict(enumerate(kept.classes)), return_dtype=pl.String)


def by_version(rows: pl.DataFrame) -> list[tuple[int, pl.DataFrame]]:
    """Return the rows of each version."""
    if rows.is_empty():
        return []
    return [(int(own["version"][0]), own) for own in rows.partition_by("version", maintain_order=True)]


def _through(rows: pl.DataFrame, batch: int) -> pl.DataFrame:
    return rows.filter(pl.col("batch") <= batch)


def _all(cells: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([no_cells(), *cells])
