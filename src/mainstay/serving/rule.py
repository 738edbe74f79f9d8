"""Rules as models: an expression over used columns. This text also travels inside bundles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mainstay.domain.expression import columns_of, evaluate, evaluate_any
from mainstay.domain.outcome import match_outcome
from mainstay.serving.plan_inputs import Columns, FloatArray, Json, numbers, texts


def rule_values(rule: Json, columns: Columns, n_rows: int) -> Any:
    """Evaluate a rule (its JSON form) over used columns; an absent column is missing in every row.

    Shape (n_rows,), or (n_rows, n_words) of a rule that decides among words: 1 where it gives the word, NaN where none.
    """
    names, holds_text, words = columns_of(rule["expression"]), rule["texts"], rule.get("words", ())
    read = {name: (texts if name in holds_text else numbers)(columns, name, n_rows) for name in names}
    if not words:
        return evaluate(rule["expression"], read, n_rows=n_rows)
    return _given(evaluate_any(rule["expression"], read, n_rows=n_rows).tolist(), words)


def _given(values: list[Any], words: list[str]) -> FloatArray:
    said = {value: match_outcome(value, words) for value in set(values) if not _is_missing(value)}
    found = np.zeros((len(values), len(words)))
    for row, value in enumerate(values):
        word = said.get(value)
        if word is None:
            found[row] = math.nan
        else:
            found[row, words.index(word)] = 1.0
    return found


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
