"""What was earned: the plain mean of the money of ripe decisions, with an interval that holds the truth."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from tests.monitoring.worlds import Calm, brief, same_columns

from mainstay.monitoring.cells import no_cells
from mainstay.monitoring.outcomes import count_outcomes
from mainstay.monitoring.realised import realised
from mainstay.monitoring.worth import IF_NEGATIVE, IF_POSITIVE, with_worth

DELAY = timedelta(days=3)


@pytest.fixture(scope="module")
def joined(calm: Calm) -> pl.DataFrame:
    rows = with_worth(calm.decided[:800], brief(), columns=same_columns(calm.schema))
    return rows.with_columns(learned=pl.col("at") + DELAY, sign=pl.lit(1))


def paid(rows: pl.DataFrame) -> np.ndarray:
    money: np.ndarray = np.where(rows["outcome"] == 1, rows[IF_POSITIVE], rows[IF_NEGATIVE]).astype(float)
    return money


def last(joined: pl.DataFrame) -> datetime:
    moment: datetime = joined["at"].to_list()[-1]
    return moment + timedelta(days=60)


def test_it_is_the_mean_of_the_rows(calm: Calm, joined: pl.DataFrame) -> None:
    found = realised(count_outcomes(joined, calm.reference), calm.reference, outcome_delay=DELAY, at=last(joined))
    assert found is not None
    assert found.rows == 800
    assert found.value.value == pytest.approx(paid(joined).mean())
    error = paid(joined).std() / np.sqrt(800)
    assert found.value.low is not None
    assert found.value.high is not None
    assert (found.value.high - found.value.low) / 2 == pytest.approx(2 * error, rel=0.5)
    assert found.value.low < found.value.value < found.value.high


def test_only_periods_whose_outcomes_are_all_due_count(calm: Calm, joined: pl.DataFrame) -> None:
    cells = count_outcomes(joined, calm.reference)
    first = joined["at"].to_list()[0]
    assert realised(cells, calm.reference, outcome_delay=DELAY, at=first + DELAY) is None
    middle = joined["at"].to_list()[500]
    some = realised(cells, calm.reference, outcome_delay=DELAY, at=middle + DELAY)
    assert some is not None
    assert 0 < some.rows <= 500


def test_without_cells_or_without_money_there_is_nothing_to_tell(calm: Calm, joined: pl.DataFrame) -> None:
    at = last(joined)
    assert realised(no_cells(), calm.reference, outcome_delay=DELAY, at=at) is None
    unpriced = count_outcomes(joined.drop(IF_POSITIVE, IF_NEGATIVE), calm.reference)
    assert realised(unpriced, calm.reference, outcome_delay=DELAY, at=at) is None
