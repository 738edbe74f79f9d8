"""The watch over a real home: everything is counted once, whatever comes late, twice, at once or in another order."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from mainstay.domain.event import Act
from mainstay.domain.finding import Finding, Signal, Verdict
from mainstay.domain.moments import iso
from mainstay.domain.signature import OUTCOME, SCORE
from mainstay.domain.traffic import Action, Outcome
from mainstay.domain.version import parse_version
from mainstay.interfaces.cli.main import mainstay
from mainstay.monitoring.acted import ANOTHER_WORD, AS_DECIDED, OTHERWISE
from mainstay.monitoring.joint import judge_jointly
from mainstay.monitoring.look import Judgement, look
from mainstay.monitoring.periods import to_us
from mainstay.monitoring.realised import realised
from mainstay.simulation.streams import clean_stream
from mainstay.store.home import open_home
from mainstay.store.last_looks import read_last_look
from mainstay.store.project import Project, open_project, write_brief
from mainstay.store.spool import Spool
from mainstay.store.spool_lines import lines_of
from mainstay.store.throwaway import write_table
from mainstay.workflows.counting import Watched
from mainstay.workflows.import_log import WantedLog, import_log
from mainstay.workflows.last_look import note_look
from mainstay.workflows.live import deploy
from mainstay.workflows.living import answer, begin, learn, nothing_yet
from mainstay.workflows.past import Future, after, before, timeline
from mainstay.workflows.route import load_service
from mainstay.workflows.sampling import samples
from mainstay.workflows.train import train
from mainstay.workflows.watch import open_watch, reference_of, tick

BRIEF = """\
[model]
name = "stream"
[data]
source = "rows.csv"
target = "outcome"
positive = 1
time = "at"
exclude = ["row_id"]
segments = ["category_1"]
protected = ["category_1"]
outcome_delay = "10d"
no_outcome_means = "{silence}"
[value]
currency = "EUR"
when_high_and_positive = 10
when_high_and_negative = -3
when_low_and_positive = 0
when_low_and_negative = 0
"""
UNTIL = datetime(2024, 4, 1, tzinfo=UTC)
ANSWERED_US = int(datetime(2024, 4, 20, tzinfo=UTC).timestamp() * 1e6)
LATER = datetime(2024, 5, 10, tzinfo=UTC)


class Lived:
    """A deployed version, and rows it can be asked about."""

    def __init__(self, folder: Path, silence: str) -> None:
        stream = clean_stream(seed=3, days=130, rows_per_day=30, n_numbers=2, n_categories=1)
        text = BRIEF.format(silence=silence)
        write_brief(folder, text)
        write_table(stream.rows, folder / "rows.csv")
        self.project = open_project(folder)
        line = timeline(stream.rows, self.project.brief)
        write_table(before(line, UNTIL, self.project.brief), folder / "rows.csv")
        summary = train(self.project, seed=0, actor="t", at=UNTIL, on_progress=lambda what, share: None)
        self.version = parse_version(summary.version)
        deploy(self.project.home, self.version, actor="t", at=UNTIL, override=True, why="a test")
        service = load_service(self.project.home, self.version)
        future = after(line, UNTIL, brief=self.project.brief, schema=service.schema)
        self.future = upto(future, ANSWERED_US)


def upto(future: Future, until_us: int) -> Future:
    """Keep the rows decided before a moment."""
    n = int((future.at_us < until_us).sum())
    kept = {name: getattr(future, name)[:n] for name in ("bodies", "ids", "at_us", "due_us", "outcomes", "baseline")}
    return replace(future, **kept)


@pytest.fixture(scope="module", params=["unknown", "negative"])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """A model trained once per meaning of silence; tests work on copies of its folder."""
    return Lived(tmp_path_factory.mktemp("stream"), request.param)


@pytest.fixture
def project(trained: Lived, tmp_path: Path) -> Project:
    """A copy of the trained project that a test may fill."""
    folder = tmp_path / "copy"
    shutil.copytree(trained.project.folder, folder)
    return open_project(folder)


def fill(project: Project, trained: Lived, *, rows: range | None = None, learned: bool = True) -> None:
    """Answer rows and bring their outcomes, into the spool alone."""
    watched = open_watch(project.home, "stream")
    service = load_service(project.home, trained.version)
    silent = project.brief.data.no_outcome_means == "negative"
    life = begin(watched, service, reference_of(watched, trained.version), silence_is_negative=silent)
    lived = nothing_yet(trained.future)
    answer(life, trained.future, rows or range(trained.future.at_us.size), lived)
    if learned:
        learn(life, trained.future, lived, after_us=0, until_us=int(LATER.timestamp() * 1e6))
    life.decisions.close()
    life.outcomes.close()


def total(watched: Watched, subject: str, **where: object) -> int:
    """Rows counted under a subject, segments left out."""
    cells = watched.journal.cells().filter((pl.col("subject") == subject) & (pl.col("segment") == ""))
    for name, value in where.items():
        cells = cells.filter(pl.col(name) == value)
    return int(cells["n"].sum())


def summed(watched: Watched) -> pl.DataFrame:
    """All cells added up, in a fixed order, for comparing two ways of counting."""
    keys = ["version", "arm", "segment", "decided", "learned", "subject", "fold", "bin", "outcome"]
    cells = watched.journal.cells().group_by(keys).agg(pl.col("n").sum(), pl.col("^sum_.*$").sum().round(6))
    return cells.filter(pl.col("n") != 0).sort(keys, nulls_last=True)


def test_a_look_counts_everything_once_and_again_changes_nothing(project: Project, trained: Lived) -> None:
    fill(project, trained)
    watched = open_watch(project.home, "stream")
    first = tick(watched, at=LATER)
    n_rows, n_positive = trained.future.at_us.size, int(trained.future.outcomes.sum())

    assert first.ingested["decisions"] == n_rows
    assert total(watched, SCORE) == n_rows
    assert total(watched, OUTCOME, outcome=1) == n_positive
    assert total(watched, OUTCOME, outcome=0) == n_rows - n_positive  # told, or implied by silence

    before_cells, before_events = summed(watched), project.home.ledger.events("stream")
    again = tick(open_watch(project.home, "stream"), at=LATER)
    assert not any(again.ingested.values())
    assert summed(watched).equals(before_cells)
    assert project.home.ledger.events("stream") == before_events


def test_rows_of_the_newest_stretches_are_sampled_once(project: Project, trained: Lived) -> None:
    fill(project, trained)
    watched, version = open_watch(project.home, "stream"), trained.version.number
    tick(watched, at=LATER)
    seen = look(watched.kept(version).measure, watched.journal.plain_cells(version, known_at=LATER), at=LATER)
    starts = to_us(UNTIL) + np.arange(12) * 86_400_000_000
    rows = np.histogram(trained.future.at_us, [*starts, starts[-1] + 86_400_000_000])[0]
    daily = replace(seen.done, starts=starts, ends=starts + 86_400_000_000, rows=rows)
    drawn = samples(watched, version, replace(seen, done=daily), is_told=False)
    assert list(drawn) == list(range(1, 12))
    assert [each.shape for each in drawn.values()] == [(n, 3) for n in rows[1:]]
    again = samples(watched, version, replace(seen, done=daily), is_told=True)
    assert all(again[t] is drawn[t] for t in drawn)
    assert judge_jointly(replace(seen, done=daily), Judgement((), (), frozenset()), again, ("number_1",)).judged == ()


def test_many_small_looks_count_like_one(project: Project, trained: Lived, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(project.folder, other)
    fill(project, trained)
    once = open_watch(project.home, "stream")
    tick(once, at=LATER)

    bits = open_project(other)
    piecewise = open_watch(bits.home, "stream")
    fill(bits, trained, learned=False)
    tick(piecewise, at=UNTIL + timedelta(days=8))
    fill(bits, trained)  # every decision again, and now the outcomes
    for day in (12, 17, 22, 30):
        tick(piecewise, at=UNTIL + timedelta(days=day))
    tick(piecewise, at=LATER)
    assert summed(piecewise).equals(summed(once))


def test_an_outcome_may_come_before_its_decision(project: Project, trained: Lived) -> None:
    spool = Spool(project.home.spool_root, "stream", "outcomes")
    label = load_service(project.home, trained.version).schema.positive or ""
    early = Outcome(id="row-0", key="", outcome=label, happened_us=ANSWERED_US, learned_us=ANSWERED_US)
    spool.write(msgspec.json.encode(early) + b"\n")
    spool.close()
    watched = open_watch(project.home, "stream")
    tick(watched, at=UNTIL + timedelta(days=1))
    assert total(watched, OUTCOME) == 0

    fill(project, trained, rows=range(1), learned=False)
    tick(watched, at=UNTIL + timedelta(days=2))
    assert total(watched, OUTCOME, outcome=1) == 1


def test_a_correction_takes_back_what_it_corrects(project: Project, trained: Lived) -> None:
    fill(project, trained, rows=range(1), learned=False)
    watched = open_watch(project.home, "stream")
    schema = load_service(project.home, trained.version).schema
    for day, label in ((1, schema.negative), (2, schema.positive)):
        spool = Spool(project.home.spool_root, "stream", "outcomes")
        learned_us = ANSWERED_US + day * 86_400_000_000
        told = Outcome(id="row-0", key="", outcome=label or "", happened_us=ANSWERED_US, learned_us=learned_us)
        spool.write(msgspec.json.encode(told) + b"\n")
        spool.close()
        tick(watched, at=LATER)
    assert (total(watched, OUTCOME, outcome=0), total(watched, OUTCOME, outcome=1)) == (0, 1)


def logged(project: Project, path: Path) -> pl.DataFrame:
    """What a home decided and learned, as another system would have logged it."""
    journal = open_watch(project.home, "stream").journal
    decided = journal.decisions(columns=["id", "at", "score", "decision", "received"])
    rows = pl.read_ndjson("\n".join(decided["received"]).encode()).select("number_1", "number_2", "category_1")
    came = journal.outcomes().filter(~pl.col("implied"))
    told = came.select("id", "outcome", happened_at="happened", learned_at="learned")
    log = pl.concat([decided.drop("received"), rows], how="horizontal").join(told, on="id", how="left")
    log.write_parquet(path)
    return log


def test_decisions_made_elsewhere_are_judged_like_our_own(project: Project, trained: Lived, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(project.folder, other)
    fill(project, trained)
    ours = open_watch(project.home, "stream")
    tick(ours, at=LATER)
    log = logged(project, tmp_path / "log.parquet")

    theirs = open_project(other)
    done = import_log(theirs.home, WantedLog(tmp_path / "log.parquet", "stream", {}), at=LATER)
    assert (done.new, done.n_aside) == (trained.future.at_us.size, 0)
    watched = open_watch(theirs.home, "stream")
    seen = tick(watched, at=LATER)
    assert summed(watched).equals(summed(ours))
    assert seen.signals == project.home.ledger.life("stream").open_signals

    again = log.with_columns(id="x" + pl.col("id"), number_1=pl.lit("see note"))
    again.write_csv(tmp_path / "odd.csv")
    import_log(theirs.home, WantedLog(tmp_path / "odd.csv", "stream", {}), at=LATER)
    raised = tick(watched, at=LATER + timedelta(days=1)).signals
    assert ("F15-repaired-input", ("number_1",)) in {(each.finding.code, each.finding.subjects) for each in raised}


LOOK = """
import sys
from datetime import datetime
from pathlib import Path
from mainstay.workflows.place import open_project
from mainstay.workflows.watch import open_watch, tick
home = open_project(Path(sys.argv[1])).home
for _ in range(3):
    tick(open_watch(home, "stream"), at=datetime.fromisoformat(sys.argv[2]))
"""


def test_two_looks_at_once_count_once(project: Project, trained: Lived) -> None:
    fill(project, trained)
    command = [sys.executable, "-c", LOOK, str(project.folder), LATER.isoformat()]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [each.wait(timeout=120) for each in both] == [0, 0]
    assert total(open_watch(open_home(project.folder), "stream"), SCORE) == trained.future.at_us.size


def test_a_look_that_dies_in_between_is_taken_up_by_the_next(project: Project, trained: Lived) -> None:
    fill(project, trained)
    command = [sys.executable, "-c", LOOK, str(project.folder), LATER.isoformat()]
    for wait_s in (0.9, 1.1, 1.3, 1.6):
        look = subprocess.Popen(command)
        with suppress(subprocess.TimeoutExpired):  # a quick machine may be done by then
            look.wait(timeout=wait_s)
        look.kill()
        look.wait()
    watched = open_watch(project.home, "stream")
    tick(watched, at=LATER)
    assert total(watched, SCORE) == trained.future.at_us.size
    assert project.home.ledger.verify() == ()


def test_a_look_is_noted_and_counted_anew_only_where_something_came(project: Project, trained: Lived) -> None:
    fill(project, trained)
    watched = open_watch(project.home, "stream")
    note_look(watched, tick(watched, at=LATER))
    first = read_last_look(project.home, "stream")
    assert first is not None
    assert (first.version, first.at, first.counted_at) == (1, iso(LATER), iso(LATER))
    assert first.judged_through is not None
    assert 0 < first.came <= first.due == trained.future.at_us.size
    assert first.value.keys() == {"promised", "estimated", "realised"}
    status = realised_of(watched, LATER)
    assert status is not None
    assert first.value["realised"].value == pytest.approx(status)

    again = LATER + timedelta(minutes=5)
    note_look(watched, tick(watched, at=again))
    second = read_last_look(project.home, "stream")
    assert second == msgspec.structs.replace(first, at=iso(again))


def realised_of(watched: Watched, at: datetime) -> float | None:
    kept = watched.kept(1)
    found = realised(watched.journal.cells(known_at=at, version=1), kept.reference, outcome_delay=kept.delay, at=at)
    return None if found is None else found.value.value


def test_a_version_keeps_what_it_knew_of_its_groups(trained: Lived) -> None:
    kept = open_watch(trained.project.home, "stream").kept(trained.version.number)
    groups = kept.reference.groups
    assert sum(group.n_learned for group in groups.values()) > 1000
    assert {part.partition("=")[0] for part in groups} == {"category_1"}
    for group in groups.values():
        assert 0 < group.outcome < 1
        n, chosen, _ = group.measured["selection_rate"]
        assert 0 <= chosen <= n


def act(project: Project, done: list[tuple[str, str, datetime]]) -> None:
    """Bring actions: the id of a decision, what was done, and when."""
    spool = Spool(project.home.spool_root, "stream", "actions")
    micros = [(own_id, what, int(at.timestamp() * 1e6)) for own_id, what, at in done]
    lines = [Action(id=i, key="", action=what, by="anna", at_us=us, learned_us=us) for i, what, us in micros]
    spool.write(lines_of(lines))
    spool.close()


def test_what_was_done_counts_once_before_or_after_its_decision(project: Project, trained: Lived) -> None:
    ids, when = trained.future.ids, LATER - timedelta(days=1)
    early = [(ids[i], "call", when) for i in range(20)]
    act(project, early)
    watched = open_watch(project.home, "stream")
    tick(watched, at=LATER)
    assert total(watched, ANOTHER_WORD) == 0
    fill(project, trained)
    tick(watched, at=LATER)
    act(project, early)  # the same again
    act(project, [(ids[i], "no", when + timedelta(hours=1)) for i in range(5)])  # and something else instead
    act(project, [(ids[i], "yes", when) for i in range(20, 30)])
    for _ in range(2):
        tick(open_watch(project.home, "stream"), at=LATER)
        assert total(watched, ANOTHER_WORD) == 15
        assert total(watched, AS_DECIDED) + total(watched, OTHERWISE) == 15
    said = watched.journal.decisions().filter(pl.col("id").is_in(ids[20:30]))
    assert total(watched, OTHERWISE) >= said.filter(pl.col("decision") == "no").height


def test_a_gap_is_followed_to_rows_labels_and_inputs(project: Project, trained: Lived) -> None:
    fill(project, trained)
    tick(open_watch(project.home, "stream"), at=LATER)
    finding = Finding(
        code="F33-selection-gap", verdict=Verdict.WARN, because="a gap", subjects=("category_1=a", "category_1=b")
    )
    since = "2024-04-10T00:00:00Z"
    opened = Signal(id="g", finding=finding, since=since, cause="world")
    body = {"signal": msgspec.to_builtins(opened)}
    project.home.ledger.append("stream", Act.SIGNAL_OPENED, body, actor="t", at=LATER)
    done = CliRunner().invoke(mainstay, ["signals", "show", "g", "--trace", "--json", "--project", str(project.folder)])
    told = json.loads(done.stdout)["trace"]

    made = open_watch(project.home, "stream").journal.decisions()
    rows = pl.read_csv(project.folder / "rows.csv")
    kept = open_watch(project.home, "stream").kept(trained.version.number).reference.groups
    for group in told["groups"]:
        level = group["group"].partition("=")[2]
        assert group["rows_learned"] == kept[group["group"]].n_learned
        decided = group["before"]["decisions"] + group["since"]["decisions"]
        assert decided == made.filter(pl.col("s_category_1") == level).height > 0
        assert 0 < group["since"]["outcomes"] <= group["since"]["decisions"]
    assert {each["group"] for each in told["inputs"]} == {"category_1=a", "category_1=b"}
    for each in told["inputs"]:
        assert each["input"] != "category_1"
        own = rows.filter(pl.col("category_1") == each["group"].partition("=")[2])
        assert each["made_from"]["rows"] == own.height
        assert each["made_from"]["rows_there"] <= own.height
        assert each["made_from"]["outcome"] == pytest.approx(own["outcome"].mean())
    lines = CliRunner().invoke(mainstay, ["signals", "show", "g", "--trace", "--project", str(project.folder)]).stdout
    assert "rows learned from" in lines
    assert "category_1=a" in lines

    whole = msgspec.structs.replace(opened, id="w", finding=msgspec.structs.replace(finding, subjects=()))
    body = {"signal": msgspec.to_builtins(whole)}
    project.home.ledger.append("stream", Act.SIGNAL_OPENED, body, actor="t", at=LATER)
    refused = CliRunner().invoke(mainstay, ["signals", "show", "w", "--trace", "--project", str(project.folder)])
    assert refused.exit_code != 0
