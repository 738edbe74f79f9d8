"""Columns part rows by levels or quarters, however many values they have."""

from __future__ import annotations

import numpy as np
import polars as pl

from mainstay.domain.schema import Field, Kind
from mainstay.domain.signature import ReferenceSignature
from mainstay.monitoring.bins import bins_of_field, place
from mainstay.monitoring.segments import MOST_LEVELS, OTHERS, part_column, parting


def known(values: pl.Series, kind: Kind) -> ReferenceSignature:
    bins = bins_of_field(Field(name="x", kind=kind), values)
    counts = np.bincount(place(values, bins), minlength=bins.n_bins)
    held = {bins.subject: (tuple(counts.tolist()),)}
    return ReferenceSignature(period_s=1, time_zone="UTC", timed=False, periods=("a",), bins=(bins,), counts=held)


def parted(values: pl.Series, kind: Kind, asked: pl.Series) -> list[str]:
    reference = known(values, kind)
    how = parting(reference, "x")
    assert how is not None
    return part_column(asked, reference, how).to_list()


def test_levels_are_parts_and_what_nobody_knew_is_one() -> None:
    said = parted(pl.Series(["f", "m", "m"]), Kind.CATEGORY, pl.Series(["m", "f", "d", None]))
    assert said == ["x=m", "x=f", f"x={OTHERS}", "x="]


def test_many_levels_do_not_make_many_parts() -> None:
    values = pl.Series([f"{i:03d}" for i in range(100) for _ in range(1 + (i == 7))])
    how = parting(known(values, Kind.CATEGORY), "x")
    assert how is not None
    assert len(how.parts) == 2 + MOST_LEVELS
    assert "x=007" in how.parts


def test_few_numbers_are_levels_and_many_are_quarters() -> None:
    assert parted(pl.Series([1.0, 2.0, 4.0]), Kind.NUMBER, pl.Series([2.0, 1.0, 9.0, 0.0, None])) == [
        *("x=2", "x=1", "x=4", "x=1"),
        "x=",
    ]
    ages = pl.Series(np.arange(20.0, 100.0, 0.1))
    shares = pl.Series("part", parted(ages, Kind.NUMBER, ages)).value_counts(normalize=True)["proportion"]
    assert shares.len() == 4
    assert shares.min() > 0.23  # type: ignore[operator]
    beyond = parted(ages, Kind.NUMBER, pl.Series([1.0, 500.0]))
    assert [part.count("<") + part.count(">") for part in beyond] == [1, 1]


def test_a_column_nobody_counted_parts_nothing() -> None:
    assert parting(known(pl.Series(["a"]), Kind.CATEGORY), "y") is None
