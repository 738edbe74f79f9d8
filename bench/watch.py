"""What watching costs: moving answers, looks at 10,000 new rows, a year of history, a past table, signatures of a log.

Everything runs through the real admission, plan, spool, journal and watch, in one process.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from kit import signatures
from kit.environments import CHECKOUT
from kit.show import machine, table
from mainstay.domain.version import parse_version
from mainstay.simulation.streams import clean_stream
from mainstay.store.ingest import ingest
from mainstay.store.project import open_project, write_brief
from mainstay.store.throwaway import write_table
from mainstay.workflows.live import deploy
from mainstay.workflows.living import Life, Lived, answer, begin, learn, nothing_yet
from mainstay.workflows.past import Future, after, before, timeline
from mainstay.workflows.route import load_service
from mainstay.workflows.train import train
from mainstay.workflows.watch import gather, open_watch, reference_of, tick

ROWS_A_DAY, DAYS_BEFORE, N_HISTORY, N_NEW = 400, 60, 90_000, 10_000
START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS_A_YEAR, DAY_US = 365, 86_400_000_000
SEGMENTS = f"segments = {[f'category_{i}' for i in range(1, 6)]}\n"
LIVE_FROM = START + timedelta(days=DAYS_BEFORE)
BRIEF = """\
[model]
name = "stream"
[data]
source = "rows.csv"
target = "outcome"
positive = 1
time = "at"
exclude = ["row_id"]
outcome_delay = "3d"
[value]
currency = "EUR"
when_high_and_positive = 10
when_high_and_negative = -3
when_low_and_positive = 0
when_low_and_negative = 0
"""


def seconds(act: Callable[[], object]) -> float:
    """Seconds that something took."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


@contextmanager
def living(n_rows: int, n_numbers: int = 15, more: str = "") -> Iterator[tuple[Life, Future, Lived]]:
    """A live version over some numbers and 5 categories, and more rows to come than the benchmark asks about."""
    days = DAYS_BEFORE + n_rows * 5 // 4 // ROWS_A_DAY
    rows = clean_stream(seed=1, days=days, rows_per_day=ROWS_A_DAY, n_numbers=n_numbers, n_categories=5).rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_brief(folder, BRIEF.replace("outcome_delay", f"{more}outcome_delay"))
        project = open_project(folder)
        line = timeline(rows, project.brief)
        write_table(before(line, LIVE_FROM, project.brief), folder / "rows.csv")
        summary = train(project, seed=0, actor="bench", at=LIVE_FROM, on_progress=lambda what, share: None)
        version = parse_version(summary.version)
        deploy(project.home, version, actor="bench", at=LIVE_FROM, override=True, why="a benchmark")
        service = load_service(project.home, version)
        watched = open_watch(project.home, version.model)
        future = after(line, LIVE_FROM, brief=project.brief, schema=service.schema)
        life = begin(watched, service, reference_of(watched, version), silence_is_negative=False)
        yield life, future, nothing_yet(future)


def stream() -> list[tuple[str, str, str]]:
    """Figures of a stream that is answered, moved, counted and judged."""
    last = N_HISTORY + N_NEW
    with living(last) as (life, future, lived):
        until = [datetime.fromtimestamp(int(future.at_us[n]) / 1e6, UTC) for n in (N_HISTORY, last)]
        answered = seconds(lambda: answer(life, future, range(N_HISTORY), lived))
        home, model = life.watched.home, life.watched.model
        moved = seconds(lambda: ingest(home, model, at=until[0], journal=life.watched.journal))
        first = seconds(lambda: tick(life.watched, at=until[0]))
        answer(life, future, range(N_HISTORY, last), lived)
        learn(life, future, lived, after_us=int(future.at_us[N_HISTORY]), until_us=int(future.at_us[last]))
        look = seconds(lambda: tick(life.watched, at=until[1]))
        again = seconds(lambda: tick(life.watched, at=until[1]))
    return [
        ("answered: admission, plan, spool", f"{answered:.1f}", f"{N_HISTORY / answered:,.0f}"),
        ("moved from the spool into the journal", f"{moved:.1f}", f"{N_HISTORY / moved:,.0f}"),
        (f"first look: {N_HISTORY:,} rows counted and judged", f"{first:.2f}", f"{N_HISTORY / first:,.0f}"),
        (f"a look at {N_NEW:,} new rows, all of it, after {N_HISTORY:,}", f"{look:.2f}", f"{N_NEW / look:,.0f}"),
        ("the same look again: nothing is new", f"{again:.2f}", "-"),
    ]


def on_one_day(future: Future, first: int) -> Future:
    """Let all rows from one on come within a day: what a service of 10,000 decisions a day brings."""
    n = future.at_us.size - first
    day = int(future.at_us[first]) // DAY_US * DAY_US + np.arange(n) * (DAY_US // n)
    at_us = np.concatenate([future.at_us[:first], np.maximum(day, future.at_us[first])])
    return replace(future, at_us=at_us, due_us=future.due_us + at_us - future.at_us)


def year(n_days: int = DAYS_A_YEAR) -> list[tuple[str, str, str]]:
    """Figures of a look after a year of daily commits: 50 inputs, 5 of them segments, compacted by the way."""
    last = n_days * ROWS_A_DAY
    with living(last + N_NEW, 45, SEGMENTS) as (life, drawn, lived):
        watched, known_us = life.watched, 0
        future = on_one_day(drawn, last)
        for first in range(0, last, ROWS_A_DAY):
            until_us = int(future.at_us[first + ROWS_A_DAY])
            answer(life, future, range(first, first + ROWS_A_DAY), lived)
            learn(life, future, lived, after_us=known_us, until_us=until_us)
            at, known_us = datetime.fromtimestamp(until_us / 1e6, UTC), until_us
            gather(watched, watched.home.ledger.life(watched.model), at=at)
        tick(watched, at=at)
        tick(watched, at=at)  # what is read once has been read
        answer(life, future, range(last, last + N_NEW), lived)
        until = datetime.fromtimestamp(int(future.at_us[last + N_NEW - 1]) / 1e6, UTC) + timedelta(days=1)
        moved = seconds(lambda: ingest(watched.home, watched.model, at=until, journal=watched.journal))
        look = seconds(lambda: tick(watched, at=until))
        learn(life, future, lived, after_us=known_us, until_us=int(future.at_us[last + N_NEW - 1]))
        late = seconds(lambda: tick(watched, at=until))
        cold = seconds(lambda: tick(open_watch(watched.home, watched.model), at=until))
        files = (watched.journal.folder / "signature").rglob("*.parquet")
        cells = watched.journal.cells().height
        held_mb = sum(path.stat().st_size for path in files) / 1e6
    return [
        (f"a year ({n_days} days): {N_NEW:,} new rows moved into the journal", f"{moved:.2f}", f"{N_NEW / moved:,.0f}"),
        ("… counted and judged", f"{look:.2f}", f"{N_NEW / look:,.0f}"),
        ("… outcomes that came late, moved, counted and judged", f"{late:.2f}", "-"),
        ("… nothing new, everything read anew", f"{cold:.2f}", "-"),
        (f"… {cells:,} cells, {held_mb:.0f} MB with what was replaced within a day", "-", "-"),
    ]


def past() -> list[tuple[str, str, str]]:
    """Figures of a real table that is lived through, from the command line."""
    shared = Path(os.environ.get("MAINSTAY_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
    place = shared / "elec2.csv"
    if not place.exists():
        print("-- MAINSTAY_SHARED_DATA names no elec2.csv: no past table is lived through")
        return []
    words = ["--time", "timestamp", "--target", "class", "--positive", "UP", "--train-until", "1997-01-01", "--json"]
    command = [sys.executable, "-m", "mainstay", "replay", str(place), *words]
    with tempfile.TemporaryDirectory() as name:
        whole = seconds(lambda: subprocess.run(command, check=True, capture_output=True, cwd=name))
    n_rows = 45_312
    return [("elec2 replayed: trained, lived through, 100 looks", f"{whole:.1f}", f"{n_rows / whole:,.0f}")]


def main() -> None:
    """Measure and print."""
    figures = [*stream(), *year(), *past()]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"\n15 numbers and 5 categories; one process, peak {peak_mb:.0f} MB; {machine()}\n")
    table(("", "seconds", "rows/s"), figures)
    signatures.show()


if __name__ == "__main__":
    main()
