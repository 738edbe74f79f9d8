"""How what is waited for arrives: the share that has come by each age, from cohorts of which the young still wait."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mainstay.stats.arrays import FloatArray


def arrival_curve(n: npt.ArrayLike, arrived: npt.ArrayLike, observed: npt.ArrayLike) -> FloatArray:
    """Return the share that has come by each age, shape (n_ages,), never falling.

    `n` (n_cohorts,) counts what each cohort waits for, `arrived` (n_cohorts, n_ages) what came at each age, and
    `observed` (n_cohorts,) how many ages of a cohort have passed whole: what a young cohort does not show yet is told
    by the older ones. NaN from the first age that no cohort has reached. Source: Kaplan & Meier (1958).

    >>> arrival_curve([10, 10], [[5, 5], [5, 0]], [2, 1]).tolist()
    [0.5, 1.0]
    """
    waits, came, ages = (np.asarray(each, dtype=np.float64) for each in (n, arrived, observed))
    if came.ndim != 2 or waits.shape != came.shape[:1] or ages.shape != waits.shape:
        raise ValueError(
            f"arrived has shape {came.shape}, n {waits.shape}, observed {ages.shape}; wanted (n, ages), (n,)"
        )
    before = np.cumsum(came, axis=1) - came
    passed = np.arange(came.shape[1])[None, :] < ages[:, None]
    at_risk = np.where(passed, np.maximum(waits[:, None] - before, 0.0), 0.0).sum(axis=0)
    now = np.where(passed, came, 0.0).sum(axis=0)
    hazard = np.divide(now, at_risk, out=np.zeros_like(now), where=at_risk > 0)
    share = 1.0 - np.cumprod(1.0 - np.clip(hazard, 0.0, 1.0))
    return np.asarray(np.where(np.logical_and.accumulate(passed.any(axis=0)), share, np.nan))
