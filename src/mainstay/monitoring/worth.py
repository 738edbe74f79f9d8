"""What each decision is worth, either way it may turn out, by the brief's value table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.expression import Column, columns_of, evaluate
from mainstay.monitoring.bins import Floats

IF_POSITIVE = "worth_if_positive"
IF_NEGATIVE = "worth_if_negative"


def with_worth(decisions: pl.DataFrame, brief: Brief, *, columns: Mapping[str, str]) -> pl.DataFrame:
    """Add what the decision taken is worth if the outcome is positive and if it is negative; null where unknown.

    `decisions` has `decision` (the words of the brief) and the inputs as used; `columns` says which column holds which
    field. Unit: the brief's currency per decision. Without a binary value table nothing is added. Raises
    `ExpressionError` if an expression reads a field that is not there.
    """
    worths = brief.value.outcomes
    if any(worth is None for worth in worths):
        return decisions
    high = (decisions["decision"] == brief.decision.when_high).fill_null(value=False).to_numpy()
    decided = (decisions["decision"].is_not_null()).to_numpy()
    money = [_money(worth, decisions, columns) for worth in worths if worth is not None]
    return decisions.with_columns(
        _known(np.where(high, money[0], money[2]), decided).alias(IF_POSITIVE),
        _known(np.where(high, money[1], money[3]), decided).alias(IF_NEGATIVE),
    )


def _money(worth: float | str, decisions: pl.DataFrame, columns: Mapping[str, str]) -> Floats:
    if not isinstance(worth, str):
        return np.full(decisions.height, float(worth))
    read = {name: _column(decisions[columns[name]]) for name in columns_of(worth) if name in columns}
    return np.asarray(evaluate(worth, read, n_rows=decisions.height), dtype=np.float64)


def _column(values: pl.Series) -> Column:
    if values.dtype == pl.String:
        return np.array(values.to_list(), dtype=object)
    return values.cast(pl.Float64).to_numpy()


def _known(money: Floats, decided: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> pl.Series:
    return pl.Series(np.where(decided & np.isfinite(money), money, np.nan)).fill_nan(None)
