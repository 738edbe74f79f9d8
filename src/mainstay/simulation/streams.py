"""General streams for holding a watch to its promises: clean ones, and ones with a change of known kind, day and size.

A stream has `row_id`, `at` (UTC), `number_1` … (standard normal around the day's mean; every second one the skewed
`exp(z / 2)`; every third with 2% missing), `category_1` … (3 to 8 levels `a`, `b`, … of falling shares) and `outcome`
(0 or 1, about a quarter positive, swinging with the season of what it listens to). The outcome follows a logistic law
in the first six numbers and first three categories. Without a change days still differ: by season, by weekday, and by a
first-order autoregression of their own (standard deviation 0.05 of a row's). A clean stream is therefore not
identically distributed, and a watch must know that.

Changes to inputs change what is *recorded*, as a new unit or a broken pipe does: the outcome follows the old values.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import polars as pl

from mainstay.domain.errors import Asked
from mainstay.simulation.change import Change, Kind
from mainstay.simulation.draws import Floats, logistic, midnight
from mainstay.simulation.stream_changes import apply_change, columns_moved, named
from mainstay.simulation.stream_world import Rhythm, Rows, Shape, check_shape, draw_rows

__all__ = ["Rhythm", "Shape", "Stream", "clean_stream", "with_change"]

SAYS: dict[Kind, str] = {
    "jump": "{column} jumps by {size:g} standard deviations",
    "creep": "{column} creeps up over four weeks, by {size:g} standard deviations in the end",
    "scale": "{column} spreads {size:+.0%} wider around its mean",
    "unseen_level": "{size:.0%} of {column} become the new level 'unseen'",
    "missing": "{size:.0%} of {column} go missing",
    "relation": "{column} begins to go with {partner}, at a correlation of {size:+g}; neither is distributed otherwise",
    "concept": "the outcome follows another law, by {size:.0%}; no input moves",
    "prior": "the share of positive outcomes moves by {size:+.0%}; within each outcome the inputs stay as they were",
}
SHARES: tuple[Kind, ...] = ("unseen_level", "missing", "concept")


@dataclass(frozen=True, kw_only=True, eq=False)
class Stream:
    """Rows in time order and the truth about them: `truth` lists the changes in the order in which they were made."""

    drawn: Rows
    truth: tuple[Change, ...]
    shape: Shape
    seed: int

    @property
    def rows(self) -> pl.DataFrame:
        """The table: `row_id`, `at`, the inputs and `outcome`."""
        return self.drawn.table

    @property
    def true_probability(self) -> Floats:
        """The chance that each row's outcome is 1, shape (n_rows,)."""
        return logistic(self.drawn.log_odds)


def clean_stream(
    *, seed: int, days: int, rows_per_day: int, n_numbers: int, n_categories: int, rhythm: Rhythm | None = None
) -> Stream:
    """Simulate `days` days of about `rows_per_day` rows in which nothing changes; `rhythm` says how days differ.

    Raises `Asked` for a stream without days, rows or columns.

    >>> stream = clean_stream(seed=1, days=10, rows_per_day=50, n_numbers=2, n_categories=1)
    >>> stream.rows.columns
    ['row_id', 'at', 'number_1', 'number_2', 'category_1', 'outcome']
    """
    shape = Shape(
        days=days,
        rows_per_day=rows_per_day,
        n_numbers=n_numbers,
        n_categories=n_categories,
        rhythm=rhythm or Rhythm(),
    )
    check_shape(shape)
    return Stream(drawn=draw_rows(shape, seed=seed), truth=(), shape=shape, seed=seed)


def with_change(stream: Stream, kind: Kind, *, at_day: int, size: float, column: str | None = None) -> Stream:
    """Return the stream as it would have been with one change more, begun at the start of day `at_day` (first: 0).

    | kind | what happens from that day | `size` |
    |---|---|---|
    | `jump` | `column` moves | standard deviations of the column before |
    | `creep` | `column` moves in a straight line for 28 days, then stays | the same, in the end |
    | `scale` | `column` spreads around its mean before | spread after = (1 + size) × before; above -1 |
    | `unseen_level` | rows of `column` become the level `unseen` | share of rows, above 0 to 1 |
    | `missing` | rows of `column` become null | share of rows, above 0 to 1 |
    | `relation` | a day's values of `column` are dealt anew, by the ranks of the next number | their correlation |
    | `concept` | the law of the outcome turns; no input moves | 0 the old law, to 1 nothing left of it |
    | `prior` | positives become more (or fewer), and inputs move only with them | change of their share |

    `column` is the first that can be moved if not said; `concept` and `prior` take none. Rows before the day, and what
    the change does not touch, stay as they were. Raises `Asked` for a day, size or column that cannot be.

    >>> calm = clean_stream(seed=1, days=10, rows_per_day=50, n_numbers=2, n_categories=1)
    >>> with_change(calm, "jump", at_day=5, size=0.5).truth[0].says
    'number_1 jumps by 0.5 standard deviations'
    """
    _check(stream, kind, at_day=at_day, size=size)
    columns = columns_moved(stream.drawn, kind, column)
    change = Change(
        at=midnight(stream.shape.rhythm.start) + timedelta(days=at_day),
        kind=kind,
        columns=columns,
        size=size,
        says=SAYS[kind].format(size=size, **named(stream.drawn, kind, columns)),
    )
    drawn = apply_change(stream.drawn, change, earlier=stream.truth, shape=stream.shape, seed=stream.seed)
    return replace(stream, drawn=drawn, truth=(*stream.truth, change))


def _check(stream: Stream, kind: Kind, *, at_day: int, size: float) -> None:
    if kind not in SAYS:
        raise Asked(f"{kind!r} is not a kind of change", remedy="Use one of: " + ", ".join(SAYS))
    if not 0 <= at_day < stream.shape.days:
        raise Asked(
            f"day {at_day} lies outside a stream of {stream.shape.days} days", remedy="Count days from 0, the first."
        )
    if kind in SHARES and not 0 < size <= 1:
        raise Asked(f"a {kind} of size {size:g} is not a share", remedy="Use a number above 0 and up to 1.")
    if kind == "relation" and not 0 < abs(size) < 1:
        raise Asked(f"a relation of size {size:g} is no correlation", remedy="Use a number between -1 and 1, not 0.")
    if kind == "scale" and size <= -1:
        raise Asked(f"a scale of size {size:g} leaves no spread", remedy="Use a number above -1; 1 doubles the spread.")
