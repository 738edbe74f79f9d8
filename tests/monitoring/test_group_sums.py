"""What is measured of groups is the same from cells as from rows."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from tests.monitoring.worlds import Calm, brief, same_columns

from mainstay.domain.task import Task
from mainstay.monitoring.cells import add
from mainstay.monitoring.count import count
from mainstay.monitoring.group_reference import LEAST_GROUP, reference_groups
from mainstay.monitoring.group_sums import MONEY_EACH, SELECTION, Known, carried, selected, turned_out
from mainstay.monitoring.outcomes import count_outcomes
from mainstay.monitoring.segments import parting
from mainstay.monitoring.worth import IF_NEGATIVE, IF_POSITIVE, with_worth

COLUMN = "category_1"


@pytest.fixture(scope="module")
def rows(calm: Calm) -> pl.DataFrame:
    """Decisions with what they were worth and what came of them, cut so that there are enough of either."""
    told = calm.decided.with_columns(
        decision=pl.when(pl.col("score") >= 0.3).then(pl.lit("yes")).otherwise(pl.lit("no"))
    )
    worth = with_worth(told, brief(), columns=same_columns(calm.schema))
    return worth.with_columns(learned=pl.col("at") + timedelta(days=3), sign=pl.lit(1))


def known(rows: pl.DataFrame) -> Known:
    came = rows["outcome"].cast(pl.Float64).to_numpy()
    money = np.where(came == 1, rows[IF_POSITIVE].to_numpy(), rows[IF_NEGATIVE].to_numpy())
    high = (rows["decision"] == "yes").cast(pl.Float64).to_numpy()
    return Known(Task.BINARY, came, rows["score"].to_numpy(), is_high=high, money=money)


def test_cells_tell_what_rows_tell(calm: Calm, rows: pl.DataFrame) -> None:
    columns, segments = same_columns(calm.schema), {COLUMN: COLUMN}
    cells = add(
        [
            count(rows, calm.reference, columns=columns, segments=[COLUMN]),
            count_outcomes(rows, calm.reference, segments=segments),
        ]
    )
    how = parting(calm.reference, COLUMN)
    assert how is not None
    starts = np.unique(cells["decided"].dt.timestamp("us").to_numpy())
    found = selected(cells, how.parts, starts, high="yes") | turned_out(
        cells, how.parts, starts, task=Task.BINARY, words=("yes", "no")
    )
    for place, part in enumerate(how.parts[2:], start=2):
        own = rows.filter(pl.col(COLUMN) == part.removeprefix(f"{COLUMN}="))
        for metric, (value, weight) in carried(known(own)).items():
            sums = found[metric].among(slice(None))
            assert sums.n[:, place].sum() == np.count_nonzero(weight)
            assert sums.total[:, place].sum() == pytest.approx((value * weight).sum())
            assert sums.squares[:, place].sum() == pytest.approx((value**2 * weight).sum())
    assert {SELECTION, MONEY_EACH, "calibration_gap", "precision", "accuracy"} <= set(found)


def test_a_version_keeps_its_groups_but_not_the_smallest(calm: Calm, rows: pl.DataFrame) -> None:
    level = rows[COLUMN][0]
    few = pl.concat([rows.filter(pl.col(COLUMN) != level), rows.filter(pl.col(COLUMN) == level)[: LEAST_GROUP - 1]])
    told, said = (
        known(few),
        brief().model_copy(update={"data": brief().data.model_copy(update={"protected": (COLUMN,)})}),
    )
    learned = np.arange(few.height) % 2 == 0
    groups = reference_groups(
        few, carried(told), told.outcomes, is_learned=learned, reference=calm.reference, brief=said
    )
    assert f"{COLUMN}={level}" not in groups
    name, group = next(iter(groups.items()))
    own = (few[COLUMN] == name.removeprefix(f"{COLUMN}=")).to_numpy()
    assert group.n_learned == np.count_nonzero(own & learned)
    assert group.outcome == pytest.approx(told.outcomes[own & learned].mean())
    assert group.measured[SELECTION][:2] == (np.count_nonzero(own), (few["decision"].to_numpy() == "yes")[own].sum())
