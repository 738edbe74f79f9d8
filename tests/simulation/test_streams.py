"""General streams: clean ones stay clean in their rhythm, changes come on their day, at their size, and alone."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from mainstay.domain.errors import Asked
from mainstay.simulation.change import Kind
from mainstay.simulation.draws import wander
from mainstay.simulation.streams import Rhythm, Stream, clean_stream, with_change

STILL = Rhythm(season=False, weekday=False, autocorrelation=0.0)
KINDS = get_args(Kind)
SIZES = {
    "jump": 0.4,
    "creep": 0.5,
    "scale": 0.5,
    "unseen_level": 0.1,
    "missing": 0.2,
    "relation": 0.5,
    "concept": 1.0,
    "prior": 0.1,
}


@pytest.fixture(scope="module")
def calm() -> Stream:
    return clean_stream(seed=7, days=80, rows_per_day=500, n_numbers=6, n_categories=3)


def after(stream: Stream, day: int) -> np.ndarray:
    return stream.drawn.day >= day


def test_a_stream_has_the_rows_days_and_columns_asked_for(calm: Stream) -> None:
    rows = calm.rows
    assert rows["at"].is_sorted()
    assert rows["at"].dt.date().n_unique() == 80
    assert rows["row_id"].n_unique() == rows.height
    assert rows.height == pytest.approx(80 * 500, rel=0.02)
    assert [name for name in rows.columns if name.startswith("number_")] == [f"number_{n}" for n in range(1, 7)]
    assert rows["category_3"].n_unique() == 5
    assert rows["number_3"].null_count() / rows.height == pytest.approx(0.02, abs=0.005)
    assert 0.2 < rows["outcome"].mean() < 0.33  # type: ignore[operator]
    assert calm.truth == ()


def test_the_same_seed_gives_the_same_stream_and_another_seed_another(calm: Stream) -> None:
    shape: dict[str, Any] = {"days": 80, "rows_per_day": 500, "n_numbers": 6, "n_categories": 3}
    assert clean_stream(seed=7, **shape).rows.equals(calm.rows)
    assert not clean_stream(seed=8, **shape).rows.equals(calm.rows)


def test_the_outcome_is_drawn_from_the_true_probability_and_can_be_learned(calm: Stream) -> None:
    inputs = calm.rows.select(pl.col("^number_.*$").fill_null(0)).to_numpy()
    outcome = calm.rows["outcome"].to_numpy()
    half = outcome.size // 2
    model = LogisticRegression().fit(inputs[:half], outcome[:half])
    assert roc_auc_score(outcome, calm.true_probability) == pytest.approx(0.79, abs=0.03)
    assert roc_auc_score(outcome[half:], model.predict_proba(inputs[half:])[:, 1]) > 0.7
    error = np.sqrt((calm.true_probability * (1 - calm.true_probability)).sum()) / outcome.size
    assert abs(outcome.mean() - calm.true_probability.mean()) < 4 * error


def test_a_still_stream_has_alike_days_and_a_rhythm_makes_them_differ() -> None:
    shape: dict[str, Any] = {"days": 364, "rows_per_day": 300, "n_numbers": 2, "n_categories": 1}
    means = {}
    for name, rhythm in (("still", STILL), ("season", Rhythm(weekday=False)), ("weekday", Rhythm(season=False))):
        stream = clean_stream(seed=3, **shape, rhythm=rhythm)
        means[name] = stream.rows.group_by(pl.col("at").dt.date()).agg(pl.col("number_1").mean()).sort("at")["number_1"]
    spread = {name: float(values.std() or 0) for name, values in means.items()}
    assert spread["still"] == pytest.approx(np.hypot(0.05, 1 / np.sqrt(300)), rel=0.15)
    by_month = np.array_split(means["season"].to_numpy(), 12)
    assert np.ptp([month.mean() for month in by_month]) > 0.1
    by_weekday = [means["weekday"].to_numpy()[offset::7].mean() for offset in range(7)]
    assert np.ptp(by_weekday) > 0.1


def test_weekends_are_quieter_only_with_a_weekday_rhythm(calm: Stream) -> None:
    weekend = (calm.rows["at"].dt.weekday() >= 6).mean()
    still = clean_stream(seed=7, days=70, rows_per_day=500, n_numbers=1, n_categories=0, rhythm=STILL)
    assert weekend == pytest.approx(0.2, abs=0.02)
    assert (still.rows["at"].dt.weekday() >= 6).mean() == pytest.approx(2 / 7, abs=0.01)


@given(coefficient=st.floats(0, 0.9), seed=st.integers(0, 2**32))
def test_wandering_has_the_spread_and_the_memory_asked_for(coefficient: float, seed: int) -> None:
    path = wander(20_000, coefficient=coefficient, sd=2.0, rng=np.random.default_rng(seed))[:, 0]
    assert path.std() == pytest.approx(2.0, rel=0.15)
    assert np.corrcoef(path[1:], path[:-1])[0, 1] == pytest.approx(coefficient, abs=0.04)


@pytest.mark.parametrize("kind", KINDS)
def test_before_its_day_nothing_of_a_change_is_there_and_the_truth_names_it(calm: Stream, kind: Kind) -> None:
    changed = with_change(calm, kind, at_day=50, size=SIZES[kind])
    before = pl.Series(~after(calm, 50))
    assert changed.rows.filter(before).equals(calm.rows.filter(before))
    assert np.array_equal(changed.true_probability[before], calm.true_probability[before])
    (truth,) = changed.truth
    assert (truth.kind, truth.size, truth.at.date()) == (kind, SIZES[kind], date(2024, 2, 20))
    assert calm.truth == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_moves_the_columns_that_the_truth_names_and_no_others(calm: Stream, kind: Kind) -> None:
    changed = with_change(calm, kind, at_day=50, size=SIZES[kind])
    moved = [name for name in calm.rows.columns if not changed.rows[name].equals(calm.rows[name], null_equal=True)]
    also = ("outcome",) if kind in ("concept", "prior") else ()
    assert tuple(moved) == (*changed.truth[0].columns, *also)


@pytest.mark.parametrize("column", ["number_1", "number_2", "number_3"])
def test_jump_creep_and_scale_have_their_size_in_standard_deviations(calm: Stream, column: str) -> None:
    values = calm.rows[column]
    sd = float(values.filter(pl.Series(~after(calm, 40))).std() or 0)
    late = pl.Series(after(calm, 70))
    jump, creep, scale = (
        with_change(calm, kind, at_day=40, size=0.4, column=column).rows[column] for kind in ("jump", "creep", "scale")
    )
    assert (jump - values).filter(late).drop_nulls().to_numpy() == pytest.approx(0.4 * sd, rel=1e-3)
    assert (creep - values).filter(late).drop_nulls().to_numpy() == pytest.approx(0.4 * sd, rel=1e-3)
    young = pl.Series(calm.drawn.day == 46)
    assert (creep - values).filter(young).drop_nulls().to_numpy() == pytest.approx(0.4 * sd * 7 / 28, rel=1e-3)
    assert scale.filter(late).std() == pytest.approx(1.4 * (values.filter(late).std() or 0), rel=1e-6)


def test_unseen_levels_and_missing_values_have_their_share(calm: Stream) -> None:
    late = pl.Series(after(calm, 50))
    unseen = with_change(calm, "unseen_level", at_day=50, size=0.1, column="category_2").rows["category_2"]
    missing = with_change(calm, "missing", at_day=50, size=0.2, column="category_1").rows["category_1"]
    assert (unseen.filter(late) == "unseen").mean() == pytest.approx(0.1, abs=0.01)
    assert missing.filter(late).is_null().mean() == pytest.approx(0.2, abs=0.015)


def test_a_relation_has_its_correlation_and_leaves_every_day_what_it_was(calm: Stream) -> None:
    related = with_change(calm, "relation", at_day=50, size=-0.5, column="number_3").rows
    late = pl.Series(after(calm, 50))
    ranks = related.filter(late).select(pl.col("number_3", "number_4").rank()).drop_nulls()
    assert np.corrcoef(ranks.to_numpy().T)[0, 1] == pytest.approx(-0.48, abs=0.03)
    a_day = [rows.group_by(pl.col("at").dt.date()).agg(pl.col("number_3").sort()) for rows in (related, calm.rows)]
    assert a_day[0].sort("at").equals(a_day[1].sort("at"))


def test_a_turned_concept_is_no_longer_ranked_by_the_old_law(calm: Stream) -> None:
    late = after(calm, 40)
    auc = {}
    for size in (0.5, 1.0):
        turned = with_change(calm, "concept", at_day=40, size=size)
        auc[size] = roc_auc_score(turned.rows["outcome"].to_numpy()[late], calm.true_probability[late])
        assert turned.rows["outcome"].to_numpy()[late].mean() == pytest.approx(0.25, abs=0.05)
    assert auc[1.0] < 0.62 < auc[0.5] < 0.76


@pytest.mark.parametrize("size", [0.15, -0.15, 0.5])
def test_a_shifted_prior_moves_the_outcome_and_keeps_what_each_outcome_looks_like(calm: Stream, size: float) -> None:
    shifted = with_change(calm, "prior", at_day=40, size=size)
    late = after(calm, 40)
    old, new = calm.rows.filter(pl.Series(late)), shifted.rows.filter(pl.Series(late))
    assert new["outcome"].mean() == pytest.approx(old["outcome"].mean() + size, abs=0.01)  # type: ignore[operator]
    assert shifted.true_probability[late].mean() == pytest.approx(new["outcome"].mean(), abs=0.015)
    for outcome in (0, 1):
        a, b = (rows.filter(pl.col("outcome") == outcome)["number_1"] for rows in (old, new))
        assert a.mean() == pytest.approx(b.mean(), abs=5 * np.sqrt(1 / a.len() + 1 / b.len()))
    assert new.select(pl.col("^number_.*$")).n_unique() == new.height


def test_changes_add_up_and_a_later_prior_brings_rows_that_know_the_earlier_ones(calm: Stream) -> None:
    both = with_change(with_change(calm, "unseen_level", at_day=30, size=0.3), "prior", at_day=40, size=0.2)
    late = both.rows.filter(pl.Series(after(calm, 40)))
    share = late.group_by("outcome").agg((pl.col("category_1") == "unseen").mean())["category_1"]
    assert share.to_list() == pytest.approx([0.3, 0.3], abs=0.03)
    assert [change.kind for change in both.truth] == ["unseen_level", "prior"]


def test_luck_still_explains_every_outcome_after_concept_and_prior(calm: Stream) -> None:
    changed = with_change(with_change(calm, "prior", at_day=20, size=0.1), "concept", at_day=60, size=0.7)
    explained = changed.drawn.luck < changed.true_probability
    assert np.array_equal(explained.astype(int), changed.rows["outcome"].to_numpy())


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("jump", {"at_day": 80, "size": 1.0}),
        ("jump", {"at_day": -1, "size": 1.0}),
        ("jump", {"at_day": 1, "size": 1.0, "column": "category_1"}),
        ("unseen_level", {"at_day": 1, "size": 1.5}),
        ("unseen_level", {"at_day": 1, "size": 0.5, "column": "number_1"}),
        ("missing", {"at_day": 1, "size": 0.0}),
        ("scale", {"at_day": 1, "size": -1.0}),
        ("concept", {"at_day": 1, "size": 0.5, "column": "number_1"}),
        ("prior", {"at_day": 1, "size": 0.9}),
        ("wobble", {"at_day": 1, "size": 0.9}),
    ],
)
def test_a_change_that_cannot_be_is_refused(calm: Stream, kind: Kind, asked: dict[str, Any]) -> None:
    with pytest.raises(Asked):
        with_change(calm, kind, **asked)


@pytest.mark.parametrize(
    "shape",
    [
        {"days": 0, "rows_per_day": 1, "n_numbers": 1, "n_categories": 0},
        {"days": 1, "rows_per_day": 0, "n_numbers": 1, "n_categories": 0},
        {"days": 1, "rows_per_day": 1, "n_numbers": 0, "n_categories": 0},
        {"days": 1, "rows_per_day": 1, "n_numbers": 2, "n_categories": -1},
        {"days": 1, "rows_per_day": 1, "n_numbers": 2, "n_categories": 1, "rhythm": Rhythm(autocorrelation=1.0)},
    ],
)
def test_an_empty_stream_is_refused(shape: dict[str, Any]) -> None:
    with pytest.raises(Asked):
        clean_stream(seed=0, **shape)


def test_the_smallest_streams_can_be() -> None:
    assert clean_stream(seed=0, days=1, rows_per_day=1, n_numbers=1, n_categories=0).rows.height >= 1
    assert clean_stream(seed=0, days=2, rows_per_day=5, n_numbers=0, n_categories=9).rows.width == 12
