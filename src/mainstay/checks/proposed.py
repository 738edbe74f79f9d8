"""Expectations proposed from data, model and failures: directions, changes of nothing, slices that must do better."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import polars as pl

from mainstay.checks.draws import drawn
from mainstay.checks.examined import Examined
from mainstay.checks.expectations import good_in_slice, invariant, monotone
from mainstay.checks.gains import LEAST_ROWS
from mainstay.checks.parted import numbers_of
from mainstay.checks.slices import worse_slices
from mainstay.domain.expectation import Expectation, Invariant, Monotone, Slice
from mainstay.domain.finding import Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray

MOST_ROWS = 20_000
SUREST_Z = 4.0  # standard errors that a rank correlation is from nothing: over sixty columns one in 250 by luck
LEAST_CORRELATION = 0.05
LEAST_SHARE = 0.8  # of rows for which a direction holds in the model: below, nobody would call it one
BACK = {"rises": "falls", "falls": "rises"}
TOLERANCES = (0.0, 0.01)  # of a chance, or of the outcome's standard deviation: trees dip a little on their way
RANGE = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An expectation, whether the version meets it now, and what was seen."""

    expectation: Expectation
    holds: bool
    because: str


def proposed(exam: Examined) -> Iterator[Proposal]:
    """Yield directions that training rows show and the model follows, invariance to protected columns, and failures.

    A direction is proposed for the share of rows for which it holds, rounded down to a twentieth. Invariance is
    proposed whether it holds or not: that it does not is what somebody should know. A slice in which the version is
    worse than the baseline is proposed as what later versions must do better: as well as the baseline does there.
    """
    if exam.task is not Task.MULTICLASS:
        for column in exam.inputs:
            if column not in exam.brief.data.protected:
                yield from _direction(exam, column)
    for column in exam.brief.data.protected:
        yield from _changes_nothing(exam, column)
    yield from _failures(exam)


def _direction(exam: Examined, column: str) -> Iterator[Proposal]:
    if column not in exam.table.columns or not exam.table[column].dtype.is_numeric():
        return
    rows = drawn(exam, exam.training, MOST_ROWS)
    values = numbers_of(exam.table[column], rows)
    known = np.isfinite(values)
    if known.sum() < LEAST_ROWS or np.unique(values[known]).size < 3:
        return
    along = _rank_correlation(values[known], exam.outcomes[rows][known])
    low, high = (float(f"{end:.4g}") for end in np.quantile(values[known], RANGE))
    if abs(along) < max(LEAST_CORRELATION, SUREST_Z / np.sqrt(known.sum())) or low >= high:
        return
    way = "rises" if along > 0 else "falls"
    name = f"score {way} with {column}"[:200]
    said = {"name": name, "column": column, "direction": way, "low": low, "high": high}
    spread = 1.0 if exam.task is Task.BINARY else float(exam.outcomes[rows].std())
    tried = (_tried(exam, Monotone.model_validate({**said, "tolerance": far * spread})) for far in TOLERANCES)
    yield from islice((each for each in tried if each is not None), 1)


def _tried(exam: Examined, asked: Monotone) -> Proposal | None:
    """The direction for as many rows as it holds for; None for too few, or where the model hardly moves at all."""
    back_way = asked.model_copy(update={"direction": BACK[asked.direction]})
    found, back = monotone(exam, asked), monotone(exam, back_way)
    if found.measured is None or back.measured is None or found.measured < LEAST_SHARE or back.measured >= LEAST_SHARE:
        return None
    share = float(np.floor(found.measured * 20 + 1e-9) / 20)
    return Proposal(asked.model_copy(update={"share": share}), holds=True, because=found.because)


def _changes_nothing(exam: Examined, column: str) -> Iterator[Proposal]:
    asked = Invariant(name=f"a change of {column} changes nothing"[:200], column=column)
    found = invariant(exam, asked)
    if found.verdict is not Verdict.UNKNOWN:
        yield Proposal(asked, holds=found.verdict is Verdict.PASS, because=found.because)


def _failures(exam: Examined) -> Iterator[Proposal]:
    """In money as the baseline earns it there; else as often right as saying what comes most often there."""
    gains, worse = worse_slices(exam)
    if not gains.is_money and exam.task is Task.REGRESSION:
        return
    for place in worse:
        rows = gains.rows[place.members]
        if gains.is_money:
            metric, least = "money_per_decision", float((exam.money(rows) - gains.per_row[place.members]).mean())
        else:
            metric, least = "accuracy", float(np.unique(exam.outcomes[rows], return_counts=True)[1].max() / rows.size)
        name = f"as good as {gains.over} where {' and '.join(place.subjects)}"[:200]
        asked = Slice(name=name, where=place.where, metric=metric, at_least=float(f"{least:.4g}"))
        found = good_in_slice(exam, asked)
        if found.verdict in (Verdict.FAIL, Verdict.WARN):
            yield Proposal(asked, holds=False, because=found.because)


def _rank_correlation(first: FloatArray, second: FloatArray) -> float:
    """Spearman's correlation, 0 where one of the two is constant."""
    ranks = [pl.Series(values).rank("average").to_numpy() for values in (first, second)]
    if min(each.std() for each in ranks) == 0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
