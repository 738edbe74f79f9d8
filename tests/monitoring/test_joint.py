"""What neither inputs nor watched pairs show is seen on samples of rows, and calm rows stay calm."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import polars as pl
import pytest
from tests.monitoring.watching import Watching, watching
from tests.monitoring.worlds import brief

from mainstay.monitoring.joint import (
    JOINT,
    MOST_SAMPLED,
    judge_jointly,
    sample,
    sampled_inputs,
    stretches_wanted,
)
from mainstay.monitoring.judge import judge_seen
from mainstay.monitoring.look import Judgement, look
from mainstay.monitoring.periods import to_moment
from mainstay.monitoring.yardstick import learn
from mainstay.simulation.streams import Stream, clean_stream, with_change

DAILY = brief(watch='period = "1d"')
CALM_DAYS, CHANGE_AT = 84, 80


@pytest.fixture(scope="module")
def calm() -> Stream:
    return clean_stream(seed=31, days=CALM_DAYS, rows_per_day=500, n_numbers=8, n_categories=2)


def unpaired(stream: Stream) -> Watching:
    """A stream under watch, without the pairs that are watched anyway."""
    seen = watching(stream, 60, DAILY)
    reference = msgspec.structs.replace(seen.yardstick.reference, pairs=(), sides={})
    hashes = pl.Series("id_hash", np.random.default_rng(1).integers(-(2**62), 2**62, seen.decided.height))
    return replace(seen, yardstick=learn(reference, DAILY), decided=seen.decided.with_columns(hashes))


def jointly(seen: Watching) -> Judgement:
    found = look(seen.yardstick, seen.cells, at=seen.end)
    names = sampled_inputs(seen.yardstick, seen.schema)
    samples = {}
    for t in stretches_wanted(found, is_told=True):
        inside = pl.col("at").is_between(
            to_moment(int(found.done.starts[t])), to_moment(int(found.done.ends[t])), closed="left"
        )
        rows = seen.decided.filter(inside)
        samples[t] = sample(rows, seen.yardstick.reference, {name: name for name in names})
    return judge_jointly(found, judge_seen(found), samples, names)


def test_a_relation_of_inputs_that_no_pair_watches_is_seen_and_named(calm: Stream) -> None:
    changed = with_change(calm, "relation", at_day=CHANGE_AT, size=0.7, column="number_7")
    found = jointly(unpaired(changed)).judged
    assert {each.finding.code for each in found} == {JOINT}
    assert {tuple(sorted(each.finding.subjects)) for each in found} == {("number_7", "number_8")}
    assert found[0].start in ("2024-03-21T00:00:00Z", "2024-03-22T00:00:00Z")
    assert len(found) >= 3
    assert found[0].finding.measured > found[0].finding.limit > 0.55  # type: ignore[operator]


def test_a_calm_stream_is_calm_and_says_what_it_looked_at(calm: Stream) -> None:
    judgement = jointly(unpaired(calm))
    assert judgement.judged == ()
    assert judgement.codes == {JOINT}
    assert len(judgement.looked) == CALM_DAYS - 60


def test_an_input_that_moves_alone_is_left_to_itself(calm: Stream) -> None:
    moved = with_change(calm, "jump", at_day=CHANGE_AT, size=1.0, column="number_7")
    both = with_change(moved, "relation", at_day=CHANGE_AT, size=0.7, column="number_7")
    assert jointly(unpaired(both)).judged == ()


def test_too_few_stretches_are_not_judged(calm: Stream) -> None:
    seen = unpaired(calm)
    early = look(seen.yardstick, seen.cells, at=to_moment(int(look(seen.yardstick, seen.cells, at=seen.end).starts[9])))
    assert stretches_wanted(early, is_told=False) == ()
    assert judge_jointly(early, judge_seen(early), {}, ()).judged == ()


def test_a_sample_is_bounded_and_does_not_depend_on_the_order_of_rows(calm: Stream) -> None:
    seen = unpaired(calm)
    columns = {name: name for name in sampled_inputs(seen.yardstick, seen.schema)}
    drawn = sample(seen.decided, seen.yardstick.reference, columns)
    assert drawn.shape == (MOST_SAMPLED, len(columns))
    mixed = sample(seen.decided.sample(fraction=1.0, shuffle=True, seed=2), seen.yardstick.reference, columns)
    assert np.array_equal(drawn, mixed, equal_nan=True)
