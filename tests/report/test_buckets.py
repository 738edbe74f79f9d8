"""Buckets cut from running sums are the lift table's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Evaluation
from mainstay.report.actions import words_of
from mainstay.report.buckets import CHOICES, cut, lift_cells, sums_at_edges
from mainstay.report.rows import Rows, rows_of
from mainstay.report.words import fixed, percent
from mainstay.stats.lift import lift_table


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40)), min_size=1, max_size=200))
def test_cut_anew_they_are_those_of_the_lift_table(pairs: list[tuple[bool, int]]) -> None:
    outcomes, scores = np.array([p[0] for p in pairs]), np.array([p[1] / 40 for p in pairs])
    sums = sums_at_edges(Rows(outcomes, scores, None, None, None), CHOICES)
    for n_buckets in CHOICES:
        found, wanted = cut(sums, n_buckets), lift_table(outcomes, scores, n_buckets=n_buckets)
        assert found.n.tolist() == wanted.n.tolist()
        assert (found.n_positive / found.n).tolist() == pytest.approx(wanted.outcome_share.tolist())
        assert (found.score / found.n).tolist() == pytest.approx(wanted.mean_score.tolist())


def test_the_table_says_what_the_lift_table_says(evaluation: Evaluation, brief: Brief) -> None:
    rows = rows_of(evaluation)
    assert rows.worth is not None
    wanted = lift_table(rows.outcomes, rows.scores, values=rows.worth.high - rows.worth.low)
    assert wanted.mean_value is not None
    table = lift_cells(cut(sums_at_edges(rows, CHOICES), 10), words_of(brief), "TWD")
    assert len(table.rows) == 10
    for i, cells in enumerate(table.rows):
        assert cells[1].text == f"{wanted.n[i]:,}"
        assert cells[2].text == percent(float(wanted.mean_score[i]))
        assert cells[3].text == percent(float(wanted.outcome_share[i]))
        assert cells[5].text == fixed(float(wanted.lift[i]), 2)
        assert cells[6].text == percent(float(wanted.gain[i]))
        assert cells[7].value == pytest.approx(float(wanted.mean_value[i]))
        assert len(cells) == len(table.columns)
