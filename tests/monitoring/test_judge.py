"""What one look says of planted changes, of silence, and of what it cannot know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from tests.monitoring.watching import Watching, watching
from tests.monitoring.worlds import brief, decisions, same_columns, schema_of, seconds, used

from mainstay.domain.finding import Verdict
from mainstay.monitoring import drift, health, novelty, season
from mainstay.monitoring.cells import no_cells
from mainstay.monitoring.count import count
from mainstay.monitoring.judge import CODES, judge
from mainstay.monitoring.reference import build_reference
from mainstay.monitoring.yardstick import learn
from mainstay.simulation.streams import Rhythm, clean_stream, with_change

DAILY = 'period = "1d"'
BEGUN = 90  # days of reference; the change comes 20 days later


def world(kind: str, size: float, *, column: str | None = None, rows: int = 250, calm: bool = False) -> Watching:
    stream = clean_stream(
        seed=11, days=BEGUN + 60, rows_per_day=rows, n_numbers=6, n_categories=3, rhythm=Rhythm(season=not calm)
    )
    changed = with_change(stream, kind, at_day=BEGUN + 20, size=size, column=column)  # type: ignore[arg-type]
    return watching(changed, BEGUN, brief(watch=DAILY))


def day_of(moment: str) -> int:
    return (datetime.fromisoformat(moment) - datetime(2024, 1, 1, tzinfo=UTC)).days - BEGUN - 20


@pytest.mark.parametrize(
    ("kind", "size", "column", "code", "subject"),
    [
        ("jump", 0.5, "number_2", drift.DRIFT, "number_2"),
        ("scale", 0.6, "number_1", drift.DRIFT, "number_1"),
        ("missing", 0.1, "number_4", novelty.MISSING, "number_4"),
        ("missing", 0.1, "category_2", novelty.MISSING, "category_2"),
        ("unseen_level", 0.05, "category_1", novelty.UNSEEN, "category_1=unseen"),
        ("jump", 6.0, "number_1", novelty.RANGE, "number_1"),
    ],
)
def test_a_planted_change_is_named_within_days_and_not_before(
    kind: str, size: float, column: str, code: str, subject: str
) -> None:
    seen = world(kind, size, column=column)
    named = [each for each in seen.findings(code) if subject in each.finding.subjects]
    assert 0 <= day_of(named[0].start) <= 3
    assert named[0].finding.measured is not None
    assert named[0].finding.remedy
    assert named[0].cause in ("data pipe", "world")


def test_a_new_level_is_seen_within_two_days_at_100_rows() -> None:
    named = world("unseen_level", 0.05, rows=100).findings(novelty.UNSEEN)
    assert day_of(named[0].end) <= 2
    assert named[0].finding.low is not None
    assert named[0].finding.low <= named[0].finding.measured <= named[0].finding.high  # type: ignore[operator]


def test_ten_thousand_new_levels_are_one_signal_of_their_column() -> None:
    stream = clean_stream(seed=11, days=94, rows_per_day=100, n_numbers=1, n_categories=1)
    seen = watching(stream, 90, brief(watch=DAILY))
    each_its_own = seen.decided.with_columns(category_1=pl.format("level {}", pl.int_range(pl.len())))
    cells = count(each_its_own, seen.yardstick.reference, columns=same_columns(seen.schema))
    found = judge(seen.yardstick, cells, at=seen.end).judged
    assert {each.finding.subjects for each in found if each.finding.code == novelty.UNSEEN} == {("category_1",)}


def test_a_new_level_is_seen_while_its_period_still_runs() -> None:
    stream = clean_stream(seed=11, days=120, rows_per_day=100, n_numbers=2, n_categories=1)
    changed = with_change(stream, "unseen_level", at_day=91, size=0.2)
    seen = watching(changed, 90, brief(watch='period = "28d"'))
    early = seen.judged(at=seen.decided["at"][0] + timedelta(days=3))
    assert [each.finding.code for each in early.judged if each.finding.verdict is Verdict.FAIL] == [novelty.UNSEEN]


def test_creep_is_seen_where_the_season_is_known() -> None:
    stream = clean_stream(seed=12, days=480, rows_per_day=250, n_numbers=4, n_categories=2)
    changed = with_change(stream, "creep", at_day=420, size=0.5)
    named = watching(changed, 400, brief(watch=DAILY)).findings(drift.DRIFT)
    first = next(each for each in named if each.finding.subject == "number_1")
    assert datetime(2025, 2, 20, tzinfo=UTC) <= datetime.fromisoformat(first.start) <= datetime(2025, 3, 24, tzinfo=UTC)


def test_moved_scores_are_told_apart_from_inputs() -> None:
    found = world("prior", 0.25).findings(drift.SCORE_MOVED)
    assert found[0].finding.subjects == ()
    assert "PSI" in found[0].finding.because
    assert 0 <= day_of(found[0].start) <= 2


def test_a_calm_world_is_calm() -> None:
    stream = clean_stream(seed=21, days=110, rows_per_day=250, n_numbers=6, n_categories=3, rhythm=Rhythm(season=False))
    assert watching(stream, BEGUN, brief(watch=DAILY)).opened() == []


def test_an_unseen_season_is_one_notice_and_no_alarm() -> None:
    stream = clean_stream(seed=5, days=300, rows_per_day=400, n_numbers=10, n_categories=5)
    seen = watching(stream, 60)
    notices = seen.findings(season.SEASON)
    assert notices
    assert {each.finding.verdict for each in notices} == {Verdict.UNKNOWN}
    assert len(seen.opened()) <= 2


def ramp(n_days: int) -> pl.DataFrame:
    """Rows with a constant, a counter of days and noise; the constant comes alive on day 80."""
    rng = np.random.default_rng(1)
    day = np.repeat(np.arange(n_days), 80)
    at = datetime(2024, 1, 1, tzinfo=UTC)
    return pl.DataFrame(
        {
            "at": pl.Series([at]).dt.offset_by("0d").new_from_index(0, day.size)
            + pl.Series(day * 86400).cast(pl.Duration("ms")) * 1000,
            "constant": np.where(day < 80, 0.5, rng.normal(size=day.size)),
            "counter": day + rng.normal(size=day.size),
            "noise": rng.normal(size=day.size),
        }
    ).with_columns(pl.col("at").dt.cast_time_unit("us"))


def watched_ramp(told: str = DAILY) -> Watching:
    rows = ramp(100)
    schema, said = schema_of(rows), brief(watch=told)
    n = int((seconds(rows) < seconds(rows)[0] + 60 * 86400).sum())
    scores = np.full(rows.height, 0.5)
    reference = build_reference(
        used(rows[:n], schema), scores[:n], seconds(rows)[:n], schema=schema, brief=said, seed=1
    )
    decided = decisions(rows[n:], scores[n:])
    cells = count(decided, reference, columns=same_columns(schema))
    return Watching(learn(reference, said), decided, cells, schema)


def test_a_constant_that_comes_alive_is_named_and_a_counter_is_no_drift() -> None:
    seen = watched_ramp()
    alive = seen.findings(novelty.ALIVE)
    assert alive[0].finding.subjects == ("constant",)
    assert alive[0].start == "2024-03-21T00:00:00Z"
    assert seen.findings(season.CLOCK)[0].finding.subjects == ("counter",)
    others = [each for each in seen.judged().judged if each.finding.code != novelty.ALIVE]
    assert {each.finding.verdict for each in others} == {Verdict.UNKNOWN}


def test_silence_is_told_once_it_is_longer_than_ever() -> None:
    seen = watched_ramp()
    assert seen.judged().judged[-1].finding.code != health.SILENCE
    late = seen.judged(at=seen.end + timedelta(days=2))
    found = [each for each in late.judged if each.finding.code == health.SILENCE]
    assert len(found) == 1
    assert found[0].start == "2024-04-10T00:00:00Z"
    assert found[0].cause == "system"


def test_thin_periods_wait_for_each_other_and_are_never_a_silent_pass() -> None:
    seen = watched_ramp('period = "6h"')
    some = seen.cells.filter(pl.col("decided") < seen.decided["at"][0] + timedelta(days=40))
    few = count(seen.decided[::40], seen.yardstick.reference, columns=same_columns(seen.schema))
    told = judge(seen.yardstick, few, at=seen.decided["at"][0] + timedelta(days=20))
    assert told.looked == ()
    assert [each.finding.code for each in told.judged] == [health.FEW]
    assert judge(seen.yardstick, some, at=seen.end).looked


def test_a_reference_of_two_periods_says_so() -> None:
    rows = ramp(40)
    schema, said = schema_of(rows), brief(watch='period = "28d"')
    scores = np.full(rows.height, 0.5)
    reference = build_reference(
        used(rows[:800], schema), scores[:800], seconds(rows)[:800], schema=schema, brief=said, seed=1
    )
    cells = count(decisions(rows[800:], scores[800:]), reference, columns=same_columns(schema))
    codes = {
        each.finding.code for each in judge(learn(reference, said), cells, at=datetime(2024, 6, 1, tzinfo=UTC)).judged
    }
    assert season.THIN in codes


def test_without_time_the_reference_still_judges() -> None:
    stream = clean_stream(seed=3, days=60, rows_per_day=250, n_numbers=4, n_categories=2, rhythm=Rhythm(season=False))
    changed = with_change(stream, "jump", at_day=45, size=1.0)
    schema, said = schema_of(stream.rows), brief()
    scores = stream.true_probability
    n = int(np.searchsorted(stream.drawn.day, 30))
    reference = build_reference(used(stream.rows[:n], schema), scores[:n], None, schema=schema, brief=said, seed=1)
    cells = count(decisions(changed.rows[n:], scores[n:]), reference, columns=same_columns(schema))
    found = judge(learn(reference, said), cells, at=datetime(2024, 3, 1, tzinfo=UTC)).judged
    assert {each.finding.subject for each in found if each.finding.code == drift.DRIFT} == {"number_1"}
    assert min(each.start for each in found) >= "2024-02-15"


def test_refused_and_repaired_inputs_are_told() -> None:
    seen = watched_ramp()
    at = seen.decided["at"][100]
    faults = pl.DataFrame(
        {
            "at": [at] * 2,
            "field": ["noise", None],
            "code": ["wrong-type", "broken"],
            "n": [9, 1],
            "refused": [True, True],
        }
    )
    told = judge(seen.yardstick, seen.cells, at=seen.end, faults=faults)
    found = [each.finding for each in told.judged if each.finding.code == health.FAULTS]
    assert [(f.subjects, f.verdict) for f in found] == [(("noise",), Verdict.FAIL)]
    warned = seen.decided.with_columns(warnings=pl.lit('[{"field":"noise","code":"converted"}]'))
    cells = count(warned, seen.yardstick.reference, columns=same_columns(seen.schema))
    repaired = [
        each for each in judge(seen.yardstick, cells, at=seen.end).judged if each.finding.code == health.REPAIRS
    ]
    assert {each.finding.subject for each in repaired} == {"noise"}


def test_a_model_that_fails_is_told_as_its_own_cause() -> None:
    seen = watched_ramp()
    at, first = seen.decided["at"][100], pl.int_range(pl.len()) < 80
    fell = seen.decided.with_columns(
        warnings=pl.when(first).then(pl.lit('[{"field":"","code":"fallback"}]')).otherwise(pl.lit("[]")),
        arm=pl.when(first).then(pl.lit("fallback")).otherwise("arm"),
    )
    cells = count(fell, seen.yardstick.reference, columns=same_columns(seen.schema))
    nobody = pl.DataFrame({"at": [at], "field": [""], "code": ["model-failed"], "n": [2], "refused": [True]})
    told = judge(seen.yardstick, cells, at=seen.end, faults=nobody).judged
    found = [each for each in told if each.finding.code == health.MODEL_FAILS]
    assert [(each.cause, each.finding.verdict) for each in found] == [("model", Verdict.FAIL), ("model", Verdict.WARN)]
    assert "failed on 80 of 80 rows; the brief's fallback answered 80 of them" in found[0].finding.because
    assert "failed on 2 of 82 rows; the brief's fallback answered 0 of them" in found[1].finding.because
    assert not [each for each in told if each.finding.code in (health.REPAIRS, health.FAULTS)]


def test_later_decisions_are_not_looked_at() -> None:
    seen = world("jump", 1.0)
    at = datetime(2024, 4, 5, tzinfo=UTC)
    known = seen.cells.filter(pl.col("decided") < at)
    assert seen.judged(at=at) == judge(seen.yardstick, known, at=at)


def test_since_tells_the_end_of_the_same_story() -> None:
    seen = world("jump", 1.0)
    whole, rest = seen.judged(), seen.judged(since=seen.end - timedelta(days=5))
    assert rest.looked == whole.looked
    assert rest.judged == tuple(each for each in whole.judged if each.end > rest.told)
    assert rest.told == whole.looked[-8]


def test_nothing_decided_nothing_said() -> None:
    seen = watched_ramp()
    told = judge(seen.yardstick, no_cells(), at=seen.end)
    assert told.judged == ()
    assert told.codes == CODES


def test_a_first_period_cut_by_the_beginning_is_not_compared() -> None:
    rows = ramp(100).with_columns(noise=pl.col("at").dt.weekday().cast(pl.Float64), constant=pl.lit(0.5))
    schema, said = schema_of(rows), brief(watch='period = "7d"')
    n, scores = 63 * 80 + 4 * 80, np.full(rows.height, 0.5)
    first = rows[: 63 * 80]
    reference = build_reference(
        used(first, schema), scores[: 63 * 80], seconds(first), schema=schema, brief=said, seed=1
    )
    cells = count(decisions(rows[n:], scores[n:]), reference, columns=same_columns(schema))
    told = judge(learn(reference, said), cells, at=datetime(2024, 4, 8, tzinfo=UTC))
    assert not [each for each in told.judged if each.finding.subject == "noise"]


def test_odd_references_are_judged_without_a_word() -> None:
    """A category never filled, a number never filled, one row a day, and a brief that welcomes any alarm."""
    rows = ramp(60).with_columns(
        noise=pl.lit(None, pl.Float64), empty=pl.lit(None, pl.String), counter=pl.lit("a"), constant=pl.lit(1.0)
    )
    schema, said = schema_of(rows), brief(watch=DAILY, budget=1e6)
    scores = np.full(rows.height, np.nan)
    first = rows[:2400]
    reference = build_reference(used(first, schema), scores[:2400], seconds(first), schema=schema, brief=said, seed=1)
    later = rows[2400:].with_columns(empty=pl.lit("new"), noise=pl.lit(3.0))
    cells = count(decisions(later, scores[2400:]), reference, columns=same_columns(schema))
    told = judge(learn(reference, said), cells, at=datetime(2024, 3, 1, tzinfo=UTC))
    alarmed = {each.finding.subject for each in told.judged if each.finding.verdict is not Verdict.UNKNOWN}
    assert "empty=new" in alarmed
    assert "noise" in alarmed
    assert alarmed <= {"empty=new", "empty", "noise"}
