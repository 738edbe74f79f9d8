"""Rules as models: an expression over used columns. This text also travels inside bundles."""

from __future__ import annotations

from typing import Any

from mainstay.domain.expression import columns_of, evaluate
from mainstay.serving.plan_inputs import Columns, Json, numbers, texts


def rule_values(rule: Json, columns: Columns, n_rows: int) -> Any:
    """Evaluate a rule (its JSON form) over used columns, shape (n_rows,); an absent column is missing in every row."""
    names, holds_text = columns_of(rule["expression"]), rule["texts"]
    read = {name: (texts if name in holds_text else numbers)(columns, name, n_rows) for name in names}
    return evaluate(rule["expression"], read, n_rows=n_rows)
