"""How many labels a way of picking needs to be as good as another, over repeated simulations."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mainstay.stats.arrays import FloatArray
from mainstay.stats.intervals import Interval, unknown

N_RESAMPLES = 1000
ROUNDING = 1e-9  # the same mean, added in another order


def labels_needed(
    counts: npt.ArrayLike, losses: npt.ArrayLike, reached: npt.ArrayLike, *, seed: int, level: float = 0.95
) -> Interval:
    """The labels at which the mean loss falls to the mean of `reached`, with an interval over repeats.

    `counts` has shape (n_steps,), ascending; `losses` (n_repeats, n_steps); `reached` (n_repeats,), what the other way
    lost in the same repeats. Between two steps the loss is drawn straight in log counts. Repeats are resampled whole
    (both ways with them), for they share rows. Infinite where the last step has not reached it; unknown below two
    repeats.

    >>> labels_needed([100, 200], [[0.4, 0.2], [0.4, 0.2]], [0.3, 0.3], seed=1).value.__round__()
    141
    """
    steps, by_repeat = np.asarray(counts, dtype=np.float64), np.asarray(losses, dtype=np.float64)
    targets = np.asarray(reached, dtype=np.float64)
    if by_repeat.ndim != 2 or by_repeat.shape != (targets.size, steps.size) or bool(np.any(np.diff(steps) <= 0)):
        raise ValueError(f"counts {steps.shape}, losses {by_repeat.shape} and reached {targets.shape} do not fit")
    value = float(_crossed(steps, by_repeat.mean(axis=0)[None], targets.mean()[None])[0])
    if targets.size < 2:
        return unknown(value)
    drawn = np.random.default_rng(seed).integers(targets.size, size=(N_RESAMPLES, targets.size))
    found = _crossed(steps, by_repeat[drawn].mean(axis=1), targets[drawn].mean(axis=1))
    low, high = np.quantile(found, [0.5 - level / 2, 0.5 + level / 2], method="nearest")
    return Interval(value, min(float(low), value), max(float(high), value))


def _crossed(steps: FloatArray, losses: FloatArray, targets: FloatArray) -> FloatArray:
    """Where each row of losses first falls to its target: shape (n_rows,), infinite where it never does."""
    below = losses <= targets[:, None] * (1 + ROUNDING)
    first = np.argmax(below, axis=1)
    rows, before = np.arange(targets.size), np.maximum(first - 1, 0)
    high, low = losses[rows, before], losses[rows, first]
    fall = np.where(high > low, high - low, 1.0)
    share = np.where(first > 0, np.clip((high - targets) / fall, 0.0, 1.0), 0.0)
    found = np.exp(np.log(steps[before]) + share * (np.log(steps[first]) - np.log(steps[before])))
    return np.where(below.any(axis=1), found, np.inf)
