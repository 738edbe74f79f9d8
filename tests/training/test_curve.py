"""Learning curves are measured on training rows that no fit saw, and say what they can stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pytest
from tests.training.made import prepared

from mainstay.domain.evaluation import Curve
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.task import Task
from mainstay.domain.worth import AmountWorth
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.curve import Allowance, learn_curve, learn_history
from mainstay.training.curve_findings import curve_findings, rows_chosen
from mainstay.training.curve_points import history_ladder, rows_ladder
from mainstay.training.enough import enough_rows, how_much_is_enough, pilot
from mainstay.training.learner import Lesson, Settings
from mainstay.training.learners import LOGISTIC, learners_for
from mainstay.training.prepared import Prepared


@dataclass
class Fits:
    """A learner that keeps what it was given and scores by the one number it learned: how many rows it saw."""

    given: list[pl.DataFrame]
    name: str = "counting"
    title: str = "counting"
    n: int = 0

    def settings(self, trial: object) -> Settings:
        return {}

    @property
    def first(self) -> tuple[Settings, ...]:
        return ()

    def fit(self, lesson: Lesson, settings: Settings) -> Fits:
        self.given.append(lesson.used)
        return replace(self, n=lesson.used.height)

    inputs: object = None
    estimator: object = None

    def scores(self, used: pl.DataFrame) -> FloatArray:
        """Right by a share that grows with the rows as a power of them."""
        random = np.random.default_rng(1)
        truth, luck = used["x"].to_numpy(), random.random(used.height)
        return np.where(luck < 1 - 1.5 * self.n**-0.25, truth, random.random(used.height))


def known(n: int = 6000, *, moments: bool = False) -> Prepared:
    """Rows whose only input is the outcome itself."""
    base = prepared(n)
    used = pl.DataFrame({"x": base.outcomes, "row": np.arange(n, dtype=float)})
    schema = Schema(fields=(Field(name="x", kind=Kind.NUMBER), Field(name="row", kind=Kind.NUMBER)), target="t")
    made = replace(base, used=used, schema=schema, today=None)
    return replace(made, moments=np.arange(n) * 3600.0, split_by="time") if moments else made


def seen(fits: Fits) -> Iterator[IntArray]:
    return (used["row"].to_numpy().astype(np.int64) for used in fits.given)


@pytest.fixture(scope="module")
def curved() -> tuple[Prepared, Curve]:
    rows = known()
    found = learn_curve(rows, Fits([]), {}, seed=1)
    assert found is not None
    return rows, found


def test_a_curve_never_looks_at_rows_that_calibrate_or_judge() -> None:
    rows, fits = known(), Fits([])
    assert learn_curve(rows, fits, {}, seed=1) is not None
    for each in seen(fits):
        assert set(each) <= set(rows.training)


def test_no_rung_scores_rows_that_it_fits_and_draws_of_a_size_share_none() -> None:
    rows = replace(known(), clusters=np.random.default_rng(1).integers(0, 900, 6000))
    ladder = rows_ladder(rows, seed=1)
    assert len(ladder.sizes) >= 5
    for rungs in ladder.repeats:
        for rung in rungs:
            for draw in rung.draws:
                assert not set(rows.clusters_of(draw)) & set(rows.clusters_of(rung.scored))


def test_up_to_a_third_no_fit_sees_more_than_a_third() -> None:
    ladder = rows_ladder(known(), seed=1)
    largest = ladder.sizes[-1]
    assert sum(size <= largest / 3 for size in ladder.sizes) >= 4
    for rungs in ladder.repeats:
        assert all(draw.size <= rung.n for rung in rungs for draw in rung.draws)


def test_a_known_curve_is_found_again() -> None:
    found = learn_curve(known(12000), Fits([]), {}, seed=1)
    assert found is not None
    assert found.metric == "roc_auc"
    truth = 1 - 0.5 * 1.5**2 * found.points[-4].n ** -0.5  # two ranked wrongly by half, where neither is known
    assert found.points[-4].metric.value == pytest.approx(truth, abs=0.002)
    assert found.from_third is not None
    assert found.enough is not None
    assert found.twice_value is not None
    assert found.twice_value.low < found.twice_value.value < found.twice_value.high


def test_a_curve_says_what_it_measured_and_what_it_foretells(curved: tuple[Prepared, Curve]) -> None:
    rows, found = curved
    measured = [point for point in found.points if not point.foretold]
    assert [point.n for point in measured] == sorted(point.n for point in measured)
    assert measured[-1].n < rows.training.size
    assert [point.n for point in found.points if point.foretold][-1] == 2 * rows.training.size
    assert measured[0].metric.value < measured[-1].metric.value
    assert found.enough is not None
    assert found.enough.low <= found.enough.value <= found.enough.high <= rows.training.size
    assert found.twice_value is not None
    assert found.limit.low <= found.limit.value <= found.limit.high <= 1.0


def test_the_same_call_gives_the_same_curve() -> None:
    rows = prepared(700)
    assert learn_curve(rows, LOGISTIC, {}, seed=1) == learn_curve(rows, LOGISTIC, {}, seed=1)


def test_too_few_rows_give_no_curve_but_a_sentence() -> None:
    rows = prepared(250)
    found = how_much_is_enough(rows, LOGISTIC, {})
    assert found.curves == ()
    (finding,) = found.findings
    assert finding.code == "F11-enough-rows"
    assert finding.verdict is Verdict.UNKNOWN
    assert "150 training rows are too few" in finding.because
    assert enough_rows(rows)[0] == 150
    assert "learned from 150 of 150 training rows: they are too few" in rows_chosen(150, None, rows).because


def hurried(rows: Prepared, n_fits: float) -> tuple[Fits, Curve | None]:
    """A curve that may take so many fits, by a clock that counts them."""
    fits = Fits([])
    return fits, learn_curve(rows, fits, {}, seed=1, allowance=Allowance(lambda: float(len(fits.given)), n_fits))


def test_time_running_short_leaves_out_draws_then_repeats_then_sizes() -> None:
    rows = known()
    whole, full = hurried(rows, 1e9)
    assert full is not None
    n_sizes = len([point for point in full.points if not point.foretold])
    for share in (0.5, 0.2):
        fits, found = hurried(rows, share * len(whole.given))
        assert found is not None
        assert len(fits.given) <= share * len(whole.given)
        assert len(found.points) == len(full.points)
        assert found.twice is not None
        assert found.twice.high - found.twice.low > 0
    fits, none = hurried(rows, n_sizes)
    assert none is None
    assert len(fits.given) <= n_sizes
    (finding,) = curve_findings((), rows)
    assert "no time" in finding.because


def test_history_is_the_latest_before_what_is_scored() -> None:
    rows = known(moments=True)
    assert rows.moments is not None
    ladder = history_ladder(rows)
    for rungs in ladder.repeats:
        begin = rows.moments[rungs[0].scored].min()
        for rung in rungs:
            when = rows.moments[rung.draws[0]]
            assert when.max() < begin
            assert begin - when.min() <= rung.n + 1e-6
    found = learn_history(rows, Fits([]), {})
    assert found is not None
    assert found.over == "history_s"
    assert learn_history(known(), Fits([]), {}) is None


def test_by_time_both_curves_are_told() -> None:
    rows = known(moments=True)
    found = how_much_is_enough(rows, Fits([]), {})
    assert [curve.over for curve in found.curves] == ["rows", "history_s"]
    assert {finding.code for finding in found.findings} >= {"F11-enough-rows", "F11-more-data", "F11-enough-history"}
    (history,) = (finding for finding in found.findings if finding.code == "F11-enough-history")
    assert "days of history" in history.because


def amounts(n: int = 1500) -> Prepared:
    base = prepared(n)
    outcomes = base.used["amount"].to_numpy() / 100 + 20 * base.used["late"].to_numpy()
    worth = AmountWorth(lambda predicted, rows: -np.abs(predicted - outcomes[rows]))
    return replace(base, task=Task.REGRESSION, outcomes=outcomes, worth=worth, today=None)


def classes(n: int = 1000) -> Prepared:
    base = prepared(n)
    outcomes = (base.used["late"].to_numpy() // 4).astype(float)
    schema = Schema(fields=base.schema.fields, target="t", task="multiclass", classes=("a", "b", "c"))
    return replace(base, task=Task.MULTICLASS, outcomes=outcomes, worth=None, today=None, schema=schema)


@pytest.mark.parametrize(("rows", "metric"), [(amounts(), "r2"), (classes(), "log_loss")])
def test_other_tasks_have_their_own_metric(rows: Prepared, metric: str) -> None:
    found = learn_curve(rows, learners_for(rows.task)[1], {}, seed=1)
    assert found is not None
    assert found.metric == metric
    for point in found.points:
        assert point.metric.low <= point.metric.value <= point.metric.high
    if metric == "log_loss":
        assert found.twice is not None
        assert found.twice.low >= 0
        assert found.scale >= 0
    else:
        assert found.twice_value is not None


def test_findings_price_labels(curved: tuple[Prepared, Curve]) -> None:
    rows, found = curved
    costs = rows.brief.costs.model_copy(update={"label": 2.0})
    priced = replace(rows, brief=rows.brief.model_copy(update={"costs": costs}))
    by_code: dict[str, Finding] = {finding.code: finding for finding in curve_findings((found,), priced)}
    assert "of 3,600 training rows (likely" in by_code["F11-enough-rows"].because
    assert "3,600 more labels cost EUR 7,200" in by_code["F11-more-data"].because
    assert by_code["F11-law-held"].verdict in (Verdict.PASS, Verdict.WARN)


def test_the_pilot_takes_who_does_better_and_enough_is_less_than_all() -> None:
    rows = prepared(1000)
    learner, settings = pilot(rows)
    assert learner.name == "boosting"
    assert settings["trees"]
    n, curve = enough_rows(rows)
    assert curve is not None
    assert 100 < n <= rows.training.size
    chosen = rows_chosen(n, curve, rows)
    assert f"learned from {'all ' if n == rows.training.size else ''}{n:,}" in chosen.because
    assert chosen.measured == n
