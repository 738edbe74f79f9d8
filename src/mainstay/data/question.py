"""What may be asked about one column: a noun that every part which asks shares."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """Something about a column that only a person can know.

    `code` is `too-strong`, `part-of-target`, `identifier`, `dormant`, `weight`, `personal`, `dates`, `numbers`,
    `units`, `mixed`, `sentinel` or `code`. `because` is what was seen, a clause that follows the column's name;
    `strength` how well the column alone tells the outcome (see `measure_of`); `example` a line of the brief that would
    answer it.
    """

    column: str
    code: str
    because: str
    strength: float | None = None
    example: str = ""
