"""What a long training says while it works: what is being done, how far it is, and how the candidates stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One learner so far: settings tried, the mean loss of its best in cross-fitting, and the seconds it took.

    `loss` is None before the first try is whole; `loss_name` says which (`log loss`, `squared error`).
    """

    title: str
    n_tries: int
    loss: float | None
    loss_name: str
    seconds: float
    leads: bool = False


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What is being done, which share of everything is done, the seconds left where a limit was set, the standings."""

    text: str
    share: float
    left_s: float | None = None
    standings: tuple[Standing, ...] = ()


OnNews: TypeAlias = Callable[[News], None]


def silent(news: News) -> None:
    """Hear nothing."""
