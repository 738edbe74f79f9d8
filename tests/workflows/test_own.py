"""A recipe trained, kept and served: one that only a class of its own can say, and one that becomes a plan."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mainstay.bundle.inspect import MODEL, inspect
from mainstay.bundle.packed import packed_raw, require_own
from mainstay.domain.canonical import canonical, digest
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Forest, Packed
from mainstay.domain.recipe import RECIPE_CODE
from mainstay.domain.version import VersionName
from mainstay.serving.packed_score import PackedScorer
from mainstay.store.project import Project, open_project
from mainstay.training.learners.contestants import contestants
from mainstay.workflows.reproduce import reproduce
from mainstay.workflows.route import load_service
from mainstay.workflows.train import train

AT = datetime(2026, 5, 4, tzinfo=UTC)
BRIEF = '[model]\nname = "odd"\n[data]\nsource = "rows.parquet"\ntarget = "won"\npositive = "yes"\n'

# The outcome hangs on whether a sum is odd: no line and no tree of a few hundred rows can tell.
PARITY = '''
import numpy as np
import polars as pl

FRAME = "polars"
TITLE = "odd or even"


class OddOrEven:
    """The share of positives where the sum is odd, and where it is even."""

    def fit(self, frame: pl.DataFrame, outcomes):
        odd = self._odd(frame)
        self.shares_ = np.array([outcomes[odd == side].mean() for side in (0, 1)])
        return self

    def predict_proba(self, frame: pl.DataFrame):
        share = self.shares_[self._odd(frame)]
        return np.column_stack([1 - share, share])

    def _odd(self, frame: pl.DataFrame):
        total = frame["tickets"].fill_null(0) + frame["number"].fill_null(0)
        return (total.to_numpy().astype(np.int64) % 2).astype(int)


def recipe(context):
    return OddOrEven()
'''
FOREST = """
from lightgbm import LGBMClassifier

def recipe(context):
    kept = dict(random_state=context.seed, n_jobs=context.n_threads, verbose=-1)
    return LGBMClassifier(n_estimators=60, num_leaves=40, min_child_samples=5, **kept)
"""


def rows(n_rows: int, *, by: str) -> pl.DataFrame:
    random = np.random.default_rng(4)
    tickets, number = random.integers(0, 1000, n_rows), random.integers(0, 1000, n_rows)
    town = random.choice(["Bonn", "Kiel", "Ulm"], n_rows)
    is_likely = (tickets + number) % 2 == 1 if by == "parity" else number // 45 % 2 == 1
    won = np.where(random.random(n_rows) < np.where(is_likely, 0.9, 0.1), "yes", "no")
    return pl.DataFrame({"tickets": tickets, "number": number, "town": town, "won": won})


def project(folder: Path, recipe: str, *, by: str) -> Project:
    rows(900, by=by).write_parquet(folder / "rows.parquet")
    (folder / "mainstay.toml").write_text(BRIEF)
    (folder / "recipe.py").write_text(recipe)
    return open_project(folder)


@pytest.fixture(scope="module")
def parity(tmp_path_factory: pytest.TempPathFactory) -> Project:
    opened = project(tmp_path_factory.mktemp("parity"), PARITY, by="parity")
    train(opened, seed=1, actor="anna", at=AT, on_progress=lambda text, share: None)
    return opened


def files_of(opened: Project) -> dict[str, bytes]:
    return opened.home.artifacts.version_files("odd", 1)


def test_what_only_a_recipe_knows_wins_and_is_kept_packed(parity: Project) -> None:
    event = next(event for event in parity.home.ledger.events("odd") if event.act == "trained")
    winner = next(one for one in event.body["summary"]["candidates"] if one["chosen"])
    assert (winner["name"], winner["title"]) == ("own", "odd or even")
    assert winner["metrics"]["roc_auc"]["value"] > 0.8
    assert winner["size_bytes"] > 500
    told = next(one for one in event.body["summary"]["findings"] if one["code"] == "F16-packed-model")
    assert "a row takes" in told["because"]
    assert "MB for it instead of 60" in told["because"]

    contents = inspect(files_of(parity))
    (packed,) = contents.plan.models
    assert isinstance(packed, Packed)
    assert packed.digest == digest(contents.files[MODEL])
    assert [name.rpartition(".")[2] for name in packed.types] == ["OddOrEven"]
    assert contents.files[RECIPE_CODE].decode() == PARITY
    assert event.body["recipe"] == digest(PARITY.encode())


def test_it_is_served_as_it_was_judged(parity: Project) -> None:
    service = load_service(parity.home, VersionName("odd", 1))
    assert isinstance(service.scorer, PackedScorer)
    row = {"tickets": 4.0, "number": 7.0, "town": "Bonn"}
    odd, even = service.scorer.score_row(row), service.scorer.score_row(row | {"number": 8.0})
    assert odd > 0.8 > 0.2 > even
    both = {"tickets": [4.0, 4.0], "number": [7.0, 8.0], "town": ["Bonn", None]}
    assert service.scorer.scores(both).tolist() == [odd, even]


def test_a_worker_runs_the_code_of_the_bundle_and_no_other(parity: Project) -> None:
    (parity.folder / "recipe.py").write_text("raise SystemExit('this is not the recipe that was trained')")
    code = (
        "import sys; from pathlib import Path\n"
        "from mainstay.store.home import open_home\n"
        "from mainstay.domain.version import VersionName\n"
        "from mainstay.workflows.route import load_service\n"
        "home = open_home(Path(sys.argv[1]), create=False)\n"
        "assert not {'sklearn', 'skops', 'polars'} & sys.modules.keys()\n"
        "service = load_service(home, VersionName('odd', 1))\n"
        "print(service.scorer.score_row({'tickets': 4.0, 'number': 7.0, 'town': 'Bonn'}))\n"
    )
    asked = [sys.executable, "-c", code, str(parity.folder)]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert float(done.stdout) == load_service(parity.home, VersionName("odd", 1)).scorer.score_row(
        {"tickets": 4.0, "number": 7.0, "town": "Bonn"}
    )


def test_it_is_fitted_again_from_the_recipe_in_its_bundle(parity: Project) -> None:
    (parity.folder / "recipe.py").write_text("raise SystemExit('this is not the recipe that was trained')")
    assert reproduce(parity, "odd/1").is_same


def resealed(files: dict[str, bytes], **changed: bytes) -> dict[str, bytes]:
    """A bundle with other files under a manifest that fits them: what a forger would make."""
    forged = files | {path.replace("__", "/"): data for path, data in changed.items()}
    manifest = json.loads(forged["manifest.json"])
    manifest["files"] = {path: digest(data) for path, data in forged.items() if path != "manifest.json"}
    return forged | {"manifest.json": canonical(manifest)}


def test_a_bundle_that_the_ledger_does_not_know_runs_no_code(parity: Project, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    evil = f"open({str(mark)!r}, 'w').write('x')\n" + PARITY
    folder = parity.home.artifacts.bundle_folder("odd", 1)
    before = files_of(parity)
    try:
        for path, data in resealed(before, **{RECIPE_CODE: evil.encode()}).items():
            (folder / path).write_bytes(data)
        with pytest.raises(BundleError, match="not the one that was trained"):
            load_service(parity.home, VersionName("odd", 1))
    finally:
        for path, data in before.items():
            (folder / path).write_bytes(data)
    assert not mark.exists()


def test_other_code_than_the_packed_one_is_not_run(parity: Project, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    evil = f"open({str(mark)!r}, 'w').write('x')\n" + PARITY
    contents = inspect(resealed(files_of(parity), **{RECIPE_CODE: evil.encode()}))
    with pytest.raises(BundleError, match="may not construct"):
        packed_raw(contents)
    assert not mark.exists()
    with pytest.raises(BundleError, match=r"may not construct os\.system"):
        require_own(["os.system"], PARITY)


def test_another_model_under_the_same_plan_is_refused(parity: Project) -> None:
    with pytest.raises(BundleError, match="is not the one that"):
        inspect(resealed(files_of(parity), **{MODEL: files_of(parity)[MODEL] + b"\0"}))


def test_a_recipe_of_trees_becomes_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("lightgbm")
    monkeypatch.setattr("mainstay.training.train.contestants", lambda prepared: contestants(prepared)[:1])
    opened = project(tmp_path, FOREST, by="stripes")
    summary = train(opened, seed=1, actor="anna", at=AT, on_progress=lambda text, share: None)
    assert next(one.name for one in summary.candidates if one.chosen) == "own"
    files = files_of(opened)
    contents = inspect(files)
    assert isinstance(contents.plan.models[0], Forest)
    assert MODEL not in files
    assert files[RECIPE_CODE].decode() == FOREST
    assert "lightgbm" in files["requirements.txt"].decode()
    assert not isinstance(load_service(opened.home, VersionName("odd", 1)).scorer, PackedScorer)
