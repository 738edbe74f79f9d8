"""Rows on their way to an answer: read, told apart from repeats, admitted and assigned to an arm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from mainstay.domain.canonical import keyed
from mainstay.domain.limits import LIMITS, Limits
from mainstay.domain.reading import level_text
from mainstay.domain.traffic import Value, Warned, row_digest
from mainstay.serving.admission import Admitted, Manner, admit
from mainstay.serving.answer import BAD_ID, BAD_ROW, ID_CONFLICT, Entry, again, failed, refusal
from mainstay.serving.assignment import ALL_CHAMPION, Arm, assign
from mainstay.serving.identity import read_id
from mainstay.serving.quick import Quick, read_plain
from mainstay.serving.repeats import Earlier
from mainstay.serving.row import read_row
from mainstay.serving.seen import Values
from mainstay.serving.service import Service
from mainstay.serving.wording import short

OTHER_ROW = "an id of its own: this one was used for another row"


class Call(msgspec.Struct, frozen=True, gc=False):
    """What a request brings beside its rows.

    `key` is the caller's key id ("" without keys), `at_us` UTC microseconds, `started_us` and `clock_us` a clock that
    never steps back, `entropy(n)` gives n random bytes, `secret` is the home's.
    """

    key: str
    at_us: int
    started_us: int
    clock_us: Callable[[], int]
    entropy: Callable[[int], bytes]
    secret: bytes
    limits: Limits = LIMITS

    def __repr__(self) -> str:
        return f"Call(key={self.key!r}, at_us={self.at_us})"  # never the secret


class Pending(msgspec.Struct, frozen=True, gc=False):
    """A row admitted and assigned, not yet scored. `entity` is its keyed hash ("" without one).

    `digest` is that of the row, "" where the id was made here: nobody can repeat what had no id. `values` are what the
    model sees, in the order of the admitted fields. `used` holds them by name, where `received` does not say the same.
    """

    number: int
    id: str
    own_id: bool
    digest: str
    received: msgspec.Raw
    values: Values
    used: dict[str, Value] | None
    warnings: tuple[Warned, ...]
    entity: str
    arm: Arm


@dataclass(frozen=True, slots=True)
class Twin:
    """A row that repeats an earlier one of the same request, with its id."""

    of: int


Slot: TypeAlias = Pending | Twin | Entry


class Round(msgspec.Struct, frozen=True, gc=False):
    """One request being answered. `taken` holds the callers' ids it has met: digest of the row and its number.

    `made` are ids for its rows, should they bring none; `quick` reads rows in which nothing is remarkable, where it
    may; `control_share` of them get today's rule.
    """

    service: Service
    call: Call
    manner: Manner
    repeats: Earlier
    taken: dict[str, tuple[str, int]]
    made: Sequence[str]
    quick: Quick | None
    control_share: float


def take(this: Round, rows: Sequence[msgspec.Raw], ids: Sequence[object] | None, first: int) -> list[Slot]:
    """Take rows as far as they go without the model: each to an entry where it ends here, else to `Pending`.

    `first` is the number of the first of them in the request. Rows that bring no id and in which nothing is remarkable
    go together; every other one goes alone, in its turn.
    """
    quick, given = this.quick, [None] * len(rows) if ids is None else ids
    if quick is None:
        return [
            _with_care(this, bytes(row), own_id, n)
            for n, (row, own_id) in enumerate(zip(rows, given, strict=True), first)
        ]
    found = _read(this, quick, rows, ids)
    entities = [_text(each[quick.entity]) if each else "" for each in found] if quick.entity >= 0 else [""] * len(rows)
    made, names = this.made[first : first + len(rows)], this.service.index.order
    n_columns, left_out, is_whole = quick.n_columns, quick.left_out, quick.is_whole and _are_lines(rows)
    return [
        _with_care(this, bytes(row), raw_id, number)
        if values is None
        else Pending(
            number,
            own_id,
            True,
            "",
            row,
            values,
            None if is_whole and values[n_columns:] == left_out else dict(zip(names, values, strict=False)),
            (),
            keyed(this.call.secret, entity) if entity else "",
            arm,
        )
        for number, (own_id, row, raw_id, values, entity, arm) in enumerate(
            zip(made, rows, given, found, entities, _arms(this, entities, first), strict=True), first
        )
    ]


def _are_lines(rows: Sequence[msgspec.Raw]) -> bool:
    """Say whether the text of each row stands in one line, as it must where the journal keeps it as it came."""
    text = b"".join(rows)
    return b"\n" not in text and b"\r" not in text


def _read(this: Round, quick: Quick, rows: Sequence[msgspec.Raw], ids: Sequence[object] | None) -> list[Values | None]:
    most = this.manner.limits.row_bytes
    if ids is None and max(map(len, rows)) <= most:
        return read_plain(quick, rows)
    given = ids or [None] * len(rows)
    may = [own_id is None and len(row) <= most for row, own_id in zip(rows, given, strict=True)]
    return [read_plain(quick, [row])[0] if each else None for row, each in zip(rows, may, strict=True)]


def _with_care(this: Round, received: bytes, raw_id: object, number: int) -> Slot:
    try:
        given_id = read_id(raw_id)
    except ValueError as error:
        return refusal(number, BAD_ID, got=short(raw_id), wanted=str(error))
    try:
        row, received = read_row(received, this.manner.limits)
        digest = "" if given_id is None else row_digest(row)
    except (ValueError, RecursionError) as error:
        return refusal(number, BAD_ROW, got=f"{len(received)} bytes", wanted=str(error), own_id=given_id)
    earlier = _earlier(this, given_id, digest, number) if given_id is not None else None
    if earlier is not None:
        return earlier
    admitted = admit(row, this.service.index, number=number, manner=this.manner)
    if not isinstance(admitted, Admitted):
        return failed(admitted, given_id)
    if given_id is not None:
        this.taken[given_id] = (digest, number)
    entity = entity_of(row, this.service.schema.entity)
    own_id = this.made[number] if given_id is None else given_id
    return Pending(
        number,
        own_id,
        given_id is None,
        digest,
        msgspec.Raw(received),
        tuple(admitted.used.values()),
        admitted.used,
        admitted.warnings,
        keyed(this.call.secret, entity) if entity else "",
        _arm(this, entity or own_id),
    )


def entity_of(row: object, name: str | None) -> str:
    """Return who or what a row is about, as text; "" where it does not say.

    >>> entity_of({"customer": 17}, "customer")
    '17'
    """
    return _text(row.get(name) if name is not None and isinstance(row, dict) else None)


def _text(raw: object) -> str:
    return level_text(raw).strip() if isinstance(raw, str | int | float) else ""


def _earlier(this: Round, given_id: str, digest: str, number: int) -> Twin | Entry | None:
    given = this.repeats.find(this.service.model, this.call.key, given_id)
    is_same = given is not None and given.row_digest == digest
    if given is not None and given.answer is not None and is_same:
        return again(given.answer, given.version)
    here = this.taken.get(given_id)
    if here is not None and here[0] == digest:
        return Twin(here[1])
    if (given is None or is_same) and here is None:
        return None
    return refusal(number, ID_CONFLICT, got=given_id, wanted=OTHER_ROW, own_id=given_id)


def _arms(this: Round, entities: Sequence[str], first: int) -> Sequence[Arm]:
    if this.control_share <= 0:
        return [ALL_CHAMPION] * len(entities)
    return [_arm(this, entity or this.made[number]) for number, entity in enumerate(entities, first)]


def _arm(this: Round, unit: str) -> Arm:
    return assign(unit, model=this.service.model, control_share=this.control_share, secret=this.call.secret)
