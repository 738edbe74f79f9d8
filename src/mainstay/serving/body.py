"""Bodies of requests: JSON in, rows out, and a message with the position for what is not JSON.

`NaN`, `Infinity` and numbers beyond float64 are no JSON, yet many clients write them. They are put into quotes and read
again, so that admission meets them as values that a warning can name.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, TypeVar

import msgspec

from mainstay.domain.errors import Asked
from mainstay.domain.limits import LIMITS, Limits
from mainstay.serving.split import take_apart

LOOSE_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # where half of a surrogate pair may stand
NOT_JSON = "not-json"
OTHER_VERSION = "other-version"
WRONG_SHAPE = "wrong-shape"
TOO_MANY = "too-many"

# A text (skipped), or a literal that JSON has no word for, or a number. Possessive: time grows with the body alone.
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.|\\\Z)*+(?:"|\Z)|-?(?:NaN|Infinity)(?![A-Za-z0-9_])|-?\d[\d.eE+-]*+', re.DOTALL)
FLOAT_DIGITS = 400  # a number of more characters is never one that a client meant
BYTE = re.compile(r" ?\(byte (\d+)\)")
PATH = re.compile(r" - at `(?:key in )?\$?(.*)`")

T = TypeVar("T")


class Unacceptable(Asked):
    """A body that holds nothing to answer. `code` is stable; `status` is what HTTP calls it."""

    def __init__(self, code: str, what: str, *, remedy: str, status: int = 422) -> None:
        super().__init__(what, remedy=remedy)
        self.code, self.status = code, status


class TooDeep(Unacceptable):
    """A body that cannot be read because of how deep it goes."""

    def __init__(self) -> None:
        super().__init__(NOT_JSON, "the body is nested too deeply", remedy="Rows hold plain values.", status=400)


class OtherVersion(Unacceptable):
    """Another version is live than the caller expects; `version` is the number of the one that is."""

    def __init__(self, model: str, version: int) -> None:
        remedy = "Nothing was decided. Expect this version, or leave expected_version out to take whatever is live."
        super().__init__(
            OTHER_VERSION, f"{model}/{version} is live, not the version expected", remedy=remedy, status=409
        )
        self.version = version


class Explain(msgspec.Struct, frozen=True):
    """What reasons are asked for: the `top` ones that moved a row most, and what would change its decision."""

    top: Annotated[int, msgspec.Meta(ge=1, le=100)] = 5
    instead: bool = False


class DecideBody(msgspec.Struct):
    """The body of a request for decisions.

    With `expected_version` (3 or `credit/3`) another version does not answer; with `dry_run` nothing is kept;
    with `strict` a row that would have to be repaired is refused. `explain` asks for reasons; left out, the brief
    says whether there are any.
    """

    rows: list[msgspec.Raw]
    ids: list[Any] | None = None
    expected_version: int | str | None = None
    dry_run: bool = False
    strict: bool = False
    explain: bool | Explain | None = None


class OutcomesBody(msgspec.Struct):
    """The body of a request that brings outcomes."""

    outcomes: list[Any]


class ActionsBody(msgspec.Struct):
    """The body of a request that brings actions."""

    actions: list[Any]


WANTED_ROWS = '{"rows": [{…}], "ids": ["a-1"]}, ids optional'

_rows = msgspec.json.Decoder(DecideBody)
_outcomes = msgspec.json.Decoder(OutcomesBody)
_actions = msgspec.json.Decoder(ActionsBody)


def read_decide(body: bytes, limits: Limits = LIMITS) -> DecideBody:
    """Read the body of a request for decisions; raises `Unacceptable`.

    >>> [bytes(row) for row in read_decide(b'{"rows": [{"age": NaN}]}').rows]
    [b'{"age": "NaN"}']
    """
    try:
        read = read_as(_rows, body, wanted=WANTED_ROWS)
    except Unacceptable as error:
        apart = _taken_apart(body, limits) if isinstance(error, TooDeep) or LOOSE_HALF.search(body) else None
        if apart is None:
            raise
        read = apart
    return whole(read, limits)


def whole(read: DecideBody, limits: Limits = LIMITS) -> DecideBody:
    """Return a request for decisions as it is; raises `Unacceptable` for no rows, too many, or ids that do not fit."""
    require_rows(len(read.rows), limits)
    if read.ids is not None and len(read.ids) != len(read.rows):
        what = f"{len(read.ids)} ids for {len(read.rows)} rows"
        raise Unacceptable(WRONG_SHAPE, what, remedy="Send one id per row (null has one made), or no ids at all.")
    return read


def read_outcomes(body: bytes, limits: Limits = LIMITS) -> list[Any]:
    """Read the body of a request that brings outcomes; raises `Unacceptable`."""
    example = '{"outcomes": [{"id": "a-1", "outcome": 1, "happened_at": "2026-03-31T14:05:00Z"}]}'
    items = read_as(_outcomes, body, wanted=example).outcomes
    _require_some(len(items), limits.items, "outcomes")
    return items


def read_actions(body: bytes, limits: Limits = LIMITS) -> list[Any]:
    """Read the body of a request that brings actions; raises `Unacceptable`."""
    example = '{"actions": [{"id": "a-1", "action": "called", "by": "team 3", "at": "2026-03-31T14:05:00Z"}]}'
    items = read_as(_actions, body, wanted=example).actions
    _require_some(len(items), limits.items, "actions")
    return items


def _taken_apart(body: bytes, limits: Limits) -> DecideBody | None:
    """Read a body whose rows cannot all be read: each is left for when it is read alone."""
    apart = take_apart(body, "rows", most=limits.rows)
    if apart is None:
        return None
    left, rows = apart
    read = read_as(_rows, left, wanted=WANTED_ROWS)
    read.rows = [msgspec.Raw(row) for row in rows]
    return read


def quote_odd_numbers(body: bytes) -> bytes:
    """Put NaN, infinities and numbers beyond float64 into quotes; time grows with the length of the body alone.

    >>> quote_odd_numbers(b'[NaN, -Infinity, 1e400, 2, "NaN"]')
    b'["NaN", "-Infinity", "1e400", 2, "NaN"]'
    """
    return TOKEN.sub(_quoted, body)


def _quoted(match: re.Match[bytes]) -> bytes:
    token = match[0]
    if token.startswith(b'"') or (len(token) <= FLOAT_DIGITS and _is_finite(token)):
        return token
    return b'"' + token + b'"'


def _is_finite(token: bytes) -> bool:
    try:
        return math.isfinite(float(token))
    except ValueError:
        return True  # no number at all: the reader will say where


def read_as(decoder: msgspec.json.Decoder[T], body: bytes, *, wanted: str) -> T:
    """Read a body of a known shape, with numbers that are no JSON in quotes; raises `Unacceptable`."""
    require_utf8(body)
    try:
        return decoder.decode(body)
    except RecursionError as error:
        raise TooDeep() from error
    except msgspec.DecodeError:
        return _read_quoted(decoder, body, wanted)


def _read_quoted(decoder: msgspec.json.Decoder[T], body: bytes, wanted: str) -> T:
    try:
        return decoder.decode(quote_odd_numbers(body))
    except RecursionError as error:
        raise TooDeep() from error
    except msgspec.ValidationError as error:
        raise Unacceptable(WRONG_SHAPE, _shape(error), remedy=f"Send {wanted}.") from error
    except msgspec.DecodeError as error:
        raise Unacceptable(
            NOT_JSON, f"the body is not JSON: {_where(error, body)}", remedy=f"Send {wanted}.", status=400
        ) from error


def _shape(error: msgspec.ValidationError) -> str:
    text = str(error)
    path = PATH.search(text)
    at = path[1].lstrip(".") if path else ""
    plain = PATH.sub("", text).replace("`", "")
    return f"{at or 'the body'}: {plain[:1].lower()}{plain[1:]}"


def _where(error: msgspec.DecodeError, body: bytes) -> str:
    text = str(error).removeprefix("JSON is malformed: ")
    if "truncated" in text:
        return f"it ends too early, after {len(body)} bytes"
    at = BYTE.search(text)
    if at is None:
        return text
    before = body[: int(at[1])]
    line, column = before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1
    return f"{BYTE.sub('', text)} at line {line}, column {column}"


def require_utf8(body: bytes) -> None:
    """Raise `Unacceptable`, with the place, for what is no UTF-8."""
    if body.isascii():
        return
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"the body is not UTF-8: byte {error.start + 1} cannot be read"
        raise Unacceptable(NOT_JSON, what, remedy="Send JSON as UTF-8.", status=400) from error


def require_rows(n: int, limits: Limits = LIMITS) -> None:
    """Raise `Unacceptable` for no rows, or more than one request may hold."""
    _require_some(n, limits.rows, "rows")


def _require_some(n: int, most: int, what: str) -> None:
    if n == 0:
        raise Unacceptable(WRONG_SHAPE, f"there are no {what}", remedy=f"Send 1 to {most:,} {what} at once.")
    if n > most:
        raise Unacceptable(
            TOO_MANY, f"{n:,} {what} at once", remedy=f"Send at most {most:,} at once, in several requests.", status=413
        )
