"""A project's `checks.py` as `mainstay check` reads it: asked last, told where it is wrong, never from elsewhere."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from mainstay.checks.examined import Footprint
from mainstay.domain.errors import Asked
from mainstay.domain.event import Act
from mainstay.domain.finding import Verdict
from mainstay.domain.gates import gates_of_exam, is_gate
from mainstay.domain.version import VersionName
from mainstay.interfaces.cli.check import check
from mainstay.simulation.streams import clean_stream
from mainstay.store.project import Project, open_project, write_brief
from mainstay.workflows.examined import examined
from mainstay.workflows.own_checks import own_checks
from mainstay.workflows.train import train

AT = datetime(2026, 5, 4, tzinfo=UTC)
FIRST = VersionName("calls", 1)
FOOTPRINT = Footprint(0.1, 0.3, 20.0, 50_000, 80_000_000, 0.3)
BRIEF = """
gates = ["F00-own-is-calm"]
[model]
name = "calls"
[data]
source = "rows.csv"
target = "outcome"
positive = 1
time = "at"
"""
OWN = '''
from __future__ import annotations
from dataclasses import dataclass
from math import isfinite

import numpy as np


@dataclass
class Limit:
    most: float


def is_calm(exam) -> str:
    """Are scores never extreme?"""
    most = _most(exam)
    return "" if most < Limit(0.01).most else f"a score of {most:.0%}"


def knows_rows(exam):
    return exam.holdout.size > 0


def breaks(exam):
    return 1 / 0


def _most(exam):
    return float(np.max(exam.scores))
'''

TALKS = """
import os
os.write(1, b"read ")

def talks(exam):
    os.write(1, b"asked ")
    print("told")
    return True
"""
HARMS = """
import ctypes, gc, os, signal, sys

def sees(exam):
    rows = exam.holdout[:50]
    scores = exam.score(exam.used[rows])
    told = exam.reply(exam.table[rows].to_dicts())
    yield bool((scores == exam.scores[rows]).all())
    yield [each.score for each in told] == list(scores)
    yield len(exam.said) == 0
    yield exam.moments.size == exam.table.height == exam.outcomes.size
    yield exam.worth is None and exam.population is None

def exits(exam):
    os._exit(0)

def kills(exam):
    os.kill(os.getpid(), signal.SIGKILL)

def faults(exam):
    ctypes.string_at(0)

def eats(exam):
    return bytearray(1 << 50)

def forks(exam):
    os.fork()
    return "told once"

def forges(exam):
    for pipe in range(3, 1024):
        try:
            os.write(pipe, b"\\xff" * 16)
        except OSError:
            pass
    return True

def fine(exam):
    return len(exam.said) == 11
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("own")
    clean_stream(seed=3, days=60, rows_per_day=10, n_numbers=2, n_categories=1).rows.write_csv(folder / "rows.csv")
    write_brief(folder, BRIEF)
    opened = open_project(folder)
    train(opened, seed=0, actor="anna", at=AT, on_progress=lambda what, share: None)
    return opened


def said(project: Project, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(check, [*words, "--project", str(project.folder)], standalone_mode=False)
    if isinstance(done.exception, Asked):
        return done.exception.exit_code, str(done.exception)
    return done.return_value or 0, done.stdout


def test_every_public_function_is_asked_and_a_gate_counts(project: Project) -> None:
    (project.folder / "checks.py").write_text(OWN)
    code, out = said(project, "--json", "--only", "F00-own")
    told = json.loads(out)
    assert code == 1
    assert told["failed_gates"] == ["F00-own-is-calm"]
    verdicts = {each["code"]: each["verdict"] for each in told["findings"]}
    assert verdicts == {
        "F00-own-is-calm": "fail",
        "F00-own-knows-rows": "pass",
        "F00-own-breaks": "unknown",
    }
    line = 1 + OWN.splitlines().index("    return 1 / 0")
    assert told["findings"][2]["because"] == f"breaks broke at checks.py:{line} (ZeroDivisionError) and says nothing"


def test_an_exam_that_is_ended_from_outside_leaves_no_folder_behind(project: Project, tmp_path: Path) -> None:
    temporary, asked = tmp_path / "temporary", tmp_path / "asked"
    temporary.mkdir()
    os.mkfifo(asked)
    waits = f"import time\n\ndef waits(exam):\n    open({str(asked)!r}, 'w').close()\n    time.sleep(600)\n"
    (project.folder / "checks.py").write_text(waits)
    words = ["check", "--only", "F00-own-waits", "--project", str(project.folder)]
    hears = os.open(asked, os.O_RDONLY | os.O_NONBLOCK)
    with subprocess.Popen(
        [sys.executable, "-m", "mainstay", *words],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            hung_up = select.poll()
            hung_up.register(hears, 0)  # it is told when whoever opened it to write closes it again
            assert hung_up.poll(900_000)
            assert any(temporary.iterdir())
            process.send_signal(signal.SIGTERM)
            _, complained = process.communicate(timeout=900)
        finally:
            process.kill()
            os.close(hears)
    assert (process.returncode, list(temporary.iterdir())) == (143, [])
    assert b"Error: Ended from outside: nothing half-done was kept." in complained


def test_what_they_print_is_not_in_the_answer(project: Project) -> None:
    (project.folder / "checks.py").write_text(TALKS)
    words = ["--json", "--only", "F00-own-talks", "--project", str(project.folder)]
    done = CliRunner().invoke(check, words, standalone_mode=False)
    assert [each["verdict"] for each in json.loads(done.stdout)["findings"]] == ["pass"]
    assert "read asked told" in done.stderr


def test_a_whole_exam_keeps_them_with_their_question(project: Project) -> None:
    (project.folder / "checks.py").write_text(OWN)
    code, out = said(project)
    assert code == 1
    assert "F00-own-is-calm" in out
    event = project.home.ledger.events("calls")[-1]
    assert (event.act, event.body["failed_gates"]) == (Act.EXAMINED, ["F00-own-is-calm"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def a(exam):\n    return (", "checks.py:2: SyntaxError"),
        ("import nowhere_to_be_found", "checks.py:1: it needs the package 'nowhere_to_be_found'"),
        ("def a(exam, other):\n    return True", "a in checks.py does not take one argument"),
        ("import os\nos._exit(0)", "checks.py: its process ended by itself (exit code 0)"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(project: Project, text: str, told: str) -> None:
    (project.folder / "checks.py").write_text(text)
    code, out = said(project, "--only", "F00")
    assert (code, told in out) == (2, True)
    assert "Mend checks.py" in out or "Write def a(exam)" in out


def test_what_harms_its_process_is_its_own_finding(project: Project) -> None:
    (project.folder / "checks.py").write_text(HARMS)
    code, out = said(project, "--json", "--only", "F00-own")
    found = {each["code"]: each for each in json.loads(out)["findings"]}
    assert code == 1
    assert {each["verdict"] for each in json.loads(out)["findings"] if each["code"] == "F00-own-sees"} == {"pass"}
    assert found["F00-own-exits"]["because"] == "checks.py: its process ended by itself (exit code 0)"
    assert "SIGKILL" in found["F00-own-kills"]["because"]
    assert "SIGSEGV" in found["F00-own-faults"]["because"]
    assert "(MemoryError)" in found["F00-own-eats"]["because"]
    assert found["F00-own-forks"]["because"] == "told once"
    assert "writes into its answers" in found["F00-own-forges"]["because"]
    assert found["F00-own-fine"]["verdict"] == "pass"


def test_what_hangs_is_ended_at_its_line(project: Project) -> None:
    (project.folder / "checks.py").write_text("import time\n\n\ndef hangs(exam):\n    time.sleep(1000)\n")
    with own_checks(project, FIRST, at=AT, within_s=1.0) as (check, absent):
        (found,) = check.look(examined(project, FIRST, at=AT, measure=lambda service, rows: FOOTPRINT))
    assert (found.verdict, absent.code) == (Verdict.UNKNOWN, "F00-own-is-calm")
    assert found.because == "checks.py:5 hangs: no answer within 1 seconds"


def test_a_file_that_cannot_be_read_ends_no_exam_of_other_questions(project: Project) -> None:
    (project.folder / "checks.py").write_text("def a(exam):\n    return (")
    code, out = said(project, "--only", "F19-expectation")
    assert (code, "cannot be read" in out) == (0, False)


def test_a_file_that_is_not_there_says_so_and_its_gate_fails(project: Project) -> None:
    (project.folder / "checks.py").unlink(missing_ok=True)
    code, out = said(project, "--only", "F00-own-is-calm")
    assert code == 1
    assert "checks.py has no such function" in out
    code, out = said(project, "--only", "F00-own-other")
    assert code == 2


def test_a_folder_or_bytes_are_refused(project: Project, tmp_path: Path) -> None:
    write_brief(tmp_path, BRIEF.replace('gates = ["F00-own-is-calm"]', ""))
    other = open_project(tmp_path)
    with own_checks(other, FIRST, at=AT) as none:
        assert none == ()
    (tmp_path / "checks.py").write_bytes(b"\xff")
    with pytest.raises(Asked, match="is not UTF-8"), own_checks(other, FIRST, at=AT):
        raise AssertionError
    (tmp_path / "checks.py").unlink()
    (tmp_path / "checks.py").mkdir()
    with pytest.raises(Asked, match="is no file"), own_checks(other, FIRST, at=AT):
        raise AssertionError


def test_their_codes_are_gates_that_only_an_exam_answers() -> None:
    assert is_gate("F00-own")
    assert is_gate("F00-own-no-gap")
    assert not is_gate("F00-ow")
    assert gates_of_exam(("F00-own-no-gap",)) == ("F00-own-no-gap",)
