"""Running sums at the edges of buckets: enough for the page to cut the cases anew without their rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mainstay.report.actions import Words
from mainstay.report.cells import Cell, Column, Table, count_cell, money_cells, share_cells
from mainstay.report.rows import Floats, Rows
from mainstay.report.words import fixed, percent
from mainstay.stats.buckets import equal_count_ends
from mainstay.stats.intervals import Interval, wilson_bounds

CHOICES = (5, 10, 20)
NORMAL = 1.959963984540054  # two-sided 95%; the page's script has no Student's t, and buckets are not small


@dataclass(frozen=True, slots=True)
class Sums:
    """What the first `n` rows from the highest score down add up to, at every edge that some choice of buckets uses.

    `gain` is the money of deciding high instead of low, `gain_squared` the sum of its squares; None without money.
    """

    n: npt.NDArray[np.int64]
    n_positive: Floats
    score: Floats
    gain: Floats | None
    gain_squared: Floats | None


@dataclass(frozen=True, slots=True)
class Buckets:
    """The sums within buckets from the highest scores down, arrays of one length; `end` counts rows from the top."""

    end: npt.NDArray[np.int64]
    n: npt.NDArray[np.int64]
    n_positive: Floats
    score: Floats
    gain: Floats | None
    gain_squared: Floats | None


def sums_at_edges(rows: Rows, choices: tuple[int, ...]) -> Sums:
    """Sums at the edges of each number of buckets in `choices`, ties never parted."""
    order = np.argsort(-rows.scores, kind="stable")
    ordered = rows.scores[order]
    ends = np.unique(np.concatenate([equal_count_ends(ordered, n) for n in choices]))
    gain = None if rows.worth is None else (rows.worth.high - rows.worth.low)[order]
    return Sums(
        n=ends,
        n_positive=_running(rows.outcomes[order].astype(np.float64), ends),
        score=_running(ordered, ends),
        gain=None if gain is None else _running(gain, ends),
        gain_squared=None if gain is None else _running(gain**2, ends),
    )


def cut(sums: Sums, n_buckets: int) -> Buckets:
    """The sums between the edges nearest to `n_buckets` equal parts; the page's script does the same."""
    wanted = sums.n[-1] * np.arange(1, n_buckets + 1) / n_buckets
    nearest = np.unique(np.argmin(np.abs(sums.n[None, :] - wanted[:, None]), axis=1))
    return Buckets(
        end=sums.n[nearest],
        n=np.diff(sums.n[nearest], prepend=0),
        n_positive=_between(sums.n_positive, nearest),
        score=_between(sums.score, nearest),
        gain=None if sums.gain is None else _between(sums.gain, nearest),
        gain_squared=None if sums.gain_squared is None else _between(sums.gain_squared, nearest),
    )


def lift_cells(buckets: Buckets, words: Words, currency: str) -> Table:
    """The lift table as the page shows it."""
    n_rows, n_positive = float(buckets.n.sum()), float(buckets.n_positive.sum())
    low, high = wilson_bounds(buckets.n_positive, buckets.n)
    gains = _gains(buckets)
    found, drawn = np.cumsum(buckets.n_positive), []
    for i, n in enumerate(buckets.n):
        share = float(buckets.n_positive[i] / n)
        lift = share / (n_positive / n_rows) if n_positive else float("nan")
        cells = (
            Cell(f"{_edge((buckets.end[i] - n) / n_rows)} to {_edge(buckets.end[i] / n_rows)}%", float(i)),
            count_cell(int(n)),
            Cell(percent(float(buckets.score[i] / n)), float(buckets.score[i] / n)),
            *share_cells(Interval(share, float(low[i]), float(high[i]))),
            Cell(fixed(lift, 2), lift) if n_positive else Cell("–"),
            Cell(percent(float(found[i]) / n_positive), float(found[i])) if n_positive else Cell("–"),
        )
        drawn.append(cells + (money_cells(gains[i]) if gains else ()))
    caption = f"Cases from the highest scores down: predicted and real share with {words.event}"
    return Table("lift", caption, _columns(words, currency, bool(gains)), tuple(drawn))


def _columns(words: Words, currency: str, has_money: bool) -> tuple[Column, ...]:
    plain = (
        Column("cases", "highest scores first", is_number=False),
        Column("number"),
        Column("predicted", words.event),
        Column("happened", words.event),
        Column("likely", "%"),
        Column("lift", "times all cases"),
        Column("found so far", f"of {words.cases}"),
    )
    money = (Column("gain", f"{currency} if {words.high.done}".strip()), Column("likely", currency))
    return plain + (money if has_money else ())


def _gains(buckets: Buckets) -> list[Interval]:
    """The mean gain of deciding a case high in each bucket, with normal bounds; a lone row has none."""
    if buckets.gain is None or buckets.gain_squared is None:
        return []
    mean = buckets.gain / buckets.n
    spread = np.maximum(buckets.gain_squared / buckets.n - mean**2, 0.0)
    half = NORMAL * np.sqrt(spread / np.where(buckets.n > 1, buckets.n - 1, np.nan))
    return [Interval(float(mean[i]), float(mean[i] - half[i]), float(mean[i] + half[i])) for i in range(mean.size)]


def _edge(share: float) -> str:
    """The edge of a bucket as a percentage without its sign: '5', '12.5'."""
    return fixed(100 * float(share), 1).removesuffix(".0")


def _running(values: Floats, ends: npt.NDArray[np.int64]) -> Floats:
    return np.cumsum(values)[ends - 1]


def _between(running: Floats, kept: npt.NDArray[np.intp]) -> Floats:
    return np.diff(running[kept], prepend=0.0)
