"""What must be true in the end: every acknowledged decision once in the journal, and workers that do not grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

N_BLOCKS = 12  # samples a second apart follow one another; means of blocks hardly do
MOST_MB_AN_HOUR = 6.0  # 50 MB in a working day; a worker is renewed more often than that matters


@dataclass(frozen=True)
class Kept:
    """What the journal holds of what was acknowledged."""

    n_rows: int
    missing: int
    twice: int
    otherwise: int
    repeats: int
    conflicts: int


def kept(folder: Path, answers: Mapping[str, tuple[Any, Any]]) -> Kept:
    """Read the table of decisions as it lies on the disk, past our own readers, and look for every answer."""
    rows = pl.scan_delta(str(folder / ".mainstay/journal/credit/decisions"))
    rows = rows.select("id", "score", "decision", "standing").collect()
    first = rows.filter(pl.col("standing") == "first")
    said = pl.DataFrame(
        [(i, score, decision) for i, (score, decision) in answers.items()],
        schema={"id": pl.String, "said_score": pl.Float64, "said": pl.String},
        orient="row",
    )
    counts = first.group_by("id").len()
    found = said.join(first.unique("id"), on="id", how="left")
    standing = dict(rows.group_by("standing").len().iter_rows())
    other = (pl.col("score") != pl.col("said_score")) | (pl.col("decision") != pl.col("said"))
    return Kept(
        n_rows=first.height,
        missing=found["standing"].null_count(),
        twice=counts.filter(pl.col("len") > 1).height,
        otherwise=found.filter(other).height,
        repeats=standing.get("repeat", 0),
        conflicts=standing.get("conflict", 0),
    )


@dataclass(frozen=True)
class Growth:
    """Megabytes a worker grows in an hour, with a 95% interval."""

    mb_an_hour: float
    low: float
    high: float

    @property
    def said(self) -> str:
        """Whether it is flat, in words."""
        if self.low > MOST_MB_AN_HOUR:
            return "grows"
        return "flat" if self.high <= MOST_MB_AN_HOUR else "cannot tell: too short"


def growth(seconds: Sequence[float], mb: Sequence[float]) -> Growth | None:
    """The slope of a worker's memory over means of blocks; nothing of fewer samples than make blocks of two."""
    if len(seconds) < 2 * N_BLOCKS:
        return None
    at, of = ([float(np.mean(part)) for part in np.array_split(each, N_BLOCKS)] for each in (seconds, mb))
    fit = stats.linregress(at, of)
    half = float(stats.t.ppf(0.975, N_BLOCKS - 2)) * fit.stderr
    return Growth(*(float(each) * 3600 for each in (fit.slope, fit.slope - half, fit.slope + half)))
