"""What a training says to do next depends on whether deploying would be refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace
from tests.workflows.lives import summary

from mainstay.domain.brief.parts import DecisionPart
from mainstay.domain.evaluation import Estimate
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.interfaces.cli.train import decided_words


@pytest.mark.parametrize("target", [0.999, 0.4])
def test_the_next_step_knows_the_gates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], target: float
) -> None:
    rng = np.random.default_rng(5)
    amount = rng.normal(size=800)
    left = np.where(rng.random(800) < 1 / (1 + np.exp(-2 * amount)), "yes", "no")
    pl.DataFrame({"amount": amount, "left": left}).write_parquet(tmp_path / "rows.parquet")
    (tmp_path / "mainstay.toml").write_text(
        '[model]\nname = "m"\n[data]\nsource = "rows.parquet"\ntarget = "left"\npositive = "yes"\n'
        f"[targets]\nroc_auc = {target}\n[costs]\nreview_minute = 2\n"
    )
    monkeypatch.chdir(tmp_path)
    assert run(mainstay, ["train"]) == 0
    said = capsys.readouterr().out
    assert "costs.review_minute is set, and this version does not judge it yet. Judge it by hand" in said
    last = said.splitlines()[-1]
    if target > 0.9:
        assert "deploying will be refused by: F04-target-roc-auc; see the report" in last
        assert "mainstay deploy" not in last
    else:
        assert last.startswith("Next: fill in [value] in mainstay.toml, then mainstay train; until then: ")
        assert "until then: mainstay check m/1, then mainstay report m/1" in last, "an exam before anybody signs"
        assert last.endswith("mainstay deploy m/1")
        assert run(mainstay, ["train"]) == 0
        again = capsys.readouterr().out
        assert "It is the same model as m/1: nothing changed in what it decides." in again
        assert "; until then: nothing to do: m/1 is the same model" in again.splitlines()[-1]


@pytest.mark.parametrize(
    ("task", "at", "share", "says"),
    [
        ("binary", 2.0, 0.0, "Never decides 'decline': no score reaches the threshold."),
        ("binary", 0.0, 1.0, "Always decides 'decline': every score reaches the threshold."),
        ("binary", 0.25, 0.27, "Decides 'decline' from a score of 0.25 on, in 27% of cases."),
        ("regression", 140.0, None, "Decides 'decline' from an amount of 140 on."),
        ("multiclass", None, None, ""),
    ],
)
def test_a_threshold_is_said_in_the_words_of_the_brief(
    task: str, at: float | None, share: float | None, says: str
) -> None:
    high = None if share is None else Estimate(share, share, share)
    seen = replace(summary(1), task=task, threshold=at, share_high=high)
    assert decided_words(seen, DecisionPart(when_high="decline", when_low="approve")) == says
