"""What callers tell us later: what was done with a decision, and what really happened.

Nothing here knows whether an id was ever decided: that decision may lie in another worker's spool. The journal joins
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from mainstay.domain.errors import Asked
from mainstay.domain.moments import parse_moment
from mainstay.domain.outcome import amount_of, match_outcome
from mainstay.domain.reading import DATE_WANTED, MISSING, UNSEEN
from mainstay.domain.traffic import Action, Fault, Outcome, Warned
from mainstay.serving.admission import ABSENT, NOT_A_ROW, WRONG_TYPE
from mainstay.serving.answer import BAD_ID
from mainstay.serving.identity import MAX_ID, read_id
from mainstay.serving.service import Service
from mainstay.serving.wording import MAX_LEVELS_SHOWN, short

IN_FUTURE = "in-future"  # a moment later than now: taken as said, and pointed at
CLOCKS_APART_US = 300_000_000  # five minutes: what clocks of well-kept machines may differ by, with room to spare
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T", Action, Outcome)


@dataclass(frozen=True, slots=True)
class Told:
    """When and by whom we were told: `key` is the caller's key id, `at_us` UTC microseconds."""

    key: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Intake(Generic[T]):
    """What was taken, in order, what is remarkable about it, and what could not be taken. `n` items came."""

    n: int
    taken: tuple[T, ...]
    warnings: tuple[tuple[int, Warned], ...]
    faults: tuple[Fault, ...]


class _Wrong(Exception):
    def __init__(self, field: str | None, code: str, got: object, wanted: str, example: str | None = None) -> None:
        super().__init__(code)
        self.field, self.code, self.got, self.wanted, self.example = field, code, got, wanted, example


Reader = Callable[[Mapping[str, Any], list[Warned]], T]


def take_outcomes(items: Sequence[object], service: Service, told: Told) -> Intake[Outcome]:
    """Read outcomes: `id`, `outcome` and, where it is not now, `happened_at`.

    An outcome is matched to the model's classes by text, number or truth, and kept as the schema writes it; where the
    model foretells amounts it is one. The same item again changes nothing; another outcome of the same id corrects the
    first.
    """

    def read(item: Mapping[str, Any], warnings: list[Warned]) -> Outcome:
        own_id = _id(item)
        outcome = _outcome(item, service)
        happened_us = _moment(item, "happened_at", service, told, warnings)
        return Outcome(id=own_id, key=told.key, outcome=outcome, happened_us=happened_us, learned_us=told.at_us)

    return _take(items, read)


def take_actions(items: Sequence[object], service: Service, told: Told) -> Intake[Action]:
    """Read actions: `id`, `action`, and optionally `by` (who did it) and `at` (when; now if left out).

    An action that is one of the model's decisions but for case is kept as the brief writes it; others are fine.
    """

    def read(item: Mapping[str, Any], warnings: list[Warned]) -> Action:
        own_id = _id(item)
        action = _text(item, "action", wanted=_done(service))
        by = _text(item, "by", wanted="who did it") if item.get("by") is not None else ""
        at_us = _moment(item, "at", service, told, warnings)
        known = {word.casefold(): word for word in service.decides}
        action = known.get(action.casefold(), action)
        return Action(id=own_id, key=told.key, action=action, by=by, at_us=at_us, learned_us=told.at_us)

    return _take(items, read)


def _take(items: Sequence[object], read: Reader[T]) -> Intake[T]:
    taken: list[T] = []
    warned: list[tuple[int, Warned]] = []
    faults: list[Fault] = []
    for number, item in enumerate(items):
        warnings: list[Warned] = []
        try:
            if not isinstance(item, dict):
                raise _Wrong(None, NOT_A_ROW, item, "an object")
            taken.append(read(item, warnings))
        except _Wrong as wrong:
            faults.append(_fault(wrong, number, item))
            continue
        warned.extend((number, each) for each in warnings)
    return Intake(len(items), tuple(taken), tuple(warned), tuple(faults))


def _fault(wrong: _Wrong, number: int, item: object) -> Fault:
    own_id = short(item.get("id")) if isinstance(item, dict) else None
    return Fault(
        row=number,
        field=wrong.field,
        code=wrong.code,
        got=short(wrong.got),
        wanted=wrong.wanted,
        example=wrong.example,
        id=own_id if isinstance(own_id, str) else None,
    )


def _id(item: Mapping[str, Any]) -> str:
    try:
        own_id = read_id(item.get("id"))
    except ValueError as error:
        raise _Wrong("id", BAD_ID, item.get("id"), str(error)) from error
    if own_id is None:
        raise _Wrong("id", ABSENT, None, "the id of the decision, as answered")
    return own_id


def _outcome(item: Mapping[str, Any], service: Service) -> str | float:
    wanted = outcomes_wanted(service)
    if "outcome" not in item:
        raise _Wrong("outcome", ABSENT, None, wanted)
    raw = item["outcome"]
    if raw is None:
        raise _Wrong("outcome", MISSING, None, f"{wanted}; say nothing while it is not known")
    if service.foretells_amounts:
        amount = amount_of(raw)
        if amount is None:
            raise _Wrong("outcome", WRONG_TYPE, raw, wanted)
        return amount
    matched = match_outcome(raw, service.schema.labels)
    if matched is None:
        raise _Wrong("outcome", UNSEEN, raw, wanted, next(iter(service.schema.labels), None))
    return matched


def outcomes_wanted(service: Service) -> str:
    """Return in words what can be told of a model as an outcome."""
    schema = service.schema
    if service.foretells_amounts:
        return f"the amount of {schema.target}, a number"
    if service.several:
        more = f", … ({len(schema.classes)} in all)" if len(schema.classes) > MAX_LEVELS_SHOWN else ""
        return "one of " + ", ".join(schema.classes[:MAX_LEVELS_SHOWN]) + more
    return f"{schema.positive} (positive) or {schema.negative} (negative)"


def _done(service: Service) -> str:
    such = f", such as {' or '.join(service.decides[:2])}" if service.decides else ""
    return f"what was done{such}"


def _text(item: Mapping[str, Any], name: str, *, wanted: str) -> str:
    raw = item.get(name)
    if raw is None:
        raise _Wrong(name, ABSENT, None, wanted)
    if not isinstance(raw, str) or not raw.strip() or len(raw) > MAX_ID:
        raise _Wrong(name, WRONG_TYPE, raw, f"{wanted}: a text of 1 to {MAX_ID} characters")
    return raw.strip()


def _moment(item: Mapping[str, Any], name: str, service: Service, told: Told, warnings: list[Warned]) -> int:
    raw = item.get(name)
    if raw is None:
        return told.at_us
    if not isinstance(raw, str):
        raise _Wrong(name, WRONG_TYPE, raw, DATE_WANTED)
    try:
        moment = parse_moment(raw, time_zone=service.schema.time_zone)
    except (Asked, OverflowError, ValueError) as error:
        raise _Wrong(name, WRONG_TYPE, raw, DATE_WANTED) from error
    at_us = (moment - EPOCH) // timedelta(microseconds=1)
    if at_us > told.at_us + CLOCKS_APART_US:
        warnings.append(Warned(name, IN_FUTURE, short(raw), raw[:MAX_ID]))
    return at_us
