"""Replays of three public tables whose history is known: what was noticed when, as JSON for `docs/watching.py`.

`python bench/replays.py FOLDER [NAME …]` reads the tables in FOLDER (elec2.csv, bike_sharing_hour.csv, bank-full.csv)
and prints one document. Each table is learned from up to a day and lived through from there on, with the real service
code, spool, journal and watch.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from mainstay.domain.finding import signal_json
from mainstay.domain.moments import iso
from mainstay.store.project import open_project, write_brief
from mainstay.workflows.replay import replay
from mainstay.workflows.replayed import Replayed

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BEGINS = 2008  # the year of the first row of the bank's table (Moro, Cortez & Rita 2014: May 2008 to November 2010)

ELEC2 = """\
[model]
name = "elec2"
purpose = "Say a half-hour ahead whether the price of electricity will lie above its mean of the last day"
[data]
target = "class"
positive = "UP"
time = "timestamp"
exclude = ["date"]
outcome_delay = "1d"
[decision]
when_high = "sell"
when_low = "wait"
[value]
currency = "AUD"
when_high_and_positive = 10
when_high_and_negative = -10
when_low_and_positive = 0
when_low_and_negative = 0
"""
BIKE = """\
[model]
name = "bike"
purpose = "Foretell how many bicycles are hired in an hour"
[data]
target = "cnt"
time = "at"
exclude = ["instant", "casual", "registered", "dteday", "yr"]
outcome_delay = "1d"
[today]
rule = "where(hr >= 7 and hr <= 20, 230, 50)"
[value]
currency = "USD"
over = -0.5
under = -1
"""
BANK = """\
[model]
name = "bank"
purpose = "Say whom to ring about a deposit"
[data]
target = "y"
positive = "yes"
time = "at"
exclude = ["duration", "day", "month"]
outcome_delay = "7d"
[decision]
when_high = "call"
when_low = "skip"
[value]
currency = "EUR"
when_high_and_positive = 60
when_high_and_negative = -6
when_low_and_positive = 0
when_low_and_negative = 0
"""


@dataclass(frozen=True)
class Known:
    """A table whose history is known: its brief, and the day from which it is lived through."""

    brief: str
    train_until: datetime


KNOWN = {
    "elec2": Known(ELEC2, datetime(1997, 1, 1, tzinfo=UTC)),
    "bike": Known(BIKE, datetime(2011, 11, 1, tzinfo=UTC)),
    "bank": Known(BANK, datetime(2008, 9, 1, tzinfo=UTC)),
}


def table_of(name: str, folder: Path) -> pl.DataFrame:
    """Read a table with a moment in every row; the bank's has days and months, and tells years by its order alone."""
    if name == "elec2":
        return pl.read_csv(folder / "elec2.csv")
    if name == "bike":
        hours = pl.read_csv(folder / "bike_sharing_hour.csv")
        return hours.with_columns(at=pl.format("{}T{}:00:00Z", "dteday", pl.col("hr").cast(pl.String).str.zfill(2)))
    rows = pl.read_csv(folder / "bank-full.csv", separator=";")
    month = rows["month"].replace_strict(list(MONTHS), range(1, 13), return_dtype=pl.Int64)
    year = BEGINS + (month.diff().fill_null(0) < 0).cast(pl.Int64).cum_sum()
    return rows.with_columns(at=pl.datetime(year, month, pl.col("day")).dt.strftime("%Y-%m-%dT00:00:00Z"))


def lived(name: str, folder: Path) -> dict[str, Any]:
    """Replay one table; return what it showed."""
    known = KNOWN[name]
    with tempfile.TemporaryDirectory() as place:
        write_brief(Path(place), known.brief)
        path = Path(place) / "rows.parquet"
        table_of(name, folder).write_parquet(path)
        began = time.perf_counter()
        replayed = replay(open_project(Path(place)), path, train_until=known.train_until)
        return _told(replayed) | {"seconds": round(time.perf_counter() - began, 1)}


def _told(replayed: Replayed) -> dict[str, Any]:
    numbers = {"metrics": replayed.metrics, "value": replayed.value}
    return {
        "train_until": iso(replayed.train_until),
        "decisions": replayed.decisions,
        "task": replayed.summary.task,
        "promised": {name: each.value for name, each in replayed.summary.metrics.items()},
        **{name: {key: each.value for key, each in found.items()} for name, found in numbers.items()},
        "periods": [
            {
                "start": iso(period.start),
                "decisions": period.decisions,
                "metrics": {name: round(each.value, 4) for name, each in period.metrics.items()},
                "value": {name: round(each.value, 4) for name, each in period.value.items()},
            }
            for period in replayed.periods
        ],
        "signals": [signal_json(each.signal) | {"noticed_at": iso(each.noticed_at)} for each in replayed.signals],
    }


if __name__ == "__main__":
    names = sys.argv[2:] or list(KNOWN)
    print(json.dumps({name: lived(name, Path(sys.argv[1])) for name in names}, indent=1, ensure_ascii=False))
