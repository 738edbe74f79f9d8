"""What is measured of groups, as sums that add up: from rows where a model was made, from cells where it is watched.

Metrics are those of the brief's [fairness]: Fairlearn's rates; `calibration_gap` is the mean score less the mean
outcome, `money_per_decision` in the brief's currency. Each is a total over the rows that carry it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl

from mainstay.domain.signature import OUTCOME
from mainstay.domain.task import Task
from mainstay.monitoring.bins import Floats, Ints
from mainstay.monitoring.outcomes import ERROR, MISS, SURPRISE, decided, measured
from mainstay.monitoring.worth import CHAMPION, RIGHT

SELECTION, MONEY_EACH, CALIBRATION = "selection_rate", "money_per_decision", "calibration_gap"
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
    said = words.filter(pl.col("subject") != "decision=")
    n = _table(said, parts, starts, "n")
    total = _table(said.filter(pl.col("subject") == f"decision={high}"), parts, starts, "n")
    return {SELECTION: Sums(n, total, total)}


def turned_out(
    cells: pl.DataFrame, parts: Sequence[str], starts: Ints, *, task: Task, words: tuple[str, str]
) -> dict[str, Sums]:
    """Return what came of decisions by period and part, shape (n_starts, n_parts), by metric.

    `words` are those of a high and of a low score. What the model itself did not decide is left out.
    """
    own = cells.filter(pl.col("arm") == CHAMPION)
    found = _rates(own, parts, starts, words) if task is Task.BINARY else _measured(own, parts, starts)
    if task is Task.BINARY:
        found[CALIBRATION] = _calibration(own, parts, starts)
    paid, beyond = own.filter(subject=OUTCOME), own.filter(subject=SURPRISE)
    n = _table(beyond, parts, starts, "n")
    if n.any():
        squares = _table(paid, parts, starts, "sum_value_squared")
        found[MONEY_EACH] = Sums(n, _table(paid, parts, starts, "sum_value"), squares)
    return found


def _rates(own: pl.DataFrame, parts: Sequence[str], starts: Ints, words: tuple[str, str]) -> dict[str, Sums]:
    tables = [
        _table(own.filter(subject=decided(word), outcome=came), parts, starts, "n") for word in words for came in (0, 1)
    ]
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


def _calibration(own: pl.DataFrame, parts: Sequence[str], starts: Ints) -> Sums:
    """Scores less outcomes; the squares follow from the sums of s and s (1 - s) by outcome."""
    by = [own.filter(subject=OUTCOME, outcome=came) for came in (0, 1)]
    (n_0, s_0, v_0), (n_1, s_1, v_1) = (
        [_table(each, parts, starts, name) for name in ("n", "sum_score", "sum_variance")] for each in by
    )
    return Sums(n_0 + n_1, s_0 + s_1 - n_1, (s_0 - v_0) + (n_1 - s_1 - v_1))


def _measured(own: pl.DataFrame, parts: Sequence[str], starts: Ints) -> dict[str, Sums]:
    named = {CALIBRATION: (ERROR, -1.0), "absolute_error": (MISS, 1.0), "accuracy": (RIGHT, 1.0)}
    found = {}
    for metric, (name, sign) in named.items():
        held = own.filter(subject=measured(name))
        if held.is_empty():
            continue
        n, total = _table(held, parts, starts, "n"), sign * _table(held, parts, starts, "sum_value")
        around = _table(held, parts, starts, "sum_value_squared")
        squares = total if metric == "accuracy" else around + total**2 / np.maximum(n, 1.0)
        found[metric] = Sums(n, total, squares)
    return found


def _table(cells: pl.DataFrame, parts: Sequence[str], starts: Ints, name: str) -> Floats:
    """Add cells up by period and part, shape (n_starts, n_parts)."""
    place_of = {part: i for i, part in enumerate(parts)}
    known = cells.filter(pl.col("segment").is_in(list(place_of)))
    if known.is_empty() or not starts.size:
        return np.zeros((starts.size, len(parts)))
    at = known["decided"].dt.timestamp("us").to_numpy()
    row = np.minimum(np.searchsorted(starts, at), starts.size - 1)
    inside = starts[row] == at
    part = known["segment"].replace_strict(list(place_of), list(place_of.values()), return_dtype=pl.Int64).to_numpy()
    joint = (row * len(parts) + part)[inside]
    weights = known[name].cast(pl.Float64).to_numpy()[inside]
    total = np.bincount(joint, weights=weights, minlength=starts.size * len(parts)).astype(np.float64)
    return total.reshape(starts.size, len(parts))
