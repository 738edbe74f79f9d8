"""A version examined for real: what the command says, what is kept, and what the ledger then tells."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from mainstay.checks.every import EVERY
from mainstay.checks.examined import Examined, Footprint
from mainstay.domain.errors import Asked, BundleError
from mainstay.domain.event import Act
from mainstay.domain.finding import Verdict
from mainstay.domain.version import VersionName
from mainstay.interfaces.cli.check import check
from mainstay.interfaces.cli.explain import explain
from mainstay.simulation.streams import clean_stream
from mainstay.store.project import Project, open_project, write_brief
from mainstay.workflows.exam import chosen_checks, exam_of
from mainstay.workflows.exam_kept import exam_taken, kept_exam
from mainstay.workflows.examined import examined
from mainstay.workflows.report import write_report
from mainstay.workflows.train import train

AT = datetime(2026, 5, 4, tzinfo=UTC)
FOOTPRINT = Footprint(0.1, 0.3, 20.0, 50_000, 80_000_000, 0.3)
BRIEF = """
gates = ["targets", "F01-owned"]
[model]
name = "calls"
{owner}
[data]
source = "rows.csv"
target = "outcome"
positive = 1
time = "at"
population = "gone.csv"
[decision]
when_high = "call"
when_low = "leave"
[value]
currency = "EUR"
when_high_and_positive = 10
when_high_and_negative = -2
when_low_and_positive = 0
when_low_and_negative = 0
[value.revenue]
when_high_and_positive = 12
[targets]
size_mb = 100
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("exam")
    rows = clean_stream(seed=3, days=60, rows_per_day=20, n_numbers=3, n_categories=1).rows
    rows.write_csv(folder / "rows.csv")
    write_brief(folder, BRIEF.format(owner=""))
    opened = open_project(folder)
    train(opened, seed=0, actor="anna", at=AT, on_progress=lambda what, share: None)
    return opened


def said(project: Project, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(check, [*words, "--project", str(project.folder)], standalone_mode=False)
    return done.return_value or 0, done.stdout


def test_it_asks_everything_keeps_the_answers_and_tells_the_ledger(project: Project) -> None:
    code, out = said(project, "--json")
    told = json.loads(out)
    assert (code, told["verdict"], told["failed_gates"]) == (0, "warn", [])
    answered = {finding["code"] for finding in told["findings"]}
    assert [each.code for each in EVERY if not any(f"{code}-".startswith(f"{each.code}-") for code in answered)] == []
    assert "broke" not in out
    assert "data.population cannot be read (gone.csv is not there): nobody can tell" in out
    event = project.home.ledger.events("calls")[-1]
    assert event.act == Act.EXAMINED
    kept = kept_exam(project, VersionName("calls", 1))
    assert kept is not None
    assert [finding.code for finding in kept] == [finding["code"] for finding in told["findings"]]
    taken = exam_taken(project.home, VersionName("calls", 1))
    assert taken is not None
    asked = {check.asks: check for check in EVERY}
    assert all(asked[each.question.asks].section == each.question.section for each in taken.answers)
    assert taken.at == event.at


def test_a_target_that_only_an_exam_measures_is_a_gate_of_it(project: Project) -> None:
    (trained,) = [event for event in project.home.ledger.events("calls") if event.act == Act.TRAINED]
    assert trained.body["gates_of_exam"] == ["F16-service-size", "F01-owned"]


def test_a_row_is_explained_with_the_training_rows_like_it(project: Project, tmp_path: Path) -> None:
    row = pl.read_csv(project.folder / "rows.csv").row(100, named=True)
    (tmp_path / "row.json").write_text(json.dumps(row))
    words = ["1", "--row", str(tmp_path / "row.json"), "--near", "3", "--project", str(project.folder)]
    done = CliRunner().invoke(explain, [*words, "--json"], standalone_mode=False)
    told = json.loads(done.stdout)
    why = told["answer"]["reasons"]
    assert why["usual"] + sum(each["contribution"] for each in why["top"]) + why["others"] == pytest.approx(why["raw"])
    assert told["answer"]["instead"]["none_because"] == "the brief says of no number or category that it is actionable"
    assert len(told["near"]) == 3
    assert told["near"][0]["row"] == 101
    assert told["near"][0]["score"] == told["answer"]["score"]
    shown = CliRunner().invoke(explain, words, standalone_mode=False).stdout
    assert "The training rows most like it:" in shown
    assert "From the usual" in shown
    for typed, piped in ((json.dumps(row), None), ("-", json.dumps(row))):
        again = ["1", "--row", typed, "--near", "3", "--project", str(project.folder)]
        assert CliRunner().invoke(explain, again, input=piped, standalone_mode=False).stdout == shown
    events = [event.act for event in project.home.ledger.events("calls")]
    for odd in ("[]", "[" * 100_000):
        (tmp_path / "row.json").write_text(odd)
        refused = CliRunner().invoke(explain, words, standalone_mode=False)
        assert isinstance(refused.exception, Asked)
    assert [event.act for event in project.home.ledger.events("calls")] == events, "asking leaves no trace"


def test_the_report_shows_the_newest_exam(project: Project, tmp_path: Path) -> None:
    write_report(project.home, VersionName("calls", 1), tmp_path / "r.html", n_buckets=10, actor="anna", at=AT)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Examined on" in page
    assert "Does somebody answer for the model?" in page
    assert "revenue" in re.findall(r'<dt>([^<]*)</dt><dd id="fact-view-0">', page)


def test_what_a_report_draws_is_kept_and_drawn(project: Project, tmp_path: Path) -> None:
    taken = exam_taken(project.home, VersionName("calls", 1))
    assert taken is not None
    assert taken.shown is not None
    assert [each.name for each in taken.shown.inputs]
    assert len(taken.shown.tests) == 28
    write_report(project.home, VersionName("calls", 1), tmp_path / "r.html", n_buckets=10, actor="anna", at=AT)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert f"{taken.shown.inputs[0].name} carries" in page
    assert 'id="figure-effect-0"' in page
    assert "The 28 tests, and what meets them" in page


def test_a_drawing_that_was_changed_is_refused(project: Project) -> None:
    event = next(each for each in project.home.ledger.events("calls")[::-1] if each.act == Act.EXAMINED)
    (file,) = project.folder.rglob(event.body["shown"].rpartition("/")[2])
    whole = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(whole.replace(b'"points":0.0', b'"points":1.0'))
    with pytest.raises(BundleError, match="was changed"):
        exam_taken(project.home, VersionName("calls", 1))
    file.write_bytes(whole)


def test_an_exam_that_was_changed_is_refused(project: Project) -> None:
    event = next(each for each in project.home.ledger.events("calls")[::-1] if each.act == Act.EXAMINED)
    (file,) = project.folder.rglob(event.body["artifact"].rpartition("/")[2])
    whole = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(whole.replace(b'"verdict":"warn"', b'"verdict":"pass"'))
    with pytest.raises(BundleError, match="was changed"):
        exam_taken(project.home, VersionName("calls", 1))
    file.write_bytes(whole)


def test_some_checks_only_are_kept_nowhere(project: Project) -> None:
    before = len(project.home.ledger.events("calls"))
    code, out = said(project, "calls/1", "--only", "F01")
    assert code == 0
    assert "▲ warn  F01-owned  the brief leaves out model.owner." in out
    assert len(project.home.ledger.events("calls")) == before


def test_the_winner_is_fitted_again_before_any_row_is_held_and_once(project: Project) -> None:
    told: list[str] = []
    seen: list[int] = []

    def before_rows(bare: Examined) -> None:
        seen.extend((bare.table.height, bare.used.height, bare.scores.size))

    found = exam_of(
        project,
        VersionName("calls", 1),
        only=("F01-owned", "F14-same-model"),
        actor="anna",
        at=AT,
        on_check=lambda what, share: told.append(what),
    )
    assert [(each.code, each.verdict) for each in found.findings][1] == ("F14-same-model", Verdict.PASS)
    owned, same = (next(check.asks for check in EVERY if check.code == each.code) for each in found.findings)
    assert told == ["reading the rows it was made from", same, owned, same, "examined"]
    version, measure = VersionName("calls", 1), lambda service, rows: FOOTPRINT
    exam = examined(project, version, at=AT, measure=measure, before_rows=before_rows)
    assert (seen, exam.scores.size, exam.used.height) == ([0, 0, 0], exam.table.height, exam.table.height)


def test_a_code_that_is_none_is_refused_with_the_nearest(project: Project) -> None:
    with pytest.raises(Asked, match=r"there is no check 'F01-owne'") as caught:
        chosen_checks(["F01-owne"])
    assert "F01-owned" in caught.value.remedy


def test_what_fails_by_a_gate_answers_no(tmp_path: Path, project: Project) -> None:
    past = "review_by = 2020-01-01"
    write_brief(tmp_path, BRIEF.format(owner=past).replace("F01-owned", "F41"))
    (tmp_path / "rows.csv").write_bytes((project.folder / "rows.csv").read_bytes())
    other = open_project(tmp_path)
    train(other, seed=0, actor="anna", at=AT + timedelta(days=1), on_progress=lambda what, share: None)
    assert other.home.ledger.life("calls").status(1) == "held"
    code, out = said(other)
    assert code == 1
    assert "calls/1 is not ready: the brief's gates fail by F41-review-date." in out
    found = kept_exam(other, VersionName("calls", 1))
    assert found is not None
    assert next(each for each in found if each.code == "F41-review-date").verdict is Verdict.FAIL
