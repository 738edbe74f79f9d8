"""Who is hit: what every threshold decides in each segment and group, in running sums that the page's script reads."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.report.actions import Words
from mainstay.report.cells import NONE, Cell, Column, Table, count_cell, share_cells
from mainstay.report.ladder import Counts, Ladder
from mainstay.report.rows import Flags, Floats, Rows
from mainstay.report.words import number, step_of
from mainstay.stats.intervals import wilson

START = "segment:"
MOST_LEVELS, MOST_OF_ONE = 40, 12  # in all and of one column: the page stays small, and each is still read
FEWEST = 30  # cases of a level that stands for itself: fewer tell nothing, and might tell of a person
OTHERS, MISSING = "all others", "missing"
WHOLE = re.compile(r"^(-?\d+)\.0$")  # a code such as 2, read as a number
LARGEST = 2.0**52  # whole numbers below it are exact in the page's script


@dataclass(frozen=True, slots=True)
class Hit:
    """One level of a column: how many cases, and for each threshold of the ladder how many it decides high.

    `n_right` of those have the event. `worth` and `nothing` are sums of money in units of 10 ** -`digits` of the
    currency, as whole numbers; None without money.
    """

    level: str
    n: int
    n_positive: int
    n_high: Counts
    n_right: Counts
    worth: Counts | None
    nothing: int
    digits: int


@dataclass(frozen=True, slots=True)
class HitBy:
    """The levels of one column, the commonest first; `is_group` where the brief calls it protected."""

    column: str
    is_group: bool
    hits: tuple[Hit, ...]


def hits_by(frame: pl.DataFrame, rows: Rows, steps: Ladder, protected: Sequence[str]) -> tuple[HitBy, ...]:
    """Count every level of the evaluation's segments at every threshold; rare levels of a column stand together.

    Columns beyond forty levels in all are left out, and the page says so.
    """
    digits, found, left = _digits(rows), [], MOST_LEVELS
    for name in (name.removeprefix(START) for name in frame.columns if name.startswith(START)):
        levels = list(_levels(frame[START + name]))
        if len(levels) < 2 or len(levels) > left:
            continue
        left -= len(levels)
        hits = tuple(_hit(level, held, rows, steps, digits) for level, held in levels)
        found.append(HitBy(name, name in protected, hits))
    return tuple(found)


def left_out(frame: pl.DataFrame, shown: Sequence[HitBy]) -> tuple[str, ...]:
    """Return the columns of segments that are not shown: too many levels, or only one."""
    held = {each.column for each in shown}
    return tuple(name for n in frame.columns if n.startswith(START) and (name := n.removeprefix(START)) not in held)


def hit_table(by: HitBy, place: int, i: int, words: Words, currency: str) -> Table:
    """What the i-th threshold does to each level; `place` is the column's among those shown."""
    shares = (
        Column(words.high.done, "of cases"),
        Column("likely", "%"),
        Column(f"wrongly {words.high.done}", f"of those not {words.event}"),
        Column("likely", "%"),
        Column("missed", f"of {words.cases}"),
        Column("likely", "%"),
    )
    money = (Column("money", f"{currency} a decision"), Column("gain", f"{currency} a decision over doing nothing"))
    has_money = by.hits[0].worth is not None
    columns = (Column(by.column, is_number=False), Column("cases"), *shares, *(money if has_money else ()))
    caption = f"Who is hit, by {by.column}" + (" (protected)" if by.is_group else "")
    return Table(f"hit-{place}", caption, columns, tuple(hit_cells(hit, i) for hit in by.hits))


def hit_cells(hit: Hit, i: int) -> tuple[Cell, ...]:
    """One level at the i-th threshold, as the page's script says it too."""
    return (Cell(hit.level), count_cell(hit.n), *_shares(hit, i), *_money(hit, i))


def hits_data(found: Sequence[HitBy]) -> list[list[dict[str, object]]]:
    """The levels for the page's script: what each step of the ladder takes away, nothing where it takes nothing."""
    return [[_packed(hit) for hit in by.hits] for by in found]


def _packed(hit: Hit) -> dict[str, object]:
    if hit.n < FEWEST:
        return {"n": hit.n}
    return {
        "n": hit.n,
        "n_positive": hit.n_positive,
        "high": _steps(hit.n_high),
        "right": _steps(hit.n_right),
        "worth": None if hit.worth is None else _steps(hit.worth),
        "nothing": hit.nothing,
        "unit": f"1e{hit.digits}",
    }


def _steps(sums: Counts) -> str:
    taken = np.diff(sums, prepend=0).tolist()
    return ",".join("" if not step else str(step) for step in taken)


def _levels(column: pl.Series) -> Iterator[tuple[str, Flags]]:
    """The levels that are common enough, then all others together."""
    held = column.cast(pl.String).fill_null(MISSING)
    counted = held.value_counts().sort(["count", held.name], descending=[True, False])
    common = counted.filter(pl.col("count") >= FEWEST)[held.name].to_list()
    kept = common if len(common) == counted.height <= MOST_OF_ONE else common[: MOST_OF_ONE - 1]
    texts = held.to_numpy()
    for level in kept:
        yield level, texts == level
    rest = ~np.isin(texts, kept) if kept else np.ones(texts.size, dtype=np.bool_)
    if rest.any():
        yield OTHERS, rest


def _hit(level: str, held: Flags, rows: Rows, steps: Ladder, digits: int) -> Hit:
    order = np.flatnonzero(held)[np.argsort(rows.scores[held], kind="stable")]
    n_low = np.searchsorted(rows.scores[order], steps.at, side="left")
    outcomes, n = rows.outcomes[order], order.size
    n_positive = int(np.count_nonzero(outcomes))
    worth = nothing = None
    if rows.worth is not None:
        gains = np.append(0.0, np.cumsum((rows.worth.low - rows.worth.high)[order]))
        worth = _whole(float(rows.worth.high[order].sum()) + gains[n_low], digits)
        nothing = int(_whole(np.array([rows.worth.nothing[order].sum()]), digits)[0])
    return Hit(
        level=WHOLE.sub(r"\1", level),
        n=n,
        n_positive=n_positive,
        n_high=(n - n_low).astype(np.int64),
        n_right=(n_positive - np.append(0, np.cumsum(outcomes))[n_low]).astype(np.int64),
        worth=worth,
        nothing=nothing or 0,
        digits=digits,
    )


def _digits(rows: Rows) -> int:
    """Digits after the point that sums keep: cents, more where money is tiny, fewer where whole numbers end."""
    if rows.worth is None:
        return 0
    sizes = np.maximum(np.abs(rows.worth.high), np.abs(rows.worth.low))
    total, mean = float(sizes.sum()), float(sizes.mean())
    if not total:
        return 2
    return min(max(2, 6 - math.floor(math.log10(mean))), math.floor(math.log10(LARGEST / total)))


def _whole(sums: Floats, digits: int) -> Counts:
    return np.rint(sums * 10.0**digits).astype(np.int64)


def _shares(hit: Hit, i: int) -> tuple[Cell, ...]:
    if hit.n < FEWEST:
        return (Cell(NONE),) * 6
    n_high, n_right, n_negative = int(hit.n_high[i]), int(hit.n_right[i]), hit.n - hit.n_positive
    parts = ((n_high, hit.n), (n_high - n_right, n_negative), (hit.n_positive - n_right, hit.n_positive))
    return tuple(cell for part, whole in parts for cell in share_cells(wilson(part, whole)))


def _money(hit: Hit, i: int) -> tuple[Cell, ...]:
    if hit.worth is None:
        return ()
    if hit.n < FEWEST:
        return (Cell(NONE),) * 2
    sums = (int(hit.worth[i]), int(hit.worth[i]) - hit.nothing)
    values = [each / 10.0**hit.digits / hit.n for each in sums]
    return tuple(Cell(number(value, step_of(value)), value) for value in values)
