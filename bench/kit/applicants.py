"""A table of applicants drawn by chance: 14 numbers and 6 categories, some missing, and an outcome of either shape.

One shape a line can learn, so that a logistic regression wins; the other needs trees.
"""

from __future__ import annotations

import numpy as np
import polars as pl

N_NUMBERS, N_CATEGORIES = 14, 6
LEVELS = ("north", "south", "east", "west", "centre", "abroad", "islands", "unknown")
MISSING_SHARE = 0.04  # of every second column
TARGET = "target"
SHAPES = ("line", "trees")


def applicants(shape: str, *, n_rows: int, seed: int) -> pl.DataFrame:
    """Return rows of 20 columns and `target` (0 or 1); `shape` is `line` or `trees`."""
    random = np.random.default_rng(seed)
    numbers = np.round(random.normal(size=(n_rows, N_NUMBERS)), 4)
    places = random.integers(len(LEVELS), size=(n_rows, N_CATEGORIES))
    logit = (_line if shape == "line" else _bent)(numbers, places)
    columns = {f"number_{j}": pl.Series(numbers[:, j] * 10.0 ** (j % 4)) for j in range(N_NUMBERS)}
    columns |= {f"category_{j}": pl.Series([LEVELS[i] for i in places[:, j]]) for j in range(N_CATEGORIES)}
    for name in list(columns)[::2]:
        present = pl.Series(random.random(n_rows) >= MISSING_SHARE)
        columns[name] = columns[name].to_frame("x").select(pl.when(present).then(pl.col("x")).alias("x"))["x"]
    happened = random.random(n_rows) < 1 / (1 + np.exp(-logit))
    return pl.DataFrame(columns).with_columns(pl.Series(TARGET, happened.astype(np.int64)))


def _line(numbers: np.ndarray, places: np.ndarray) -> np.ndarray:
    weights = np.linspace(-0.8, 0.8, N_NUMBERS)
    levels = np.linspace(-0.5, 0.5, len(LEVELS))
    return numbers @ weights + levels[places].sum(axis=1) - 1.0


def _bent(numbers: np.ndarray, places: np.ndarray) -> np.ndarray:
    folds = np.abs(numbers[:, 0]) + np.cos(2.5 * numbers[:, 1]) + np.where(places[:, 0] % 2, 1.0, -1.0) * numbers[:, 2]
    steps = np.where(numbers[:, 3] > 0.5, 1.5, 0.0) * (places[:, 1] < 3) + np.sin(3.0 * numbers[:, 4])
    return folds + steps - 2.0
