"""A search as a person starts it: recorded, repeated, on fewer rows, interrupted."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.workflows.test_train import AT, BRIEF, CLEAN, lay, mainstay, numbers, simulated, train_here

from mainstay.domain.canonical import digest
from mainstay.domain.errors import Asked, NotFound
from mainstay.domain.version import VersionName
from mainstay.store.project import Project, open_project
from mainstay.workflows import wanted
from mainstay.workflows.reproduce import reproduce
from mainstay.workflows.searched import TRIALS, read_trials
from mainstay.workflows.train import train
from mainstay.workflows.wanted import Wanted, has_room_for, wanted_of

V1 = VersionName("stream", 1)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with one version."""
    project = open_project(lay(tmp_path_factory.mktemp("searched"), simulated(500).write_csv()))
    train_here(project)
    return project


def test_every_try_is_kept_and_tied_to_the_version(searched: Project) -> None:
    record = read_trials(searched.home.artifacts, V1)
    summary = searched.home.ledger.life("stream").versions[0].summary
    assert {trial.learner for trial in record.trials} == {"base_rate", "logistic", "boosting"}
    assert all(trial.seconds >= 0 and (trial.gain is None or trial.gain < 0) for trial in record.trials)
    assert summary["settings"] == {"learner": record.winner, **record.settings}
    assert record.settings["trees"] > 0
    event = next(event for event in searched.home.ledger.events("stream") if "trials_digest" in event.body)
    assert event.body["trials_digest"] == digest(searched.home.artifacts.artifact("stream", 1, TRIALS))


@pytest.mark.parametrize("n_threads", ["1", "2"])
def test_the_winner_is_the_same_model_without_a_search(searched: Project, n_threads: str) -> None:
    env = {"OMP_NUM_THREADS": n_threads, "PYTHONHASHSEED": "7"}
    said = mainstay("train", "--from", "1", "--json", "--project", str(searched.folder), env=env)
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert told["same"] is True
    assert told["model_digest"] == told["recorded_digest"]
    assert told["version"] == "stream/1"
    assert numbers(searched) == [1]


def test_another_model_is_said_and_the_answer_is_no(searched: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    record = read_trials(searched.home.artifacts, V1)
    monkeypatch.setattr(
        "mainstay.workflows.reproduce.read_trials",
        lambda artifacts, version: type(record)(
            winner=record.winner,
            settings={**record.settings, "trees": 3},
            n_rows=None,
            stopped="",
            trials=(),
        ),
    )
    again = reproduce(searched, "stream/1")
    assert not again.is_same
    assert again.differs == "Its plan.json differ."


def test_what_is_not_there_cannot_be_repeated(searched: Project) -> None:
    with pytest.raises(NotFound, match="stream/7"):
        reproduce(searched, "7")


def test_fewer_rows_are_a_fair_sample_and_repeatable(tmp_path: Path) -> None:
    project = open_project(lay(tmp_path / "project", simulated(500).write_csv()))
    summary = train(project, seed=0, actor="a", at=AT, on_progress=lambda *_: None, wanted=Wanted(rows=150))
    assert summary.rows["train"] == 150
    assert summary.rows["holdout"] == 100
    assert reproduce(project, "1").is_same


def test_in_time_the_newest_rows_are_learned_from(tmp_path: Path) -> None:
    brief = BRIEF.replace('exclude = ["row_id", "at"]', 'time = "at"\nexclude = ["row_id"]')
    project = open_project(lay(tmp_path / "project", simulated(500).write_csv(), brief))
    summary = train(project, seed=0, actor="a", at=AT, on_progress=lambda *_: None, wanted=Wanted(rows=150))
    assert (summary.split, summary.rows["train"]) == ("time", 150)
    assert reproduce(project, "1").is_same


@pytest.mark.parametrize("minutes", [0.0, -1.0, 0.05, math.nan])
def test_no_time_is_asked_wrongly(minutes: float) -> None:
    with pytest.raises(Asked, match="no time"):
        wanted_of(minutes, None, age_s=0.0)


@pytest.mark.parametrize("minutes", [math.inf, 1e308, 1e6])
def test_endless_time_is_asked_wrongly(minutes: float) -> None:
    with pytest.raises(Asked, match="more than a year"):
        wanted_of(minutes, None, age_s=0.0)


def test_processes_fit_only_where_there_is_memory_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for left, fits in ((None, True), (10**12, True), (10**9, False)):
        monkeypatch.setattr(wanted, "memory_left", lambda left=left: left)
        assert has_room_for(2) is fits
    monkeypatch.setattr(wanted, "memory_left", lambda: 5 * 10**9)
    assert has_room_for(64)  # for no more are started than there are folds


def interrupted(folder: Path, at: str, *, again: bool = False) -> tuple[int, dict[str, Any], str]:
    """Train in a process of its own that gets Ctrl-C as soon as it says `at`; return its code, document and words."""
    command = [sys.executable, "-m", "mainstay", "train", "--json", "--minutes", "3", "--project", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=CLEAN) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if at in line and process.poll() is None:
                os.kill(process.pid, signal.SIGINT)
                at = "judging on the holdout" if again else "\n\n"
        assert process.stdout is not None
        out = process.stdout.read()
    return process.returncode, json.loads(out), "".join(said)


def test_who_interrupts_a_search_keeps_the_best_so_far(tmp_path: Path) -> None:
    folder = lay(tmp_path / "project", simulated(400).write_csv())
    code, told, said = interrupted(folder, "gradient boosting: 2 tries")
    assert code == 0, said
    assert "F14-search-interrupted" in [finding["code"] for finding in told["findings"]]
    assert numbers(open_project(folder)) == [1]
    assert read_trials(open_project(folder).home.artifacts, V1).stopped == "interrupted"


@pytest.mark.parametrize(("at", "again"), [("reading the table", False), ("gradient boosting: 1 try", True)])
def test_who_interrupts_before_or_twice_keeps_nothing(tmp_path: Path, at: str, again: bool) -> None:
    folder = lay(tmp_path / "project", simulated(400).write_csv())
    code, told, said = interrupted(folder, at, again=again)
    assert code == 130, said
    assert told["error"]["what"].startswith("Interrupted")
    assert numbers(open_project(folder)) == []
