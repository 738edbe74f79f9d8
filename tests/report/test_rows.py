"""What is not whole is refused with a reason, before any sentence is made of it."""

import numpy as np
import polars as pl
import pytest
from tests.report.conftest import MakeEvaluation

from mainstay.domain.errors import DataError
from mainstay.domain.evaluation import Evaluation
from mainstay.report.rows import rows_of


def test_doing_nothing_is_the_better_of_deciding_alike(evaluation: Evaluation) -> None:
    rows = rows_of(evaluation)
    assert rows.worth is not None
    assert rows.worth.nothing.mean() == max(rows.worth.high.mean(), rows.worth.low.mean())


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (pl.DataFrame({"outcome": [], "score": []}), "no holdout rows"),
        (pl.DataFrame({"outcome": [1.0]}), "no column 'score'"),
        (pl.DataFrame({"outcome": [2.0], "score": [0.1]}), "other than 0 and 1"),
        (pl.DataFrame({"outcome": [1.0, 0.0], "score": [0.1, np.nan]}), "missing or infinite in 1 of 2"),
        (pl.DataFrame({"outcome": [1.0, 0.0], "score": [0.1, None]}), "missing or infinite in 1 of 2"),
    ],
)
def test_refused(evaluation: Evaluation, frame: pl.DataFrame, says: str) -> None:
    with pytest.raises(DataError, match=says):
        rows_of(Evaluation(evaluation.summary, frame))


def test_another_task_is_refused(make_evaluation: MakeEvaluation) -> None:
    with pytest.raises(DataError, match="regression"):
        rows_of(make_evaluation(100, task="regression"))
