"""Training on a real table, five times: scores rank as published, are calibrated, and pay more than their rivals."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mainstay.domain.evaluation import Estimate, Summary
from mainstay.domain.version import parse_version
from mainstay.stats.calibration import calibration_test
from mainstay.store.evaluations import read_rows
from mainstay.store.project import Project, open_project, write_brief
from mainstay.workflows.train import train

AT = datetime(2026, 5, 4, tzinfo=UTC)

CREDIT = """
[model]
name = "credit"
[data]
source = "{source}"
target = "target"
positive = 1
exclude = ["ID"]
outcome_delay = "30d"
[decision]
when_high = "decline"
when_low = "approve"
[today]
rule = "PAY_0 >= 2"
[value]
currency = "TWD"
when_high_and_positive = 0
when_high_and_negative = 0
when_low_and_positive = "-0.20 * LIMIT_BAL"
when_low_and_negative = "0.06 * LIMIT_BAL"
[targets]
roc_auc = 0.75
value_over_today = 300
"""
BEATEN = ("all_high", "all_low", "today")


@pytest.fixture(scope="module")
def credit(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Project, Summary]]:
    """Five trainings on real card applications, each the first of its project and so with a holdout of its own."""
    return [_credit(shared_data, tmp_path_factory.mktemp(f"credit_{seed}"), seed) for seed in range(5)]


def _credit(shared_data: Path, folder: Path, seed: int) -> tuple[Project, Summary]:
    write_brief(folder, CREDIT.format(source=shared_data / "credit_card_default.csv"))
    project = open_project(folder)
    return project, train(project, seed=seed, actor="anna", at=AT, on_progress=lambda what, share: None)


def test_on_real_applications_scores_rank_as_published(credit: list[tuple[Project, Summary]]) -> None:
    assert np.mean([summary.metrics["roc_auc"].value for _, summary in credit]) >= 0.77


def test_on_real_applications_scores_are_calibrated(credit: list[tuple[Project, Summary]]) -> None:
    """Holdouts of several seeds share rows, which makes the pooled test stricter than 95%, not laxer."""
    tables = [read_rows(project.home.artifacts, parse_version(summary.version)) for project, summary in credit]
    chances = [calibration_test(rows["outcome"].to_numpy(), rows["score"].to_numpy()).p_value for rows in tables]
    assert sum(chance >= 0.05 for chance in chances) >= 4
    pooled = pl.concat(tables)
    assert calibration_test(pooled["outcome"].to_numpy(), pooled["score"].to_numpy()).p_value >= 0.05


def test_on_real_applications_the_model_is_worth_more_than_each_rival(credit: list[tuple[Project, Summary]]) -> None:
    """A strong rival may come within the noise of one holdout, so lines are held to the mean of five."""
    lead = [{each.name: each.winner_ahead for each in summary.candidates} for _, summary in credit]
    assert [name for name in BEATEN for of in lead if not _low(of[name]) > 0] == []
    over_lines = [of["logistic"] for of in lead]
    assert np.mean([estimate.value for estimate in over_lines if estimate]) > 0
    assert sum(_low(estimate) > 0 for estimate in over_lines) >= 3
    for _, summary in credit:
        worth = {each.name: each.value.value for each in summary.candidates if each.value is not None}
        assert summary.value is not None
        assert 4000 < summary.value.value < 5000
        assert worth["all_high"] == 0
        assert 2000 < worth["all_low"] < 3000


def _low(estimate: Estimate | None) -> float:
    assert estimate is not None
    assert estimate.low is not None
    return estimate.low
