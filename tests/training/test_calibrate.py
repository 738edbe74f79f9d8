"""Calibration rows make scores into shares, where they show that it is needed, and choose the threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from tests.training import judged
from tests.training.made import brief, prepared, without_money

from mainstay.domain.plan import Temperature
from mainstay.domain.task import Task
from mainstay.training.calibrate import calibrate, chosen_threshold, cross_fitted, curve_of, rule_curve
from mainstay.training.candidate import NOBODY, recalibrated, uncalibrated


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_a_rule_gives_the_shares_on_its_two_sides(rows: list[tuple[bool, bool]]) -> None:
    decided, outcomes = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    curve = rule_curve(decided, outcomes)
    if curve is not None:
        below, above = curve.calibrated
        assert below == outcomes[decided == 0].mean() < above == outcomes[decided == 1].mean()
        assert (recalibrated(curve, decided) >= (below + above) / 2).tolist() == (decided == 1).tolist()


def test_thresholds() -> None:
    made = prepared(200)
    scores, high, low = np.array([0.1, 0.2, 0.8]), np.zeros(3), np.array([1.0, 1.0, -9.0])
    assert chosen_threshold(scores, high, low, made) == 0.5
    assert chosen_threshold(scores, high, np.ones(3), made) == NOBODY
    assert chosen_threshold(scores, high, -np.ones(3), made) == 0.0
    assert chosen_threshold(scores, high, low, without_money(made)) == 0.5
    assert chosen_threshold(scores, high, low, replace(made, brief=brief(decision="threshold = 0.9"))) == 0.9


def test_curves_are_learned_from_cross_fitted_rows_unless_those_lie_in_the_past_or_are_few() -> None:
    made = prepared(200)
    crossed = np.full(made.training.size, 0.6)
    crossed[:10] = np.nan
    found = cross_fitted(made, crossed)
    assert found is not None
    assert found[0].tolist() == [0.6] * (made.training.size - 10)
    assert found[1].tolist() == made.outcomes[made.training][10:].tolist()
    assert cross_fitted(replace(made, split_by="time"), crossed) is None
    crossed[: made.training.size // 2] = np.nan
    assert cross_fitted(made, crossed) is None
    assert cross_fitted(made, None) is None


def test_cross_fitted_rows_make_a_better_curve_and_worse_ones_are_mended() -> None:
    costs: dict[str, list[float]] = {"alone": [], "together": [], "misled": []}
    for seed in range(20):
        made = judged.prepared(Task.BINARY, 3000, seed=seed)
        too_sure = expit(1.4 * logit(made.used["good"].to_numpy()))
        unlike = expit(0.7 * logit(too_sure))  # cross-fitted scores that say less than the final ones
        given, outcomes = too_sure[made.calibration], made.outcomes[made.calibration]
        curves = {
            "alone": curve_of(given, outcomes, made, None),
            "together": curve_of(given, outcomes, made, too_sure[made.training]),
            "misled": curve_of(given, outcomes, made, unlike[made.training]),
        }
        truth = made.used["good"].to_numpy()[made.holdout]
        for name, curve in curves.items():
            costs[name].append(float(np.mean((recalibrated(curve, too_sure[made.holdout]) - truth) ** 2)))
    assert np.mean(costs["together"]) < np.mean(costs["alone"])
    assert np.mean(costs["misled"]) < 2 * np.mean(costs["alone"])


def test_amounts_have_a_threshold_only_where_the_brief_states_one() -> None:
    for text, threshold in (("", None), ("[decision]\nthreshold = 12.5\n", 12.5)):
        made = judged.prepared(Task.REGRESSION, 300, text=text)
        simple, _ = judged.candidates(made)
        found = calibrate(simple, made, uncalibrated(simple, judged.view(made, made.calibration)))
        assert (found.threshold, found.calibration) == (threshold, None)


def test_several_classes_get_a_temperature_and_no_threshold() -> None:
    made = judged.prepared(Task.MULTICLASS, 6000)
    too_sure = made.used.select(pl.col("^good.*$").pow(3)).to_numpy()
    sure = {f"good{k}": too_sure[:, k] / too_sure.sum(axis=1) for k in range(3)}
    made = replace(made, used=made.used.with_columns(**sure))
    _, sure_one = judged.candidates(made)
    found = calibrate(sure_one, made, uncalibrated(sure_one, judged.view(made, made.calibration)))
    assert found.threshold is None
    assert isinstance(found.calibration, Temperature)
    assert found.calibration.temperature == pytest.approx(3.0, rel=0.1)
