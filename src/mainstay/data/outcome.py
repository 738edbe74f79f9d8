"""The outcome of every row: which of two levels is positive, which rows have none, and what each row weighs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.data.coerce import moments
from mainstay.data.columns import excerpt, plain, require, require_rows
from mainstay.domain.brief import Brief
from mainstay.domain.errors import DataError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.moments import parse_duration
from mainstay.domain.outcome import outcome_key
from mainstay.domain.reading import FALSE_WORDS, TRUE_WORDS, level_text
from mainstay.domain.schema import MISSING_WORDS
from mainstay.stats.arrays import BoolArray, FloatArray

MAX_NAMED_LEVELS = 10


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What happened in every row of a table.

    `values` has shape (n_rows,): 1.0 positive, 0.0 negative, NaN none; `kept` is true where there is one. `positive`
    and `negative` are the levels as the table writes them. `weights` are the sampling weights, None where the brief
    names no such column.
    """

    values: FloatArray
    kept: BoolArray
    positive: str
    negative: str
    weights: FloatArray | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """One outcome: its key (equal for `1`, `1.0` and ` 1`), how it is mostly written, and how often it came."""

    key: str
    text: str
    n: int


def outcomes(table: pl.DataFrame, brief: Brief) -> Outcomes:
    """Return the binary outcomes of a table; rows without one are not kept.

    Where the brief says that silence means the negative outcome, a missing one counts as negative once the outcome's
    delay has passed (as of the newest moment in the table). Raises `DataError` where the target is not a column, holds
    one level only or more than two, or where `data.positive` is not among its levels.
    """
    target = brief.data.target
    require(table.columns, target, key="data.target")
    require_rows(table)
    raw = plain(table[target]).alias("value")
    counts = raw.value_counts(sort=True, name="n")
    levels = outcome_levels(counts["value"], counts["n"], target=target)
    positive, chosen = choose_positive(levels, brief)
    key_of = {level.key: level for level in levels}
    number_of = {level.key: float(level is positive) for level in levels}
    known = counts["value"].drop_nulls()
    numbers = pl.Series([number_of.get(outcome_key(value), math.nan) for value in known.to_list()], dtype=pl.Float64)
    values = raw.replace_strict(known, numbers, default=math.nan, return_dtype=pl.Float64).to_numpy().copy()
    implied = _implied(np.isnan(values), table, brief)
    values[implied] = 0.0
    kept = ~np.isnan(values)
    negative = next(level for key, level in key_of.items() if key != positive.key)
    findings = (*chosen, *_missing_findings(target, kept, implied))
    return Outcomes(values, kept, positive.text, negative.text, weights(table, brief), findings)


def outcome_levels(values: pl.Series, counts: pl.Series, *, target: str) -> tuple[Level, ...]:
    """Return the two levels among the distinct values of a target, the more frequent one first.

    A word that means missing (such as `none`) is an outcome only where there would else be fewer than two. Raises
    `DataError` for any other number of levels.
    """
    found = _gather(values, counts)
    present = {key: level for key, level in found.items() if key not in MISSING_WORDS}
    if len(present) < 2:
        present = {key: level for key, level in found.items() if key not in ("", "nan")}
    levels = sorted(present.values(), key=lambda level: (-level.n, level.text))
    if len(levels) == 2:
        return tuple(levels)
    raise _not_two(levels, target)


def choose_positive(levels: tuple[Level, ...], brief: Brief) -> tuple[Level, tuple[Finding, ...]]:
    """Return the positive level: the brief's, else the obvious one, else the rarer one; what was chosen is a finding.

    Raises `DataError` where the brief's is not among them.
    """
    wanted, target = brief.data.positive, brief.data.target
    if wanted is not None:
        matching = _matching(levels, wanted)
        if matching is None:
            found = ", ".join(excerpt(level.text) for level in levels)
            what = f"data.positive: {excerpt(wanted)} is not among the outcomes of {target!r}"
            raise DataError(what, remedy=f"Write one of {found}.")
        return matching, ()
    obvious = [level for level in levels if level.key in TRUE_WORDS]
    others = [level for level in levels if level.key in FALSE_WORDS]
    if len(obvious) == 1 and len(others) == 1:
        return obvious[0], (_chosen(obvious[0], target, "the obvious one", Verdict.PASS),)
    return levels[-1], (_chosen(levels[-1], target, "the rarer one", Verdict.WARN),)


def weights(table: pl.DataFrame, brief: Brief) -> FloatArray | None:
    """Return the sampling weight of every row, shape (n_rows,), or None where the brief names no such column.

    Raises `DataError` for weights that are missing, negative, infinite or all zero.
    """
    name = brief.data.weight
    if name is None:
        return None
    require(table.columns, name, key="data.weight")
    numbers = plain(table[name]).cast(pl.Float64, strict=False).fill_null(math.nan).to_numpy()
    n_wrong = int(np.count_nonzero(~(np.isfinite(numbers) & (numbers >= 0))))
    if n_wrong or not numbers.sum() > 0:
        what = f"data.weight: {n_wrong} of {numbers.size} weights in {name!r} are missing, negative or no number"
        raise DataError(what if n_wrong else f"data.weight: every weight in {name!r} is 0", remedy="Mend them first.")
    return np.asarray(numbers, dtype=np.float64)


def _gather(values: pl.Series, counts: pl.Series) -> dict[str, Level]:
    found: dict[str, Level] = {}
    for value, n in zip(values.to_list(), counts.to_list(), strict=True):
        if value is None:
            continue
        key = outcome_key(value)
        known = found.get(key)
        text = level_text(value).strip()
        found[key] = Level(key, known.text if known and known.n >= n else text, n + (known.n if known else 0))
    return found


def _matching(levels: tuple[Level, ...], wanted: object) -> Level | None:
    key = outcome_key(wanted)
    exact = [level for level in levels if level.key == key]
    words = next((words for words in (TRUE_WORDS, FALSE_WORDS) if key in words), frozenset())
    alike = exact or [level for level in levels if level.key in words]
    return alike[0] if len(alike) == 1 else None


def _not_two(levels: list[Level], target: str) -> DataError:
    named = ", ".join(f"{excerpt(level.text)} ({level.n} rows)" for level in levels[:MAX_NAMED_LEVELS])
    if not levels:
        return DataError(f"data.target: {target!r} is missing in every row", remedy="Name the column of the outcome.")
    if len(levels) == 1:
        what = f"data.target: {target!r} holds one outcome only: {named}"
        return DataError(
            what, remedy="A model needs rows of both outcomes; without the other there is nothing to learn."
        )
    more = f" and {len(levels) - MAX_NAMED_LEVELS} more" if len(levels) > MAX_NAMED_LEVELS else ""
    remedy = (
        "This version of Mainstay learns outcomes of two levels; several classes and amounts come in a later one. "
        "Until then, make a column of two levels, such as 'above 100' or not."
    )
    return DataError(f"data.target: {target!r} holds {len(levels)} outcomes: {named}{more}", remedy=remedy)


def _chosen(level: Level, target: str, why: str, verdict: Verdict) -> Finding:
    return Finding(
        code="F01-positive-chosen",
        verdict=verdict,
        subjects=(target,),
        because=f"{level.text} of {target} was taken as the positive outcome: it is {why}, and the brief does not say",
        remedy=f"Say it in the brief: [data] positive = {level.text!r}.",
    )


def _implied(missing: BoolArray, table: pl.DataFrame, brief: Brief) -> BoolArray:
    """Where silence counts as negative: the outcome is missing and its delay has passed at the newest moment."""
    if brief.data.no_outcome_means != "negative" or not missing.any():
        return np.zeros(missing.size, dtype=np.bool_)
    at = moments(table, brief)
    if at is None:
        return missing
    ripe: BoolArray = at + parse_duration(brief.data.outcome_delay).total_seconds() <= at.max()
    return missing & ripe


def _missing_findings(target: str, kept: BoolArray, implied: BoolArray) -> list[Finding]:
    told = (
        (int((~kept).sum()), Verdict.WARN, "F10-missing-outcomes", "have no outcome and were left out"),
        (
            int(implied.sum()),
            Verdict.PASS,
            "F10-implied-outcomes",
            "have none: the delay has passed, so it is negative",
        ),
    )
    return [
        Finding(
            code=code,
            verdict=verdict,
            subjects=(target,),
            measured=n / kept.size,
            because=f"{n} of {kept.size} rows {what}",
            remedy="Check that it is not missing for one kind of row only: the model would not know that kind.",
        )
        for n, verdict, code, what in told
        if n
    ]
