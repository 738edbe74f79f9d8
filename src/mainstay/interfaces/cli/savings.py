"""`mainstay review --simulate`: what picking rows to label would have saved, in labels and in money."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from mainstay.domain.evaluation import Estimate
from mainstay.interfaces.cli.show import answer, money, next_step, print_json, progress, table
from mainstay.workflows.place import open_project
from mainstay.workflows.savings import Picked, Savings, Way, savings

TITLES = {
    Way.RANDOM: "at random",
    Way.UNCERTAIN: "the least sure",
    Way.DIVERSE: "the least like each other",
    Way.MIXED: "both, as review picks",
}


def tell(folder: Path, repeats: int, *, seed: int, as_json: bool) -> None:
    """Simulate and print the result."""
    show, done = progress(quiet=as_json), [0]

    def on_repeat(of: int) -> None:
        done[0] += 1
        show(f"repeat {done[0]} of {repeats}", done[0] / repeats)

    found = savings(open_project(folder), repeats=repeats, seed=seed, on_repeat=on_repeat)
    if as_json:
        print_json(savings_json(found))
        return
    _show(found)


def savings_json(found: Savings) -> dict[str, Any]:
    """Return the JSON form of a simulation; a way that never got there has null labels."""
    simulation = found.simulation
    return {
        "learner": found.learner,
        "random_labels": simulation.n_labels,
        "loss_reached": _plain(simulation.reached),
        "currency": found.currency,
        "label_price": found.label_price,
        "counts": list(simulation.counts),
        "ways": [
            {"way": one.way.value, "needed": _plain(one.needed), "losses": one.losses.mean(axis=0).tolist()}
            for one in simulation.picked
        ],
    }


def _show(found: Savings) -> None:
    simulation, ours = found.simulation, found.simulation.reviewed
    reached = f"{simulation.n_labels:,} random labels reach (loss {simulation.reached.value:.4g})"
    if not math.isfinite(ours.needed.value):
        answer(f"Picked rows did not reach with {simulation.counts[-1]:,} labels what {reached}: label at random here.")
    else:
        saved = simulation.n_labels - ours.needed.value
        price = f", {money(abs(saved) * found.label_price, found.currency)}" if found.label_price else ""
        answer(
            f"Picked rows reach with {ours.needed.value:,.0f} labels (likely {_between(ours)}) what {reached}: "
            f"{abs(saved):,.0f} labels{price} {'saved' if saved > 0 else 'lost'}."
        )
    answer("")
    rows = [(TITLES[one.way], _labels(one.needed.value), _between(one)) for one in simulation.picked]
    table(("rows picked", "labels needed", "likely"), rows)
    answer(f"\nSimulated on the training rows with {found.learner}, {ours.losses.shape[0]} times.")
    next_step("mainstay review --next 50 --from FILE")


def _between(one: Picked) -> str:
    low, high = one.needed.low, one.needed.high
    return "" if low is None or high is None else f"{_labels(low)} to {_labels(high)}"


def _labels(n: float) -> str:
    return f"{n:,.0f}" if math.isfinite(n) else "more than given"


def _plain(estimate: Estimate) -> dict[str, float | None]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}
