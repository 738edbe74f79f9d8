"""The tables behind the pictures of two outcomes: thresholds, predicted and real shares."""

from __future__ import annotations

import math

import numpy as np

from mainstay.report.actions import Action, Words
from mainstay.report.cells import Cell, Column, Table, count_cell, money_cells, share_cells
from mainstay.report.ladder import Ladder, at_index
from mainstay.report.rows import Rows
from mainstay.report.words import number, percent
from mainstay.stats.calibration import Reliability
from mainstay.stats.intervals import Interval, mean_interval, paired_difference, wilson
from mainstay.stats.scores import confusion

N_SHOWN = 20  # thresholds in the table: the slider holds the rest


def threshold_text(at: float, upper: float) -> str:
    """A threshold with the digits of the slider's steps; infinity is 'nobody'.

    >>> threshold_text(0.23236, 1.0), threshold_text(float("inf"), 1.0)
    ('0.232', 'nobody')
    """
    return "nobody" if math.isinf(at) else number(at, 10.0 ** math.floor(math.log10(upper / 1000)))


def threshold_table(steps: Ladder, rows: Rows, words: Words, currency: str) -> Table:
    """About twenty round thresholds, the chosen one, nobody, and today's rule where there is one."""
    spaced = np.linspace(0, steps.upper, N_SHOWN + 1)[:-1]
    shown = np.unique([*np.searchsorted(steps.at, np.round(spaced, 9)), steps.chosen, steps.at.size - 1])
    differs = np.append(np.diff(steps.n_high[shown]) != 0, True)
    shown = shown[differs | (shown == 0) | (shown == steps.chosen)]
    drawn = [_threshold_row(steps, int(i)) for i in shown]
    today = _today_row(rows)
    plain = (
        Column("threshold"),
        Column(words.high.done, "of cases"),
        Column(words.event, f"of {words.high.done}"),
        Column("likely", "%"),
        Column("missed", f"of {words.cases}"),
        Column("likely", "%"),
    )
    nothing = nothing_of(rows, words)
    money = (
        Column("money", f"{currency} a decision"),
        Column("gain", f"{currency} a decision against {nothing.always}" if nothing else ""),
        Column("likely", currency),
    )
    return Table(
        name="thresholds",
        caption="What each threshold decides, finds and is worth",
        columns=plain + (money if steps.ahead else ()),
        rows=(*drawn, *today),
        marked=int(np.flatnonzero(shown == steps.chosen)[0]),
    )


def nothing_of(rows: Rows, words: Words) -> Action | None:
    """The side that is worth more when every case is decided alike; None without money."""
    return None if rows.worth is None else words.high if rows.worth.nothing_is_high else words.low


def reliability_table(bins: Reliability, words: Words) -> Table:
    """Predicted and real shares by bin, low scores first."""
    rows = []
    for i in range(bins.n.size):
        happened = (
            float(column[i]) for column in (bins.outcome_share, bins.outcome_share_low, bins.outcome_share_high)
        )
        said = float(bins.mean_score[i])
        rows.append((Cell(percent(said), said), *share_cells(Interval(*happened)), count_cell(int(bins.n[i]))))
    columns = (
        Column("predicted", words.event),
        Column("happened", words.event),
        Column("likely", "%"),
        Column("number"),
    )
    return Table("reliability", "Predicted and real shares", columns, tuple(rows))


def _threshold_row(steps: Ladder, i: int) -> tuple[Cell, ...]:
    at = float(steps.at[i])
    share = steps.share_high(i)
    cells = (
        Cell(threshold_text(at, steps.upper), at if math.isfinite(at) else 2.0),
        Cell(percent(share.value), share.value),
        *share_cells(steps.precision(i)),
        *share_cells(steps.missed(i)),
    )
    worth, ahead = at_index(steps.worth, i), at_index(steps.ahead, i)
    return cells if ahead is None else (*cells, money_cells(worth)[0], *money_cells(ahead))


def _today_row(rows: Rows) -> tuple[tuple[Cell, ...], ...]:
    if rows.today is None:
        return ()
    counts = confusion(rows.outcomes, rows.today)
    n_high, n_positive = int(rows.today.sum()), int(rows.outcomes.sum())
    cells = (
        Cell("today's rule", 3.0),
        Cell(percent(n_high / rows.n), n_high / rows.n),
        *share_cells(wilson(counts.n_true_positive, n_high)),
        *share_cells(wilson(counts.n_false_negative, n_positive)),
    )
    if rows.worth is None:
        return (cells,)
    values = np.where(rows.today, rows.worth.high, rows.worth.low)
    ahead = paired_difference(values, rows.worth.nothing)
    return ((*cells, money_cells(mean_interval(values))[0], *money_cells(ahead)),)
