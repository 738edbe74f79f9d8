"""What the watch page tells is what the rows say: every figure counted anew, and said again by another way."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from tests.monitoring.overviews import DELAY, Seen, binary, of_task, signal
from tests.monitoring.worlds import Calm

from mainstay.domain.finding import Verdict
from mainstay.domain.moments import parse_moment
from mainstay.domain.task import Task
from mainstay.monitoring.overview.grid import MOST_SPANS, grid
from mainstay.monitoring.periods import to_moment, to_us
from mainstay.monitoring.worth import IF_NEGATIVE, IF_POSITIVE


@pytest.fixture(scope="module")
def seen(calm: Calm) -> Seen:
    return binary(calm)


def shown(seen: Seen) -> pl.DataFrame:
    """Rows decided within the page's spans."""
    return seen.rows.filter(pl.col("at") >= parse_moment(seen.found.spans.starts[0]))


def ripe(seen: Seen) -> pl.DataFrame:
    """Rows of the cohorts that the page tells of."""
    start, end = (
        parse_moment(each[i]) for each, i in ((seen.found.earned.spans.starts, 0), (seen.found.earned.spans.ends, -1))
    )
    return seen.rows.filter((pl.col("at") >= start) & (pl.col("at") < end))


def money(rows: pl.DataFrame) -> np.ndarray:
    earned: np.ndarray = np.where(rows["outcome"] == 1, rows[IF_POSITIVE], rows[IF_NEGATIVE]).astype(float)
    return earned


def test_decisions_are_counted_by_span_and_word(seen: Seen) -> None:
    rows, traffic = shown(seen), seen.found.traffic
    assert sum(traffic.decisions) == rows.height
    assert {word: sum(n) for word, n in traffic.decided.items()} == dict(rows.group_by("decision").len().rows())
    assert traffic.decided_before[seen.told.decision.when_high] == 0.4


def test_an_input_lies_where_its_rows_lie(seen: Seen) -> None:
    rows = shown(seen)
    number = next(each for each in seen.found.inputs if each.cuts)
    values = rows[number.name].to_numpy()
    inside = values[(values >= number.cuts[0]) & (values <= number.cuts[-1])]
    wanted = np.histogram(inside, np.array(number.cuts))[0] / inside.size
    assert np.cumsum(number.now) == pytest.approx(np.cumsum(wanted), abs=2 / inside.size)
    start = parse_moment(seen.found.spans.starts[1])
    one = rows.filter((pl.col("at") >= start) & (pl.col("at") < parse_moment(seen.found.spans.ends[1])))
    assert number.course[1] == pytest.approx(float(np.median(one[number.name])), abs=0.2 * values.std())
    level = next(each for each in seen.found.inputs if each.levels)
    assert dict(zip(level.levels, level.now, strict=True))[level.level] == pytest.approx(
        (rows[level.name] == level.level).mean()
    )


def test_money_is_the_mean_of_ripe_rows(seen: Seen) -> None:
    rows, earned = ripe(seen), seen.found.earned
    assert earned.value is not None
    assert earned.value.low is not None  # rows without an entity are dealt to folds by their ids
    assert earned.value.low < earned.value.value < (earned.value.high or 0)
    assert earned.rows == rows.height == sum(earned.n_by_span)
    assert earned.value.value == pytest.approx(money(rows).mean())
    assert earned.ahead["value_of_never"].value == pytest.approx(money(rows).mean())  # nobody high earns nothing here
    by_span = [each.value * n for each, n in zip(earned.course, earned.n_by_span, strict=True)]
    assert sum(by_span) == pytest.approx(money(rows).sum())


def test_outcomes_are_told_as_they_came(seen: Seen) -> None:
    arrival = seen.found.arrival
    first = parse_moment(arrival.spans.starts[0])
    rows = seen.rows.filter(pl.col("at") >= first)
    assert arrival.decided == rows.height
    assert arrival.came == rows.filter(pl.col("learned") <= seen.at).height
    assert arrival.share[-1] == pytest.approx(1.0)
    assert arrival.delay_days == 3


def test_a_signal_costs_what_ripe_decisions_earned_too_little(calm: Calm, seen: Seen) -> None:
    since = seen.at - timedelta(days=14)
    told = binary(calm, signals=(signal("number_1", since), signal("number_2", since, verdict=Verdict.UNKNOWN)))
    cost, notice = told.found.signals
    assert cost.cost is not None
    cut = grid(calm.reference, since=since, until=seen.at)
    due = cut.ends <= to_us(seen.at - DELAY)
    first, last = to_moment(int(cut.starts[0])), to_moment(int(cut.ends[due][-1]))
    rows = told.rows.filter((pl.col("at") >= first) & (pl.col("at") < last))
    scored = rows["score"].to_numpy()
    expected = scored * rows[IF_POSITIVE].to_numpy() + (1 - scored) * rows[IF_NEGATIVE].to_numpy()
    assert cost.cost.so_far.value == pytest.approx((expected - money(rows)).sum(), abs=1e-6)
    assert notice.cost is None
    assert "notice" in notice.no_cost


def test_without_outcomes_money_is_not_told_and_what_it_costs_neither(calm: Calm, seen: Seen) -> None:
    told = binary(calm, learned=False, signals=(signal("number_1", seen.at - timedelta(days=1)),)).found
    assert told.earned.value is None
    assert told.performance.value is None
    assert told.arrival.came == 0
    assert told.signals[0].cost is None
    assert told.signals[0].no_cost.startswith("not known")


def test_estimates_of_the_window_come_with_the_record_of_all(seen: Seen) -> None:
    found = seen.found.estimates
    assert found.record
    assert all(parse_moment(each.end) > seen.since - DELAY - timedelta(days=7) for each in found.periods)


@pytest.mark.parametrize(("task", "metric"), [(Task.REGRESSION, "mae"), (Task.MULTICLASS, "accuracy")])
def test_other_tasks_are_told_by_their_own_metric(task: Task, metric: str) -> None:
    seen = of_task(task)
    found = seen.found.performance
    rows = seen.rows.filter(pl.col("at") < parse_moment(found.spans.ends[-1]))
    rows = rows.filter(pl.col("at") >= parse_moment(found.spans.starts[0]))
    missed = (rows["outcome"] - rows["score"]).abs() if task is Task.REGRESSION else rows["right"]
    assert found.metric == metric
    assert found.value is not None
    assert found.value.value == pytest.approx(missed.mean())
    assert seen.found.earned.value is None


def test_a_long_time_is_cut_into_few_spans(calm: Calm, seen: Seen) -> None:
    cut = grid(calm.reference, since=seen.at - timedelta(days=900), until=seen.at)
    assert 1 < cut.span_starts.size <= MOST_SPANS
    assert cut.summed(np.ones(cut.starts.size, dtype=np.int64)).sum() == cut.starts.size
    assert cut.span_ends[:-1].tolist() == cut.span_starts[1:].tolist()
