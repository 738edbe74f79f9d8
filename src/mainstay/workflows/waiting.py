"""What a model waits for: each thing with its reason and the command that ends the wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Summary
from mainstay.domain.life import Life, VersionLife

REVIEW_AHEAD = timedelta(days=30)  # a month is what it takes to get people into a room


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that is waited for. `n` counts it where it can be counted; `remedy` is empty where only time helps."""

    code: str
    because: str
    n: int | None = None
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the waits are read from."""

    life: Life
    brief: Brief | None
    worth: Summary | None
    at: datetime


def on_people(standing: Standing) -> Iterator[Waiting]:
    """What waits for a person: a first version, a deployment, a worth, a review."""
    for wait in (_version, _deployment, _value, _review):
        yield from wait(standing)


def _version(standing: Standing) -> Iterator[Waiting]:
    if not standing.life.versions:
        yield Waiting("no-version", "Nothing is trained yet.", remedy="mainstay train")


def _deployment(standing: Standing) -> Iterator[Waiting]:
    life = standing.life
    if not life.versions:
        return
    newest = life.versions[-1]
    name = f"{life.model}/{newest.number}"
    if life.live is None:
        yield _first_deployment(name, newest)
    elif newest.number > life.live and life.status(newest.number) == "ready":
        because = f"{name} is ready and was never live."
        yield Waiting("newer-version", because, remedy=f"mainstay report {name}, then mainstay deploy {name}")


def _first_deployment(name: str, newest: VersionLife) -> Waiting:
    if not newest.failed_gates:
        return Waiting("nothing-live", "No version is live.", remedy=f"mainstay deploy {name}")
    failed = ", ".join(newest.failed_gates)
    because = f"No version is live, and {name} failed its gates: {failed}."
    return Waiting("gates-failed", because, n=len(newest.failed_gates), remedy=f"mainstay report {name}")


def _value(standing: Standing) -> Iterator[Waiting]:
    if standing.worth is not None and standing.worth.value is None:
        yield Waiting(
            "no-value",
            "The brief does not say what an outcome is worth, so nobody knows what the model is worth.",
            remedy="Fill [value] in mainstay.toml, then: mainstay train",
        )


def _review(standing: Standing) -> Iterator[Waiting]:
    by = standing.brief.model.review_by if standing.brief is not None else None
    days = (by - standing.at.date()).days if by is not None else None
    if days is None or days > REVIEW_AHEAD.days:
        return
    said = f"was due on {by}" if days < 0 else f"is due on {by}"
    remedy = "Look at mainstay report and mainstay signals; then move review_by in mainstay.toml, or retire the model"
    yield Waiting("review", f"A review {said}.", n=days, remedy=remedy)
