"""A stream under watch: its reference, its cells, and the alarms that a look raises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import numpy as np
import polars as pl

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.evaluation import Estimate
from mainstay.domain.event import Act
from mainstay.domain.finding import Finding, Judged, Signal, Verdict
from mainstay.domain.moments import parse_moment
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.signature import ReferenceSignature
from mainstay.monitoring.count import count
from mainstay.monitoring.judge import judge
from mainstay.monitoring.look import Judgement
from mainstay.monitoring.outcomes import count_outcomes, signed
from mainstay.monitoring.performance import judge_outcomes
from mainstay.monitoring.reference import build_reference
from mainstay.monitoring.signals import changes
from mainstay.monitoring.worth import with_worth
from mainstay.monitoring.yardstick import Yardstick, learn
from mainstay.simulation.draws import Floats
from mainstay.simulation.streams import Stream

BRIEF = """
[model]
name = "m"
[data]
target = "outcome"
positive = 1
time = "at"
[value]
currency = "EUR"
when_high_and_positive = 10
when_high_and_negative = -2
when_low_and_positive = 0
when_low_and_negative = 0
[watch]
false_alarms_per_month = {budget}
{watch}
"""
LOOK_PERIODS = 150  # between two looks; a look goes back 200 stretches
NO_INPUT = ("row_id", "at", "outcome")


@dataclass(frozen=True)
class Watching:
    """A stream under watch: what it is judged by, and all cells that came after the reference."""

    yardstick: Yardstick
    cells: pl.DataFrame
    told: Brief

    @property
    def end(self) -> datetime:
        """The midnight after the last decision."""
        last: datetime = self.cells["decided"].max()
        return last.replace(hour=0) + timedelta(days=1)


def brief(*, watch: str = "", budget: float = 1.0) -> Brief:
    """A brief with a value table."""
    return parse_brief(BRIEF.format(watch=watch, budget=budget))


def schema_of(rows: pl.DataFrame) -> Schema:
    """A schema learned the plain way: texts are categories with the levels seen, the rest are numbers."""
    return Schema(fields=tuple(_field(rows[n]) for n in rows.columns if n not in NO_INPUT), target="outcome", time="at")


def _field(values: pl.Series) -> Field:
    if values.dtype == pl.String:
        return Field(name=values.name, kind=Kind.CATEGORY, levels=tuple(values.drop_nulls().unique().sort()))
    return Field(name=values.name, kind=Kind.NUMBER)


def seconds(rows: pl.DataFrame) -> Floats:
    """UTC seconds of the rows' moments."""
    return rows["at"].dt.timestamp("us").to_numpy() / 1e6


def used(rows: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """The used frame of the rows."""
    return rows.select(schema.names)


def same_columns(schema: Schema) -> dict[str, str]:
    """Every field in the column of its own name."""
    return {name: name for name in schema.names}


def decisions(rows: pl.DataFrame, scores: Floats) -> pl.DataFrame:
    """Rows as the journal holds them once decided at the break-even of the brief's money."""
    ids = pl.int_range(pl.len()).cast(pl.String)
    return rows.with_columns(
        version=pl.lit(1),
        arm=pl.lit("champion"),
        key=pl.lit(""),
        id=ids,
        entity=ids,
        score=pl.Series(scores),
        decision=pl.Series(np.where(scores >= 0.5, "yes", "no")),
    )


def watched_rows(stream: Stream, scores: Floats, n_reference: int, told: Brief) -> Watching:
    """Make the reference of the first days and count the rest, outcomes (known at once) included."""
    split = int(np.searchsorted(stream.drawn.day, n_reference))
    before = stream.rows[:split]
    schema = schema_of(before)
    fair = np.where(np.arange(split) < split // 2, np.nan, scores[:split])
    reference = build_reference(used(before, schema), fair, seconds(before), schema=schema, brief=told, seed=1)
    decided = decisions(stream.rows[split:], scores[split:])
    inputs = count(decided, reference, columns=same_columns(schema))
    return Watching(learn(reference, told), pl.concat([inputs, _outcomes(decided, reference, told)]), told)


def _outcomes(decided: pl.DataFrame, reference: ReferenceSignature, told: Brief) -> pl.DataFrame:
    log = signed(decided.select("key", "id", pl.col("outcome").cast(pl.String), learned="at"))
    worth = with_worth(decided.drop("outcome"), told, columns={})
    pairs = log.join(worth, on=["key", "id"], how="inner").with_columns(pl.col("outcome").cast(pl.Float64))
    return count_outcomes(pairs, reference)


def looks(seen: Watching, *, with_outcomes: bool = False) -> Iterator[tuple[Judgement, ...]]:
    """Look from time to time until the end, never missing a stretch; each is judged by what was known at its end."""
    first: datetime = seen.cells["decided"].min()
    step = timedelta(seconds=seen.yardstick.reference.period_s * LOOK_PERIODS)
    at, since = first, None
    while at < seen.end:
        at = min(at + step, seen.end)
        found = [judge(seen.yardstick, seen.cells, at=at, since=since)]
        if with_outcomes:
            promised: dict[str, Estimate] = {}
            found.append(
                judge_outcomes(seen.yardstick, seen.cells, brief=seen.told, promised=promised, at=at, since=since)
            )
        yield tuple(found)
        since = at


def opened(found: Iterable[tuple[Judgement, ...]]) -> list[Finding]:
    """The signals that were opened, as they spoke then."""
    state: dict[str, Signal] = {}
    spoke: list[Finding] = []
    for judgement in found:
        for change in changes(state, judgement):
            if change.act is Act.SIGNAL_CLOSED:
                state[change.body["id"]] = msgspec.structs.replace(state[change.body["id"]], status="closed")
                continue
            signal = msgspec.convert(change.body["signal"], Signal)
            state[signal.id] = signal
            if change.act is Act.SIGNAL_OPENED:
                spoke.append(signal.finding)
    return spoke


def is_alarm(finding: Finding) -> bool:
    """Whether a finding says that something is wrong, rather than what cannot be told."""
    return finding.verdict in (Verdict.WARN, Verdict.FAIL)


def alarms_of(found: Iterable[tuple[Judgement, ...]]) -> list[Judged]:
    """Every finding that alarms, in the order of its end."""
    every = [each for look in found for judged in look for each in judged.judged if is_alarm(each.finding)]
    return sorted(every, key=lambda each: parse_moment(each.end))
