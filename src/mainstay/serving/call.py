"""Rows on their way to an answer: read, told apart from repeats, admitted and assigned to an arm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from mainstay.domain.canonical import keyed
from mainstay.domain.limits import LIMITS, Limits
from mainstay.domain.reading import level_text
from mainstay.domain.traffic import row_digest
from mainstay.serving.admission import Admitted, Manner, admit
from mainstay.serving.answer import BAD_ID, BAD_ROW, ID_CONFLICT, Entry, again, failed, refusal
from mainstay.serving.assignment import Arm, assign
from mainstay.serving.identity import ENTROPY_PER_ID, make_id, read_id
from mainstay.serving.quick import Quick, read_quick
from mainstay.serving.repeats import Earlier
from mainstay.serving.row import read_row
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

    `digest` is that of the row, "" where the id was made here: nobody can repeat what had no id.
    """

    number: int
    id: str
    own_id: bool
    digest: str
    received: bytes
    admitted: Admitted
    entity: str
    arm: Arm


@dataclass(frozen=True, slots=True)
class Twin:
    """A row that repeats an earlier one of the same request, with its id."""

    of: int


class Round(msgspec.Struct, frozen=True, gc=False):
    """One request being answered. `taken` holds the callers' ids it has met: digest of the row and its number.

    `entropy` are random bytes for an id of each row; `quick` reads rows in which nothing is remarkable, where it may.
    """

    service: Service
    call: Call
    manner: Manner
    repeats: Earlier
    taken: dict[str, tuple[str, int]]
    entropy: bytes
    quick: Quick | None


def take(this: Round, received: bytes, raw_id: object, number: int) -> Pending | Twin | Entry:
    """Take one row as far as it goes without the model: to an entry where it ends here, else to `Pending`."""
    if raw_id is None and this.quick is not None and len(received) <= this.manner.limits.row_bytes:
        plain = read_quick(this.quick, received)
        if plain is not None:
            return _pending(this, number, received, Admitted(plain.used), entity=_text(plain.entity))
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
    entity = entity_of(row, this.service.schema.entity)
    if given_id is None:
        return _pending(this, number, received, admitted, entity=entity)
    this.taken[given_id] = (digest, number)
    return _pending(this, number, received, admitted, entity=entity, given=(given_id, digest))


def _pending(
    this: Round,
    number: int,
    received: bytes,
    admitted: Admitted,
    *,
    entity: str,
    given: tuple[str, str] | None = None,
) -> Pending:
    """Assign an admitted row; `given` is a caller's id and the digest of the row, where there is one."""
    call = this.call
    entropy = this.entropy[number * ENTROPY_PER_ID : (number + 1) * ENTROPY_PER_ID]
    own_id, digest = given or (make_id(call.at_us, number, entropy), "")
    hidden = keyed(call.secret, entity) if entity else ""
    return Pending(number, own_id, given is None, digest, received, admitted, hidden, _arm(this, entity or own_id))


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


def _arm(this: Round, unit: str) -> Arm:
    service = this.service
    share = service.words.decision.control_share
    if service.rule is None and (service.several or service.foretells_amounts):
        share = 0.0  # only of two outcomes is there something to decide without a rule
    return assign(unit, model=service.model, control_share=share, secret=this.call.secret)
