"""Every reason why models fail has its row, and every command that answers one runs, in the order of the page."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.simulation.streams import clean_stream

PAGE = Path(__file__).parents[1] / "docs" / "why-models-fail.md"
ROW = re.compile(r"^\| (F\d\d) \| .+ \| (?:`mainstay ([^`]+)`|not yet) \|$", re.MULTILINE)
ROWS = dict(ROW.findall(PAGE.read_text(encoding="utf-8")))
COMMANDS = tuple(dict.fromkeys(command for command in ROWS.values() if command))
BRIEF = """
[model]
name = "calls"
[data]
source = "rows.csv"
target = "outcome"
positive = 1
time = "at"
segments = ["category_1"]
[decision]
when_high = "call"
when_low = "leave"
[today]
rule = "number_1 > 0"
[value]
currency = "EUR"
when_high_and_positive = 10
when_high_and_negative = -2
when_low_and_positive = 0
when_low_and_negative = 0
"""
NO_WAY_BACK = {"rollback"}  # of the first version ever deployed: the answer is no, and says so


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("why")
    rows = clean_stream(seed=3, days=60, rows_per_day=20, n_numbers=3, n_categories=1).rows
    rows.write_csv(folder / "rows.csv")
    (folder / "mainstay.toml").write_text(BRIEF)
    assert run(mainstay, ["train", "--project", str(folder)]) == 0
    return folder


def test_every_reason_has_its_row() -> None:
    assert sorted(ROWS) == [f"F{n:02}" for n in range(1, 44)]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_runs(
    project: Path, command: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    code = run(mainstay, shlex.split(command))
    said = capfd.readouterr()
    assert "Traceback" not in said.err
    assert code == (1 if command in NO_WAY_BACK else 0), said.out + said.err
    assert said.out or command in NO_WAY_BACK
