"""Decisions that were made elsewhere, as somebody's log tells them, read into what our own journal holds.

Inputs are read as admission reads them, but nothing of them refuses a row: it was decided, whatever came. What cannot
be read is missing, and said in the decision's warnings. A row is put aside only where it cannot be told who was
decided, when, by which version or how.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from mainstay.domain.canonical import keyed
from mainstay.domain.errors import Asked, DataError, did_you_mean
from mainstay.domain.moments import parse_moment
from mainstay.domain.outcome import amount_of, match_outcome
from mainstay.domain.reading import DATE_WANTED, UNSEEN
from mainstay.domain.schema import Policy
from mainstay.domain.traffic import Decision, Fault, Outcome, Warned, row_digest
from mainstay.serving.admission import (
    ABSENT,
    NOT_A_ROW,
    WRONG_TYPE,
    Admitted,
    Index,
    admit,
    field_named,
    index_schema,
)
from mainstay.serving.answer import BAD_ID
from mainstay.serving.assignment import CHAMPION
from mainstay.serving.call import entity_of
from mainstay.serving.identity import read_id
from mainstay.serving.intake import CLOCKS_APART_US, EPOCH, IN_FUTURE, outcomes_wanted
from mainstay.serving.service import Service
from mainstay.serving.wording import short

LABEL_FIRST = "label-before-decision"  # an outcome that is older than what it is the outcome of
NO_PROBABILITY = "no-probability"  # a score that is none
UNKNOWN_VERSION = "unknown-version"  # a version that was never trained here

NEEDED = ("id", "at", "score")
OPTIONAL = ("decision", "version", "key", "outcome", "happened_at", "learned_at")
PARTS = NEEDED + OPTIONAL
ENTITY, INPUT = "entity", "input:"
MOST_TOLD = 10  # columns named in a message

EPOCHS = ((1e9, 1e10, 1e6), (1e12, 1e13, 1e3), (1e15, 1e16, 1.0))  # seconds, milli- and microseconds since 2001
EPOCH_WANTED = f"{DATE_WANTED}, or seconds, milliseconds or microseconds since 1970"
SECOND_US = 1_000_000

_encode = msgspec.json.Encoder(enc_hook=str).encode


@dataclass(frozen=True, slots=True)
class Route:
    """Which column holds what: `parts` of a decision and `inputs` of the model by column; and what has no column.

    `absent` are inputs that no column holds, `passed_over` columns that nothing reads.
    """

    parts: Mapping[str, str]
    inputs: Mapping[str, str]
    absent: tuple[str, ...]
    passed_over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogReader:
    """A version and its lenient admission. `now_us` is when the log is read, `delay_us` the brief's outcome delay."""

    service: Service
    index: Index
    secret: bytes
    now_us: int
    delay_us: int


@dataclass(frozen=True, slots=True)
class Logged:
    """What one row told: a decision and an outcome, or what is wrong with either. `at_us` is 0 where it is not known.

    A row without a decision is put aside; so is an outcome, alone, that came before its decision.
    """

    at_us: int
    decision: Decision | None
    outcome: Outcome | None
    fault: Fault | None


class _Wrong(Exception):
    def __init__(self, field: str | None, code: str, got: object, wanted: str) -> None:
        super().__init__(code)
        self.field, self.code, self.got, self.wanted = field, code, got, wanted


def route(columns: Iterable[str], named: Mapping[str, str], service: Service, *, log: str) -> Route:
    """Find out which column of a log holds what. `named` says it of some columns; others are known by their names.

    Raises `DataError` for a column that is not there or not said, `Asked` for what nobody knows.
    """
    there = list(columns)
    for column, target in named.items():
        if column not in there:
            raise DataError(f"column {column!r} is not in {log}", remedy=did_you_mean(column, there))
        _require_known(target, service)
    parts, inputs = _named(named, service)
    for name, usual in _usual(service):
        if usual not in parts and name in there and name not in parts.values() and name not in named:
            parts[usual] = name
    taken = {*parts.values(), *inputs}
    for column in (each for each in there if each not in taken and each not in named):
        field = field_named(service.index, column)
        if field is not None and field.name not in inputs.values():
            inputs[column] = field.name
    missing = [part for part in NEEDED if part not in parts]
    if missing:
        near = did_you_mean(missing[0], there)
        remedy = f"{near if near.endswith('?') else near + '.'} Say which it is: --map COLUMN={missing[0]}"
        raise DataError(f"no column of {log} is called {missing[0]!r}", remedy=remedy)
    held = {*parts.values(), *inputs}
    absent = tuple(name for name in service.index.order if name not in inputs.values())
    return Route(parts, inputs, absent, tuple(column for column in there if column not in held))


def log_reader(service: Service, secret: bytes, *, now_us: int, delay_us: int) -> LogReader:
    """Make a version ready to read a log of decisions that are said to be its own."""
    lenient = {"on_unseen": Policy.WARN, "on_missing": Policy.WARN, "on_out_of_range": Policy.WARN}
    schema = msgspec.structs.replace(
        service.schema,
        fields=tuple(
            msgspec.structs.replace(field, **lenient, on_wrong_type=Policy.WARN) for field in service.schema.fields
        ),
    )
    index = replace(index_schema(schema), inputs=())  # scores without any input can be watched too
    return LogReader(service, index, secret, now_us, delay_us)


def read_logged(row: object, number: int, found: Route, reader_of: Callable[[object], LogReader | None]) -> Logged:
    """Read one row of a log; `number` is its own, from 1. Whatever comes, this returns.

    `reader_of` gives the reader of a version as the log writes it (None where it names none), or None for one that is
    not known.
    """
    at_us = 0
    try:
        if not isinstance(row, dict):
            raise _Wrong(None, NOT_A_ROW, row, "a whole row")
        told = {part: row.get(column) for part, column in found.parts.items()}
        reader = reader_of(told.get("version"))
        if reader is None:
            raise _Wrong("version", UNKNOWN_VERSION, told.get("version"), "a version that was trained here")
        at_us = _moment(told.get("at"), "at", reader)
        decision = _decision(row, told, at_us, found, reader)
    except _Wrong as wrong:
        return Logged(at_us, None, None, _fault(wrong, number))
    try:
        return Logged(at_us, decision, _outcome(told, decision, reader), None)
    except _Wrong as wrong:
        return Logged(at_us, decision, None, _fault(wrong, number, own_id=decision.id))


def _named(named: Mapping[str, str], service: Service) -> tuple[dict[str, str], dict[str, str]]:
    parts: dict[str, str] = {}
    inputs: dict[str, str] = {}
    for column, target in named.items():
        if target in (*PARTS, ENTITY) and target not in service.index.names:
            if target in parts:
                what = f"two columns are said to be {target!r}: {parts[target]!r} and {column!r}"
                raise Asked(what, remedy="Name one of them.")
            parts[target] = column
        else:
            inputs[column] = target.removeprefix(INPUT)
    return parts, inputs


def _require_known(target: str, service: Service) -> None:
    known = [*PARTS, ENTITY, *service.index.order]
    if target not in known and target.removeprefix(INPUT) not in service.index.names:
        raise Asked(f"nothing of a decision is called {target!r}", remedy=did_you_mean(target, known))


def _usual(service: Service) -> list[tuple[str, str]]:
    """Names under which the parts of a decision are looked for: their own, then those of the brief's columns."""
    schema = service.schema
    own = [(part, part) for part in PARTS if part not in service.index.names]
    of_brief = [(schema.time, "at"), (schema.target, "outcome"), (schema.entity, ENTITY)]
    return own + [(name, part) for name, part in of_brief if name is not None]


def _decision(row: Mapping[str, Any], told: Mapping[str, Any], at_us: int, found: Route, reader: LogReader) -> Decision:
    service = reader.service
    own_id = _id(told.get("id"))
    inputs = {name: row[column] for column, name in found.inputs.items() if column in row}
    admitted = admit(inputs, reader.index)
    if not isinstance(admitted, Admitted):
        first = admitted[0]
        raise _Wrong(first.field, first.code, first.got, first.wanted)
    score, odd_score = _score(told.get("score"), service)
    decision, odd_decision = _word(told, score, found, service)
    entity = entity_of({ENTITY: told.get(ENTITY)}, ENTITY)
    key = told.get("key")
    return Decision(
        id=own_id,
        key="" if key is None else str(key),
        own_id=False,
        row_digest=row_digest([at_us, score, decision, admitted.used]),
        at_us=at_us,
        version=service.version,
        arm=CHAMPION,
        assignment_share=1.0,
        score=score,
        threshold=None if "decision" in found.parts else service.plan.threshold,
        decision=decision,
        warnings=(*admitted.warnings, *odd_score, *odd_decision),
        received=_encode(inputs).decode(),
        entity=keyed(reader.secret, entity) if entity else "",
        latency_us=0,
        used=admitted.used,
    )


def _id(raw: object) -> str:
    whole = int(raw) if isinstance(raw, float) and math.isfinite(raw) and raw.is_integer() else raw
    try:
        own_id = read_id(whole)
    except ValueError as error:
        raise _Wrong("id", BAD_ID, raw, str(error)) from error
    if own_id is None:
        raise _Wrong("id", ABSENT, None, "what names the decision")
    return own_id


def _moment(raw: object, part: str, reader: LogReader) -> int:
    """Read a moment as UTC microseconds since 1970; raises `_Wrong` for one that is none, or that is yet to come."""
    if raw is None or raw == "":
        raise _Wrong(part, ABSENT, None, EPOCH_WANTED)
    at_us = _microseconds(raw, reader.service.schema.time_zone)
    if at_us is None:
        raise _Wrong(part, WRONG_TYPE, raw, EPOCH_WANTED)
    if at_us > reader.now_us + CLOCKS_APART_US:
        now = datetime.fromtimestamp(reader.now_us / SECOND_US, UTC).isoformat(timespec="seconds")
        raise _Wrong(part, IN_FUTURE, raw, f"a moment before now, {now}")
    return at_us


def _microseconds(raw: object, time_zone: str) -> int | None:
    if isinstance(raw, str):
        try:
            return (parse_moment(raw, time_zone=time_zone) - EPOCH) // timedelta(microseconds=1)
        except (Asked, OverflowError, ValueError):
            return None
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    unit = next((unit for low, high, unit in EPOCHS if low <= raw < high), None)
    return None if unit is None else round(raw * unit)


def _score(raw: object, service: Service) -> tuple[float | None, tuple[Warned, ...]]:
    """A score as it was logged. One that cannot be read is missing, and said; what is no probability is put aside."""
    if raw is None:
        return None, ()
    score = amount_of(raw)
    if score is None:
        return None, (Warned("score", WRONG_TYPE, short(raw), None),)
    if not service.foretells_amounts and not 0.0 <= score <= 1.0:
        raise _Wrong("score", NO_PROBABILITY, raw, "a probability from 0 to 1")
    return score, ()


def _word(
    told: Mapping[str, Any], score: float | None, found: Route, service: Service
) -> tuple[str | None, tuple[Warned, ...]]:
    """What was decided, in the words of the brief; where the log does not tell, what the version would have said."""
    if "decision" not in found.parts:
        threshold = service.plan.threshold
        if score is None or threshold is None or service.several:
            return None, ()
        return (service.when_high if score >= threshold else service.when_low), ()
    raw = told.get("decision")
    if raw is None or not service.decides:
        return None, ()
    word = match_outcome(raw, service.decides)
    if word is not None:
        return word, ()
    return str(short(raw)), (Warned("decision", UNSEEN, short(raw), None),)


def _outcome(told: Mapping[str, Any], decision: Decision, reader: LogReader) -> Outcome | None:
    """The outcome that a row tells, or None while it tells none.

    Without a moment of its own it was learned when the brief's delay had passed, and happened with the decision.
    """
    raw = told.get("outcome")
    if raw is None or raw == "":
        return None
    service = reader.service
    said = amount_of(raw) if service.foretells_amounts else match_outcome(raw, service.schema.labels)
    if said is None:
        raise _Wrong("outcome", UNSEEN, raw, outcomes_wanted(service))
    named = {part: told[part] for part in ("happened_at", "learned_at") if told.get(part) not in (None, "")}
    moments = {part: _moment(each, part, reader) for part, each in named.items()}
    happened_us = moments.get("happened_at", moments.get("learned_at", decision.at_us))
    usual_us = moments.get("happened_at", min(decision.at_us + reader.delay_us, reader.now_us))
    learned_us = moments.get("learned_at", usual_us)
    if min(happened_us, learned_us) < decision.at_us:
        raise _Wrong("outcome", LABEL_FIRST, None, "an outcome that came after its decision")
    return Outcome(
        id=decision.id, key=decision.key, outcome=said, happened_us=happened_us, learned_us=max(happened_us, learned_us)
    )


def _fault(wrong: _Wrong, number: int, *, own_id: str | None = None) -> Fault:
    return Fault(row=number, field=wrong.field, code=wrong.code, got=short(wrong.got), wanted=wrong.wanted, id=own_id)
