"""The whole examination: nothing is made, nothing raises, and one harm is one finding."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.workflows.lives import AT, BRIEF, DAY, add, decide

from mainstay.domain.finding import Verdict
from mainstay.store.home import Home, open_home
from mainstay.workflows.doctor.environment import ENVIRONMENT
from mainstay.workflows.doctor.examine import HOME, SITE, examine

LATER = AT + DAY


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    (tmp_path / "rows.csv").write_text("LIMIT_BAL,PAY_0,target\n10000,0,1\n")
    home = open_home(tmp_path)
    add(home)
    return home


def faults(folder: Path) -> list[str]:
    return [f.code for f in examine(folder, at=LATER) if f.verdict in (Verdict.FAIL, Verdict.WARN)]


def listing(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".sqlite-shm"
    }


def test_a_folder_without_a_project_is_left_as_it_was(tmp_path: Path) -> None:
    findings = examine(tmp_path, at=LATER)
    assert {code for code, _ in ENVIRONMENT} <= {f.code for f in findings}
    assert "no project" in next(f.because for f in findings if f.code == "doctor-brief")
    assert listing(tmp_path) == {}


def test_a_healthy_home_has_no_fault_and_is_left_as_it_was(home: Home) -> None:
    folder = home.root.parent
    decide(home, ["a-1"], at=LATER)
    before = listing(folder)
    assert faults(folder) == []
    after = listing(folder)
    assert {k: v for k, v in after.items() if ".sqlite" not in k} == {
        k: v for k, v in before.items() if ".sqlite" not in k
    }


def test_every_check_is_in_the_list_under_its_own_code(home: Home) -> None:
    codes = [code for code, _ in (*ENVIRONMENT, *SITE, *HOME)]
    assert len(codes) == len(set(codes))
    seen = {f.code for f in examine(home.root.parent, at=LATER)}
    assert all(code.startswith("doctor-") for code in seen)


def test_findings_are_as_findings_are(home: Home) -> None:
    (home.root / "secret").chmod(0o644)
    for finding in examine(home.root.parent, at=LATER):
        assert finding.because.endswith((".", "?", "!"))
        if finding.verdict in (Verdict.FAIL, Verdict.WARN):
            assert finding.remedy


@pytest.mark.parametrize(
    ("harm", "codes"),
    [
        (lambda home: (home.root / "secret").chmod(0o644), ["doctor-secret"]),
        (lambda home: (home.root.parent / "rows.csv").unlink(), ["doctor-source"]),
        (lambda home: (home.root.parent / "mainstay.toml").write_text("[model"), ["doctor-brief"]),
        (lambda home: (home.root / "ledger.sqlite").write_bytes(b"not a database at all" * 100), ["doctor-ledger"]),
        (lambda home: (home.root / "secret").unlink(), ["doctor-home"]),
    ],
)  # fmt: skip
def test_one_harm_is_told_once(home: Home, harm: object, codes: list[str]) -> None:
    harm(home)  # type: ignore[operator]
    assert faults(home.root.parent) == codes


def test_no_learner_is_loaded() -> None:
    code = "import sys, mainstay.interfaces.cli.doctor; print({'sklearn', 'skops', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
