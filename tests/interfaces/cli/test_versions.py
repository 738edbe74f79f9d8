"""Value beside cost: versions, the rule and the manual process in one table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.workflows.lives import AT, BRIEF, DAY, add, deploy, examine, summary

from mainstay.domain.evaluation import CandidateResult, Cost, Estimate
from mainstay.interfaces.cli import versions as cli
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.home import open_home

PRICED = (
    BRIEF
    + """
[today]
rule = "PAY_0 >= 2"
agreement = 0.85
cost_per_case = 40
[costs]
label = 2
compute_hour = 1
per_1000_decisions = 5
"""
)
COST = Cost(
    rows=30_000, labels=29_000, seconds=120.0, cpu_seconds=210.0, peak_bytes=1_340_000_000, compute_money=0.04,
    label_money=58_000.0,
)  # fmt: skip
RULE = CandidateResult(
    name="today",
    title="today's rule",
    metrics={"roc_auc": Estimate(0.69, 0.68, 0.70)},
    threshold=0.5,
    value=Estimate(3917.0, 3700.0, 4100.0),
    winner_ahead=Estimate(601.0, 429.0, 862.0),
    chosen=False,
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one version, whose training was accounted for."""
    (tmp_path / "mainstay.toml").write_text(PRICED)
    add(open_home(tmp_path), brief=PRICED, cost=COST, candidates=(*summary(1).candidates, RULE))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(mainstay, ["versions", *arguments]) == 0
    return capsys.readouterr().out


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(said(capsys, *arguments, "--json"))


def at(days: float) -> tuple[str, str]:
    return "--at", (AT + days * DAY).isoformat()


def test_a_clock_that_was_stepped_back_hides_no_version_unsaid(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(mainstay, ["versions", *at(-1)]) == 0
    shown = capsys.readouterr()
    assert "has no version then." in shown.out
    assert "Next: mainstay train" not in shown.out
    assert "One version was made after" in shown.err
    assert "stepped back" not in shown.err
    monkeypatch.setattr(cli, "moment", lambda text: AT - DAY)
    assert run(mainstay, ["versions"]) == 0
    assert "this machine's clock was stepped back since. Look at it: mainstay doctor." in capsys.readouterr().err


def test_the_rule_and_people_stand_in_the_same_table(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, *at(1)).splitlines()
    assert all(len(line) <= 140 for line in lines)
    version, rule, people = lines[1:4]
    for heading in ("ROC AUC", "worth a decision", "cost to make", "minutes", "cost a decision"):
        assert heading in lines[0]
    for part in ("0.780", "TWD 4,518", "TWD 58,000", "2.0", "30,000", "1.34 GB", "TWD 0.005"):
        assert part in version
    assert rule.startswith("the rule")
    assert "TWD 3,917" in rule
    assert "agrees 85%" in people
    assert people.rstrip().endswith("TWD 40.0")
    assert "in 97 decisions" in "\n".join(lines), "58,000.04 over 601 less 0.005 a decision"


def test_the_same_for_programs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (version,) = told(capsys, *at(1))
    assert version["cost"]["labels"] == 29_000
    assert version["made_for"] == pytest.approx(58_000.04)
    assert version["pays_after_decisions"] == 97
    assert version["size_bytes"] > 1000
    assert version["rule"]["value"]["value"] == 3917.0
    assert version["quality"] == {"metric": "roc_auc", **version["metrics"]["roc_auc"]}
    assert version["rule"]["quality"]["value"] == 0.69
    assert version["manual"] == {"agreement": 0.85, "cost_per_case": 40.0}
    assert version["each_decision_costs"] == 0.005
    assert (version["time_box"]["days"], version["time_box"]["over"]) == (1, False)


def test_a_time_box_that_is_over_is_a_warning_until_something_is_live(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = said(capsys, *at(15))
    assert "▲ warn  the time box is over" in late
    assert late.splitlines()[-1] == "Next: mainstay check credit/1"
    examine(open_home(project), 1, at=AT + 2 * DAY)
    assert said(capsys, *at(15)).splitlines()[-1] == "Next: mainstay deploy credit/1"
    deploy(open_home(project), 1, at=AT + 3 * DAY)
    in_time = said(capsys, *at(15))
    assert "It went live 3 days after the first fit, within the time box" in in_time
    assert "▲" not in in_time


def test_a_newer_version_is_examined_before_its_report_is_read(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = open_home(project)
    deploy(home, 1, at=AT + 3 * DAY)
    add(home, at=AT + 4 * DAY, brief=PRICED, gates_of_exam=("F18-fairness",))
    assert said(capsys, *at(5)).splitlines()[-1] == "Next: mainstay check credit/2"
    examine(home, 2, at=AT + 6 * DAY)
    assert said(capsys, *at(7)).splitlines()[-1] == "Next: mainstay report credit/2"


def test_what_was_never_priced_and_what_is_older_is_left_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add(open_home(tmp_path), value=None)
    monkeypatch.chdir(tmp_path)
    assert said(capsys).splitlines()[0].split() == ["version", "status", "made", "ROC", "AUC", "size"]
    (seen,) = told(capsys)
    assert seen["cost"] is None
    assert seen["rule"] is None
    assert seen["manual"] is None
