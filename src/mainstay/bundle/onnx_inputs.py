"""The inputs of a plan as ONNX: each a column of float64, shape (n_rows, 1), NaN where it is missing (or unseen).

A caller gives numbers as double (NaN is missing), moments as UTC seconds, and categories as text ("" is missing). What
ONNX has no operations for (months, wall clocks, texts) a caller works out, and gives as a number of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np

from mainstay.bundle.onnx_graph import ML, Graph, Name, add, column, constant, once, tensor
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import (
    Cross,
    DatePart,
    Difference,
    Input,
    Level,
    LevelNumber,
    Number,
    Plan,
    Product,
    Shared,
    TextPart,
    TextScore,
)
from mainstay.domain.wall_clock import DAY_S, FIRST_MOMENT_S, LAST_MOMENT_S

NAN = float("nan")
WEEKDAY_OF_1970 = 3  # Thursday
REMEDY = "Callers can ask the service, or open the bundle with MLflow: both say the same."


def source(graph: Graph, one: Input, plan: Plan) -> Name:
    """Return an input as a column of float64."""
    if isinstance(one, Shared):
        return source(graph, plan.inputs[one.place], plan)
    return once(graph, msgspec.json.encode(one), lambda: SOURCES[type(one)](graph, one, plan))


def _given(graph: Graph, one: DatePart | TextPart | TextScore, plan: Plan) -> Name:
    """Take what ONNX cannot work out as a number of its own, called after its column and what it is of it."""
    what = "score" if isinstance(one, TextScore) else one.part
    where = f" ({one.time_zone})" if isinstance(one, DatePart) else ""
    like = [name for name in graph.given if name.startswith(f"{one.field}:{what}")]
    name = f"{one.field}:{what}{where}{f' {len(like) + 1}' if like else ''}"
    graph.given[name] = one
    return column(graph, name, is_text=False)


def cannot(what: str) -> BundleError:
    """Return the error for something that ONNX cannot say.

    >>> cannot("a rule").what
    'a rule cannot be written as ONNX'
    """
    return BundleError(f"{what} cannot be written as ONNX", remedy=REMEDY)


def looked_up(
    graph: Graph, field: str, levels: Sequence[str], numbers: Sequence[float], *, missing: float, unseen: float
) -> Name:
    """Return a number for each level of a category, for a missing one ("") and for one that was never seen."""
    keys, values = list(levels), [float(number) for number in numbers]
    if "" not in keys:
        keys, values = [*keys, ""], [*values, missing]
    return add(
        graph,
        "LabelEncoder",
        column(graph, field, is_text=True),
        domain=ML,
        keys_tensor=tensor(keys, object),
        values_tensor=tensor(values, np.float64),
        default_tensor=tensor([unseen], np.float64),
    )


def filled(graph: Graph, values: Name, instead: Name) -> Name:
    """Return values with something else where they are missing."""
    return add(graph, "Where", add(graph, "IsNaN", values), instead, values)


def rows_of(graph: Graph, values: Name, table: Name, n_rows: int) -> Name:
    """Return the rows of a table that a column of places names; its last row for what is missing.

    The table has `n_rows` rows, that one included.
    """
    places = filled(graph, values, constant(graph, float(n_rows - 1)))
    flat = add(graph, "Reshape", places, constant(graph, [-1], np.int64))
    return add(graph, "Gather", table, add(graph, "Cast", flat, to=7), axis=0)  # 7: int64


def _number(graph: Graph, one: Number, plan: Plan) -> Name:
    return column(graph, one.field, is_text=False)


def _level(graph: Graph, one: Level, plan: Plan) -> Name:
    missing = float(len(one.levels)) if one.missing_is_level else NAN
    return looked_up(graph, one.field, one.levels, range(len(one.levels)), missing=missing, unseen=NAN)


def _level_number(graph: Graph, one: LevelNumber, plan: Plan) -> Name:
    return looked_up(graph, one.field, one.levels, one.numbers, missing=one.missing, unseen=one.unseen)


def _date_part(graph: Graph, one: DatePart, plan: Plan) -> Name:
    if one.part not in PARTS or (one.time_zone != "UTC" and one.part != "days"):
        return _given(graph, one, plan)
    at = column(graph, one.field, is_text=False)
    early = add(graph, "GreaterOrEqual", at, constant(graph, FIRST_MOMENT_S))
    late = add(graph, "Less", at, constant(graph, LAST_MOMENT_S))
    return add(graph, "Where", add(graph, "And", early, late), PARTS[one.part](graph, at), constant(graph, NAN))


def _days(graph: Graph, at: Name) -> Name:
    return add(graph, "Div", at, constant(graph, float(DAY_S)))


def _whole(graph: Graph, at: Name, by: float) -> Name:
    return add(graph, "Floor", add(graph, "Div", add(graph, "Floor", at), constant(graph, by)))


def _rest(graph: Graph, whole: Name, by: float) -> Name:
    """Return the remainder of whole numbers, which has the sign of `by`."""
    times = add(graph, "Floor", add(graph, "Div", whole, constant(graph, by)))
    return add(graph, "Sub", whole, add(graph, "Mul", times, constant(graph, by)))


def _weekday(graph: Graph, at: Name) -> Name:
    days = add(graph, "Add", _whole(graph, at, float(DAY_S)), constant(graph, float(WEEKDAY_OF_1970)))
    return _rest(graph, days, 7.0)


def _hour(graph: Graph, at: Name) -> Name:
    return _whole(graph, _rest(graph, add(graph, "Floor", at), float(DAY_S)), 3600.0)


def _minute(graph: Graph, at: Name) -> Name:
    return _whole(graph, _rest(graph, add(graph, "Floor", at), float(DAY_S)), 60.0)


PARTS: Mapping[str, Callable[[Graph, Name], Name]] = {
    "days": _days,
    "weekday": _weekday,
    "hour": _hour,
    "minute": _minute,
}


def _product(graph: Graph, one: Product, plan: Plan) -> Name:
    left, right = (
        _centred(graph, source(graph, side, plan), kept)
        for side, kept in ((one.left, one.left_range), (one.right, one.right_range))
    )
    return add(graph, "Mul", left, right)


def _difference(graph: Graph, one: Difference, plan: Plan) -> Name:
    left, right = (
        add(graph, "Div", source(graph, side, plan), constant(graph, scale))
        for side, scale in ((one.left, one.left_scale), (one.right, one.right_scale))
    )
    found = add(graph, "Sub", left, right)
    return add(graph, "Where", add(graph, "IsInf", found), constant(graph, NAN), found)


def _centred(graph: Graph, values: Name, kept: tuple[float, float, float, float]) -> Name:
    fill, centre, low, high = kept
    x = filled(graph, values, constant(graph, fill))
    inside = add(graph, "Min", add(graph, "Max", x, constant(graph, low)), constant(graph, high))
    return add(graph, "Sub", inside, constant(graph, centre))


def _cross(graph: Graph, one: Cross, plan: Plan) -> Name:
    lefts, rights = (list(dict.fromkeys(pair[side] for pair in one.levels)) for side in (0, 1))
    place = {pair: float(i) for i, pair in enumerate(one.levels)}
    table = [[place.get((left, right), NAN)] for left in lefts for right in rights]
    first, second = (
        looked_up(graph, field, levels, range(len(levels)), missing=NAN, unseen=NAN)
        for field, levels in ((one.left, lefts), (one.right, rights))
    )
    at = add(graph, "Add", add(graph, "Mul", first, constant(graph, float(len(rights)))), second)
    return rows_of(graph, at, constant(graph, [*table, [NAN]]), len(table) + 1)


SOURCES: Mapping[type, Callable[..., Name]] = {
    Number: _number,
    Level: _level,
    LevelNumber: _level_number,
    DatePart: _date_part,
    Product: _product,
    Difference: _difference,
    Cross: _cross,
    TextPart: _given,
    TextScore: _given,
}
