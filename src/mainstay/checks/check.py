"""One question of the exam: a stable code, what it asks, the threshold with its reason, and the function that looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mainstay.checks.draws import ALL_ROWS, Draw
from mainstay.checks.examined import Examined
from mainstay.domain.finding import Finding

Look: TypeAlias = Callable[[Examined], Iterable[Finding]]


class Section(StrEnum):
    """What a check is about, in the order in which an exam asks."""

    PURPOSE = "purpose"
    SKILL = "skill"
    DATA = "data"
    LOCALITY = "locality"
    ROBUSTNESS = "robustness"
    GROUPS = "groups"
    EXPLANATION = "explanation"
    SERVICE = "service"
    JUDGEABLE = "judgeable"
    UPKEEP = "upkeep"
    OWN = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A question of the exam. `limit` says when it fails and why there; `source` where the method is from.

    `look` gives findings under `code`: at least one, `unknown` where there is too little to tell. `remedy` is what to
    do where it fails; a finding may name a nearer step. `draws` says how many rows it asks at most.
    """

    code: str
    section: Section
    asks: str
    limit: str
    remedy: str
    look: Look
    source: str = ""
    draws: Draw = ALL_ROWS
