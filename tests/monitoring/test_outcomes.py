"""Outcomes are counted once, as known at each moment, and corrected by signed rows."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.monitoring.worlds import Calm, brief, same_columns

from mainstay.domain.signature import OUTCOME
from mainstay.monitoring.cells import add
from mainstay.monitoring.outcomes import SURPRISE, count_outcomes, decided, implied, signed
from mainstay.monitoring.worth import IF_NEGATIVE, IF_POSITIVE, with_worth


@pytest.fixture(scope="session")
def joined(calm: Calm) -> pl.DataFrame:
    rows = with_worth(calm.decided[:800], brief(), columns=same_columns(calm.schema))
    return rows.with_columns(learned=pl.col("at") + timedelta(days=3), sign=pl.lit(1))


def test_sums_are_those_of_the_rows(calm: Calm, joined: pl.DataFrame) -> None:
    cells = count_outcomes(joined, calm.reference)
    money = np.where(joined["outcome"] == 1, joined[IF_POSITIVE], joined[IF_NEGATIVE])
    score = joined["score"].to_numpy()
    held = cells.filter(subject=OUTCOME)
    assert held["n"].sum() == 800
    assert held.filter(outcome=1)["n"].sum() == joined["outcome"].sum()
    assert held["sum_value"].sum() == pytest.approx(money.sum())
    assert held["sum_value_squared"].sum() == pytest.approx((money**2).sum())
    assert held["sum_score_value"].sum() == pytest.approx((money * score).sum())
    assert held["sum_variance"].sum() == pytest.approx((score * (1 - score)).sum())
    assert held["fold"].n_unique() == 20
    expected = score * joined[IF_POSITIVE].to_numpy() + (1 - score) * joined[IF_NEGATIVE].to_numpy()
    assert cells.filter(subject=SURPRISE)["sum_value"].sum() == pytest.approx((money - expected).sum())


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 800), st.integers(0, 10_000))
def test_parts_add_up_to_the_whole(calm: Calm, joined: pl.DataFrame, cut: int, seed: int) -> None:
    mixed = joined.sample(fraction=1.0, shuffle=True, seed=seed)
    parts = [
        count_outcomes(part, calm.reference, segments={"category_1": "category_1"})
        for part in (mixed[:cut], mixed[cut:])
    ]
    whole = count_outcomes(joined, calm.reference, segments={"category_1": "category_1"})
    assert_frame_equal(add(parts), add([whole]), check_row_order=False, abs_tol=1e-6)


LOG = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1)), max_size=30)


@given(LOG)
def test_signed_rows_leave_what_holds_at_each_moment(log: list[tuple[str, int]]) -> None:
    frame = pl.DataFrame(
        {"key": [""] * len(log), "id": [i for i, _ in log], "outcome": [o for _, o in log], "learned": range(len(log))},
        schema={"key": pl.String, "id": pl.String, "outcome": pl.Int64, "learned": pl.Int64},
    )
    rows = signed(frame)
    for moment in range(len(log)):
        holds = dict(log[: moment + 1])
        known = rows.filter(pl.col("learned") <= moment).group_by("id", "outcome").agg(pl.col("sign").sum())
        left = {(row["id"], row["outcome"]): row["sign"] for row in known.to_dicts() if row["sign"]}
        assert left == dict.fromkeys(holds.items(), 1)


def test_what_was_decided_is_counted_by_what_came(calm: Calm, joined: pl.DataFrame) -> None:
    cells = count_outcomes(joined, calm.reference)
    for word in ("yes", "no"):
        for came in (0, 1):
            wanted = joined.filter(decision=word, outcome=came).height
            assert cells.filter(subject=decided(word), outcome=came)["n"].sum() == wanted
    assert cells.filter(subject=decided("yes"), outcome=1)["n"].sum() > 0


def test_a_correction_empties_the_cells_of_what_it_replaces(calm: Calm, joined: pl.DataFrame) -> None:
    first = joined.drop("sign")
    later = first.with_columns(outcome=1 - pl.col("outcome"), learned=pl.col("learned") + timedelta(days=30))
    cells = count_outcomes(signed(pl.concat([first, later])), calm.reference)
    now = add([cells.with_columns(learned=pl.lit(None))])
    wanted = add(
        [count_outcomes(later.with_columns(sign=pl.lit(1)), calm.reference).with_columns(learned=pl.lit(None))]
    )
    assert_frame_equal(now, wanted, check_row_order=False, abs_tol=1e-6)


def test_silence_implies_after_the_delay_and_not_before(calm: Calm) -> None:
    silent = calm.decided[:50]
    at = silent["at"][20] + timedelta(days=90)
    said = implied(silent, at=at, outcome_delay=timedelta(days=90), negative="no")
    assert said.height == 21
    assert said["implied"].all()
    assert (said["learned"] == silent["at"][:21] + timedelta(days=90)).all()
    later = implied(silent, at=at + timedelta(days=1), outcome_delay=timedelta(days=90), negative="no")
    assert_frame_equal(later[:21], said)


def test_worth_follows_the_decision_and_expressions() -> None:
    told = brief().model_copy(
        update={"value": brief().value.model_copy(update={"when_low_and_positive": "-2 * size / other"})}
    )
    rows = pl.DataFrame(
        {"decision": ["yes", "no", "no", None], "size": [1.0, 2.0, 2.0, 1.0], "other": [1.0, 1.0, 0.0, 1.0]}
    )
    worth = with_worth(rows, told, columns={"size": "size", "other": "other"})
    assert worth[IF_POSITIVE].to_list() == [10.0, -4.0, None, None]
    assert worth[IF_NEGATIVE].to_list() == [-2.0, 0.0, 0.0, None]


def test_nothing_learned_nothing_counted(calm: Calm, joined: pl.DataFrame) -> None:
    assert count_outcomes(joined[:0], calm.reference).is_empty()
