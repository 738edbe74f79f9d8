"""What callers and time bring: decisions, actions, outcomes and input faults. They go to the journal."""

from __future__ import annotations

import hashlib

import msgspec

from mainstay.domain.canonical import share_of

FOLDS = 20  # hash folds of the entity: enough for a grouped jackknife, few enough to keep signatures small

# Codes that the service notes and the watch reads.
FELL_BACK = "fallback"  # the model failed; the brief's fallback answered: a warning, and the name of the arm
MODEL_FAILED = "model-failed"  # the model failed and the brief names no fallback: a fault

_sorted_json = msgspec.json.Encoder(order="sorted")

Value = float | str | None


class Warned(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something repaired or remarkable in one field: a stable code, what came (short) and what was used.

    `nearest` is the level that may have been meant instead of an unseen one; it is told to callers alone.
    """

    field: str
    code: str
    got: str | float | bool | None
    used: Value
    nearest: str | None = None


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row could not be answered, in a form a caller can mend it with."""

    row: int
    field: str | None
    code: str
    got: str | float | bool | None
    wanted: str
    example: str | float | bool | None = None
    id: str | None = None


class Kept(msgspec.Struct, frozen=True, gc=False):
    """What is journalled of every answered row, whatever form its inputs are in.

    `at_us` is UTC microseconds since 1970. `key` is the caller's key id ("" without keys), `own_id` whether the service
    made the id: then `row_digest` is left empty, for whoever moves the decision into the journal. `received` is the
    row's JSON as it came. `arm` is `champion` or `control`; `assignment_share` its probability. `score` is a
    probability, of several classes that of the likeliest one, or an amount: always the model's own.
    """

    id: str
    key: str
    own_id: bool
    row_digest: str
    at_us: int
    version: int
    arm: str
    assignment_share: float
    score: float | None
    threshold: float | None
    decision: str | None
    warnings: tuple[Warned, ...]
    received: str
    entity: str
    latency_us: int


class Decision(Kept, frozen=True, omit_defaults=True, gc=False):
    """One answered row, as journalled.

    `used` is what the model saw, by field (numbers float, dates UTC seconds, levels text, None missing). `scores` are
    those of all classes, in the order of the plan's. `answered` is the amount answered where it was not the score.
    """

    used: dict[str, Value]
    scores: tuple[float, ...] = ()
    answered: float | None = None


class AsItCame(Kept, frozen=True, omit_defaults=True, gc=False):
    """A decision on a row in which there was nothing to read: `used` is its own text, and is read as a `Decision`'s.

    Written so, not a value of it is turned into text again; a text of several lines cannot be.
    """

    used: msgspec.Raw
    scores: tuple[float, ...] = ()
    answered: float | None = None


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What people or systems then did with a decision. `at_us` is when it was done, `learned_us` when we heard."""

    id: str
    key: str
    action: str
    by: str
    at_us: int
    learned_us: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What really happened. Corrections are further outcomes of the same id: the one learned last holds."""

    id: str
    key: str
    outcome: str | float
    happened_us: int
    learned_us: int
    implied: bool = False


class InputFault(msgspec.Struct, frozen=True, kw_only=True):
    """An unexpected input: what kind, in which field, how often within one request. Never the caller's value."""

    at_us: int
    key: str
    version: int
    field: str
    code: str
    n: int
    refused: bool


def fold_of(entity: str) -> int:
    """Return the hash fold (0 to 19) of an entity or, without one, of the row's id.

    >>> 0 <= fold_of("a-1") < FOLDS
    True
    """
    return int(share_of("fold:" + entity) * FOLDS)


def row_digest(row: object) -> str:
    """Return a 128-bit digest of a row as received, whatever the order of its keys and its spaces.

    >>> row_digest({"a": 1, "b": 2}) == row_digest({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(_sorted_json.encode(row)).hexdigest()[:32]


def received_digest(received: str) -> str:
    """Return the digest of a row from its JSON text; of the text itself, should it be no JSON.

    >>> received_digest('{"b": 2, "a": 1}') == row_digest({"a": 1, "b": 2})
    True
    """
    try:
        return row_digest(msgspec.json.decode(received))
    except (msgspec.MsgspecError, RecursionError):
        return row_digest(received)
