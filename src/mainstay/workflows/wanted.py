"""What somebody wants of a training beyond its brief: how long it may take, and how many rows it may learn from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from mainstay.domain.errors import Asked, DataError
from mainstay.domain.evaluation import Curve
from mainstay.domain.progress import OnNews, silent
from mainstay.store.clock import process_age_s, ticks_us
from mainstay.store.machine import memory_left, n_cores
from mainstay.store.side_processes import side_processes
from mainstay.training.crew import MOST_APART
from mainstay.training.curve import Allowance
from mainstay.training.effort import Effort
from mainstay.training.enough import enough_rows
from mainstay.training.prepared import Prepared

__all__ = [
    "ENOUGH",
    "Wanted",
    "allowance_of",
    "effort_of",
    "process_age_s",
    "require_memory",
    "rows_of",
    "seconds",
    "threads_wanted",
    "wanted_of",
]

MINUTE_S = 60.0
LEAST_MINUTES = 0.25  # what a tiny table takes where other programs are busy, without any search
ENOUGH: Literal["enough"] = "enough"
MOST_MINUTES = 366 * 24 * 60.0
OMP_THREADS = "OMP_NUM_THREADS"
CURVE_SHARE, MOST_CURVE_S = 0.12, 60.0  # of the time limit, kept for the learning curve, which takes what is left
USUAL_CURVE_SHARE, LEAST_CURVE_S = 1 / 3, 2.0  # without a limit: of what training took, so a quarter of everything
PILOT_SHARE = 0.2  # of the time limit, where a curve must first say how many rows are enough
PACK_S, PACK_ROW_S = 2.0, 20e-6  # proving, counting the reference and packing: this, and this for every row
PROCESS_MEMORY = 400_000_000  # bytes that a process which fits a fold takes at most
LEAST_MEMORY, TABLES = 300_000_000, 2  # bytes that any training takes, and tables on top of the one that was read
KEEP_S = 0.5  # writing it all down


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The flags of a training: the moment by which it is to be done (by `seconds`), and the rows it may learn from.

    `n_threads` fits run at once, as many as there are cores if None; `on_news` hears how candidates stand.
    """

    ends_s: float | None = None
    rows: int | Literal["enough"] | None = None
    n_threads: int | None = None
    on_news: OnNews = silent


def wanted_of(minutes: float | None, rows: int | str | None, *, age_s: float) -> Wanted:
    """Return the flags of a command that runs for some seconds already; raises `Asked` for too little or too much."""
    if minutes is not None and not minutes >= LEAST_MINUTES:
        what = f"--minutes {minutes:g} leaves no time: loading libraries, reading, judging and packing take "
        remedy = "Give it a minute or more, --minutes 2; or leave it out: a small table is done in less."
        raise Asked(f"{what}{MINUTE_S * LEAST_MINUTES:g} seconds on a busy machine", remedy=remedy)
    if minutes is not None and minutes > MOST_MINUTES:
        raise Asked(f"--minutes {minutes:g} is more than a year", remedy="Give it minutes or hours: --minutes 60.")
    ends_s = None if minutes is None else seconds() - age_s + MINUTE_S * minutes
    return Wanted(ends_s=ends_s, rows=ENOUGH if isinstance(rows, str) else rows, n_threads=threads_wanted())


def threads_wanted() -> int:
    """Return how many fits may run at once: as many as there are cores, or as the environment says for OpenMP."""
    said = os.environ.get(OMP_THREADS, "")
    return int(said) if said.isdecimal() and int(said) > 0 else n_cores()


def effort_of(wanted: Wanted, prepared: Prepared, n_rows: int | None) -> Effort:
    """Return what is left for searching and fitting `n_rows`: the work that comes after it is kept apart."""
    n_threads = wanted.n_threads or threads_wanted()
    if wanted.ends_s is None:
        return Effort(n_threads=n_threads, n_rows=n_rows)
    pack_s = PACK_S + PACK_ROW_S * prepared.used.height + KEEP_S
    curve_s = min(CURVE_SHARE * (wanted.ends_s - seconds()), MOST_CURVE_S)
    tail_s = pack_s + curve_s
    apart = side_processes if has_room_for(n_threads) else None
    return Effort(n_threads=n_threads, apart=apart, n_rows=n_rows, ends_at=wanted.ends_s, tail_s=tail_s)


def has_room_for(n: int) -> bool:
    """Say whether there is memory for so many processes that fit, beside what training takes itself."""
    left = memory_left()
    return left is None or left >= LEAST_MEMORY + min(n, MOST_APART) * PROCESS_MEMORY


def require_memory(table_bytes: int = 0) -> None:
    """Refuse a training that is bound to run out of memory, where a library would end the process: `DataError`."""
    left, needed = memory_left(), LEAST_MEMORY + TABLES * table_bytes
    if left is not None and left < needed:
        came = f"{left / 1e6:,.0f} MB of memory are left, and training takes about {needed / 1e6:,.0f} MB"
        raise DataError(came, remedy="End other programs, raise the limit (ulimit -v), or bring fewer rows or columns.")


def allowance_of(wanted: Wanted, *, took_s: float) -> Allowance:
    """Return how long the learning curve may be measured after a training of so many seconds: what is left."""
    usual = max(USUAL_CURVE_SHARE * took_s, LEAST_CURVE_S)
    return Allowance(seconds, usual if wanted.ends_s is None else max(wanted.ends_s - seconds() - KEEP_S, 0.0))


def rows_of(wanted: Wanted, prepared: Prepared) -> tuple[int | None, Curve | None]:
    """Return how many rows are to be learned from (None for all), and the curve that says so where `enough` are."""
    if wanted.rows != ENOUGH:
        return wanted.rows, None
    limit = None if wanted.ends_s is None else PILOT_SHARE * (wanted.ends_s - seconds())
    return enough_rows(prepared, allowance=Allowance(seconds, limit))


def seconds() -> float:
    """Return the seconds of a clock that never steps back."""
    return ticks_us() / 1e6
