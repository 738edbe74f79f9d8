"""Counting what was done with decisions: as decided, otherwise, or something that is no decision of the model's."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import polars as pl

from mainstay.domain.signature import ReferenceSignature
from mainstay.monitoring.cells import WHOLE, no_cells
from mainstay.monitoring.count import moments_us, period_column
from mainstay.monitoring.periods import MICROS
from mainstay.monitoring.segments import part_column, partings
from mainstay.monitoring.tally import cells_of, numbered_groups

AS_DECIDED, OTHERWISE, ANOTHER_WORD = "acted:as-decided", "acted:otherwise", "acted:another-word"
ACTED = (AS_DECIDED, OTHERWISE, ANOTHER_WORD)
GROUP = ("version", "arm", "segment", "decided", "learned", "subject")


def count_actions(
    actions: pl.DataFrame,
    reference: ReferenceSignature,
    *,
    words: Collection[str],
    segments: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Count actions joined with their decisions, as signed cells by period decided and period learned.

    `actions` has `version`, `arm`, `at` (of the decision), `learned`, `action`, `decision` and `sign` (see
    `outcomes.signed`); `words` are those that the model decides between. `sum_value` adds up the days from the decision
    to its action, `sum_value_squared` their squares. `segments` says which column holds which field.
    """
    if actions.is_empty():
        return no_cells()
    told = actions.with_columns(
        segment=pl.lit(WHOLE),
        decided=period_column(actions["at"], reference),
        learned=period_column(actions["learned"], reference),
        subject=pl.when(~pl.col("action").is_in(list(words)))
        .then(pl.lit(ANOTHER_WORD))
        .when(pl.col("action") == pl.col("decision"))
        .then(pl.lit(AS_DECIDED))
        .otherwise(pl.lit(OTHERWISE)),
        days=(moments_us(actions["learned"]) - moments_us(actions["at"])) / (86_400 * MICROS),
    )
    held = segments or {}
    apart = [
        told.with_columns(segment=part_column(actions[held[how.name]], reference, how))
        for how in partings(reference, tuple(held))
    ]
    return pl.concat([_cells(part) for part in (told, *apart)])


def _cells(part: pl.DataFrame) -> pl.DataFrame:
    groups, row = numbered_groups(part, GROUP)
    sign, days = (part[name].cast(pl.Float64).to_numpy() for name in ("sign", "days"))
    sums = {"n": sign, "sum_value": sign * days, "sum_value_squared": sign * days**2}
    totals = {name: np.bincount(row, weights=values, minlength=groups.height) for name, values in sums.items()}
    totals["n"] = np.round(totals["n"]).astype(np.int64)
    return cells_of(groups, np.arange(groups.height), bin=0, **totals)
