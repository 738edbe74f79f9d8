"""What is measured of groups, as sums that add up: from rows where a model was made, from cells where it is watched.

Metrics are those of the brief's [fairness]: Fairlearn's rates; `calibration_gap` is the mean score less the mean
outcome, `money_per_decision` in the brief's currency. Each is a total over the rows that carry it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import numpy as np
import polars as pl

from mainstay.domain.signature import OUTCOME
from mainstay.domain.task import Task
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.cells import MOMENT
from mainstay.monitoring.outcomes import ERROR, MISS, SURPRISE, decided, measured
from mainstay.monitoring.worth import CHAMPION, RIGHT

SELECTION, MONEY_EACH, CALIBRATION = "selection_rate", "money_per_decision", "calibration_gap"
NEEDED = ("n", "sum_score", "sum_variance", "sum_value", "sum_value_squared")
SHARES = (
    SELECTION,
    "true_positive_rate",
    "false_positive_rate",
    "false_negative_rate",
    "precision",
    "accuracy",
)

Carried: TypeAlias = Mapping[str, tuple[Floats, Floats]]  # a value and a weight of 0 or 1 for each row, by metric


@dataclass(frozen=True, slots=True)
class Sums:
    """Rows that carry a metric, the sum of its values and of their squares; all of one shape, parts last."""

    n: Floats
    total: Floats
    squares: Floats

    def among(self, where: slice) -> Sums:
        """Return the sums of some periods."""
        return Sums(self.n[where], self.total[where], self.squares[where])


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of rows that a model was not fitted on, shape (n_rows,); what a task does not have is None."""

    task: Task
    outcomes: Floats
    scores: Floats
    is_high: Floats | None = None
    right: Floats | None = None
    money: Floats | None = None


def carried(known: Known) -> Carried:
    """Return the value of every metric in every row, and whether the row carries it.

    >>> rows = Known(Task.BINARY, np.array([1.0, 0.0]), np.array([0.2, 0.1]), is_high=np.array([0.0, 1.0]))
    >>> value, weight = carried(rows)["false_negative_rate"]
    >>> value.tolist(), weight.tolist()
    ([1.0, 0.0], [1.0, 0.0])
    """
    ones, came = np.ones(known.outcomes.size), known.outcomes
    found: dict[str, tuple[Floats, Floats]] = {}
    if known.is_high is not None:
        high = known.is_high
        found |= {
            SELECTION: (high, ones),
            "true_positive_rate": (high, came),
            "false_negative_rate": (1 - high, came),
            "false_positive_rate": (high, 1 - came),
            "precision": (came, high),
            "accuracy": (np.where(high == came, 1.0, 0.0), ones),
        }
    if known.right is not None:
        found["accuracy"] = (known.right, ones)
    if known.task is not Task.MULTICLASS:
        found[CALIBRATION] = (known.scores - came, ones)
    if known.task is Task.REGRESSION:
        found["absolute_error"] = (np.abs(known.scores - came), ones)
    if known.money is not None:
        found[MONEY_EACH] = (known.money, ones)
    return found


def selected(cells: pl.DataFrame, parts: Sequence[str], starts: Ints, *, high: str) -> dict[str, Sums]:
    """Return what was decided by period and part, shape (n_starts, n_parts): known at once, unlike all else."""
    words = cells.filter((pl.col("arm") == CHAMPION) & pl.col("subject").str.starts_with("decision="))
    folded = _fold(words, parts, starts)
    n = folded.table("n", [subject for subject in folded.subjects if subject != "decision="])
    total = folded.table("n", [f"decision={high}"])
    return {SELECTION: Sums(n, total, total)}


def turned_out(
    cells: pl.DataFrame, parts: Sequence[str], starts: Ints, *, task: Task, words: tuple[str, str]
) -> dict[str, Sums]:
    """Return what came of decisions by period and part, shape (n_starts, n_parts), by metric.

    `words` are those of a high and of a low score. What the model itself did not decide is left out.
    """
    own = _fold(cells.filter(pl.col("arm") == CHAMPION), parts, starts)
    found = _rates(own, words) | {CALIBRATION: _calibration(own)} if task is Task.BINARY else _measured(own)
    n = own.table("n", [SURPRISE])
    if n.any():
        paid, squares = (own.table(name, [OUTCOME]) for name in ("sum_value", "sum_value_squared"))
        found[MONEY_EACH] = Sums(n, paid, squares)
    return found


def _rates(own: _Folded, words: tuple[str, str]) -> dict[str, Sums]:
    tables = [own.table("n", [decided(word)], outcome=came) for word in words for came in (0, 1)]
    high_negative, high_positive, low_negative, low_positive = tables
    positive, negative = high_positive + low_positive, high_negative + low_negative
    shares = {
        "true_positive_rate": (high_positive, positive),
        "false_negative_rate": (low_positive, positive),
        "false_positive_rate": (high_negative, negative),
        "precision": (high_positive, high_positive + high_negative),
        "accuracy": (high_positive + low_negative, positive + negative),
    }
    return {name: Sums(whole, part, part) for name, (part, whole) in shares.items()}


def _calibration(own: _Folded) -> Sums:
    """Scores less outcomes; the squares follow from the sums of s and s (1 - s) by outcome."""
    (n_0, s_0, v_0), (n_1, s_1, v_1) = (
        [own.table(name, [OUTCOME], outcome=came) for name in ("n", "sum_score", "sum_variance")] for came in (0, 1)
    )
    return Sums(n_0 + n_1, s_0 + s_1 - n_1, (s_0 - v_0) + (n_1 - s_1 - v_1))


def _measured(own: _Folded) -> dict[str, Sums]:
    named = {CALIBRATION: (ERROR, -1.0), "absolute_error": (MISS, 1.0), "accuracy": (RIGHT, 1.0)}
    found = {}
    for metric, (name, sign) in named.items():
        n = own.table("n", [measured(name)])
        if n.any():
            total = sign * own.table("sum_value", [measured(name)])
            around = own.table("sum_value_squared", [measured(name)])
            squares = total if metric == "accuracy" else around + total**2 / np.maximum(n, 1.0)
            found[metric] = Sums(n, total, squares)
    return found


@dataclass(frozen=True, slots=True)
class _Folded:
    """Cells added up by period, part, subject and outcome: what many tables are made of, read once."""

    shape: tuple[int, int]
    place: Ints
    subject: Ints
    subjects: tuple[str, ...]
    outcome: Ints
    sums: Mapping[str, Floats]

    def table(self, name: str, subjects: Collection[str], *, outcome: int | None = None) -> Floats:
        """Return a sum by period and part."""
        wanted = np.isin(self.subject, [i for i, subject in enumerate(self.subjects) if subject in subjects])
        if outcome is not None:
            wanted &= self.outcome == outcome
        total = np.bincount(
            self.place[wanted], weights=self.sums[name][wanted], minlength=self.shape[0] * self.shape[1]
        )
        return total.astype(np.float64).reshape(self.shape)


def _fold(cells: pl.DataFrame, parts: Sequence[str], starts: Ints) -> _Folded:
    place_of = {part: i for i, part in enumerate(parts)}
    known = cells.lazy().filter(pl.col("segment").is_in(list(place_of)), pl.col("decided").is_in(_moments(starts)))
    part = pl.col("segment").replace_strict(list(place_of), list(place_of.values()), return_dtype=pl.Int64)
    keys = [part.alias("part"), pl.col("decided").dt.timestamp("us").alias("at"), "subject", "outcome"]
    folded = known.group_by(keys).agg(pl.col(NEEDED).sum()).collect()
    subjects, subject = np.unique(folded["subject"].to_numpy().astype(str), return_inverse=True)
    place = np.searchsorted(starts, folded["at"].to_numpy()) * len(parts) + folded["part"].to_numpy()
    sums = {name: folded[name].cast(pl.Float64).to_numpy() for name in NEEDED}
    shape = starts.size, len(parts)
    return _Folded(shape, place, subject, tuple(subjects.tolist()), folded["outcome"].to_numpy(), sums)


def _moments(starts: Ints) -> list[datetime]:
    return pl.Series(starts, dtype=pl.Int64).cast(MOMENT).to_list()
