"""What a training says to do next depends on whether deploying would be refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay


@pytest.mark.parametrize("target", [0.999, 0.4])
def test_the_next_step_knows_the_gates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], target: float
) -> None:
    rng = np.random.default_rng(5)
    amount = rng.normal(size=800)
    left = np.where(rng.random(800) < 1 / (1 + np.exp(-amount)), "yes", "no")
    pl.DataFrame({"amount": amount, "left": left}).write_parquet(tmp_path / "rows.parquet")
    (tmp_path / "mainstay.toml").write_text(
        '[model]\nname = "m"\n[data]\nsource = "rows.parquet"\ntarget = "left"\npositive = "yes"\n'
        f"[targets]\nroc_auc = {target}\np99_latency_ms = 20\n"
    )
    monkeypatch.chdir(tmp_path)
    assert run(mainstay, ["train"]) == 0
    said = capsys.readouterr().out
    assert "targets.p99_latency_ms is set, and this version does not judge it yet. Judge it by hand" in said
    last = said.splitlines()[-1]
    if target > 0.9:
        assert "deploying will be refused by: F04-target-roc-auc; see the report" in last
        assert "mainstay deploy" not in last
    else:
        assert last.endswith("then mainstay deploy m/1")
