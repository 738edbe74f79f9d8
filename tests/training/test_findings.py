"""What a training finds: each finding where it should be, unknown where rows cannot tell."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.training.judged import evidence, judged, matrix, per_unit, prepared

from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.gates import CODES
from mainstay.domain.task import Task
from mainstay.training.findings import findings_of
from mainstay.training.prepared import Prepared


def found(made: Prepared, **how: Any) -> dict[str, Finding]:
    return {finding.code: finding for finding in findings_of(evidence(made, **how))}


@pytest.mark.parametrize("task", list(Task))
def test_scores_that_are_right_pass_and_every_code_is_known(task: Task) -> None:
    findings = found(prepared(task, moments=np.arange(3000.0)))
    assert findings["F02-calibration"].verdict is Verdict.PASS
    simple = "F05-beats-mean" if task is Task.REGRESSION else "F05-beats-base-rate"
    assert findings[simple].verdict is Verdict.PASS
    assert findings["F05-beats-last-value"].verdict is Verdict.PASS
    assert findings["F03-money-not-stated"].verdict is Verdict.UNKNOWN
    assert set(findings) <= set(CODES)


def test_scores_that_are_off_are_warned_of_with_how_far() -> None:
    for task in (Task.BINARY, Task.MULTICLASS):
        made = prepared(task, 6000)
        logs = np.log(made.used.select("^good.*$").to_numpy())
        if task is Task.BINARY:
            used = made.used.with_columns(good=1 / (1 + np.exp(-2.5 * (logs[:, 0] - np.log1p(-np.exp(logs[:, 0]))))))
        else:
            shares = np.exp(2.5 * logs) / np.exp(2.5 * logs).sum(axis=1, keepdims=True)
            used = made.used.with_columns(**{f"good{k}": shares[:, k] for k in range(3)})
        finding = found(replace(made, used=used))["F02-calibration"]
        assert finding.verdict is Verdict.WARN
        assert finding.low is not None
        assert finding.low > 0.02


def test_false_warnings_of_perfect_scores_are_rare() -> None:
    verdicts = [found(prepared(Task.BINARY, 1200, seed=seed))["F02-calibration"].verdict for seed in range(60)]
    assert verdicts.count(Verdict.WARN) <= 7  # 5% of 60 are 3


def test_a_gap_too_small_to_matter_is_no_warning_however_many_rows_show_it() -> None:
    made = prepared(Task.BINARY, 600_000)
    used = made.used.with_columns(good=np.clip(made.used["good"].to_numpy() + 0.008, 0, 1))
    finding = found(replace(made, used=used))["F02-calibration"]
    assert finding.verdict is Verdict.PASS
    assert "too little to matter" in finding.because
    assert "(p < 0.001; " in finding.because


def test_a_class_of_one_row_is_unknown_and_not_passed() -> None:
    made = prepared(Task.MULTICLASS, 900, text="[targets]\nroc_auc = 0.6\n")
    outcomes = np.where(made.outcomes == 2, 0.0, made.outcomes)
    outcomes[made.holdout[0]] = 2.0
    findings = found(replace(made, outcomes=outcomes))
    assert findings["F02-calibration"].verdict is Verdict.UNKNOWN
    assert findings["F04-target-roc-auc"].verdict is Verdict.UNKNOWN


def test_few_amounts_are_unknown() -> None:
    assert found(prepared(Task.REGRESSION, 60))["F02-calibration"].verdict is Verdict.UNKNOWN


def test_amounts_that_are_too_high_are_said_to_be() -> None:
    made = prepared(Task.REGRESSION)
    finding = found(replace(made, used=made.used.with_columns(good=made.used["good"] + 1)))["F02-calibration"]
    assert finding.verdict is Verdict.WARN
    assert finding.because.startswith("amounts are too high on average, by 1.")
    assert finding.measured == pytest.approx(1.0, abs=0.1)


def test_amounts_that_are_too_low_are_so_by_a_size_without_a_sign() -> None:
    made = prepared(Task.REGRESSION)
    finding = found(replace(made, used=made.used.with_columns(good=made.used["good"] - 1)))["F02-calibration"]
    assert re.match(r"amounts are too low on average, by [\d.]+ \([\d.]+ to [\d.]+\)$", finding.because)
    assert finding.measured == pytest.approx(-1.0, abs=0.1)


def test_amounts_that_are_high_on_purpose_are_held_to_the_share_they_are_meant_to_cover() -> None:
    made, above = prepared(Task.REGRESSION), 0.8416  # of a normal outcome four fifths lie so far above its mean
    high = replace(made, used=made.used.with_columns(good=made.used["good"] + above))
    finding = found(high, settings={"quantile": 0.8})["F02-calibration"]
    assert finding.verdict is Verdict.PASS
    assert finding.because.startswith("amounts are meant to cover 80% of outcomes")
    short = found(made, settings={"quantile": 0.8})["F02-calibration"]
    assert (short.verdict, short.limit) == (Verdict.WARN, 0.8)
    assert short.measured == pytest.approx(0.5, abs=0.05)
    assert found(high)["F02-calibration"].verdict is Verdict.WARN, "what was fitted to the mean is held to the mean"


@pytest.mark.parametrize(
    ("task", "targets", "verdicts"),
    [
        (Task.REGRESSION, "r2 = 0.8\nrmse = 1.5\nmae = 0.5", ["pass", "pass", "fail"]),
        (Task.MULTICLASS, "accuracy = 0.5\nf1_macro = 0.95\nbrier_score = 0.9", ["pass", "fail", "pass"]),
    ],
)
def test_targets_of_every_task(task: Task, targets: str, verdicts: list[str]) -> None:
    found_now = judged(prepared(task, text=f"[targets]\n{targets}\n"))
    by_code = {finding.code: finding.verdict.value for finding in found_now.findings}
    names = [line.partition(" ")[0] for line in targets.splitlines()]
    assert [by_code[f"F04-target-{name.replace('_', '-')}"] for name in names] == verdicts
    assert found_now.good_enough is False


def test_good_enough_is_every_target_met() -> None:
    assert judged(prepared(Task.REGRESSION, text="[targets]\nr2 = 0.8\n")).good_enough is True
    assert judged(prepared(Task.REGRESSION)).good_enough is None


def test_the_last_value_is_a_yardstick_that_a_walk_loses_to_nobody() -> None:
    made = prepared(Task.REGRESSION)
    walk = np.cumsum(np.random.default_rng(3).normal(size=3000))
    used = made.used.with_columns(good=np.full(3000, walk.mean()))
    findings = found(replace(made, outcomes=walk, used=used, moments=np.arange(3000.0)))
    assert findings["F05-beats-last-value"].verdict is Verdict.FAIL
    assert "behind the last outcome known" in findings["F05-beats-last-value"].because
    assert "F05-beats-last-value" not in found(made)


def test_the_best_of_many_that_looked_better_than_it_is_is_said_to_have() -> None:
    made = prepared(Task.BINARY)
    looked = found(made)["F05-winners-curse"]
    true_lead = looked.measured
    assert true_lead is not None
    real = 0.1 - true_lead  # what the holdout showed
    kept = found(made, gains=(0.0, real - 0.5))["F05-winners-curse"]
    assert (kept.verdict, kept.because.rpartition(": ")[2]) == (Verdict.PASS, "nothing of it was lost")
    assert found(made, gains=(0.0, real))["F05-winners-curse"].verdict is Verdict.PASS
    flattered = found(made, gains=(0.0, real + 0.5))["F05-winners-curse"]
    assert flattered.verdict is Verdict.WARN
    assert flattered.measured == pytest.approx(0.5)


def test_a_lead_that_may_be_luck_as_a_whole_is_not_known_to_be_real() -> None:
    made = prepared(Task.BINARY)
    few = replace(made, holdout=made.holdout[:12])
    lost = found(few)["F05-winners-curse"].measured
    assert lost is not None
    assert found(few, gains=(0.0, 0.1 - lost))["F05-winners-curse"].verdict is Verdict.UNKNOWN


def test_heavy_tails_of_money_and_of_errors() -> None:
    made = prepared(Task.REGRESSION)
    heavy = made.outcomes.copy()
    heavy[made.holdout[0]] += 1e6
    findings = found(replace(made, outcomes=heavy, worth=per_unit(heavy, over=-1.0, under=-1.0)))
    assert findings["F03-value-tail"].verdict is Verdict.WARN
    assert findings["F03-error-tail"].verdict is Verdict.WARN
    several = prepared(Task.MULTICLASS)
    calm = found(replace(several, worth=matrix(several.outcomes, [[1, 0, 0], [0, 1, 0], [0, 0, 1]])))
    assert calm["F03-value-tail"].verdict is Verdict.PASS
    assert "F03-error-tail" not in calm
