"""`mainstay check --recipe` as people and scripts see it, and what `train` says of a recipe that cannot live here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.workflows.recipes_for_tests import own

from mainstay.domain.recipe_rules import ALL
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay

BRIEF = '[model]\nname = "m"\n[data]\nsource = "rows.parquet"\ntarget = "left"\npositive = "yes"\n'
TREE = """
from sklearn.tree import DecisionTreeClassifier

def recipe(context):
    print("made")
    return DecisionTreeClassifier(max_depth=3, random_state=context.seed)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    random = np.random.default_rng(5)
    amount = random.normal(size=400)
    left = np.where(random.random(400) < 1 / (1 + np.exp(-amount)), "yes", "no")
    pl.DataFrame({"amount": amount, "late": random.normal(size=400), "left": left}).write_parquet(
        tmp_path / "rows.parquet"
    )
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_recipe_that_can_live_here(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "mine.py").write_text(TREE)
    assert run(mainstay, ["check", "--recipe", "mine.py", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["recipe"], found["verdict"]) == ("mine.py", "pass")
    assert [finding["code"] for finding in found["findings"]] == [*ALL]


def test_a_recipe_that_cannot(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "recipe.py").write_text(own("", fit="print('spoils it'); raise RuntimeError('no luck')"))
    assert run(mainstay, ["check", "--recipe"]) == 1
    said = capfd.readouterr().out
    assert "R02-fits  recipe.py:8: RuntimeError: no luck, when it is fitted." in said
    assert "18 rules wait for R02-fits to be mended: R03-shape to R20-weights." in said
    assert "recipe.py cannot live here: it breaks R02-fits." in said

    assert run(mainstay, ["train", "--json"]) == 2
    told = json.loads(capfd.readouterr().out)
    assert "recipe.py cannot live here (R02-fits): recipe.py:8: RuntimeError: no luck" in told["error"]["what"]
    assert run(mainstay, ["versions", "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == []


def test_what_is_asked_wrongly(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["check"]) == 2
    assert "Train one: mainstay train" in capfd.readouterr().err
    assert run(mainstay, ["check", "--recipe"]) == 2
    assert "there is no recipe.py" in capfd.readouterr().err
    assert run(mainstay, ["check", "--recipe", "nowhere.py"]) == 2
    assert "there is no nowhere.py" in capfd.readouterr().err
