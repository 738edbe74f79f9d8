"""A recipe is told which rule it breaks, and where; good recipes of every library break none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.workflows.recipes_for_tests import BAD, GOOD, LIGHTGBM, bench_of, examined, own

from mainstay.domain.errors import RecipeError
from mainstay.domain.finding import Verdict
from mainstay.domain.recipe_rules import ALL, FIRST, READ
from mainstay.workflows.conformance.examine import LOOKS

NEEDS = {"lightgbm": "lightgbm", "xgboost": "xgboost", "catboost": "catboost", "skrub": "skrub"}


@pytest.fixture(autouse=True)
def a_fresh_witness() -> Iterator[None]:
    before, folder = dict(os.environ), Path.cwd()
    yield
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(before)


def test_every_rule_has_its_look() -> None:
    assert [*LOOKS] == [code for code in ALL if code != READ]
    assert set(FIRST) < set(ALL)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_recipe_can_live_here(name: str) -> None:
    pytest.importorskip(NEEDS.get(name, "polars"))
    found = examined(GOOD[name])
    broken = {code: finding.because for code, finding in found.items() if finding.verdict is Verdict.FAIL}
    assert not broken
    is_plan = name in ("lightgbm", "xgboost", "catboost")
    assert found["R08-packs"].verdict is (Verdict.PASS if is_plan else Verdict.WARN)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_recipe_is_told_what_it_breaks(name: str, tmp_path: Path) -> None:
    code, because, text = BAD[name]
    litter = tmp_path / "litter"
    if name == "removes":
        litter.write_text("somebody's")
    text = text.replace("LITTER", repr(str(litter)))
    found = examined(text, ("R02-fits", "R03-shape", "R15-time") if name == "slow" else ALL)
    assert found[code].verdict is (Verdict.WARN if code == "R14-columns" else Verdict.FAIL), found[code]
    assert because in found[code].because
    assert found[code].remedy


def test_what_comes_after_a_broken_fit_is_unknown() -> None:
    found = examined(BAD["throws"][2])
    assert {finding.verdict for code, finding in found.items() if code != "R02-fits"} == {Verdict.UNKNOWN}


def test_what_it_prints_is_counted(capfd: pytest.CaptureFixture[str]) -> None:
    found = examined(own("", fit="print('loss 0.3', flush=True)"), ("R02-fits", "R19-prints"))
    assert capfd.readouterr().out
    assert found["R19-prints"].verdict in (Verdict.WARN, Verdict.PASS)  # a pipe has no size; a file has


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def recipe(context)\n    pass", "recipe.py:1: SyntaxError: expected ':', when it is read"),
        ("", "recipe.py has no function 'recipe'"),
        ("x = 1\0", "recipe.py: SyntaxError: source code string cannot contain null bytes"),
        ("x = 1", "recipe.py has no function 'recipe'"),
        ("def recipe():\n    return 'a > 1'", "recipe.py:1: recipe() does not take one argument"),
        ("import nothing_like_it\n", "recipe.py:1: it needs the package 'nothing_like_it', which is not installed"),
        ("def recipe(context):\n    return 7", "returns a int; wanted an estimator with fit and predict_proba"),
        ("from sklearn.svm import SVC\ndef recipe(context):\n    return SVC", "returns the class SVC"),
        ("from sklearn.svm import LinearSVC\ndef recipe(context):\n    return LinearSVC()", "has no predict_proba"),
        ("FRAME = 'arrow'\ndef recipe(context):\n    return 'a > 1'", "FRAME is 'arrow'"),
        ("COMPLEXITY = 'small'\ndef recipe(context):\n    return 'a > 1'", "COMPLEXITY is 'small'"),
        ("def recipe(context):\n    raise KeyError('seed')", "recipe.py:2: KeyError: 'seed', when it is called"),
    ],
)
def test_what_is_no_recipe_says_where(text: str, says: str) -> None:
    with pytest.raises(RecipeError) as caught:
        bench_of(text)
    assert says in caught.value.what
    assert caught.value.remedy


def test_what_a_recipe_does_for_a_while_or_a_library_when_imported_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "its_library.py").write_text(
        "import os, subprocess\nos.environ['LOUD'] = '1'\nsubprocess.run(['true'])"
    )
    before = f"import sys, tempfile; sys.path.insert(0, {str(tmp_path)!r}); import its_library; sys.path.pop(0)"
    fit = "threads = [threading.Thread(target=time.sleep, args=(.01,))]; threads[0].start()"
    kept = own("", before=before, fit=f"{fit}\n        with tempfile.TemporaryFile() as file: file.write(b'x')")
    found = examined(kept, ("R02-fits", "R16-state", "R18-processes"))
    assert not [finding.because for finding in found.values() if finding.verdict is not Verdict.PASS]


@pytest.mark.parametrize(
    ("fit", "says"), [("float('EU')", "encode it first"), ("raise ValueError('X contains NaN')", "fill them first")]
)
def test_what_a_model_cannot_take_says_what_to_write(fit: str, says: str) -> None:
    assert says in examined(own("", fit=fit), ("R02-fits",))["R02-fits"].remedy


def test_a_recipe_is_told_of_its_columns() -> None:
    bench, _ = bench_of(LIGHTGBM)
    assert bench.context is not None
    assert bench.context.numbers == ("late", "income", "amount")
    assert bench.context.categories == ("region",)
    assert bench.context.n_threads == 1
