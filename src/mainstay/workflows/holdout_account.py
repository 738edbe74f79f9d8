"""The account of holdouts: what is sealed, who looked, the best answer, what is left, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from mainstay.domain.brief import Brief
from mainstay.domain.holdout import VALUE, Account, Holdout, Look
from mainstay.domain.moments import iso
from mainstay.store.home import Home
from mainstay.store.seals import account_of

FIRST_TOLD = ("roc_auc", "r2", "f1_macro", "accuracy")  # the metric that stands for a version, by task


@dataclass(frozen=True, slots=True)
class Stands:
    """How one holdout stands: `status` is `current`, `sealed` (not opened, or not now), `spent` or `released`."""

    holdout: Holdout
    status: str
    looks: tuple[Look, ...]
    versions_said: str
    used: int
    budget: int
    best_name: str | None
    best: float | None
    best_value: float | None

    @property
    def left(self) -> int:
        """How many looks are left."""
        return max(0, self.budget - self.used)


@dataclass(frozen=True, slots=True)
class Told:
    """The whole account of a model, in words and numbers."""

    model: str
    holdouts: tuple[Stands, ...]
    said: str
    next_step: str

    @property
    def left(self) -> int:
        """How many looks are left at all holdouts that judge."""
        return sum(each.left for each in self.holdouts if each.status != "released")


def tell(home: Home, model: str, brief: Brief) -> Told:
    """Return the account of a model's holdouts by the budget of its brief."""
    known = _mine(account_of(home), model)
    current = _current(known, brief.holdouts.looks)
    stands = tuple(_stands(known, each, brief.holdouts.looks, each == current, model) for each in known.holdouts)
    return Told(model, stands, *_said(stands, current))


def _mine(known: Account, model: str) -> Account:
    """Holdouts that a model sealed or looked at; of one that did neither yet all, as it may go by another name."""
    looked = {look.holdout for look in known.looks if look.model == model}
    mine = {each.name for each in known.holdouts if each.model == model or each.name in looked}
    return known.among(mine) if mine else known


def _current(known: Account, looks: int) -> Holdout | None:
    """The holdout that the next training looks at, if rows are dealt as they were last."""
    if not known.holdouts:
        return None
    last = next((each for each in known.holdouts if known.looks and each.name == known.looks[-1].holdout), None)
    last = last if last is not None and not known.released(last) else known.holdouts[-1]
    return known.current(known.family(last.dealing), looks)


def _stands(known: Account, holdout: Holdout, budget: int, is_current: bool, model: str) -> Stands:
    used = known.used(holdout)
    status = "released" if known.released(holdout) else "spent" if used >= budget else "sealed"
    status = "current" if is_current and status == "sealed" else status
    looks = known.looks_at(holdout)
    name = next((each for each in FIRST_TOLD if looks and each in looks[-1].answers), None)
    best = _best([look.answers[name] for look in looks if name in look.answers]) if name else None
    value = _best([look.answers[VALUE] for look in looks if VALUE in look.answers and look.worth == looks[-1].worth])
    return Stands(holdout, status, looks, _versions(looks, model), used, budget, name, best, value)


def _versions(looks: Sequence[Look], model: str) -> str:
    """The numbers of the versions that looked, runs of them written short, other models' with their names."""
    parts = [(name, [look.version for look in mine]) for name, mine in groupby(looks, key=lambda look: look.model)]
    return ", ".join(runs(numbers) if name == model else f"{name}/{runs(numbers)}" for name, numbers in parts)


def _best(values: Sequence[float]) -> float | None:
    return max(values) if values else None


def _said(stands: Sequence[Stands], current: Holdout | None) -> tuple[str, str]:
    """What stands, and what to do next."""
    if current is None:
        return "", "mainstay train"
    judges = [each for each in stands if each.status != "released"]
    left = sum(each.left for each in judges)
    by_time = current.kind == "time"
    rows = f"{current.enough:,} rows that are newer" if by_time else f"{current.enough:,} waiting rows that are new"
    share = "" if by_time else f" ({current.share:.0%} of new rows wait)"
    fresh = f"{rows}{share} make a fresh holdout."
    if left:
        now = next(each for each in judges if each.holdout == current)
        return f"{left} looks are left, {now.left} of them at {current.name}. {fresh}", "mainstay train"
    spent = "No look is left: numbers are still answered, corrected, and deploying what is trained now will be refused."
    return f"{spent} {fresh}", "bring newer rows to data.source, then mainstay train"


def runs(numbers: Sequence[int]) -> str:
    """Write ascending numbers short.

    >>> runs([1, 2, 3, 7])
    '1–3, 7'
    """
    parts = []
    for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        parts.append(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}")
    return ", ".join(parts)


def holdouts_json(told: Told) -> dict[str, Any]:
    """Return the JSON form of an account."""
    return {
        "model": told.model,
        "looks_left": told.left,
        "holdouts": [_json(each) for each in told.holdouts],
        "next": told.next_step,
    }


def _json(each: Stands) -> dict[str, Any]:
    holdout = each.holdout
    return {
        "name": holdout.name,
        "model": holdout.model,
        "status": each.status,
        "kind": holdout.kind,
        "time": holdout.time,
        "entity": holdout.entity,
        "rows": holdout.n_rows,
        "digest": holdout.digest,
        "snapshot": holdout.snapshot,
        "seed": holdout.seed,
        "sealed_at": holdout.sealed_at,
        "from": _iso(holdout.from_s),
        "to": _iso(holdout.to_s),
        "budget": each.budget,
        "looks": each.used,
        "left": each.left,
        "carried": holdout.carried,
        "looked": [
            {"look": look.number, "model": look.model, "version": look.version, "at": look.at} for look in each.looks
        ],
        "best": {each.best_name: each.best} if each.best_name is not None else {},
        "best_value": each.best_value,
        "fresh_needs": holdout.enough,
        "releases": list(holdout.releases),
    }


def _look_json(look: Look) -> dict[str, Any]:
    return {"look": look.number, "model": look.model, "version": look.version, "at": look.at}


def _iso(moment_s: float | None) -> str | None:
    return None if moment_s is None else iso(datetime.fromtimestamp(moment_s, UTC))
