"""Counts add up, whatever the parts and their order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.monitoring.worlds import Calm, same_columns

from mainstay.domain.signature import CELL_COLUMNS, SCORE, UNSEEN_BIN
from mainstay.monitoring.cells import KEYS, WHOLE, add
from mainstay.monitoring.count import MAX_NAMED, count, count_parts
from mainstay.monitoring.counts import LOOKED_BACK, decided_starts, layout_of, period_counts, rows_of
from mainstay.monitoring.freshness import age_bins
from mainstay.monitoring.latency import LATENCY, bin_ends_ms, latency_bins
from mainstay.monitoring.periods import to_us


def counted(calm: Calm, rows: pl.DataFrame, **more: object) -> pl.DataFrame:
    return count(rows, calm.reference, columns=same_columns(calm.schema), **more)  # type: ignore[arg-type]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 500), st.integers(1, 4))
def test_parts_add_up_to_the_whole(calm: Calm, seed: int, cut: int, n_rest: int) -> None:
    rows = calm.decided[:600]
    mixed = rows.sample(fraction=1.0, shuffle=True, seed=seed)
    rest = [mixed[cut:][i::n_rest] for i in range(n_rest)]
    parts = [counted(calm, part, segments=["category_1"]) for part in (mixed[:cut], *rest)]
    whole = counted(calm, rows, segments=["category_1"])
    assert_frame_equal(add(parts), add([whole]), check_row_order=False, abs_tol=1e-9)


def test_counts_of_each_subject_sum_to_the_rows(calm: Calm) -> None:
    cells = counted(calm, calm.decided).filter(segment=WHOLE)
    totals = cells.group_by("subject").agg(pl.col("n").sum())
    for bins in calm.reference.bins:
        assert totals.filter(subject=bins.subject)["n"].to_list() == [calm.decided.height]
    said = totals.filter(pl.col("subject").str.starts_with("decision="))
    assert said["n"].sum() == calm.decided.height


def test_keys_are_unique_and_columns_are_the_contract(calm: Calm) -> None:
    cells = counted(calm, calm.decided, segments=["category_1", "category_2"])
    assert tuple(cells.columns) == CELL_COLUMNS
    assert not cells.select(KEYS).is_duplicated().any()


def test_segments_sum_to_the_whole(calm: Calm) -> None:
    cells = counted(calm, calm.decided, segments=["category_1"]).filter(subject=SCORE)
    by_part = cells.group_by(pl.col("segment") == WHOLE).agg(pl.col("n", "sum_score").sum())
    assert by_part["n"].n_unique() == 1
    assert abs(by_part["sum_score"][0] - by_part["sum_score"][1]) < 1e-6


def test_unseen_levels_are_named_unless_personal(calm: Calm) -> None:
    rows = calm.decided[:100].with_columns(category_1=pl.lit("festival"))
    named = counted(calm, rows).filter(pl.col("subject") == "unseen:category_1=festival")
    assert named["n"].sum() == 100
    assert counted(calm, rows).filter(subject="input:category_1", bin=UNSEEN_BIN)["n"].sum() == 100
    quiet = counted(calm, rows, unnamed=["category_1"])
    assert not quiet["subject"].str.starts_with("unseen:").any()


def test_names_of_unseen_levels_are_bounded(calm: Calm) -> None:
    rows = calm.decided[:100].with_columns(category_1=pl.int_range(pl.len()).cast(pl.String))
    cells = counted(calm, rows)
    n_groups = cells["decided"].n_unique()
    assert cells["subject"].str.starts_with("unseen:").sum() <= MAX_NAMED * n_groups
    assert cells.filter(subject="input:category_1", bin=UNSEEN_BIN)["n"].sum() == 100


def test_warnings_are_counted_by_code_and_field(calm: Calm) -> None:
    one, two = '[{"field":"number_1","code":"converted","got":"12","used":12.0}]', "[]"
    rows = calm.decided[:4].with_columns(warnings=pl.Series([one, two, None, one]))
    cells = counted(calm, rows).filter(pl.col("subject") == "warned:converted:number_1")
    assert cells["n"].sum() == 2
    structs = rows.with_columns(warnings=pl.Series([[{"field": "f", "code": "c"}], [], None, []]))
    assert counted(calm, structs).filter(subject="warned:c:f")["n"].sum() == 1


def test_a_missing_column_is_missing_in_every_row(calm: Calm) -> None:
    cells = counted(calm, calm.decided.drop("number_1")).filter(subject="input:number_1")
    assert cells["bin"].unique().to_list() == [0]


def test_no_rows_no_cells(calm: Calm) -> None:
    assert counted(calm, calm.decided[:0]).is_empty()


def test_single_rows_are_counted_by_latency_and_batches_are_not(calm: Calm) -> None:
    rows = calm.decided[:10].with_columns(latency_us=pl.Series([500] * 4 + [900, 1000, 0, 64, 64, 64]))
    batch = rows["at"].to_list()
    batch[:4] = [batch[0]] * 4  # one request of four rows
    cells = counted(calm, rows.with_columns(at=pl.Series(batch, dtype=rows["at"].dtype))).filter(subject=LATENCY)
    assert cells["n"].sum() == 5
    slow = cells.filter(pl.col("bin") > latency_bins(pl.Series([500]))[0])
    assert slow["n"].sum() == 2
    assert all(bin_ends_ms()[bin_] >= 0.9 for bin_ in slow["bin"])


def test_dates_are_counted_by_their_age(calm: Calm) -> None:
    rows = calm.decided[:3].with_columns(number_1=pl.col("at").dt.timestamp("us") / 1e6 - pl.Series([60.0, 86400, -5]))
    cells = counted(calm, rows, dated=["number_1"]).filter(subject="age:number_1")
    day, minute = age_bins(np.array([86_400_000_000, 60_000_000]), pl.Series([0.0, 0.0]))
    assert dict(cells.select("bin", "n").rows()) == {int(day): 1, int(minute): 1, UNSEEN_BIN: 1}


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(90, 700))
def test_parts_in_any_order_by_any_number_of_threads_count_alike(
    calm: Calm, seed: int, threads: int, size: int
) -> None:
    mixed = calm.decided.sample(fraction=1.0, shuffle=True, seed=seed)
    parts = (mixed.slice(start, size) for start in range(0, mixed.height, size))
    by_parts = count_parts(parts, lambda part: counted(calm, part, segments=["category_1"]), threads=threads)
    whole = add([counted(calm, calm.decided, segments=["category_1"])])
    assert_frame_equal(by_parts, whole, check_row_order=False, abs_tol=1e-9)


def test_parts_are_taken_as_they_are_counted(calm: Calm) -> None:
    taken, done = [0], [0]

    def parts() -> Iterator[pl.DataFrame]:
        for _ in range(20):
            taken[0] += 1
            assert taken[0] - done[0] <= 4
            yield calm.decided[:10]

    def told(part: pl.DataFrame) -> pl.DataFrame:
        cells = counted(calm, part)
        done[0] += 1
        return cells

    count_parts(parts(), told, threads=2)
    assert done == [20]


def test_cells_are_what_a_plain_count_says(calm: Calm) -> None:
    rows = pl.concat([calm.decided] * 6)  # enough for the quick search
    cells = counted(calm, rows, segments=["category_1"])
    for bins in calm.reference.bins:
        if not bins.is_number:
            continue
        name = bins.subject.removeprefix("input:")
        values = rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        plain = 2 + np.searchsorted(bins.edges, values, side="right")
        plain = np.where(values < bins.low, 1, np.where(values > bins.high, bins.n_bins - 1, plain))
        plain = np.where(np.isnan(values), 0, plain)
        for segment in (WHOLE, "category_1=a"):
            inside = plain if segment == WHOLE else plain[(rows["category_1"] == "a").fill_null(value=False).to_numpy()]
            told = cells.filter(subject=bins.subject, segment=segment).group_by("bin").agg(pl.col("n").sum())
            assert dict(told.rows()) == dict(zip(*np.unique(inside, return_counts=True), strict=True))


def test_many_periods_and_moments_far_apart(calm: Calm) -> None:
    far = [datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)]
    rows = calm.decided[:2].with_columns(at=pl.Series(far).cast(pl.Datetime("us", "UTC")))
    cells = counted(calm, pl.concat([rows, calm.decided[:5]])).filter(subject=SCORE, segment=WHOLE)
    assert cells["n"].sum() == 7
    assert cells["decided"].min() <= far[0]  # type: ignore[operator]
    assert far[1] - timedelta(seconds=calm.reference.period_s) < cells["decided"].max() <= far[1]  # type: ignore[operator]


def test_moments_far_in_the_past_or_the_future_do_not_make_periods_without_end(calm: Calm) -> None:
    hourly = msgspec.structs.replace(calm.reference, period_s=3600.0)
    at = calm.decided["at"].max()
    assert isinstance(at, datetime)
    odd = calm.decided[:2].with_columns(at=pl.Series([datetime(1970, 1, 1, tzinfo=UTC), at + timedelta(days=36500)]))
    rows = pl.concat([odd.cast({"at": calm.decided.schema["at"]}), calm.decided])
    cells = count(rows, hourly, columns=same_columns(calm.schema)).filter(segment=WHOLE)
    starts = decided_starts(cells, hourly, until_us=to_us(at) + 1)
    assert LOOKED_BACK <= starts.size <= LOOKED_BACK + 2
    assert (np.diff(starts) == 3_600_000_000).all()
    assert starts[-1] <= to_us(at) < starts[-1] + 3_600_000_000
    known = period_counts(cells, layout_of(hourly), starts)
    assert rows_of(known, layout_of(hourly)).sum() == calm.decided.height


def test_many_cells_add_up_as_few_do(calm: Calm, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [counted(calm, part, segments=["category_1"]) for part in (calm.decided, calm.decided[::3])]
    few = add(cells)
    monkeypatch.setattr("mainstay.monitoring.cells.AT_ONCE", 100)
    many = add(cells)
    assert not many.select(KEYS).is_duplicated().any()
    assert_frame_equal(many, few, check_row_order=False, abs_tol=1e-9)


def test_cells_of_many_parts_are_added_up_by_the_way(calm: Calm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mainstay.monitoring.count.FOLDED_CELLS", 500)
    monkeypatch.setattr("mainstay.monitoring.count.MOST_CELLS", 2_000)
    parts = (calm.decided.slice(start, 100) for start in range(0, calm.decided.height, 100))
    by_parts = count_parts(parts, lambda part: counted(calm, part))
    assert_frame_equal(by_parts, add([counted(calm, calm.decided)]), check_row_order=False, abs_tol=1e-9)
