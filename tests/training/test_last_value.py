"""The last outcome that was known at the decision: of the same entity, after the delay, never of the same moment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.training.judged import judged, matrix, prepared

from mainstay.domain.task import Task
from mainstay.training.last_value import LAST_VALUE, known_before

rows = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), min_size=1, max_size=40)


@given(rows, st.integers(0, 5), st.booleans())
def test_it_is_what_looking_back_row_by_row_finds(
    drawn: list[tuple[int, int]], delay: int, with_entities: bool
) -> None:
    moments, clusters = (np.array(column) for column in zip(*drawn, strict=True))
    found = known_before(moments.astype(float), delay_s=delay, clusters=clusters if with_entities else None)
    for row, moment in enumerate(moments):
        earlier = [
            (moments[other], other)
            for other in range(moments.size)
            if moments[other] < moment
            and moments[other] + delay <= moment
            and (not with_entities or clusters[other] == clusters[row])
        ]
        assert found[row] == (max(earlier)[1] if earlier else -1)


@pytest.mark.parametrize("task", list(Task))
def test_it_stands_in_the_table_and_nobody_can_deploy_it(task: Task) -> None:
    made = prepared(task, moments=np.arange(3000.0))
    result = next(each for each in judged(made).results if each.name == LAST_VALUE)
    assert result.threshold is None
    assert not result.chosen
    assert (
        set(result.metrics)
        == {
            Task.BINARY: {"accuracy"},
            Task.MULTICLASS: {"accuracy", "f1_macro"},
            Task.REGRESSION: {"r2", "rmse", "mae"},
        }[task]
    )
    name = next(iter(result.metrics))
    right = made.outcomes[1:] == made.outcomes[:-1]
    if task is not Task.REGRESSION:
        assert result.metrics[name].value == pytest.approx(right[made.holdout[made.holdout > 0] - 1].mean(), abs=0.002)


def test_with_money_it_decides_what_is_worth_most_if_the_last_class_comes_again() -> None:
    made = prepared(Task.MULTICLASS, moments=np.arange(3000.0))
    always_third = [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    found = judged(replace(made, worth=matrix(made.outcomes, always_third)))
    result = next(each for each in found.results if each.name == LAST_VALUE)
    assert result.value is not None
    assert result.value.value == 1.0


def test_without_time_there_is_none() -> None:
    assert LAST_VALUE not in [result.name for result in judged(prepared(Task.REGRESSION)).results]
