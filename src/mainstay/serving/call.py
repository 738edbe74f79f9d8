"""Rows on their way to an answer: read, told apart from repeats, admitted and assigned to an arm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mainstay.domain.canonical import keyed
from mainstay.domain.limits import LIMITS, Limits
from mainstay.domain.reading import level_text
from mainstay.serving.admission import Admitted, Manner, admit
from mainstay.serving.answer import BAD_ID, BAD_ROW, ID_CONFLICT, Entry, again, failed, refusal
from mainstay.serving.assignment import Arm, assign
from mainstay.serving.body import read_row
from mainstay.serving.identity import ENTROPY_PER_ID, make_id, read_id, row_digest
from mainstay.serving.repeats import Repeats
from mainstay.serving.service import Service
from mainstay.serving.wording import short

OTHER_ROW = "an id of its own: this one was used for another row"


@dataclass(frozen=True, slots=True)
class Call:
    """What a request brings beside its rows.

    `key` is the caller's key id ("" without keys), `at_us` UTC microseconds, `started_us` and `clock_us` a clock that
    never steps back, `entropy(n)` gives n random bytes, `secret` is the home's.
    """

    key: str
    at_us: int
    started_us: int
    clock_us: Callable[[], int]
    entropy: Callable[[int], bytes]
    secret: bytes = field(repr=False)
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class Pending:
    """A row admitted and assigned, not yet scored. `entity` is its keyed hash ("" without one)."""

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


@dataclass(frozen=True, slots=True)
class Round:
    """One request being answered. `taken` holds the callers' ids it has met: digest of the row and its number."""

    service: Service
    call: Call
    manner: Manner
    repeats: Repeats
    taken: dict[str, tuple[str, int]]


def take(this: Round, received: bytes, raw_id: object, number: int) -> Pending | Twin | Entry:
    """Take one row as far as it goes without the model: to an entry where it ends here, else to `Pending`."""
    try:
        given_id = read_id(raw_id)
    except ValueError as error:
        return refusal(number, BAD_ID, got=short(raw_id), wanted=str(error))
    try:
        row, received = read_row(received)
        digest = row_digest(row)
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
    own_id = given_id or make_id(this.call.at_us, number, this.call.entropy(ENTROPY_PER_ID))
    entity = entity_of(row, this.service.schema.entity)
    arm = _arm(this, entity or own_id)
    hidden = keyed(this.call.secret, entity) if entity else ""
    return Pending(number, own_id, given_id is None, digest, received, admitted, hidden, arm)


def entity_of(row: object, name: str | None) -> str:
    """Return who or what a row is about, as text; "" where it does not say.

    >>> entity_of({"customer": 17}, "customer")
    '17'
    """
    raw = row.get(name) if name is not None and isinstance(row, dict) else None
    return level_text(raw).strip() if isinstance(raw, str | int | float) else ""


def _earlier(this: Round, given_id: str, digest: str, number: int) -> Twin | Entry | None:
    given = this.repeats.find(this.service.model, this.call.key, given_id)
    if given is not None and given.row_digest == digest:
        return again(given.answer, given.version)
    here = this.taken.get(given_id)
    if here is not None and here[0] == digest:
        return Twin(here[1])
    if given is None and here is None:
        return None
    return refusal(number, ID_CONFLICT, got=given_id, wanted=OTHER_ROW, own_id=given_id)


def _arm(this: Round, unit: str) -> Arm:
    service = this.service
    share = service.words.decision.control_share
    if service.rule is None and (service.several or service.foretells_amounts):
        share = 0.0  # only of two outcomes is there something to decide without a rule
    return assign(unit, model=service.model, control_share=share, secret=this.call.secret)
