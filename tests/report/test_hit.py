"""Who is hit: sums per level are those of the rows, to the cent, whatever the levels are called."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from tests.report.conftest import BRIEF, VALUE, MakeEvaluation

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.evaluation import Evaluation
from mainstay.report.actions import words_of
from mainstay.report.hit import FEWEST, MOST_LEVELS, OTHERS, hit_table, hits_by, hits_data, left_out
from mainstay.report.ladder import ladder
from mainstay.report.rows import rows_of


def with_segments(evaluation: Evaluation, **levels: list[str | None]) -> Evaluation:
    columns = [pl.Series(f"segment:{name}", each, dtype=pl.String) for name, each in levels.items()]
    return Evaluation(evaluation.summary, evaluation.rows.with_columns(columns))


@pytest.mark.parametrize("scale", [1.0, 1e-7, 1e11])
def test_sums_are_those_of_the_rows(make_evaluation: MakeEvaluation, scale: float) -> None:
    plain = make_evaluation(2000)
    names = np.random.default_rng(2).choice(["a", "b", 'c "<b>'], 2000).tolist()
    made = with_segments(plain, region=names)
    made = Evaluation(made.summary, made.rows.with_columns(pl.col("value_low") * scale))
    rows = rows_of(made)
    steps = ladder(rows, 0.25)
    (by,) = hits_by(made.rows, rows, steps, ("region",))
    assert by.is_group
    assert rows.worth is not None
    for hit in by.hits:
        held = np.array(names) == hit.level
        for i in (0, 77, steps.chosen, 500, steps.at.size - 1):
            high = held & (rows.scores >= steps.at[i])
            assert (hit.n_high[i], hit.n_right[i]) == (high.sum(), (high & rows.outcomes).sum())
            money = np.where(rows.scores >= steps.at[i], rows.worth.high, rows.worth.low)[held].sum()
            assert hit.worth is not None
            assert abs(hit.worth[i] / 10.0**hit.digits - money) <= max(0.0051 * min(scale, 1.0), 1e-9 * abs(money))


def test_what_a_step_takes_is_packed_and_adds_up_again(make_evaluation: MakeEvaluation) -> None:
    made = with_segments(make_evaluation(400), region=["a", "b"] * 200)
    rows = rows_of(made)
    steps = ladder(rows, 0.25)
    found = hits_by(made.rows, rows, steps, ())
    for hit, packed in zip(found[0].hits, hits_data(found)[0], strict=True):
        for name, sums in (("high", hit.n_high), ("right", hit.n_right), ("worth", hit.worth)):
            assert sums is not None
            steps_of = [int(step or 0) for step in str(packed[name]).split(",")]
            assert np.cumsum(steps_of).tolist() == sums.tolist()


def test_rare_levels_stand_together_and_small_ones_tell_nothing(make_evaluation: MakeEvaluation, brief: Brief) -> None:
    levels = ["common"] * 300 + [None] * 60 + [f"rare {i}" for i in range(20)]
    made = with_segments(make_evaluation(380), region=levels)
    rows = rows_of(made)
    steps = ladder(rows, 0.25)
    (by,) = found = hits_by(made.rows, rows, steps, ())
    assert [(hit.level, hit.n) for hit in by.hits] == [("common", 300), ("missing", 60), (OTHERS, 20)]
    assert by.hits[-1].n < FEWEST
    drawn = hit_table(by, 0, steps.chosen, words_of(brief), "TWD")
    assert [cell.text for cell in drawn.rows[-1]] == [OTHERS, "20", *["–"] * 8]
    assert hits_data(found)[0][-1] == {"n": 20}


def test_many_columns_are_bounded_and_said(make_evaluation: MakeEvaluation) -> None:
    many: dict[str, list[str | None]] = {f"c{k}": [str(i % 40) for i in range(2000)] for k in range(6)}
    made = with_segments(make_evaluation(2000), one=["same"] * 2000, **many)
    rows = rows_of(made)
    found = hits_by(made.rows, rows, ladder(rows, 0.25), ())
    assert sum(len(by.hits) for by in found) <= MOST_LEVELS
    assert left_out(made.rows, found) == ("one", "c3", "c4", "c5")
    assert all(by.hits[-1].level == OTHERS for by in found)


def test_codes_read_as_numbers_are_shown_as_they_are_written(make_evaluation: MakeEvaluation) -> None:
    made = with_segments(make_evaluation(200), code=["2.0", "-1.0"] * 100)
    rows = rows_of(made)
    assert {hit.level for hit in hits_by(made.rows, rows, ladder(rows, 0.25), ())[0].hits} == {"2", "-1"}


def test_without_money_counts_are_enough(make_evaluation: MakeEvaluation) -> None:
    made = with_segments(make_evaluation(300, money=False), region=["a", "b", "c"] * 100)
    rows = rows_of(made)
    found = hits_by(made.rows, rows, ladder(rows, None), ())
    assert all(hit.worth is None for hit in found[0].hits)
    assert json.dumps(hits_data(found))
    drawn = hit_table(found[0], 0, 0, words_of(parse_brief(BRIEF + VALUE)), "")
    assert {len(row) for row in drawn.rows} == {len(drawn.columns)} == {8}
