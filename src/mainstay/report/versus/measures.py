"""Metrics and money of two versions side by side, with how surely the second is ahead."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.domain.evaluation import Estimate
from mainstay.domain.task import Task
from mainstay.report.ahead import interval_of, is_clear
from mainstay.report.metrics import LOWER_IS_BETTER, SAYS
from mainstay.report.rows import Floats, numbers
from mainstay.report.versus.sides import Side, money_of
from mainstay.stats.classes import Classes, classes_and_scores
from mainstay.stats.classes import log_losses as class_losses
from mainstay.stats.classes import squared_distances as class_distances
from mainstay.stats.differences import difference_apart, r2_difference, rmse_difference, roc_auc_difference
from mainstay.stats.intervals import Interval, mean_interval, paired_difference
from mainstay.stats.scores import log_losses, squared_distances

MONEY = "money"
ByRow = Callable[[Side], Floats]
OverRows = Callable[[Floats, Floats, Floats], Interval]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number of both versions: `ahead` is the second less the first; `paired` whether row by row.

    `unit` is a currency or empty. `corrected` names the sides whose number is told as the best answer so far.
    """

    name: str
    before: Interval | None
    after: Interval | None
    ahead: Interval | None
    paired: bool
    lower_is_better: bool = False
    unit: str = ""
    corrected: tuple[bool, bool] = (False, False)

    @property
    def verdict(self) -> str:
        """`better`, `worse`, `alike` where the difference is no surer than luck, `unknown` where it cannot be told."""
        if self.ahead is None or not self.ahead.known:
            return "unknown"
        if not is_clear(self.ahead):
            return "alike"
        return "better" if (self.ahead.value > 0) != self.lower_is_better else "worse"


def measures_of(first: Side, then: Side, *, paired: bool) -> tuple[Measure, ...]:
    """Money first (by every value table that both have), then every metric that either has."""
    return (*_money(first, then, paired), *_metrics(first, then, paired))


def _money(first: Side, then: Side, paired: bool) -> Iterator[Measure]:
    shared = [name for name in first.brief.value.views if name in then.brief.value.views]
    for view in ("", *shared):
        before, after = money_of(first, view), money_of(then, view)
        if before is None and after is None:
            continue
        units = [_currency(side, view) for side in (first, then)]
        known = before is not None and after is not None and units[0] == units[1]
        told = [unit for unit, worth in zip(units, (before, after), strict=True) if worth is not None and unit]
        yield Measure(
            name=f"{MONEY} by {view}" if view else MONEY,
            before=None if before is None else mean_interval(before),
            after=None if after is None else mean_interval(after),
            ahead=_difference(before, after, paired) if known and before is not None and after is not None else None,
            paired=paired,
            unit=" then ".join(dict.fromkeys(told)),
            corrected=(False, False),
        )


def _currency(side: Side, view: str) -> str:
    own = side.brief.value.views[view].currency if view else ""
    return own or side.brief.value.currency


def _difference(before: Floats, after: Floats, paired: bool) -> Interval:
    if paired:
        return paired_difference(after, before)
    return difference_apart(mean_interval(before), mean_interval(after))


def _metrics(first: Side, then: Side, paired: bool) -> Iterator[Measure]:
    names = {*first.summary.metrics, *then.summary.metrics}
    for name in sorted(names, key=lambda name: ((*SAYS, name).index(name), name)):
        before, after = (side.summary.metrics.get(name) for side in (first, then))
        by_row = _by_row(name, first, then) if paired and before and after else None
        yield Measure(
            name=name,
            before=interval_of(before),
            after=interval_of(after),
            ahead=by_row or _apart(before, after),
            paired=by_row is not None,
            lower_is_better=name in LOWER_IS_BETTER,
            corrected=(name in first.summary.corrected, name in then.summary.corrected),
        )


def _apart(before: Estimate | None, after: Estimate | None) -> Interval | None:
    found, other = interval_of(before), interval_of(after)
    return None if found is None or other is None else difference_apart(found, other)


def _by_row(name: str, first: Side, then: Side) -> Interval | None:
    """The difference row by row where the metric has one that is known in closed form."""
    task = first.summary.task
    if (of_row := ROWWISE.get((task, name))) is not None and _is_scored(first) and _is_scored(then):
        return paired_difference(of_row(then), of_row(first))
    if (over := OVER_ROWS.get((task, name))) is not None:
        outcomes = numbers(first.evaluation.rows, "outcome")
        found = over(outcomes, _scores(first), _scores(then))
        return found if math.isfinite(found.value) else None
    return None


def _scores(side: Side) -> Floats:
    return numbers(side.evaluation.rows, "score")


def _is_scored(side: Side) -> bool:
    """Whether its rows have what a loss is made of: of several classes a rule's have not, nor classes it never saw."""
    if side.summary.task != Task.MULTICLASS:
        return True
    rows, names = side.evaluation.rows, side.summary.classes
    known = all(f"score:{name}" in rows.columns for name in names)
    return known and len(names) > 1 and bool(rows["outcome"].cast(pl.String).is_in(list(names)).all())


def _classes(side: Side) -> Classes:
    rows, names = side.evaluation.rows, side.summary.classes
    came = rows["outcome"].cast(pl.String).replace_strict(names, list(range(len(names))), default=-1)
    return classes_and_scores(came, np.column_stack([numbers(rows, f"score:{name}") for name in names]))


def _right_class(side: Side) -> Floats:
    rows = side.evaluation.rows
    came, decided = (rows[name].cast(pl.String).to_numpy() for name in ("outcome", "decided"))
    right: Floats = np.asarray(came == decided, dtype=np.float64)
    return right


def _right_side(side: Side) -> Floats:
    happened = numbers(side.evaluation.rows, "outcome") == 1.0
    right: Floats = (happened == (_scores(side) >= side.threshold)).astype(np.float64)
    return right


def _miss(side: Side) -> Floats:
    missed: Floats = np.abs(_scores(side) - numbers(side.evaluation.rows, "outcome"))
    return missed


ROWWISE: dict[tuple[str, str], ByRow] = {
    (Task.BINARY, "log_loss"): lambda side: log_losses(numbers(side.evaluation.rows, "outcome"), _scores(side)),
    (Task.BINARY, "brier_score"): lambda side: squared_distances(
        numbers(side.evaluation.rows, "outcome"), _scores(side)
    ),
    (Task.BINARY, "accuracy"): _right_side,
    (Task.MULTICLASS, "log_loss"): lambda side: class_losses(_classes(side)),
    (Task.MULTICLASS, "brier_score"): lambda side: class_distances(_classes(side)),
    (Task.MULTICLASS, "accuracy"): _right_class,
    (Task.REGRESSION, "mae"): _miss,
}
OVER_ROWS: dict[tuple[str, str], OverRows] = {
    (Task.BINARY, "roc_auc"): roc_auc_difference,
    (Task.REGRESSION, "rmse"): rmse_difference,
    (Task.REGRESSION, "r2"): r2_difference,
}
