"""The tables behind the pictures: thresholds, predicted and real shares, candidates, metrics."""

from __future__ import annotations

import math

import numpy as np

from mainstay.domain.evaluation import CandidateResult, Summary
from mainstay.report.actions import Action, Words
from mainstay.report.cells import NONE, Cell, Column, Table, count_cell, metric_cells, money_cells, share_cells
from mainstay.report.ladder import Ladder, at_index
from mainstay.report.rows import Rows
from mainstay.report.words import number, percent
from mainstay.stats.calibration import Reliability
from mainstay.stats.intervals import Interval, mean_interval, paired_difference, wilson
from mainstay.stats.scores import confusion

N_SHOWN = 20  # thresholds in the table: the slider holds the rest
METRICS = {  # scikit-learn's name, what people call it, digits
    "roc_auc": ("ranks a case that has it above one that has not", 3),
    "average_precision": ("precision over all thresholds", 3),
    "log_loss": ("surprise per case, lower is better", 4),
    "brier_score": ("squared distance from what happened, lower is better", 4),
    "calibration_error": ("distance of predicted from real shares, lower is better", 3),
    "accuracy": ("decided as it turned out", 3),
    "f1_macro": ("balance of both kinds of error", 3),
}


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


def candidates_table(summary: Summary) -> Table:
    """Every candidate at its own threshold on the same cases."""
    columns = [Column("candidate", is_number=False)]
    if has_money := any(result.value for result in summary.candidates):
        unit = f"{summary.currency} a decision".strip()
        columns += [Column("money", unit), Column("likely", summary.currency)]
        columns += [Column("behind", unit), Column("likely", summary.currency)]
    columns += [Column("ROC AUC"), Column("likely"), Column("log loss"), Column("likely")]
    columns += [Column("threshold"), Column("fitted in", "s")]
    return Table(
        name="candidates",
        caption="Candidates side by side",
        columns=tuple(columns),
        rows=tuple(_candidate_row(result, has_money) for result in summary.candidates),
        marked=next((i for i, result in enumerate(summary.candidates) if result.chosen), None),
    )


def metrics_table(summary: Summary) -> Table:
    """The chosen one's metrics on the holdout under their usual names."""
    rows = []
    for name in sorted(summary.metrics, key=lambda name: (*METRICS, name).index(name)):
        found = summary.metrics[name]
        says, digits = METRICS.get(name, ("", 3))
        rows.append((Cell(name), *metric_cells(found, digits), Cell(says)))
    columns = (Column("metric", is_number=False), Column("value"), Column("likely"), Column("says", is_number=False))
    return Table("metrics", "Metrics on the holdout", columns, tuple(rows))


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
        Cell("today’s rule", 3.0),
        Cell(percent(n_high / rows.n), n_high / rows.n),
        *share_cells(wilson(counts.n_true_positive, n_high)),
        *share_cells(wilson(counts.n_false_negative, n_positive)),
    )
    if rows.worth is None:
        return (cells,)
    values = np.where(rows.today, rows.worth.high, rows.worth.low)
    ahead = paired_difference(values, rows.worth.nothing)
    return ((*cells, money_cells(mean_interval(values))[0], *money_cells(ahead)),)


def _candidate_row(result: CandidateResult, has_money: bool) -> tuple[Cell, ...]:
    name = Cell(f"{result.title} (chosen)" if result.chosen else result.title)
    money = (*money_cells(result.value), *money_cells(result.winner_ahead)) if has_money else ()
    auc, loss = metric_cells(result.metrics.get("roc_auc")), metric_cells(result.metrics.get("log_loss"))
    at = result.threshold
    threshold = Cell(NONE) if at is None or math.isinf(at) else Cell(number(at, 0.001), at)
    return (name, *money, *auc, *loss, threshold, Cell(number(result.fit_s, 0.1), result.fit_s))
