"""What the winner says of protected groups, of the rows it was not fitted on: what the watch compares gaps with."""

from __future__ import annotations

import numpy as np

from mainstay.domain.fairness import protected_columns
from mainstay.domain.plan import Plan
from mainstay.domain.signature import ReferenceGroup, ReferenceSignature
from mainstay.domain.task import Task
from mainstay.monitoring.bins import Used
from mainstay.monitoring.group_reference import reference_groups
from mainstay.monitoring.group_sums import Known, carried
from mainstay.monitoring.reference import Scored
from mainstay.monitoring.worth import MONEY, RIGHT
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.training.prepared import Prepared


def scored_groups(
    prepared: Prepared, plan: Plan, said: Scored, *, taken: IntArray, used: Used, reference: ReferenceSignature
) -> dict[str, ReferenceGroup]:
    """Return the protected groups among the rows `taken`; `said` is what the winner says of them."""
    if not protected_columns(prepared.brief):
        return {}
    outcomes = np.asarray(prepared.outcomes, dtype=np.float64)[taken]
    fair = np.isfinite(said.scores)
    told = carried(_known(prepared, plan, said, taken, outcomes))
    return reference_groups(
        used,
        {name: _where(value, weight, fair) for name, (value, weight) in told.items()},
        outcomes,
        is_learned=~np.isin(taken, prepared.holdout),
        reference=reference,
        brief=prepared.brief,
    )


def _known(prepared: Prepared, plan: Plan, said: Scored, taken: IntArray, outcomes: FloatArray) -> Known:
    if prepared.task is not Task.BINARY:
        right, money = said.measured.get(RIGHT), said.measured.get(MONEY)
        return Known(prepared.task, outcomes, said.scores, right=right, money=money)
    if plan.threshold is None:
        return Known(prepared.task, outcomes, said.scores)
    is_high = np.where(np.nan_to_num(said.scores, nan=-np.inf) >= plan.threshold, 1.0, 0.0)
    money = None if prepared.worth is None else prepared.worth.at(taken, is_high)
    return Known(prepared.task, outcomes, said.scores, is_high=is_high, money=money)


def _where(value: FloatArray, weight: FloatArray, fair: BoolArray) -> tuple[FloatArray, FloatArray]:
    known = fair & np.isfinite(value)
    return np.where(known, value, 0.0), np.where(known, weight, 0.0)
