"""`mainstay report` as people and scripts use it: every form by the ending of its path, and two versions compared."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.workflows.lives import AT, BRIEF, DAY, add, bundle, trained_body

from mainstay.domain.canonical import digest
from mainstay.domain.event import Act
from mainstay.domain.version import VersionName
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.evaluations import NAME, rows_file
from mainstay.store.home import Home, open_home
from mainstay.store.versions import NewVersion, add_version
from mainstay.workflows import printing
from mainstay.workflows.report import write_report

N = 400


def rows(noise: float) -> pl.DataFrame:
    """Judged rows of one world; the noise is that of the score alone."""
    random = np.random.default_rng(1)
    truth = random.beta(1.2, 4, N)
    outcome = random.random(N) < truth
    limit = random.lognormal(11, 0.7, N).round()
    score = np.clip(truth + random.normal(0, noise, N), 0.001, 0.999)
    worth = np.where(outcome, -0.20, 0.06) * limit
    return pl.DataFrame(
        {"outcome": outcome.astype(float), "score": score, "value_high": np.zeros(N), "value_low": worth}
    )


def train(home: Home, noise: float, **more: Any) -> None:
    def made(number: int) -> NewVersion:
        files, kept = bundle(number), rows_file(rows(noise))
        body = trained_body(number, bundle_digest=digest(files["manifest.json"]), holdout="h1", looks=number, **more)
        return NewVersion(files, kept, body | {"evaluation_digest": digest(kept[NAME])})

    add_version(home, "credit", made, actor="anna", at=AT)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("credit")
    (folder / "mainstay.toml").write_text(BRIEF)
    home = open_home(folder)
    train(home, 0.3)
    train(home, 0.01, settings={"trees": 50})
    return folder


@pytest.fixture
def folder(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "credit"
    shutil.copytree(trained, place)
    monkeypatch.chdir(place)
    return place


def test_each_ending_is_a_form(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["report", "--out", "page.html"]) == 0
    assert (folder / "page.html").read_text().startswith("<!doctype html>")
    assert run(mainstay, ["report", "1", "--out", "card.md", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))
    assert (told["version"], told["form"]) == ("credit/1", "card")
    assert (folder / "card.md").read_text().startswith("---\nlibrary_name")
    event = open_home(folder).ledger.events("credit")[-1]
    assert event.act == Act.REPORTED
    assert event.body["digest"] == told["digest"], "the page that it tells again is kept"


def test_the_exam_comes_before_deploying(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(open_home(folder), 0.01)
    assert run(mainstay, ["report", "3"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "Next: mainstay check credit/3, then mainstay report credit/3 again"


def test_an_empty_path_is_refused_and_nothing_is_written(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = set(trained.iterdir())
    for words in (["report", "1"], ["report", "1", "2"]):
        for empty in ("", " "):
            assert run(mainstay, [*words, "--out", empty, "--project", str(trained)]) == 2
            told = capsys.readouterr()
            assert (told.out, "--out is empty" in told.err, "report.html" in told.err) == ("", True, True)
    assert set(trained.iterdir()) == before


def test_an_exam_that_gates_ask_for_is_not_called_failed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(open_home(folder), 0.01, gates_of_exam=["F01-owned"])
    assert run(mainstay, ["report", "3"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Next: mainstay check credit/3")


def test_a_folder_gets_the_pictures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["report", "--out", "pictures/"]) == 0
    assert "one SVG and one PNG of every picture" in capsys.readouterr().out
    names = {path.stem: 0 for path in (folder / "pictures").iterdir()}
    assert {"lift-10", "reliability", "money"} <= {*names}
    assert {path.suffix for path in (folder / "pictures").iterdir()} == {".svg", ".png"}


def test_a_pdf_is_the_page_printed(folder: Path, chromium: str) -> None:
    assert run(mainstay, ["report", "--out", "report.pdf"]) == 0
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")
    assert run(mainstay, ["report", "1", "2", "--out", "both.pdf"]) == 0
    assert (folder / "both.pdf").read_bytes().startswith(b"%PDF")


def test_without_a_chromium_a_pdf_is_refused_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "BROWSERS", ("no-such-browser",))
    n_events = len(open_home(folder).ledger.events("credit"))
    assert run(mainstay, ["report", "--out", "report.pdf"]) == 2
    said = capsys.readouterr().err
    assert "there is none on PATH" in said
    assert "print it from any browser" in said
    assert not (folder / "report.pdf").exists()
    assert len(open_home(folder).ledger.events("credit")) == n_events


def test_two_versions_side_by_side(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["report", "credit/1", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["first"], told["then"], told["paired"]) == ("credit/1", "credit/2", True)
    assert {each["what"] for each in told["changes"]} >= {"trees"}
    assert next(each for each in told["measures"] if each["name"] == "money")["verdict"] == "better"
    assert not (folder / "report.html").exists(), "to ask for JSON alone writes nothing"
    assert run(mainstay, ["report", "1", "2", "--out", "both.html"]) == 0
    page = (folder / "both.html").read_text()
    assert "credit/1 and credit/2" in page
    assert run(mainstay, ["report", "1", "2", "--out", "both/"]) == 0
    assert {path.name for path in (folder / "both").iterdir()} == {"found.svg", "found.png"}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["1", "7"], 2, "there is no version credit/7"),
        (["7"], 2, "there is no version credit/7"),
        (["1", "1"], 2, "was named twice"),
        (["1", "zwei"], 2, "'zwei' is not a version"),
        (["1", "2", "--out", "both.md"], 2, "a model card is of one version"),
        (["1", "--out", "report.docx"], 2, "ends in '.docx'"),
        (["1", "--out", "mainstay.toml/pictures"], 2, "there is no folder mainstay.toml"),
        (["1", "--out", "nowhere/report.html"], 2, "there is no folder nowhere"),
        (["1", "2", "--out", "nowhere/report.html"], 2, "there is no folder nowhere"),
    ],
)
def test_what_cannot_be_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, says: str
) -> None:
    assert run(mainstay, ["report", *words]) == code
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said


def test_versions_of_other_models_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(open_home(folder), model="loans", at=AT + DAY)
    assert run(mainstay, ["report", "credit/1", "loans/1"]) == 2
    assert "are versions of different models" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder here refuses every file, also root's")
def test_a_place_that_takes_no_file_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    n_events = len(open_home(folder).ledger.events("credit"))
    for out, says in (("/proc/report.html", "writing report.html"), ("/proc/pictures", "making the folder")):
        assert run(mainstay, ["report", "1", "--out", out]) == 1
        assert says in capsys.readouterr().err
    assert len(open_home(folder).ledger.events("credit")) == n_events


def test_a_folder_in_the_place_of_a_page_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "report.html").mkdir()
    assert run(mainstay, ["report"]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_a_notebook_shows_what_was_written(folder: Path) -> None:
    home = open_home(folder)
    written = write_report(home, VersionName("credit", 1), folder / "c.md", n_buckets=10, actor="anna", at=AT)
    shown = written._repr_html_()
    assert shown.startswith("<iframe title=")
    assert "srcdoc" in shown
    assert written.page not in repr(written)
