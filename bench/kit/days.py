"""A log of ninety days in one Parquet file, a row group a day: 15 numbers, 5 categories, score, decision and moment.

Called as: python -m kit.days FILE ROWS. A process of its own draws it, so that nobody's peak of memory is that of this.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl
from pyarrow.parquet import ParquetWriter

N_DAYS, N_NUMBERS, N_CATEGORIES = 90, 15, 5
START_US, DAY_US = 1_704_067_200_000_000, 86_400_000_000
INPUTS = tuple(f"number_{i}" for i in range(N_NUMBERS)) + tuple(f"category_{i}" for i in range(N_CATEGORIES))


def day(number: int, n_rows: int, rng: np.random.Generator) -> pl.DataFrame:
    """One day: a third of the numbers have 2% nulls, half are skewed, one category has 3% nulls."""
    at = START_US + number * DAY_US + np.sort(rng.integers(0, DAY_US, n_rows))
    columns = {"at": pl.Series(at).cast(pl.Datetime("us", "UTC"))}
    for i in range(N_NUMBERS):
        drawn = rng.standard_normal(n_rows)
        values = np.exp(drawn / 2) if i % 2 else drawn
        columns[INPUTS[i]] = _with_nulls(pl.Series(values), 0.02 if i % 3 == 0 else 0.0, rng)
    for i in range(N_CATEGORIES):
        n_levels = 3 + 4 * i
        shares = 1 / np.arange(1, n_levels + 1)
        levels = np.array([f"level_{j}" for j in range(n_levels)])
        values = levels[rng.choice(n_levels, n_rows, p=shares / shares.sum())]
        columns[f"category_{i}"] = _with_nulls(pl.Series(values), 0.03 if i == 0 else 0.0, rng)
    scores = 1 / (1 + np.exp(-columns["number_1"].to_numpy()))
    decided = np.where(scores > 0.7, "high", "low")
    return pl.DataFrame(columns | {"score": pl.Series(scores), "decision": pl.Series(decided)})


def _with_nulls(values: pl.Series, share: float, rng: np.random.Generator) -> pl.Series:
    if not share:
        return values
    return pl.select(pl.when(pl.Series(rng.random(values.len()) >= share)).then(values)).to_series()


def main(path: Path, n_rows: int) -> None:
    """Draw and write, a day at a time."""
    rng, a_day = np.random.default_rng(1), n_rows // N_DAYS
    tables = (day(d, a_day if d < N_DAYS - 1 else n_rows - a_day * d, rng).to_arrow() for d in range(N_DAYS))
    first = next(tables)
    with ParquetWriter(path, first.schema) as writer:
        writer.write_table(first, row_group_size=first.num_rows)
        for table in tables:
            writer.write_table(table, row_group_size=table.num_rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
