"""Sealed holdouts and the looks taken at them: who opened what, how often. State is a fold over the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from mainstay.domain.event import Act, Event, understood

VALUE = "value"  # money per decision stands among answers under this name
ENOUGH_SHARE, ENOUGH_ROWS = 0.25, 100  # of a holdout's rows: what newer rows must be to make a fresh one


@dataclass(frozen=True, slots=True)
class Dealing:
    """How rows are dealt: at `random` or by `time`, and by which columns."""

    kind: str
    entity: str | None = None
    time: str | None = None


class Holdout(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that no training learns from: `name` counts h1, h2, …; those of one `batch` were sealed together.

    `kind` is `random` or `time`; by the column `time` they are the rows of `from_s` to `to_s` (UTC seconds, both
    within). Rows are known by their entity where `entity` names its column, else by what stands in `columns`; `counted`
    says that equal rows were told apart by counting them. `digest` covers the sorted keys, `seed` drew them, `share` is
    the part of all rows that the batch took. `carried` looks were taken at its rows before it was sealed: nought for
    fresh rows. `releases` are the holdouts whose rows it gave back to training. `model` and `sealed_at` are those of
    its event: looks belong to rows, whatever name a model goes by. `kept` is the digest of the file of its keys.
    `written` and `zone` say how columns are read to make keys (see `data.writing`), in which `edition` of keys.
    """

    name: str
    batch: int
    kind: str
    n_rows: int
    digest: str
    seed: int
    share: float
    snapshot: str
    columns: tuple[str, ...] = ()
    written: dict[str, str] = {}
    zone: str = "UTC"
    edition: int = 1
    time: str | None = None
    entity: str | None = None
    counted: bool = False
    from_s: float | None = None
    to_s: float | None = None
    carried: int = 0
    releases: tuple[str, ...] = ()
    kept: str = ""
    sealed_at: str = ""
    model: str = ""

    @property
    def dealing(self) -> Dealing:
        """How its rows were dealt."""
        return Dealing(self.kind, self.entity, self.time)

    @property
    def enough(self) -> int:
        """How many rows that nobody has read make a fresh holdout after this one."""
        return max(ENOUGH_ROWS, round(ENOUGH_SHARE * self.n_rows))


@dataclass(frozen=True, slots=True)
class Look:
    """One version's numbers read off one holdout. `number` counts from 1, looks carried along among them.

    `question` stands for what was foretold and `worth` for what decisions were worth: only answers to the same question
    compare. `answers` are the numbers that were told, by metric, money per decision as `value`. `rows` is a digest of
    the rows that judged: some of the holdout's may have gone.
    """

    holdout: str
    number: int
    version: int
    model_digest: str
    at: str
    question: str
    worth: str
    answers: dict[str, float]
    rows: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """All holdouts of a home and all looks, the oldest first; `n_older` looks were taken before any was sealed.

    `n_apart` holdouts are left out, as they are of other tables.
    """

    holdouts: tuple[Holdout, ...] = ()
    looks: tuple[Look, ...] = ()
    n_older: int = 0
    n_apart: int = 0

    @property
    def n_named(self) -> int:
        """How many holdouts have a name, those left out among them."""
        return len(self.holdouts) + self.n_apart

    def among(self, names: Collection[str]) -> Account:
        """Return the account of some holdouts alone."""
        holdouts = tuple(each for each in self.holdouts if each.name in names)
        looks = tuple(each for each in self.looks if each.holdout in names)
        return Account(holdouts, looks, self.n_older, self.n_named - len(holdouts))

    def looks_at(self, holdout: Holdout) -> tuple[Look, ...]:
        """Return the looks taken at a holdout, the oldest first."""
        mine = (look for look in self.looks if look.holdout == holdout.name)
        return tuple(sorted(mine, key=lambda look: look.number))

    def used(self, holdout: Holdout) -> int:
        """Return how many looks were taken at a holdout, those at the same rows before it was sealed among them."""
        return holdout.carried + len(self.looks_at(holdout))

    def look_of(self, holdout: Holdout, model_digest: str, rows: str) -> Look | None:
        """Return the look that this very model took at these very rows of a holdout before, or None."""
        looks = (look for look in self.looks_at(holdout) if look.rows == rows)
        return next((look for look in looks if look.model_digest == model_digest), None)

    def compared(self, holdout: Holdout) -> tuple[Look, ...]:
        """Return the looks whose answers a look at a holdout compares with, the oldest first.

        They are those at itself, and, where it was sealed from rows that trainings have read, those at what it took the
        place of: or who takes the sealed rows out of a table would begin anew.
        """
        if not holdout.carried:
            return self.looks_at(holdout)
        before = (each for each in self.holdouts if each.name in holdout.releases)
        return (*(look for each in before for look in self.compared(each)), *self.looks_at(holdout))

    def released(self, holdout: Holdout) -> bool:
        """Say whether its rows were given back to training."""
        return any(holdout.name in other.releases for other in self.holdouts)

    def family(self, dealing: Dealing) -> tuple[Holdout, ...]:
        """Return the holdouts that still judge and were dealt in this way, the oldest first."""
        mine = (each for each in self.holdouts if each.dealing == dealing)
        return tuple(each for each in mine if not self.released(each))

    def current(self, family: Iterable[Holdout], looks: int) -> Holdout | None:
        """Return the first with looks left, else the last; None where there is none."""
        known = tuple(family)
        return next((each for each in known if self.used(each) < looks), known[-1] if known else None)


def account(events: Sequence[Event]) -> Account:
    """Return the account after the events of all models, each model's in order of `seq`; raises `LedgerBroken`.

    Holdouts are in the order of their names, which count through all models; no clock decides it.
    """
    with understood("an event of a holdout"):
        return _account(events)


def _account(events: Sequence[Event]) -> Account:
    sealed = [event for event in events if event.act == Act.HOLDOUT_SEALED]
    holdouts = [msgspec.convert({**each.body, "sealed_at": each.at, "model": each.model}, Holdout) for each in sealed]
    trained = {(each.model, each.body["version"]): each.body for each in events if each.act == Act.TRAINED}
    names = {each.name for each in holdouts}
    looked = [event for event in events if event.act == Act.HOLDOUT_LOOKED]
    counted = [each for each in looked if each.body["holdout"] in names]
    return Account(
        holdouts=tuple(sorted(holdouts, key=lambda each: int(each.name.removeprefix("h")))),
        looks=tuple(_look(each, trained[each.model, each.body["version"]]) for each in counted),
        n_older=len(looked) - len(counted),
    )


def _look(event: Event, trained: dict[str, Any]) -> Look:
    body = event.body
    return Look(
        holdout=body["holdout"],
        number=body["look"],
        version=body["version"],
        model_digest=trained["model_digest"],
        at=event.at,
        question=body["question"],
        worth=body["worth"],
        answers=_answers(trained["summary"]),
        rows=body.get("rows", ""),
        model=event.model,
    )


def _answers(summary: dict[str, Any]) -> dict[str, float]:
    value = summary.get("value")
    money = {VALUE: value["value"]} if value else {}
    return {name: metric["value"] for name, metric in summary.get("metrics", {}).items()} | money
