"""The published figures on a real table: credit default reaches 0.77, calibrated, and is worth more than its rivals."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import polars as pl
from tests.training.made import worth

from mainstay.domain.brief import parse_brief
from mainstay.domain.finding import Verdict
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.training.prepared import Prepared
from mainstay.training.train import train

BRIEF = """
[model]
name = "credit"
[data]
target = "target"
positive = 1
exclude = ["ID"]
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


def prepared(folder: Path, *, seed: int) -> Prepared:
    table = pl.read_csv(folder / "credit_card_default.csv", infer_schema_length=None).drop("ID")
    used = table.drop("target").cast(pl.Float64)
    outcomes = table["target"].cast(pl.Float64).to_numpy()
    limit = used["LIMIT_BAL"].to_numpy()
    part = np.random.default_rng(seed).permutation(np.arange(outcomes.size) % 5)
    return Prepared(
        brief=parse_brief(BRIEF),
        schema=Schema(fields=tuple(Field(name=name, kind=Kind.NUMBER) for name in used.columns), target="target"),
        seed=seed,
        used=used,
        outcomes=outcomes,
        training=np.flatnonzero(part < 3),
        calibration=np.flatnonzero(part == 3),
        holdout=np.flatnonzero(part == 4),
        worth=worth(np.where(outcomes == 1, -0.20 * limit, 0.06 * limit)),
        today=used["PAY_0"].to_numpy() >= 2,
    )


def test_credit_default(shared_data: Path) -> None:
    shown = train(prepared(shared_data, seed=1), tick=time.monotonic).judgement
    assert shown.metrics["roc_auc"].value > 0.765
    assert shown.value is not None
    assert 4000 < shown.value.value < 4900
    verdicts = {finding.code: finding.verdict for finding in shown.findings}
    assert verdicts["F02-calibration"] is Verdict.PASS
    for result in shown.results:
        if not result.chosen:
            assert result.winner_ahead is not None
            assert result.winner_ahead.low is not None
            assert result.winner_ahead.low > 0, result.name
