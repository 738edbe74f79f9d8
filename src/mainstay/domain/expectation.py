"""What people expect of every version, whatever it learned: `expectations.toml` beside the brief."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from mainstay.domain.brief.kinds import Expression, Share
from mainstay.domain.brief.parts import Part
from mainstay.domain.brief.read import read_as

MOST = 500  # expectations: each is asked of a hundred rows, and a reader has them all to read

Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
Value: TypeAlias = bool | int | float | str
Row: TypeAlias = dict[str, Value]


class Named(Part):
    """An expectation: the name is what an exam calls it by."""

    name: Name = Field(description="What is expected, in a few words; no two have the same.")


class Monotone(Named):
    """The score rises, or falls, with a column, all else alike."""

    column: str = Field(description="The column that is moved.")
    direction: Literal["rises", "falls"] = Field(description="Where the score goes as the column grows.")
    low: float = Field(description="Where the range begins.")
    high: float = Field(description="Where it ends.")
    tolerance: Annotated[float, Field(ge=0)] = Field(0.0, description="How far the score may go the other way.")
    share: Share = Field(1.0, description="Of rows, for how many it must hold.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} is not below high {self.high:g}")
        return self


class Decided(Named):
    """Rows that must be decided in one way; columns left out are missing."""

    decision: str = Field(description="What is decided, in the words of the brief.")
    rows: Annotated[tuple[Row, ...], Field(min_length=1)] = Field(description="The rows, as callers send them.")


class Slice(Named):
    """A metric of some rows is at least, or at most, so much."""

    where: Expression = Field(description="An expression over columns: true in the rows of the slice.")
    metric: str = Field(description="A metric of [fairness], such as roc_auc, accuracy or money_per_decision.")
    at_least: float | None = Field(None, description="The least that is good enough.")
    at_most: float | None = Field(None, description="The most that is good enough.")

    @model_validator(mode="after")
    def _limited(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("one of at_least and at_most is wanted")
        return self


class Invariant(Named):
    """A change of a column changes nothing."""

    column: str = Field(description="The column that is changed.")
    values: tuple[Value, ...] = Field((), description="What it is changed to; levels of the table if left out.")
    tolerance: Annotated[float, Field(ge=0)] = Field(0.0, description="How far the score may move all the same.")


Expectation: TypeAlias = Monotone | Decided | Slice | Invariant


class Expectations(Part):
    """The file: one array of tables for each kind, such as `[[monotone]]`."""

    monotone: tuple[Monotone, ...] = ()
    decided: tuple[Decided, ...] = ()
    slice: tuple[Slice, ...] = ()
    invariant: tuple[Invariant, ...] = ()

    def every(self) -> Iterator[Expectation]:
        """Yield all, kind by kind, in the order of the file."""
        yield from self.monotone
        yield from self.decided
        yield from self.slice
        yield from self.invariant

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        names = [each.name for each in self.every()]
        twice = next((name for name, n in Counter(names).items() if n > 1), None)
        if twice is not None:
            raise ValueError(f"two expectations are called {twice!r}")
        if len(names) > MOST:
            raise ValueError(f"{len(names):,} expectations are more than an exam asks for; {MOST} are the most")
        return self


def parse_expectations(text: str, *, file: str = "expectations.toml") -> tuple[Expectation, ...]:
    """Read the text of a file of expectations; raises `BriefError` that lists every problem with its line.

    >>> said = '[[invariant]]\\nname = "a name changes nothing"\\ncolumn = "name"'
    >>> parse_expectations(said)[0].column
    'name'
    """
    remedy = f"Mend {file}; `mainstay expect` proposes one to learn from."
    return tuple(read_as(Expectations, text, file=file, remedy=remedy).every())
