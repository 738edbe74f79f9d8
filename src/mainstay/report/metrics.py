"""Metrics on the page: what they say, how they are rounded, and which come first for each task."""

from __future__ import annotations

from mainstay.domain.evaluation import Estimate
from mainstay.domain.metric_names import name_of
from mainstay.domain.task import Task
from mainstay.report.cells import NONE, Cell, metric_cells, money_cells

__all__ = ["IN_UNITS", "LOWER_IS_BETTER", "SAYS", "SHOWN", "cells_of", "name_of", "title_of"]

SHOWN: dict[str, tuple[str, ...]] = {  # in tables of candidates, the one that leads first
    Task.BINARY: ("roc_auc", "log_loss"),
    Task.MULTICLASS: ("accuracy", "log_loss", "f1_macro"),
    Task.REGRESSION: ("r2", "mae", "rmse"),
}
IN_UNITS = ("rmse", "mae")  # of the target, where a fixed number of digits would be too many or too few
LOWER_IS_BETTER = ("log_loss", "brier_score", "calibration_error", "rmse", "mae")
SAYS = {  # what a metric says, by how its table is sorted; digits
    "r2": ("share of what varies that is foretold", 3),
    "mae": ("off by so much on average", 3),
    "rmse": ("the same, with large errors counted more", 3),
    "roc_auc": ("ranks a case that has it above one that has not", 3),
    "average_precision": ("precision over all thresholds", 3),
    "log_loss": ("surprise per case, lower is better", 4),
    "brier_score": ("squared distance from what happened, lower is better", 4),
    "calibration_error": ("distance of predicted from real shares, lower is better", 3),
    "accuracy": ("decided as it turned out", 3),
    "f1_macro": ("balance of every kind of error", 3),
}


def title_of(metric: str) -> str:
    """The same, as the first words of a sentence.

    >>> title_of("accuracy"), title_of("r2")
    ('Accuracy', 'R²')
    """
    named = name_of(metric)
    return named[:1].upper() + named[1:]


def cells_of(metric: str, found: Estimate | None, digits: int = 3) -> tuple[Cell, Cell]:
    """A metric and its likely range as two cells; amounts are rounded to what is known.

    >>> [cell.text for cell in cells_of("mae", Estimate(94.371, 91.0156, 97.7266))]
    ['94', '91 to 98']
    """
    if found is None:
        return Cell(NONE), Cell(NONE)
    return money_cells(found) if metric in IN_UNITS else metric_cells(found, digits)
