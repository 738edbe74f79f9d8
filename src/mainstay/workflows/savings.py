"""What picking rows to label would have saved: the project's own table, labelled once more in each way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from mainstay.domain.errors import DataError
from mainstay.store.project import Project
from mainstay.training.active import Way
from mainstay.training.active_simulation import FIRST, Picked, Simulation, most_labels, simulate
from mainstay.training.learners import learners_for
from mainstay.workflows.prepare import prepare
from mainstay.workflows.reading import read_rows

__all__ = ["Picked", "Savings", "Way", "savings"]

MOST_LABELS = 1000


@dataclass(frozen=True, slots=True)
class Savings:
    """A simulation on a project's training rows, priced: `label_price` is what one label costs, None where unknown."""

    simulation: Simulation
    learner: str
    currency: str
    label_price: float | None


def savings(project: Project, *, repeats: int, seed: int, on_repeat: Callable[[int], None]) -> Savings:
    """Simulate picking on the training rows of a project; raises `DataError` where there are too few to pick from."""
    prepared = prepare(read_rows(project), project.brief, seed=seed).prepared
    n_labels = min(MOST_LABELS, most_labels(prepared))
    if n_labels < 2 * FIRST:
        what = f"{prepared.training.size} training rows are too few to tell ways of picking apart"
        raise DataError(what, remedy="Bring a few hundred labelled rows.")
    learner = learners_for(prepared.task)[1]  # the line: it needs fewest labels, and is fitted in no time
    with threadpool_limits(limits=1):
        seeds = range(seed, seed + repeats)
        found = simulate(prepared, learner, {}, n_labels=n_labels, seeds=seeds, on_seed=on_repeat)
    return Savings(found, learner.title, project.brief.value.currency, project.brief.costs.label)
