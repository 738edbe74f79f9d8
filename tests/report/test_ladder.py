"""The ladder counts what the statistics count, at every threshold it holds."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.evaluation import Evaluation
from mainstay.report.ladder import N_STEPS, at_index, ladder, today_level
from mainstay.report.rows import Rows, rows_of
from mainstay.stats.intervals import paired_difference
from mainstay.stats.scores import confusion
from mainstay.stats.value import decided_values, value_at


@pytest.fixture(scope="module")
def rows(evaluation: Evaluation) -> Rows:
    return rows_of(evaluation)


def test_counts_and_money_are_those_of_the_statistics(rows: Rows) -> None:
    assert rows.worth is not None
    assert rows.today is not None
    steps = ladder(rows, 0.2513)
    today = np.where(rows.today, rows.worth.high, rows.worth.low)
    for i in (0, 1, 130, steps.chosen, 700, steps.at.size - 1):
        at = float(steps.at[i])
        counts = confusion(rows.outcomes, rows.scores >= at)
        assert steps.n_high[i] == counts.n_true_positive + counts.n_false_positive
        assert steps.n_right[i] == counts.n_true_positive
        values = decided_values(rows.scores, rows.worth.high, rows.worth.low, at)
        for curve, wanted in (
            (steps.worth, value_at(rows.scores, rows.worth.high, rows.worth.low, at)),
            (steps.ahead, paired_difference(values, rows.worth.nothing)),
            (steps.ahead_of_today, paired_difference(values, today)),
        ):
            found = at_index(curve, i)
            assert found is not None
            assert [found.value, found.low, found.high] == pytest.approx([wanted.value, wanted.low, wanted.high])


def test_the_chosen_threshold_is_kept_exactly(rows: Rows) -> None:
    for threshold in (0.2513, 0.123456789, 0.0, 1.0, math.inf, 1e-7):
        steps = ladder(rows, threshold)
        assert steps.at[steps.chosen] == threshold
        assert steps.at.size <= N_STEPS + 3
    assert math.isinf(ladder(rows, None).at[ladder(rows, None).chosen])


def test_from_everybody_to_nobody(rows: Rows) -> None:
    steps = ladder(rows, 0.25)
    assert (steps.n_high[0], steps.n_high[-1]) == (rows.n, 0)
    assert np.all(np.diff(steps.n_high) <= 0)


def test_rare_events_get_steps_where_their_scores_are(rows: Rows) -> None:
    rare = Rows(rows.outcomes, rows.scores / 1000, rows.worth, rows.today, None)
    steps = ladder(rare, 0.0002)
    assert steps.upper == 0.001
    assert np.unique(steps.n_high).size > 500


def test_todays_rule_lies_level(rows: Rows) -> None:
    steps = ladder(rows, 0.25)
    assert steps.ahead is not None
    assert steps.ahead_of_today is not None
    levels = steps.ahead.per_decision - steps.ahead_of_today.per_decision
    assert levels == pytest.approx(today_level(steps))


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.5, 0.5001, 1.0])), min_size=1, max_size=30))
def test_any_scores_make_a_ladder(pairs: list[tuple[bool, float]]) -> None:
    outcomes, scores = (np.array(column) for column in zip(*pairs, strict=True))
    steps = ladder(Rows(outcomes, scores, None, None, None), 0.5)
    assert steps.ahead is None
    assert steps.n_high[steps.chosen] == int((scores >= 0.5).sum())
    assert steps.n_right[0] == int(outcomes.sum())
