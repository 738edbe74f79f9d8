"""What a key of the brief may hold beyond a plain text or number, each with its name for the published schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, WithJsonSchema

from mainstay.domain.address import VARIABLE, holds_password, is_address
from mainstay.domain.errors import MainstayError
from mainstay.domain.expression import parse
from mainstay.domain.moments import DURATION, parse_duration
from mainstay.domain.version import MODEL_NAME

MOST_MONEY = 1e15  # of one outcome, in any currency; sums over all rows stay finite


def _duration(text: str) -> str:
    return _valid(text, parse_duration)


def _period(text: str) -> str:
    if parse_duration(_duration(text)).total_seconds() <= 0:
        raise ValueError(f"{text!r} has no length: write a duration such as 7d or 1h")
    return text


def _expression(text: str) -> str:
    return _valid(text, parse)


def _worth(money: float) -> float:
    if abs(money) > MOST_MONEY:
        raise ValueError(f"{money:g} is no sum of money: write a number from -{MOST_MONEY:g} to {MOST_MONEY:g}")
    return money


def _name(text: str) -> str:
    if not MODEL_NAME.fullmatch(text):
        raise ValueError(f"{text!r} is not a name: use lower-case letters, digits, '.', '-' and '_', at most 63")
    return text


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError(f"{text!r} is not a time zone: use a name such as Europe/Berlin or UTC")
    return text


def _valid(text: str, reader: Callable[[str], Any]) -> str:
    try:
        reader(text)
    except MainstayError as error:
        raise ValueError(str(error).replace("\n", ". ")) from error
    return text


def named(title: str, **more: str) -> WithJsonSchema:
    """Give a kind its name, and what else an editor may know of it, in the published schema."""
    return WithJsonSchema({"type": "string", "title": title, **more})


def _source(text: str) -> str:
    if holds_password(text):
        raise ValueError("the address holds a password: write ${PGPASSWORD} there, and set it in the environment")
    return text


def _ledger(text: str) -> str:
    if not VARIABLE.fullmatch(text) and not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("a ledger is in PostgreSQL: write postgresql://host/database, or leave it out for a file")
    return _source(text)


def _table(text: str) -> str:
    if is_address(_source(text)) or not text.strip():
        raise ValueError("name a file, a folder of files or a Delta table, relative to the brief")
    return text


Name = Annotated[str, AfterValidator(_name), named("name", pattern=f"^{MODEL_NAME.pattern}$")]
Source = Annotated[str, AfterValidator(_source), named("source")]
Ledger = Annotated[str, AfterValidator(_ledger), named("ledger")]
Table = Annotated[str, AfterValidator(_table)]
Zone = Annotated[str, AfterValidator(_zone), named("time zone")]
Duration = Annotated[str, AfterValidator(_duration), named("duration", pattern=rf"^\s*{DURATION.pattern}\s*$")]
Period = Annotated[str, AfterValidator(_period), named("period", pattern=rf"^\s*{DURATION.pattern}\s*$")]
Expression = Annotated[str, AfterValidator(_expression), named("expression")]
Money = Annotated[float, AfterValidator(_worth)] | Expression
Price = Annotated[float, Field(ge=0), AfterValidator(_worth)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Label = str | int | float | bool
