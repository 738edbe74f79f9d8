"""Adding a version: its folder and its event, so that two trainings at once get different numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mainstay.domain.errors import StoreError
from mainstay.domain.event import Act, Event
from mainstay.store.artifacts import BUNDLE
from mainstay.store.home import Home


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What a training made: the bundle's files, artifacts that lie beside it, and the body of the `trained` event.

    `then` are acts that belong to it: they are in the ledger with it, or none of them is.
    """

    bundle: dict[str, bytes]
    artifacts: dict[str, bytes]
    body: dict[str, Any]
    then: tuple[tuple[Act, dict[str, Any]], ...] = ()


def add_version(home: Home, model: str, make: Callable[[int], NewVersion], *, actor: str, at: datetime) -> Event:
    """Give a trained version the next number, put its files there and append its event, which is returned.

    `make` is told the number and must return quickly: the model's numbering lock is held meanwhile. A kill at any
    moment leaves either the version whole or the number free.
    """
    with home.artifacts.numbering(model):
        home.ledger.check(model)  # in a history that was cut, a version's folder looks like a killed training's
        taken = (version.number for version in home.ledger.life(model).versions)
        number = max(taken, default=0) + 1
        new = make(number)
        home.artifacts.withdraw(model, number)
        home.artifacts.put_version(model, number, {f"{BUNDLE}/{k}": v for k, v in new.bundle.items()} | new.artifacts)
        with _or_withdrawn(home, model, number):
            trained, *_ = home.ledger.extend(model, [(Act.TRAINED, new.body), *new.then], actor=actor, at=at)
        return trained


@contextmanager
def _or_withdrawn(home: Home, model: str, number: int) -> Iterator[None]:
    """Remove the folder of a version whose event could not be written (a full disk, an interruption)."""
    try:
        yield
    except BaseException:
        with suppress(StoreError):  # a ledger that cannot be read may name it: then the next training tells
            if home.ledger.life(model).version(number) is None:
                home.artifacts.withdraw(model, number)
        raise
