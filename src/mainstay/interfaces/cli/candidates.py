"""The table of candidates in the terminal: what each reached, what its step bought, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable

from mainstay.domain.evaluation import CandidateResult, Estimate, Summary
from mainstay.domain.holdout import VALUE
from mainstay.interfaces.cli.show import answer, between, money, table
from mainstay.report.steps import in_accuracy

METRICS = {
    "binary": ("roc_auc", "log_loss"),
    "multiclass": ("accuracy", "log_loss", "f1_macro"),
    "regression": ("r2", "rmse", "mae"),
}
NAMES = {
    "roc_auc": "ROC AUC",
    "log_loss": "log loss",
    "accuracy": "accuracy",
    "f1_macro": "F1",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
}
IN_UNITS = ("rmse", "mae")  # of the target: three digits, wherever its point stands
MONEY = ("money per decision", "winner ahead by", "likely")
LOSSES = {"binary": "log loss", "multiclass": "log loss", "regression": "squared error"}
WEIGHTS = ("µs a row", "size", "minutes")
SAME = "≈"  # stands before a number that is told as the best answer so far


def show_candidates(summary: Summary) -> None:
    """Print the candidates, the chosen one with an arrow, and what a mark before a number means."""
    rows = [[f"{'→ ' if one.chosen else '  '}{one.title}", *_row(one, summary)] for one in summary.candidates]
    table(("candidate", *columns_of(summary)), rows)
    if note := marked(summary.corrected, summary.looks, summary.holdout):
        answer(note)


def marked(corrected: Iterable[str], look: int, holdout: str) -> str:
    """Say what the mark before a number means; empty where none is marked.

    >>> marked((), 3, "h1")
    ''
    >>> marked(("roc_auc",), 3, "h1")
    '≈ answered through the correction (look 3 at h1): no further from the best answer so far than luck explains.'
    """
    if not [*corrected]:
        return ""
    why = "no further from the best answer so far than luck explains"
    return f"{SAME} answered through the correction (look {look} at {holdout}): {why}."


def columns_of(summary: Summary) -> tuple[str, ...]:
    """Return the headings of the table of candidates, after their names."""
    metrics = tuple(NAMES[name] for name in METRICS[summary.task])
    unit = "" if summary.value is not None else f" ({LOSSES[summary.task]})"
    return (*metrics, *(MONEY if summary.value is not None else ()), f"step bought{unit}", *WEIGHTS)


def _row(one: CandidateResult, summary: Summary) -> list[str]:
    mine = summary.corrected if one.chosen else ()
    cells = [_marked(_number(name, one.metrics.get(name)), name in mine) for name in METRICS[summary.task]]
    is_moved = _loss_of(summary) in summary.corrected
    if summary.value is not None:
        ahead = one.winner_ahead
        cells.append(_marked(money(one.value.value, summary.currency), VALUE in mine) if one.value else "–")
        cells += _ahead(ahead, summary.currency, is_moved) if ahead else ["", ""]
    unit = " of accuracy" if one.name in in_accuracy(summary.candidates, summary.task) else ""
    took_s = one.search_s + one.fit_s
    bought = f"{money(one.bought.value, summary.currency)}{unit}" if one.bought else ""
    return [
        *cells,
        _marked(bought, is_moved and one.chosen and not unit),
        f"{one.latency_us:,.1f}" if one.latency_us is not None else "",
        size(one.size_bytes) if one.size_bytes is not None else "",
        f"{took_s / 60:.2f}" if took_s else "",
    ]


def _ahead(ahead: Estimate, currency: str, is_moved: bool) -> list[str]:
    return [_marked(money(ahead.value, currency), is_moved), between(ahead.low, ahead.high)]


def _loss_of(summary: Summary) -> str:
    """The number that differences between candidates are taken of."""
    if summary.value is not None:
        return VALUE
    return "rmse" if summary.task == "regression" else "log_loss"


def _marked(text: str, is_corrected: bool) -> str:
    return f"{SAME} {text}" if is_corrected and text else text


def size(n_bytes: int) -> str:
    """Write a size in the largest unit that leaves a number above 1.

    >>> size(532_480), size(12)
    ('532 kB', '12 B')
    """
    for unit, n in (("MB", 1_000_000), ("kB", 1000)):
        if n_bytes >= n:
            return f"{n_bytes / n:,.3g} {unit}"
    return f"{n_bytes} B"


def _number(name: str, estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    return money(estimate.value, "") if name in IN_UNITS else f"{estimate.value:,.3f}"
