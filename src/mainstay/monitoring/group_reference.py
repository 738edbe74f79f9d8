"""What a version knew of protected groups when it was made: how many rows it learned from, and how groups differed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mainstay.domain.brief import Brief
from mainstay.domain.fairness import protected_columns
from mainstay.domain.signature import ReferenceGroup, ReferenceSignature
from mainstay.monitoring.bins import Floats, Used
from mainstay.monitoring.group_sums import Carried
from mainstay.monitoring.segments import part_column, partings

LEAST_GROUP = 30  # rows below which a group is not kept: it says nothing, and might say something of somebody


def reference_groups(
    used: Used,
    told: Carried,
    outcomes: Floats,
    *,
    is_learned: npt.NDArray[np.bool_],
    reference: ReferenceSignature,
    brief: Brief,
) -> dict[str, ReferenceGroup]:
    """Sum what is measured of every protected group.

    All arrays are over the rows of `used`: `told` as `group_sums.carried` returns it with weight 0 where a row was
    fitted on, `outcomes` 0 and 1, numbers of classes or amounts, and whether each row was learned from.
    """
    found: dict[str, ReferenceGroup] = {}
    for how in partings(reference, protected_columns(brief)):
        part = part_column(used[how.name], reference, how)
        for name in part.unique().sort():
            rows = (part == name).to_numpy()
            if np.count_nonzero(rows) >= LEAST_GROUP:
                found[name] = _group(rows, told, outcomes, is_learned)
    return found


def _group(
    rows: npt.NDArray[np.bool_], told: Carried, outcomes: Floats, is_learned: npt.NDArray[np.bool_]
) -> ReferenceGroup:
    learned = rows & is_learned
    return ReferenceGroup(
        n_learned=int(np.count_nonzero(learned)),
        outcome=float(outcomes[learned].mean()) if learned.any() else 0.0,
        measured={name: _sums(value[rows], weight[rows]) for name, (value, weight) in told.items()},
    )


def _sums(value: Floats, weight: Floats) -> tuple[float, float, float]:
    known = weight > 0
    return float(np.count_nonzero(known)), float(value[known].sum()), float((value[known] ** 2).sum())
