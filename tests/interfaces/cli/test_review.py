"""`mainstay review` as a person and as a script read it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.workflows.lives import BRIEF, add

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.home import open_home


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mainstay.toml").write_text(BRIEF + "[costs]\nlabel = 3\n")
    add(open_home(tmp_path))
    random = np.random.default_rng(1)
    rows = pl.DataFrame({"PAY_0": random.integers(-2, 8, 60), "LIMIT_BAL": random.integers(1, 50, 60) * 10_000})
    rows.with_columns(target=pl.when(pl.int_range(60) < 10).then(1)).write_csv(tmp_path / "new.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_rows_are_named_with_their_scores_and_why(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["review", "--next", "5", "--from", "new.csv", "--out", "next.csv"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("5 of 50 rows of new.csv without an outcome, the most worth labelling first")
    assert "as credit/1 sees them; 10 more have one already" in said
    assert "could go either way" in said
    assert "Wrote 5 rows to next.csv: fill in the outcome." in said
    written = pl.read_csv(project / "next.csv")
    assert written.columns == ["PAY_0", "LIMIT_BAL", "target"]
    assert written["target"].null_count() == 5


def test_what_a_spreadsheet_would_run_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = pl.read_csv(project / "new.csv").with_columns(who=pl.lit("=1+1"))
    rows.write_csv(project / "new.csv")
    assert run(mainstay, ["review", "--next", "5", "--from", "new.csv", "--out", "next.csv"]) == 0
    assert "A spreadsheet takes texts of next.csv for formulas (column 'who')" in capsys.readouterr().err
    assert pl.read_csv(project / "next.csv")["who"].to_list() == ["=1+1"] * 5


def test_scripts_get_row_numbers(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["review", "--next", "500", "--from", "new.csv", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["version"], told["rows"], told["labelled"], len(told["picked"])) == ("credit/1", 60, 10, 50)
    assert sorted(pick["row"] for pick in told["picked"]) == list(range(11, 61))
    assert {"row", "entity", "score", "foretold", "uncertainty", "why"} == set(told["picked"][0])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["review"], "which table"),
        (["review", "--next", "0", "--from", "new.csv"], "0 is not in the range"),
        (["review", "--next", "5", "--from", "no.csv"], "no.csv is not there"),
        (["review", "--next", "5", "--from", "empty.csv"], "empty"),
        (["review", "--next", "5", "--from", "other.csv"], "no column that the model reads"),
        (["review", "--next", "5", "--from", "new.csv", "--out", "new.csv"], "--out is the table itself"),
        (["review", "--simulate", "--from", "new.csv"], "--simulate takes the project's own table"),
        (["review", "--simulate"], "too few to tell ways of picking apart"),
    ],
)
def test_what_cannot_be_done_is_said_in_plain_words(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    (project / "empty.csv").write_text("")
    (project / "other.csv").write_text("weather\nsun\n")
    random = np.random.default_rng(1)
    rows = pl.DataFrame({"PAY_0": random.integers(-2, 8, 120), "LIMIT_BAL": random.integers(1, 50, 120) * 10_000})
    rows.with_columns(target=(pl.col("PAY_0") > 3).cast(pl.Int64)).write_csv(project / "rows.csv")
    before = (project / "new.csv").read_bytes()
    assert run(mainstay, words) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert "Traceback" not in said.err
    assert (project / "new.csv").read_bytes() == before


def test_all_labelled_is_nothing_to_do(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pl.read_csv(project / "new.csv").with_columns(target=1).write_csv(project / "done.csv")
    assert run(mainstay, ["review", "--from", "done.csv"]) == 0
    assert "there is nothing to label" in capsys.readouterr().out


def test_what_picking_would_have_saved_is_told_in_labels_and_money(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(1)
    late, limit = random.integers(-2, 8, 1500), random.integers(1, 50, 1500) * 10_000
    happened = (random.random(1500) < 1 / (1 + np.exp(2.5 - late))).astype(int)
    pl.DataFrame({"PAY_0": late, "LIMIT_BAL": limit, "target": happened}).write_csv(project / "rows.csv")
    assert run(mainstay, ["review", "--simulate", "--repeats", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [way["way"] for way in told["ways"]] == ["random", "uncertain", "diverse", "mixed"]
    assert told["label_price"] == 3
    assert run(mainstay, ["review", "--simulate", "--repeats", "2"]) == 0
    said = capsys.readouterr().out
    assert "labels needed" in said
    assert "Simulated on the training rows with logistic regression, 2 times." in said
