"""Replaying as typed: what a brief decides is not said twice, and without one the next step makes one."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.workflows.lives import BRIEF

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("option", "key"), [("--time", "data.time"), ("--positive", "data.positive")])
def test_in_a_project_the_brief_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str, key: str
) -> None:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    monkeypatch.chdir(tmp_path)
    assert run(mainstay, ["replay", "rows.csv", "--train-until", "2025-06-01", option, "x"]) == 2
    assert f"here the brief decides: set {key} in mainstay.toml" in capsys.readouterr().err


def test_without_a_brief_a_time_alone_asks_for_the_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(mainstay, ["replay", "rows.csv", "--train-until", "2025-06-01", "--time", "day"]) == 2
    assert "--target COLUMN" in capsys.readouterr().err


def test_the_next_step_after_a_replay_without_a_brief_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(3)
    n_rows, amount = 1500, rng.normal(size=1500)
    left = np.where(rng.random(n_rows) < 1 / (1 + np.exp(-amount)), "yes", "no")
    days = [START + timedelta(hours=4 * i) for i in range(n_rows)]
    pl.DataFrame({"on day": days, "amount": amount, "left": left}).write_parquet(tmp_path / "rows.parquet")
    monkeypatch.chdir(tmp_path)
    named = ["--target", "left", "--time", "on day", "--positive", "yes"]
    assert run(mainstay, ["replay", "rows.parquet", "--train-until", "2025-07-01", *named]) == 0
    said = capsys.readouterr().out.splitlines()[-1].removeprefix("Next: ")
    assert said == "mainstay init rows --data rows.parquet --target left --time 'on day' --positive yes"
    assert run(mainstay, shlex.split(said)[1:]) == 0
    assert (tmp_path / "rows" / "mainstay.toml").exists()
