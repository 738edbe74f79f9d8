"""Whether learning curves keep their word: from a third of the rows foretold, at all of them measured, on real tables.

Each table is read, parted and fitted as `mainstay train` does without a search: the learner and size that do best on a
first look, 300 trees at most. Name tables to measure only these; name a `.json` file to keep the curves in it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import msgspec
from threadpoolctl import threadpool_limits

from kit.environments import CHECKOUT
from kit.show import machine, table
from mainstay.domain.brief import parse_brief
from mainstay.domain.evaluation import Curve, Estimate
from mainstay.store.sources import read_table
from mainstay.training.curve import learn_curve
from mainstay.training.enough import pilot
from mainstay.workflows.prepare import prepare

SHARED = Path(os.environ.get("MAINSTAY_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
BRIEFS = {
    "credit": ("credit_card_default.csv", 'target = "target"\npositive = 1\nexclude = ["ID"]'),
    "adult": ("adult.parquet", 'target = "class"\npositive = ">50K"\nexclude = ["fnlwgt"]'),
    "bank": ("bank-full.csv", 'target = "y"\npositive = "yes"\nexclude = ["duration"]'),
    "bike": ("bike_sharing_hour.csv", 'target = "cnt"\nexclude = ["casual", "registered", "instant"]'),
    "sms": ("sms_spam.csv", 'target = "type"\npositive = "spam"'),
    "elec2": ("elec2.csv", 'target = "class"\npositive = "UP"\nexclude = ["date", "timestamp"]'),
    "elec2, in time": ("elec2.csv", 'target = "class"\npositive = "UP"\ntime = "timestamp"\nexclude = ["date"]'),
}
MOST_TREES = 300  # for the time: with as many more as elec2 would like, it takes ten times as long
HEADINGS = ("table", "rows", "trees", "foretold from a third", "width", "measured at all", "held", "enough", "s")


def measure(name: str) -> tuple[tuple[str, ...], Curve | None]:
    """One table's row of figures, and its curve."""
    file, data = BRIEFS[name]
    brief = parse_brief(f'[model]\nname = "bench"\n[data]\n{data}\n')
    rows = read_table(SHARED / file)
    started = time.perf_counter()
    prepared = prepare(rows, brief, seed=0).prepared
    with threadpool_limits(limits=1):
        learner, found = pilot(prepared)
        settings = found | {"trees": min(found["trees"], MOST_TREES)} if "trees" in found else found
        curve = learn_curve(prepared, learner, settings, seed=0)
    took = time.perf_counter() - started
    if curve is None or curve.from_third is None:
        return (name, f"{rows.height:,}", *("-" for _ in HEADINGS[2:-1]), f"{took:.0f}"), curve
    said = f"{learner.name} {settings.get('trees', '')}"
    return (name, f"{rows.height:,}", said, *_words(curve), f"{took:.0f}"), curve


def _words(curve: Curve) -> tuple[str, ...]:
    told, last = curve.from_third, [point for point in curve.points if not point.foretold][-1]
    assert told is not None
    low, high = told.low or 0.0, told.high or 0.0
    held = "yes" if low <= last.metric.value <= high else "no"
    return _span(told), f"{high - low:.4f}", f"{last.metric.value:.4f}", held, _rows(curve)


def _span(told: Estimate) -> str:
    return f"{told.value:.4f} ({told.low:.4f} to {told.high:.4f})"


def _rows(curve: Curve) -> str:
    every = next(point for point in curve.points if point.foretold).n
    if curve.enough is None:
        return "-"
    return f"{curve.enough.value:,.0f} ({curve.enough.low:,.0f} to {curve.enough.high:,.0f}) of {every:,.0f}"


def keep(kind: str, found: dict[str, object]) -> None:
    """Write figures into the JSON files that were named, beside what they hold."""
    for place in (Path(name) for name in sys.argv[1:] if name.endswith(".json")):
        held = json.loads(place.read_text()) if place.exists() else {}
        place.write_text(json.dumps(held | {kind: held.get(kind, {}) | found}, indent=1, sort_keys=True) + "\n")


def main() -> None:
    """Measure, print and keep."""
    rows = []
    for name in [name for name in sys.argv[1:] if name in BRIEFS] or list(BRIEFS):
        row, curve = measure(name)
        rows.append(row)
        print(*row, sep=" | ", file=sys.stderr, flush=True)
        keep("curves", {name: msgspec.to_builtins(curve)})
    print(f"\nLearning curves of training rows; {machine()}\n")
    table(HEADINGS, rows)


if __name__ == "__main__":
    main()
