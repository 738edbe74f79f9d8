"""Golden rows are made for any schema that can be learned."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mainstay.bundle.golden import far_from_certain, golden_rows, require_equal
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Constant, Linear, Number, NumberTerm, Plan
from mainstay.domain.schema import Field, Kind, Schema


@pytest.mark.parametrize(("low", "high"), [(-1.7e308, 1.7e308), (1e308, None), (0.0, 1e308), (-1e308, -1e307)])
@pytest.mark.parametrize("whole", [True, False])
def test_the_widest_fields_have_finite_golden_rows(low: float, high: float | None, whole: bool) -> None:
    field = Field(name="x", kind=Kind.NUMBER, low=low, high=high, whole=whole, example=0.0)
    schema = Schema(fields=(field,), target="t", positive="1", negative="0", known=("x", "t"))
    term = NumberTerm(input=Number("x"), fill=0.0, centre=0.0, scale=1.0, weight=1.0, low=low, high=high)
    plan = Plan(task="binary", models=(Linear(intercept=0.0, terms=(term,)),), link="logistic", threshold=0.5)
    values = [row["x"] for row in golden_rows(schema, plan, seed=0)]
    assert all(value is None or (isinstance(value, float) and math.isfinite(value)) for value in values)


def test_shares_next_to_certain_do_not_prove_a_calibration() -> None:
    raw = np.array([0.2, 1 - 1.4e-14, 1.4e-14, 0.9])
    clipped = 1 / (1 + np.exp(-0.9 * np.log(np.clip(raw, 1e-12, 1 - 1e-12) / (1 - np.clip(raw, 1e-12, 1 - 1e-12)))))
    exact = 1 / (1 + np.exp(-0.9 * np.log(raw / (1 - raw))))
    inside = far_from_certain(raw.tolist())
    assert inside == [0, 3]
    require_equal(exact[inside].tolist(), clipped[inside].tolist())
    with pytest.raises(BundleError):
        require_equal(exact.tolist(), clipped.tolist())


def test_golden_rows_of_many_columns_grow_no_faster_than_the_columns() -> None:
    fields = tuple(Field(name=f"x{i}", kind=Kind.NUMBER, low=0.0, high=1.0) for i in range(900))
    plan = Plan(task="binary", models=(Constant(raw=0.0),), link="logistic")
    rows = golden_rows(Schema(fields=fields, target="t"), plan, seed=0)
    assert len(rows) < 600
    for name in ("x0", "x100", "x899"):
        assert {row[name] for row in rows} >= {None, 0.0, 1.0, -1e12, 1e12 + 1.0}
