"""Targets are met, missed or not told, by the whole interval."""

from __future__ import annotations

import pytest

from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Verdict
from mainstay.training.targets import judge_target


@pytest.mark.parametrize(
    ("measured", "at_least", "verdict"),
    [
        (Estimate(0.8, 0.76, 0.84), True, Verdict.PASS),
        (Estimate(0.8, 0.74, 0.86), True, Verdict.WARN),
        (Estimate(0.7, 0.66, 0.74), True, Verdict.FAIL),
        (Estimate(0.7, 0.66, 0.74), False, Verdict.PASS),
        (Estimate(0.8, 0.74, 0.86), False, Verdict.WARN),
        (Estimate(0.8, 0.76, 0.84), False, Verdict.FAIL),
        (Estimate(0.8), True, Verdict.UNKNOWN),
        (None, True, Verdict.UNKNOWN),
    ],
)
def test_the_interval_judges(measured: Estimate | None, at_least: bool, verdict: Verdict) -> None:
    finding = judge_target("roc_auc", measured, 0.75, at_least=at_least)
    assert finding.code == "F04-target-roc-auc"
    assert finding.verdict is verdict
    assert finding.limit == 0.75
    assert finding.because.startswith("ROC AUC ")
    assert bool(finding.remedy) == (verdict in (Verdict.WARN, Verdict.FAIL))
