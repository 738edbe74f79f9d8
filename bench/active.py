"""How many labels picking well saves: ways of picking against random on real tables, 20 repeats each.

Name tables to simulate only these; name a `.json` file to keep the losses in it.
"""

from __future__ import annotations

import sys
import time

from threadpoolctl import threadpool_limits

from curve import BRIEFS, SHARED, keep
from kit.show import machine, table
from mainstay.domain.brief import parse_brief
from mainstay.domain.evaluation import Estimate
from mainstay.store.sources import read_table
from mainstay.training.active_simulation import Simulation, simulate
from mainstay.training.learners import LOGISTIC
from mainstay.workflows.prepare import prepare

N_LABELS, N_REPEATS = 1000, 20
TABLES = ("sms", "adult")
HEADINGS = ("table", "log loss of random at 1,000", "way", "labels needed", "likely")


def measure(name: str) -> Simulation:
    """Simulate one table with the linear model of training."""
    file, data = BRIEFS[name]
    brief = parse_brief(f'[model]\nname = "bench"\n[data]\n{data}\n')
    prepared = prepare(read_table(SHARED / file), brief, seed=0).prepared
    with threadpool_limits(limits=1):
        return simulate(prepared, LOGISTIC, {}, n_labels=N_LABELS, seeds=range(N_REPEATS), on_seed=_told(name))


def _told(name: str) -> object:
    started = time.perf_counter()
    return lambda seed: print(f"{name} {seed} {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)


def _rows(name: str, found: Simulation) -> list[tuple[str, ...]]:
    return [
        (name, _span(found.reached, ".4f"), one.way.value, f"{one.needed.value:,.0f}", _bounds(one.needed, ",.0f"))
        for one in found.picked
    ]


def _span(estimate: Estimate, form: str) -> str:
    return f"{estimate.value:{form}} ({_bounds(estimate, form)})"


def _bounds(estimate: Estimate, form: str) -> str:
    return f"{estimate.low:{form}} to {estimate.high:{form}}"


def _kept(found: Simulation) -> dict[str, object]:
    ways = {one.way.value: one.losses.mean(axis=0).tolist() for one in found.picked}
    needed = {one.way.value: [one.needed.value, one.needed.low, one.needed.high] for one in found.picked}
    return {"counts": found.counts, "losses": ways, "needed": needed, "n_labels": found.n_labels}


def main() -> None:
    """Simulate, print, and keep."""
    found = {name: measure(name) for name in [name for name in sys.argv[1:] if name in TABLES] or list(TABLES)}
    print(f"\nLabels that reach what 1,000 random ones reach; {machine()}\n")
    table(HEADINGS, [row for name, each in found.items() for row in _rows(name, each)])
    for name, each in found.items():
        keep("active", {name: _kept(each)})


if __name__ == "__main__":
    main()
