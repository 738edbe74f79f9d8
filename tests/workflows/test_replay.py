"""Replaying years whose truth is known: a calm one stays within its alarms, a planted change is noticed soon after."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from scipy.stats import poisson

from mainstay.data.draft import draft_brief
from mainstay.domain.event import Act
from mainstay.domain.finding import Verdict
from mainstay.domain.moments import iso
from mainstay.simulation.change import Change
from mainstay.simulation.streams import Stream, clean_stream, with_change
from mainstay.store.project import Project, open_project, write_brief
from mainstay.store.sources import read_table
from mainstay.store.throwaway import write_table
from mainstay.workflows.replay import Noticed, Replayed, record, replay

FALSE_ALARMS_PER_MONTH = 0.5
MONTH = timedelta(days=30.4375)
BRIEF = f"""\
[model]
name = "stream"
[data]
source = "rows.csv"
target = "outcome"
positive = 1
time = "at"
exclude = ["row_id"]
outcome_delay = "10d"
[value]
currency = "EUR"
when_high_and_positive = 10
when_high_and_negative = -3
when_low_and_positive = 0
when_low_and_negative = 0
[watch]
false_alarms_per_month = {FALSE_ALARMS_PER_MONTH}
"""
START = datetime(2024, 1, 1, tzinfo=UTC)
LIVE_FROM = START + timedelta(days=110)
LAST_DAY = 200
CALM_SEEDS = (21, 22, 23, 24)
PLANTED_SEEDS = (31, 32)

# Weeks are what 70 rows a day allow: a change on any day of a week can be seen when the next week ends.
NOTICED_WITHIN = {"unseen_level": 7, "jump": 14, "missing": 14, "concept": 42}
NAMED_BY = {
    "unseen_level": ("F15-unseen-category",),
    "jump": ("F29-input-drift",),
    "missing": ("F29-missing-surge",),
    "concept": ("F32-performance-fell", "F32-value-fell"),
}


@dataclass(frozen=True)
class World:
    """A table whose truth is known, and what a replay of it showed."""

    project: Project
    table: Path
    truth: tuple[Change, ...]
    replayed: Replayed

    @property
    def alarms(self) -> list[Noticed]:
        """Signals that say something is wrong; the others are notices of what cannot be known."""
        return [each for each in self.replayed.signals if each.signal.finding.verdict in (Verdict.WARN, Verdict.FAIL)]

    @property
    def notices(self) -> list[Noticed]:
        """Signals that say what cannot be known."""
        return [each for each in self.replayed.signals if each not in self.alarms]


def calm_stream(seed: int) -> Stream:
    """Two hundred days with season, weekdays and days that remember the day before, in which nothing changes."""
    return clean_stream(seed=seed, days=LAST_DAY, rows_per_day=70, n_numbers=6, n_categories=3)


def live(folder: Path, stream: Stream, *, since: datetime = LIVE_FROM) -> World:
    """Replay a stream from the day of going live."""
    folder.mkdir()
    write_brief(folder, BRIEF)
    table = folder / "rows.csv"
    write_table(stream.rows, table)
    project = open_project(folder)
    return World(project, table, stream.truth, replay(project, table, train_until=since))


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> list[World]:
    """Worlds in which nothing changes."""
    folder = tmp_path_factory.mktemp("calm")
    return [live(folder / str(seed), calm_stream(seed)) for seed in CALM_SEEDS]


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world that was learned from more than a year, in which one number jumps a little."""
    stream = clean_stream(seed=41, days=411, rows_per_day=60, n_numbers=6, n_categories=3)
    jumped = with_change(stream, "jump", at_day=392, size=0.7, column="number_1")
    return live(tmp_path_factory.mktemp("grown") / "41", jumped, since=START + timedelta(days=371))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> list[World]:
    """Worlds in which inputs break one after another, and worlds in which the outcome turns and no input moves."""
    folder = tmp_path_factory.mktemp("planted")
    worlds = []
    for seed in PLANTED_SEEDS:
        stream = calm_stream(seed)
        broken = with_change(stream, "unseen_level", at_day=133, size=0.06, column="category_2")
        broken = with_change(broken, "jump", at_day=144, size=1.5, column="number_1")
        broken = with_change(broken, "missing", at_day=156, size=0.3, column="number_5")
        worlds.append(live(folder / f"{seed}-inputs", broken))
        worlds.append(live(folder / f"{seed}-concept", with_change(stream, "concept", at_day=140, size=0.8)))
    return worlds


def decided_before(at: datetime) -> pl.Expr:
    """Rows of a stream's table from before a moment."""
    return pl.col("at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC") < at


def tells_of(noticed: Noticed, change: Change) -> bool:
    """Whether a signal is about a change: of a code that its kind has, and of its column if it has one."""
    finding = noticed.signal.finding
    named = {subject.partition("=")[0] for subject in finding.subjects}
    return finding.code in NAMED_BY[change.kind] and set(change.columns) <= named


def test_a_year_without_change_stays_within_its_alarms(calm: list[World]) -> None:
    months = sum((world.replayed.periods[-1].end - LIVE_FROM) / MONTH for world in calm)
    budget = FALSE_ALARMS_PER_MONTH * months
    codes = Counter(alarm.signal.finding.code for world in calm for alarm in world.alarms)
    assert months > 11
    assert codes.total() <= poisson.ppf(0.99, budget), f"{codes} in {months:.1f} months, promised {budget:.1f}"


def test_what_cannot_be_known_is_said_and_said_once(calm: list[World], planted: list[World]) -> None:
    for world in (*calm, *planted):
        codes = Counter(notice.signal.finding.code for notice in world.notices)
        assert set(codes) <= {"F09-season-unseen", "F40-no-control"}
        assert max(codes.values(), default=0) <= 1


@pytest.mark.parametrize("kind", NOTICED_WITHIN)
def test_a_planted_change_is_noticed_in_time_and_never_before(planted: list[World], kind: str) -> None:
    for world in planted:
        for change in (each for each in world.truth if each.kind == kind):
            seen = [noticed for noticed in world.alarms if tells_of(noticed, change)]
            assert seen, f"{change.says} was never noticed"
            waited = min(noticed.noticed_at for noticed in seen) - change.at
            assert timedelta(0) < waited <= timedelta(days=NOTICED_WITHIN[kind]), f"{change.says}: after {waited}"


def test_with_every_season_known_a_small_jump_is_enough_and_no_input_is_unknown(grown: World) -> None:
    (change,) = grown.truth
    first = min(grown.alarms, key=lambda noticed: noticed.noticed_at)
    assert tells_of(next(each for each in grown.alarms if each.signal.finding.code == "F29-input-drift"), change)
    assert timedelta(0) < first.noticed_at - change.at <= timedelta(days=NOTICED_WITHIN["jump"])
    # Scores of rows the model was fitted on are no reference: the winter of the scores alone was never seen.
    assert {subject for notice in grown.notices for subject in notice.signal.finding.subjects} <= {"score"}


def test_nothing_is_alarmed_of_before_anything_changed(planted: list[World]) -> None:
    for world in planted:
        first = min(change.at for change in world.truth)
        assert [alarm.signal.finding for alarm in world.alarms if alarm.noticed_at <= first] == []


def test_a_planted_change_is_one_signal(planted: list[World]) -> None:
    for world in planted:
        for change in world.truth:
            told = Counter(noticed.signal.finding.code for noticed in world.alarms if tells_of(noticed, change))
            assert told
            assert max(told.values()) == 1, told


def test_every_row_is_answered_once_and_judged_in_money(calm: list[World]) -> None:
    for world in calm:
        lived = read_table(world.table).filter(~decided_before(LIVE_FROM))
        assert world.replayed.decisions == lived.height
        assert sum(period.decisions for period in world.replayed.periods) == lived.height
        assert all(period.value and period.metrics for period in world.replayed.periods)
        assert world.replayed.metrics["roc_auc"].value > 0.7
        assert world.replayed.value["mainstay"].value > 0


def test_the_same_table_is_lived_through_the_same_and_without_a_look_ahead(calm: list[World], tmp_path: Path) -> None:
    """Half the future, replayed again elsewhere: everything until then is as it was, to the last digit."""
    known = calm[0].replayed
    half = known.periods[: len(known.periods) // 2]
    rows = read_table(calm[0].table).filter(decided_before(half[-1].end))
    write_table(rows, tmp_path / "half.csv")
    again = replay(calm[0].project, tmp_path / "half.csv", train_until=LIVE_FROM)
    assert again.summary.model_digest == known.summary.model_digest
    assert (again.summary.metrics, again.summary.value) == (known.summary.metrics, known.summary.value)
    assert [(p.start, p.end, p.decisions, p.signals) for p in again.periods] == [
        (p.start, p.end, p.decisions, p.signals) for p in half
    ]
    assert [(p.metrics, p.value) for p in again.periods] == [(p.metrics, p.value) for p in half]
    early = [noticed for noticed in known.signals if noticed.noticed_at <= half[-1].end]
    assert [(n.signal.id, n.noticed_at) for n in again.signals] == [(n.signal.id, n.noticed_at) for n in early]


def test_a_replay_leaves_one_event_and_nothing_else(calm: list[World]) -> None:
    project, replayed = calm[1].project, calm[1].replayed
    at = datetime(2025, 1, 1, tzinfo=UTC)
    assert project.home.ledger.models() == ()
    before = files(project.folder)
    record(project, replayed, actor="anna", at=at)

    event, *others = project.home.ledger.events(project.model)
    assert others == []
    assert (event.act, event.actor, event.at) == (Act.REPLAYED, "anna", iso(at))
    assert event.body["decisions"] == replayed.decisions
    assert files(project.folder) == before
    assert [p.name for p in project.folder.glob("*") if p.is_dir()] == [".mainstay"]


def files(folder: Path) -> set[str]:
    """All files of a folder but the ledger's own."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and "ledger" not in path.name}


def test_the_victorian_market_is_named_within_a_week_and_not_before(shared_data: Path, tmp_path: Path) -> None:
    """Elec2 until two months after the market joined; what follows later cannot change what was noticed before."""
    joined = datetime(1997, 5, 4, tzinfo=UTC)
    rows = read_table(shared_data / "elec2.csv")
    moment = pl.col("timestamp").cast(pl.String).str.to_datetime(time_zone="UTC", strict=False)
    rows = rows.filter(moment < joined + timedelta(days=60))
    write_brief(
        tmp_path, draft_brief(rows, source="elec2.csv", target="class", name="elec2", time="timestamp", positive="UP")
    )
    write_table(rows, tmp_path / "elec2.csv")
    replayed = replay(open_project(tmp_path), tmp_path / "elec2.csv", train_until=datetime(1997, 1, 1, tzinfo=UTC))

    for column in ("vicprice", "vicdemand", "transfer"):
        named = [each.noticed_at for each in replayed.signals if column in each.signal.finding.subjects]
        assert named, f"{column} was never named"
        assert joined < min(named) <= joined + timedelta(days=7)
