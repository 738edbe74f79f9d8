"""What a split says of itself, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mainstay.domain.errors import DataError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray

MIN_EACH = 30  # of the rarest outcome; below, an interval of the ROC AUC spans more than ±0.1


def copies(n_equal: int, n_apart: int, n_rows: int) -> Finding:
    """Say how many rows have the inputs of another one, and what was made of them (`F10-equal-rows`)."""
    apart = (
        f"; {n_apart:,} of them have inputs that columns this coarse often give, and were taken as cases of their own"
    )
    return Finding(
        code="F10-equal-rows",
        verdict=Verdict.UNKNOWN if n_apart else Verdict.PASS,
        measured=n_equal / n_rows,
        because=f"{n_equal:,} of {n_rows:,} rows have the same inputs as another one; copies stay in one part"
        f"{apart if n_apart else ''}",
        remedy="If they are the same case twice, remove one; if they are of one person, name data.entity.",
    )


def too_few_moments(moments: FloatArray | None) -> Finding:
    """Say that rows could not be cut by time (`F10-split-by-time`)."""
    n_moments = 0 if moments is None else np.unique(moments).size
    return Finding(
        code="F10-split-by-time",
        verdict=Verdict.WARN,
        measured=float(n_moments),
        because=f"{n_moments} distinct moments cannot be cut into three parts: rows were split at random",
        remedy="Name a time column that tells rows apart; a random split flatters what changes over time.",
    )


def rows_gone(name: str, n_again: int, n_sealed: int) -> Finding:
    """Say that sealed rows are no longer in the table (`F07-holdout-rows-gone`)."""
    return Finding(
        code="F07-holdout-rows-gone",
        verdict=Verdict.WARN,
        measured=float(n_again),
        limit=float(n_sealed),
        because=f"{n_again:,} of the {n_sealed:,} rows that were sealed as {name} are still in the table",
        remedy="Bring the others back, or say why they went: who picks the rows that judge picks the judgement.",
    )


def resealed(name: str, n_looks: int) -> Finding:
    """Say that a holdout was sealed from rows that earlier trainings had read (`F07-holdout-resealed`)."""
    return Finding(
        code="F07-holdout-resealed",
        verdict=Verdict.WARN,
        measured=float(n_looks),
        because=f"rows are dealt in another way than before: {name} was sealed from rows that trainings have read, and "
        f"the {n_looks} looks before count against it",
        remedy="Keep data.time and data.entity once a project has trained, or bring rows that nobody has read.",
    )


def require_outcomes(outcomes: Mapping[str, FloatArray], task: Task) -> None:
    """Refuse parts, given by name, that hold no rows or one outcome only."""
    lacking = [f"{name}: {_counted(values, task)}" for name, values in outcomes.items() if np.unique(values).size < 2]
    if lacking:
        what = f"a part of the split has no row of one outcome ({'; '.join(lacking)})"
        remedy = "More rows are needed, more different ones, more entities, or outcomes over more of the time."
        raise DataError(what, remedy=remedy)


def few(outcomes: Mapping[str, FloatArray], task: Task, classes: tuple[str, ...]) -> list[Finding]:
    """Say which parts that judge hold too few rows, of the rarest class if there are classes (`F07-few-outcomes`)."""
    findings = []
    for name in ("calibration", "holdout"):
        n_rarest, rarest = _rarest(outcomes[name], task, classes)
        if n_rarest < MIN_EACH:
            findings.append(
                Finding(
                    code="F07-few-outcomes",
                    verdict=Verdict.UNKNOWN,
                    measured=float(n_rarest),
                    limit=float(MIN_EACH),
                    because=f"{name} holds {n_rarest} rows{rarest}, {MIN_EACH} are wanted",
                    remedy="Read every number with its interval, and gather more rows of that outcome.",
                )
            )
    return findings


def _rarest(values: FloatArray, task: Task, classes: tuple[str, ...]) -> tuple[int, str]:
    if task is Task.REGRESSION:
        return values.size, ""
    if task is Task.BINARY:
        return int(min(values.sum(), values.size - values.sum())), " of the rarer outcome"
    counts = np.bincount(values.astype(np.int64), minlength=len(classes))
    rarest = int(counts.argmin())
    return int(counts[rarest]), f" of the rarest class, {classes[rarest] if rarest < len(classes) else rarest}"


def _counted(values: FloatArray, task: Task) -> str:
    return f"{values.size:,} rows" + (f", {int(values.sum()):,} of them positive" if task is Task.BINARY else "")
