"""What a candidate costs to run: how long one row takes, how large its plan is, how its answers are explained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from mainstay.training.candidate import Candidate


@dataclass(frozen=True, slots=True)
class Weight:
    """Median time of one row's score, bytes of the plan (None if unknown), a phrase such as `sum over 300 trees`."""

    latency_us: float | None
    size_bytes: int | None
    explained: str


Weigh: TypeAlias = Callable[[Candidate], Weight]
