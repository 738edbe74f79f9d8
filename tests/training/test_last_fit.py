"""The last fit learns from every row that does not judge, or from as many as were asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.training.judged import prepared

from mainstay.domain.errors import DataError
from mainstay.domain.task import Task
from mainstay.training.last_fit import taught_rows
from mainstay.training.prepared import require_enough


def test_calibration_rows_teach_in_the_end_and_holdout_rows_never() -> None:
    made = prepared(Task.REGRESSION)
    taught = taught_rows(made)
    assert taught.size == made.training.size + made.calibration.size
    assert not np.isin(taught, made.holdout).any()


def test_as_many_rows_as_asked_for_and_in_time_the_newest() -> None:
    made = prepared(Task.REGRESSION)
    assert np.array_equal(taught_rows(made, 10), made.training)
    moments = np.arange(made.outcomes.size, dtype=float)
    both = np.sort(np.concatenate([made.training, made.calibration]))
    assert np.array_equal(taught_rows(replace(made, split_by="time", moments=moments), 10), both[-10:])


def test_a_class_without_a_training_row_is_named() -> None:
    made = prepared(Task.MULTICLASS)
    first = made.training[made.outcomes[made.training] != 0.0]
    with pytest.raises(DataError, match="1 of 3 classes have no row"):
        require_enough(replace(made, training=first))
