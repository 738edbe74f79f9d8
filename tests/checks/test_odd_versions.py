"""Odd tables break no check of skill, robustness, explanation, service or upkeep: they are unknown, or found."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace
from tests.checks.made import changed, exam, lending
from tests.checks.served import amounts, classes, served

from mainstay.checks.bent import BENT_CHECKS
from mainstay.checks.effects import effect
from mainstay.checks.every import EVERY
from mainstay.checks.examined import Examined
from mainstay.checks.importance import IMPORTANCE_CHECKS
from mainstay.checks.judgeable import JUDGEABLE
from mainstay.checks.reasons import REASON_CHECKS, nearest
from mainstay.checks.running import RUNNING
from mainstay.checks.skill import SKILL_CHECKS
from mainstay.checks.trained import TRAINED
from mainstay.checks.upkeep import UPKEEP
from mainstay.domain.evaluation import CandidateResult

MINE = (*SKILL_CHECKS, *BENT_CHECKS, *IMPORTANCE_CHECKS, *REASON_CHECKS, *RUNNING, *JUDGEABLE, *UPKEEP)
N = 1000


def odd_table() -> pl.DataFrame:
    table, _ = lending(N)
    rng = np.random.default_rng(1)
    more = {
        "nothing": pl.Series([None] * N, dtype=pl.Float64),
        "no 'level' \"at\" all": pl.Series([None] * N, dtype=pl.String),
        "^one$": pl.Series(["same"] * N),
        "*": pl.Series([f"level {n}" for n in rng.permutation(N)]),
        "<b>🦋" + "x" * 300: pl.Series(rng.normal(size=N)),
        "^num.*$": pl.Series(rng.normal(size=N)),
        "constant": pl.Series([1.0] * N),
    }
    return pl.DataFrame(
        [*(table[name] for name in table.columns[:-1]), *(more[k].alias(k) for k in more), table["defaulted"]]
    )


def known(table: pl.DataFrame) -> Examined:
    """Not served: its answers are looked up, so any column will do."""
    return exam(table, lending(N)[1])


@pytest.mark.parametrize(
    "examined",
    [
        known(odd_table()),
        changed(served(), holdout=served().holdout[:20]),
        changed(served(), holdout=served().holdout[:0]),
        changed(served(), training=served().training[:0]),
        changed(served(), scores=np.full(6000, np.nan)),
        changed(served(), scores=np.full(6000, 0.5)),
        changed(served(), outcomes=np.zeros(6000)),
        changed(amounts(), outcomes=np.full(2000, 3.0)),
        changed(amounts(), scores=np.full(2000, np.inf)),
        changed(classes(), outcomes=np.zeros(2000)),
        changed(classes(), scores=np.full((2000, 3), np.nan)),
        changed(served(), clusters=np.zeros(6000, dtype=np.int64)),
    ],
)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_none_throws(examined: Examined) -> None:
    for check in MINE:
        assert list(check.look(examined)), check.code
    for name in examined.inputs:
        effect(examined, name)
    nearest(examined, examined.holdout[:3])


def test_columns_named_like_patterns_break_no_check() -> None:
    examined = known(odd_table())
    for check in EVERY:
        assert list(check.look(examined)), check.code


def test_the_simplest_candidate_is_not_said_to_have_had_too_few_rows() -> None:
    base = CandidateResult(
        name="base_rate", title="base rate", metrics={}, threshold=None, value=None, winner_ahead=None, chosen=True
    )
    simplest = changed(served(), summary=replace(served().summary, candidates=(base,), findings=()))
    said = {check.code: next(iter(check.look(simplest))).because for check in TRAINED}
    assert "nothing simpler" in said["F05-beats"]
    assert "nothing simpler" in said["F05-winners-curse"]
    assert "too few rows" in said["F02-calibration"]
