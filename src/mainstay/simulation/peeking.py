"""A team that peeks: it changes its model a little at random, looks at the holdout, and keeps what scores better.

One input tells something about the outcome, many tell nothing. A change is a random weight on every input that tells
nothing, so none can make the model better; whatever the holdout shows is luck. Two teams do so: one is told what the
holdout plainly says, the other what is more than luck over all looks (`stats.reuse`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.stats.arrays import FloatArray
from mainstay.stats.ranking import roc_auc, roc_auc_interval
from mainstay.stats.reuse import corrected

N_NOTHING = 80  # inputs that tell nothing
CHANGE = 0.01  # the standard deviation of a change of weight; the one input that tells something has weight 1
N_FRESH = 20_000  # rows that stand for the truth


@dataclass(frozen=True, slots=True)
class Peeked:
    """What a team believed after each look: the ROC AUC it was told of the model it keeps, and what that truly is."""

    told: FloatArray
    truth: FloatArray


def peek(*, seed: int, looks: int, n_rows: int, taken_back: bool) -> Peeked:
    """Let a team look so often at a holdout of so many rows; with `taken_back` it is told corrected answers."""
    random = np.random.default_rng(seed)
    held, fresh = _world(random, n_rows), _world(random, N_FRESH)
    weights = np.zeros(N_NOTHING)
    told, truth = list[float](), list[float]()
    for look in range(1, looks + 1):
        tried = weights + (random.normal(scale=CHANGE, size=N_NOTHING) if look > 1 else 0.0)
        plain = roc_auc_interval(held[0], held[1] + held[2] @ tried)
        best = told[-1] if told else None
        answer = corrected(plain, best, look=look).value if taken_back else plain.value
        better = best is None or answer > best
        if better:
            weights = tried
        told.append(answer if best is None or better else best)
        truth.append(roc_auc(fresh[0], fresh[1] + fresh[2] @ weights) if better else truth[-1])
    return Peeked(np.array(told), np.array(truth))


def _world(random: np.random.Generator, n_rows: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Outcomes, the input that tells something, and those that tell nothing."""
    outcomes = (random.random(n_rows) < 0.3).astype(np.float64)
    return outcomes, random.normal(size=n_rows) + outcomes, random.normal(size=(n_rows, N_NOTHING))
