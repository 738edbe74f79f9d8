"""What somebody wants of a training beyond its brief: how long it may take, and how many rows it may learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mainstay.domain.progress import OnNews, silent
from mainstay.store.clock import ticks_us
from mainstay.store.machine import n_cores
from mainstay.training.curve import Allowance
from mainstay.training.effort import Effort
from mainstay.training.enough import enough_rows
from mainstay.training.prepared import Prepared

MINUTE_S = 60.0
CURVE_SHARE, MOST_CURVE_S = 0.12, 60.0  # of the time limit, kept for the learning curve, which takes what is left
USUAL_CURVE_S = 3.0  # without a limit: about as long as one candidate
PACK_S, PACK_ROW_S = 2.0, 20e-6  # proving, counting the reference and packing: this, and this for every row
KEEP_S = 0.5  # writing it all down


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The flags of a training. `age_s` are seconds that have passed already and count; `on_news` hears all news."""

    minutes: float | None = None
    rows: int | Literal["enough"] | None = None
    n_threads: int | None = None
    age_s: float = 0.0
    on_news: OnNews = silent


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """When a training began, and when everything is to be done (None: whenever it is), by the clock `seconds`."""

    began_s: float
    ends_s: float | None

    def effort(self, wanted: Wanted, prepared: Prepared) -> Effort:
        """Return how much is left for searching and fitting, the later work kept apart."""
        n_rows = enough_rows(prepared)[0] if wanted.rows == "enough" else wanted.rows
        n_threads = wanted.n_threads or n_cores()
        if self.ends_s is None:
            return Effort(n_threads=n_threads, n_rows=n_rows)
        pack_s = PACK_S + PACK_ROW_S * prepared.used.height + KEEP_S
        curve_s = min(CURVE_SHARE * (self.ends_s - self.began_s), MOST_CURVE_S)
        return Effort(n_threads=n_threads, n_rows=n_rows, ends_at=self.ends_s, tail_s=pack_s + curve_s)

    def allowance(self) -> Allowance:
        """Return how long the learning curve may be measured: what is left."""
        left = USUAL_CURVE_S if self.ends_s is None else max(self.ends_s - seconds() - KEEP_S, 0.0)
        return Allowance(seconds, left)


def stopwatch(wanted: Wanted) -> Stopwatch:
    """Start the watch of a training."""
    began = seconds() - wanted.age_s
    return Stopwatch(began, None if wanted.minutes is None else began + MINUTE_S * wanted.minutes)


def seconds() -> float:
    """Return the seconds of a clock that never steps back."""
    return ticks_us() / 1e6
