"""False alarms on streams in which nothing changes, against the brief's promise."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from scipy.stats import chi2

from alarms.counted import counted_stream
from alarms.watching import Watching, brief, is_alarm, looks, opened, watched_rows
from mainstay.monitoring.yardstick import learn
from mainstay.simulation.draws import logistic
from mainstay.simulation.stream_world import Rhythm, Shape
from mainstay.simulation.streams import clean_stream

WATCHED_DAYS = 120
MONTH_DAYS = 30.0
BUDGETS = (1.0, 0.1)


@dataclass(frozen=True)
class Cell:
    """One stream to watch; `by_rows` draws its rows, with outcomes, else its counts are drawn. No period: ours."""

    seed: int
    rows_a_day: int
    n_inputs: int
    n_reference: int
    autocorrelation: float
    period: str
    by_rows: bool


def grid(n: int) -> Iterator[Cell]:
    """Streams that cover rows a day, inputs, lengths of reference and memories alike."""
    kinds = [
        (100, 20, "", True), (300, 20, "", True), (1000, 20, "1d", True), (100, 60, "2d", True),
        (1000, 60, "", False), (10_000, 20, "1d", False), (100_000, 20, "1d", False), (100_000, 20, "", False),
        (10_000, 200, "1d", False), (100_000, 200, "1d", False), (1000, 200, "1d", False), (10_000, 60, "6h", False),
    ]  # fmt: skip
    for seed in range(n):
        rows_a_day, n_inputs, period, by_rows = kinds[seed % len(kinds)]
        turn = seed // len(kinds)
        n_reference = (60, 120, 400)[turn % 3]
        if period == "" and rows_a_day > 1000:
            n_reference = 60
        yield Cell(seed, rows_a_day, n_inputs, n_reference, (0.3, 0.8)[turn // 3 % 2], period, by_rows)


def shape_of(cell: Cell) -> Shape:
    """The stream's shape: seven numbers to three categories."""
    n_categories = 3 * cell.n_inputs // 10
    return Shape(
        days=cell.n_reference + WATCHED_DAYS,
        rows_per_day=cell.rows_a_day,
        n_numbers=cell.n_inputs - n_categories,
        n_categories=n_categories,
        rhythm=Rhythm(autocorrelation=cell.autocorrelation),
    )


def watched(cell: Cell) -> Watching:
    """Put a stream under watch."""
    told = brief(watch=f'period = "{cell.period}"' if cell.period else "")
    shape = shape_of(cell)
    if not cell.by_rows:
        reference, cells = counted_stream(shape, seed=cell.seed, n_reference=cell.n_reference, told=told)
        return Watching(learn(reference, told), cells, told)
    stream = clean_stream(
        seed=cell.seed, days=shape.days, rows_per_day=shape.rows_per_day, n_numbers=shape.n_numbers,
        n_categories=shape.n_categories, rhythm=shape.rhythm,
    )  # fmt: skip
    return watched_rows(stream, logistic(stream.drawn.log_odds), cell.n_reference, told)


def run(cell: Cell) -> dict[str, Any]:
    """Watch a stream under each promise; what was opened by code."""
    begun = time.perf_counter()
    seen = watched(cell)
    made = time.perf_counter() - begun
    found: dict[str, Any] = {}
    for budget in BUDGETS:
        promised = replace(seen, yardstick=replace(seen.yardstick, false_alarms_per_month=budget), told=seen.told)
        spoke = opened(looks(promised, with_outcomes=cell.by_rows))
        found[f"{budget:g}"] = {
            "alarms": [finding.code for finding in spoke if is_alarm(finding)],
            "notices": [finding.code for finding in spoke if not is_alarm(finding)],
        }
    judged = time.perf_counter() - begun - made
    return asdict(cell) | {"months": WATCHED_DAYS / MONTH_DAYS, "found": found, "made_s": made, "judged_s": judged}


def poisson_interval(n: int, months: float, *, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a rate a month. Source: Garwood (1936)."""
    low = chi2.ppf((1 - level) / 2, 2 * n) / 2 if n else 0.0
    return low / months, chi2.ppf((1 + level) / 2, 2 * n + 2) / 2 / months
