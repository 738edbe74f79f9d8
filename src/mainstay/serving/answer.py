"""What goes back to a caller: one entry per row, in order."""

from __future__ import annotations

from typing import Any

import msgspec

from mainstay.domain.traffic import MODEL_FAILED, Fault, Warned
from mainstay.serving.why import Instead, Reasons

ID_CONFLICT = "id-conflict"  # the id was used for another row
BAD_ID = "bad-id"
BAD_ROW = "bad-row"  # too large or too deep to be a row
NO_ANSWER = MODEL_FAILED


class Answer(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A row's answer. `version` and `repeated` are there only when the answer is one that was given before.

    `id` is None where nothing was kept and the caller sent none. `score` is a probability or an amount, or of several
    classes the probability of each, by name. `reasons` and `instead` are there where they were asked for.
    """

    id: str | None
    score: float | dict[str, float] | None
    threshold: float | None
    decision: str | None
    arm: str
    warnings: tuple[Warned, ...]
    version: int | None = None
    repeated: bool = False
    reasons: Reasons | None = None
    instead: Instead | None = None


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong with one row, as a caller sees it; `also` holds further faults of the same row."""

    row: int
    field: str | None
    code: str
    got: str | float | bool | None
    wanted: str
    example: str | float | bool | None = None
    also: tuple[Fault, ...] = ()


class Failed(msgspec.Struct, frozen=True):
    """A row that could not be answered."""

    id: str | None
    error: Problem


Entry = Answer | Failed


def failed(faults: tuple[Fault, ...], own_id: str | None) -> Failed:
    """Return the entry for a row with at least one fault."""
    first, *others = faults
    problem = Problem(first.row, first.field, first.code, first.got, first.wanted, first.example, tuple(others))
    return Failed(own_id, problem)


def refusal(number: int, code: str, *, got: Any, wanted: str, own_id: str | None = None) -> Failed:
    """Return the entry for a row refused as a whole."""
    return Failed(own_id, Problem(number, None, code, got, wanted))


def again(answer: Answer, version: int) -> Answer:
    """Return an answer as given again to a repeat; it names the version that gave it."""
    return msgspec.structs.replace(answer, version=version, repeated=True)
