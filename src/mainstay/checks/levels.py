"""Codes and words in the inputs that nobody explained: a zero before one, -1 beside amounts, 'unknown' among levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import polars as pl

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import MOST_ROWS, Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.sight import holds_values, nameless
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.missing_signs import NO_WORDS, missing_number
from mainstay.stats.codes import odd_codes

UNDOCUMENTED = "F10-undocumented-levels"
LEAST_TABLE = 100
MOST_TOLD = 20  # columns, and codes of one
REMEDY = "Ask what each stands for, and write it into [fields]: missing = [...] where it means that, else meaning."


def undocumented_levels(exam: Examined) -> Iterable[Finding]:
    """Whether a column holds codes outside its own numbering, or words for missing, of which the brief says nothing."""
    rows = drawn(exam, np.arange(exam.table.height))
    if rows.size < LEAST_TABLE:
        because = f"there are {rows.size} rows, too few to tell a code from a rare value"
        return [Finding(code=UNDOCUMENTED, verdict=Verdict.UNKNOWN, because=because)]
    names = [name for name in exam.inputs if name in exam.table.columns and not _is_told(exam, name)]
    found = [(name, said) for name in names if (said := _said(nameless(exam.table[name][rows])))]
    if not found:
        well = "every input's values follow its own pattern, or the brief says what they mean"
        return [Finding(code=UNDOCUMENTED, verdict=Verdict.PASS, because=well)]
    return [_finding(name, said, rows.size) for name, said in found[:MOST_TOLD]]


def _is_told(exam: Examined, name: str) -> bool:
    """Whether the brief says anything about what a column's values mean."""
    field = exam.brief.fields.get(name)
    return field is not None and bool(field.missing or field.levels or field.meaning)


def _said(column: pl.Series) -> list[tuple[str, int]]:
    """Each value that nobody can explain, as it is told, with its rows; none where all follow the pattern."""
    if not holds_values(column) or column.dtype.is_temporal() or column.dtype == pl.Boolean:
        return []
    if column.dtype.is_numeric():
        return list(_of_numbers(column.cast(pl.Float64)))
    texts = column.cast(pl.String).str.strip_chars()
    numbers = texts.cast(pl.Float64, strict=False)
    return list(_of_numbers(numbers) if numbers.null_count() == texts.null_count() else _of_texts(texts))


def _of_numbers(column: pl.Series) -> Iterator[tuple[str, int]]:
    numbers = column.fill_null(float("nan")).to_numpy()
    codes, n_rows = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
    odd = odd_codes(codes, n_rows) if codes.size else codes
    far = missing_number(numbers)
    is_told = np.isin(codes, odd) | (codes == far)
    for code, n in zip(codes[is_told], n_rows[is_told], strict=True):
        yield f"{code:g}", int(n)


def _of_texts(texts: pl.Series) -> Iterator[tuple[str, int]]:
    words = texts.filter(texts.str.to_lowercase().is_in(list(NO_WORDS)).fill_null(False))
    if words.len() < texts.count():
        for word, n in sorted(words.value_counts().iter_rows(), key=lambda each: -each[1]):
            yield repr(word), int(n)


def _finding(name: str, said: Sequence[tuple[str, int]], n_rows: int) -> Finding:
    each = ", ".join(f"{value} in {n:,}" for value, n in said[:MOST_TOLD])
    because = f"{name} says {each} of {n_rows:,} rows, and the brief does not say what that means"
    share = sum(n for _, n in said) / n_rows
    return Finding(code=UNDOCUMENTED, verdict=Verdict.WARN, because=because, subjects=(name,), measured=share)


LEVELS: tuple[Check, ...] = (
    Check(
        code=UNDOCUMENTED,
        section=Section.DATA,
        asks="Does an input hold codes or words that nobody explained?",
        limit="A rare 0 before a numbering that begins at 1 with a hundred times its rows; a tail of rare codes that "
        "rises again behind a cliff; -1, 999 and their like far from all other numbers; a word for missing such as "
        "'unknown': and the brief's [fields] has no missing, levels or meaning for the column. A warning: it may be "
        "right, but the model reads it as a value like any other.",
        remedy=REMEDY,
        look=undocumented_levels,
        draws=Draw(every=MOST_ROWS),
    ),
)
