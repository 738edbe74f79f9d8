"""What the version gains over the best baseline, row by row on the holdout: in money, or in a proper score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mainstay.checks.draws import drawn
from mainstay.checks.examined import Examined
from mainstay.domain.spelled import spelled, with_unit
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth, Worth
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.guarded import guarded_mean, typical_gain
from mainstay.stats.intervals import Interval

DAY_S, LEAST_DAYS = 86_400, 20  # with fewer days as clusters, intervals would be as wide as the world
LEAST_ROWS = 30  # below, an interval of a mean spans more than anything worth saying


@dataclass(frozen=True, slots=True)
class Gains:
    """Rows of the holdout (positions in the table) and what each gains over the baseline that `over` names.

    `unit` is a currency, or a score; `stands_for` how many rows of the holdout each of these stands for (sampling).
    `whole` is what the baseline loses over these rows in a proper score, 0 of money, which has no such scale.
    """

    rows: IntArray
    per_row: FloatArray
    over: str
    unit: str
    is_money: bool
    stands_for: float
    clusters: IntArray | None
    typical: float
    whole: float = 0.0

    @property
    def at_stake(self) -> float:
        """All that the two differ by, gained or lost, over the holdout."""
        return float(np.abs(self.per_row).sum()) * self.stands_for

    def among(self, members: BoolArray, *, level: float) -> Interval:
        """Return what a row gains on average among members, shape (n_rows,)."""
        clusters = None if self.clusters is None else self.clusters[members]
        return guarded_mean(self.per_row[members], unseen=self.typical, clusters=clusters, level=level)

    def total(self, per_row: float, n: int) -> str:
        """Return what n of these rows come to over the holdout, in words."""
        return self.said(per_row * n * self.stands_for)

    def said(self, amount: float) -> str:
        """Return an amount with its unit, in words."""
        if not self.is_money:
            return f"{spelled(amount)} {self.unit}"
        return with_unit(f"{amount:,.0f}" if abs(amount) >= 100 else spelled(amount), self.unit)


def gains_of(exam: Examined) -> Gains:
    """Return what the version gains over the best baseline: money where decisions have a worth, else a proper score.

    The baseline is chosen on training rows: today's rule or one decision for all, whichever is worth more. Rows whose
    gain is not a finite number are left out.
    """
    rows = drawn(exam, exam.holdout)
    found = _in_money(exam, rows)
    if found is None or not np.any(np.nan_to_num(found[0])):
        found = _in_score(exam, rows)
    per_row, over, unit = found
    kept, is_money = np.isfinite(per_row), exam.worth is not None and unit == _currency(exam)
    return Gains(
        rows=rows[kept],
        per_row=per_row[kept],
        over=over,
        unit=unit,
        is_money=is_money,
        stands_for=exam.holdout.size / max(rows.size, 1),
        clusters=_clusters(exam, rows[kept]),
        typical=typical_gain(per_row[kept]),
        whole=0.0 if is_money else _base_loss(exam, rows[kept]),
    )


def _clusters(exam: Examined, rows: IntArray) -> IntArray | None:
    """Rows of one entity, else of one day, which share its weather: where there are days enough."""
    if exam.clusters is not None:
        return exam.clusters[rows]
    if exam.moments is None:
        return None
    moments = exam.moments[rows]
    days: IntArray = np.where(np.isfinite(moments), moments // DAY_S, -1).astype(np.int64)
    return days if np.unique(days).size >= LEAST_DAYS else None


def _in_money(exam: Examined, rows: IntArray) -> tuple[FloatArray, str, str] | None:
    if exam.worth is None:
        return None
    known = drawn(exam, exam.training)
    worth_on = {name: float(np.nansum(exam.worth.at(known, taken[known]))) for name, taken in _baselines(exam)}
    best = max(worth_on, key=lambda name: worth_on[name])
    taken = dict(_baselines(exam))[best]
    return exam.money(rows) - exam.worth.at(rows, taken[rows]), best, _currency(exam)


def _baselines(exam: Examined) -> Iterator[tuple[str, FloatArray | IntArray | BoolArray]]:
    """Today's rule first: of two worth the same it is the one that people know."""
    if exam.today is not None:
        yield "today's rule", exam.today
    yield from _constants(exam, exam.worth)


def _constants(exam: Examined, worth: Worth | None) -> Iterator[tuple[str, FloatArray | IntArray]]:
    n = exam.outcomes.size
    if isinstance(worth, ActionWorth):
        yield from ((f"{word!r} for all", np.full(n, place)) for place, word in enumerate(worth.actions))
        return
    learned = exam.outcomes[exam.training]
    yield "the mean for all", np.full(n, learned.mean() if learned.size else 0.0)
    yield "the median for all", np.full(n, np.median(learned) if learned.size else 0.0)


def _in_score(exam: Examined, rows: IntArray) -> tuple[FloatArray, str, str]:
    """Squared distances from what came: a proper score for chances and for means, and bounded for chances."""
    came, learned = _came(exam, rows), _came(exam, exam.training)
    said = exam.scores[rows].reshape(came.shape)
    base = learned.mean(axis=0) if learned.size else np.zeros(came.shape[1])
    gained: FloatArray = ((base - came) ** 2 - (said - came) ** 2).sum(axis=1)
    if exam.task is Task.REGRESSION:
        return gained, "the mean for all", "squared units of the outcome"
    return gained, "the base rate", "points of the Brier score"


def _base_loss(exam: Examined, rows: IntArray) -> float:
    came, learned = _came(exam, rows), _came(exam, exam.training)
    base = learned.mean(axis=0) if learned.size else np.zeros(came.shape[1])
    return float(np.square(base - came).sum())


def _came(exam: Examined, rows: IntArray) -> FloatArray:
    outcomes = exam.outcomes[rows]
    if exam.task is not Task.MULTICLASS:
        return outcomes[:, None]
    return np.eye(exam.scores.shape[1])[outcomes.astype(np.int64)]


def _currency(exam: Examined) -> str:
    return exam.brief.value.currency or "of money"
