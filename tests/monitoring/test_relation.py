"""A change of relation without a change of margins is seen, and is told of as such."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import numpy as np
import polars as pl
import pytest
from tests.monitoring.watching import Watching, watching
from tests.monitoring.worlds import Calm, brief, same_columns, schema_of, seconds

from mainstay.domain.signature import FIRST_BIN, MISSING_BIN, ReferenceSignature
from mainstay.monitoring import drift
from mainstay.monitoring.cells import WHOLE
from mainstay.monitoring.count import count
from mainstay.monitoring.pairs import MOST_PAIRS
from mainstay.monitoring.reference import build_reference
from mainstay.monitoring.relation import RELATION
from mainstay.monitoring.yardstick import Watched, learn
from mainstay.simulation.streams import Rhythm, clean_stream, with_change

DAILY = brief(watch='period = "1d"')


def world(kind: str, size: float) -> Watching:
    stream = clean_stream(seed=11, days=150, rows_per_day=250, n_numbers=6, n_categories=3, rhythm=Rhythm(season=False))
    return watching(with_change(stream, kind, at_day=110, size=size), 90, DAILY)  # type: ignore[arg-type]


def day_of(moment: str) -> int:
    return (datetime.fromisoformat(moment) - datetime(2024, 1, 1, tzinfo=UTC)).days


@pytest.fixture(scope="module")
def related() -> Watching:
    return world("relation", 0.6)


def test_a_new_relation_is_seen_within_days_and_not_before(related: Watching) -> None:
    named = related.findings(RELATION)
    assert 110 <= day_of(named[0].start) <= 112
    assert {tuple(sorted(each.finding.subjects)) for each in named} == {("number_1", "number_2")}
    assert "though neither moved" in named[0].finding.because
    assert named[0].finding.measured > named[0].finding.limit  # type: ignore[operator]


def test_neither_input_is_said_to_have_moved_alone(related: Watching) -> None:
    assert related.findings(drift.DRIFT) == []
    assert {signal["finding"]["code"] for signal in related.opened()} == {RELATION}  # type: ignore[index]


def test_an_input_that_moves_alone_is_no_matter_of_relations() -> None:
    seen = world("jump", 1.0)
    assert seen.findings(drift.DRIFT)
    assert seen.findings(RELATION) == []


def linked(n: int, *, broken_from: int, seed: int = 4) -> pl.DataFrame:
    """Hourly rows: a price in two currencies, an unrelated number, and a colour that goes with a size."""
    rng = np.random.default_rng(seed)
    price = rng.lognormal(size=n)
    other = price * 1.1 * np.exp(0.1 * rng.normal(size=n))
    other[broken_from:] = rng.permutation(other[broken_from:])
    colour = rng.choice(["red", "blue"], size=n)
    size = np.where(rng.random(n) < 0.8, np.where(colour == "red", "large", "small"), "middle")
    at = pl.datetime_range(
        datetime(2024, 1, 1, tzinfo=UTC), interval="6m", eager=True, end=datetime(2024, 12, 31, tzinfo=UTC)
    )
    table = {"at": at[:n].dt.cast_time_unit("us"), "price": price, "other": other, "loose": rng.normal(size=n)}
    return pl.DataFrame(table | {"colour": colour, "size": size, "outcome": 0})


def test_what_goes_together_is_chosen_and_a_broken_link_is_the_pipe() -> None:
    rows = linked(26_400, broken_from=21_600)
    schema = schema_of(rows)
    old = rows[:14_400]
    reference = build_reference(
        old, old["loose"].rank().to_numpy() / 20_000, seconds(old), schema=schema, brief=DAILY, seed=1
    )
    assert {(p.first, p.second) for p in reference.pairs[:2]} == {("other", "price"), ("colour", "size")}
    decided = rows[14_400:].with_columns(version=pl.lit(1), arm=pl.lit("champion"), score=0.5, decision=pl.lit("no"))
    seen = Watching(learn(reference, DAILY), decided, count(decided, reference, columns=same_columns(schema)), schema)
    named = seen.findings(RELATION)
    assert {each.finding.subjects for each in named} == {("other", "price")}
    assert named[0].cause == "data pipe"
    assert day_of(named[0].start) == 90


def test_pairs_are_bounded_and_counted_like_everything_else(calm: Calm) -> None:
    assert 0 < len(calm.reference.pairs) <= MOST_PAIRS
    cells = count(calm.decided, calm.reference, columns=same_columns(calm.schema), segments=["category_1"])
    for pair in calm.reference.pairs:
        mine = cells.filter(subject=pair.subject)
        assert mine["n"].sum() == calm.decided.height
        assert mine["segment"].unique().to_list() == [WHOLE]
    rows = calm.decided.with_columns(number_1=None)
    gone = count(rows, calm.reference, columns=same_columns(calm.schema)).filter(
        pl.col("subject").str.contains("number_1") & pl.col("subject").str.starts_with("pair:")
    )
    assert gone["bin"].unique().to_list() == [MISSING_BIN]


def test_the_table_of_a_pair_has_the_rows_that_both_have(calm: Calm) -> None:
    pair = next(each for each in calm.reference.pairs if "number_1" in (each.first, each.second))
    table = np.array(calm.reference.counts[pair.subject])
    assert table.shape == (len(calm.reference.periods), FIRST_BIN + pair.n_first * pair.n_second)
    assert pair.bins.n_bins == table.shape[1]


def test_a_reference_from_before_pairs_reads_and_watches_none(calm: Calm) -> None:
    told = msgspec.to_builtins(calm.reference)
    old = {name: value for name, value in told.items() if name not in ("pairs", "sides", "words")}
    read = msgspec.convert(old, ReferenceSignature)
    assert read.pairs == ()
    kinds = {contrast.watched for contrast in learn(read, DAILY).contrasts}
    assert kinds == {Watched.MOVED, Watched.MISSING, Watched.RANGE}
