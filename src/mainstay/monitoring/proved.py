"""The record of estimates: how right they were, once outcomes were ripe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mainstay.domain.estimates import EstimatedPeriod, Proved


def proved(periods: Sequence[EstimatedPeriod]) -> tuple[Proved, ...]:
    """Return how right estimates were, metric by metric, over the stretches that are ripe; none left out.

    Estimates that were withdrawn later count like any other: a record that leaves out what went wrong is none.
    """
    names = dict.fromkeys(name for period in periods for name in period.estimated)
    return tuple(record for name in names if (record := _proved(name, periods)) is not None)


def _proved(name: str, periods: Sequence[EstimatedPeriod]) -> Proved | None:
    pairs = [
        (period.estimated[name], period.realised[name])
        for period in periods
        if name in period.estimated and name in period.realised and not period.partly
    ]
    known = [(said, came.value) for said, came in pairs if said.low is not None and said.high is not None]
    if not known:
        return None
    error = np.array([came - said.value for said, came in known])
    bounds = np.array([(said.low, said.high) for said, _ in known], dtype=np.float64)
    came = np.array([came for _, came in known])
    return Proved(
        metric=name,
        ripe=len(known),
        within=int(((bounds[:, 0] <= came) & (came <= bounds[:, 1])).sum()),
        mean_error=float(error.mean()),
        mean_absolute_error=float(np.abs(error).mean()),
        mean_width=float((bounds[:, 1] - bounds[:, 0]).mean()),
    )
