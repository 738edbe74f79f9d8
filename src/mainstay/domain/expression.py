"""Expressions over columns, such as `0.06 * LIMIT_BAL` or `PAY_0 >= 2 and REGION in ["EU", "UK"]`.

A small language, read with Python's grammar and evaluated by us: numbers, texts, column names, arithmetic, comparisons,
`and`, `or`, `not`, `in`, and the functions of `FUNCTIONS`. A column whose name is not a word is written
`column("its name")`. Nothing else is understood, so nothing can run. A missing number is NaN: it compares as false.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from mainstay.domain.errors import ExpressionError, did_you_mean

Column = np.ndarray[Any, np.dtype[Any]]
Columns = Mapping[str, Column]

MAX_CHARACTERS = 2_000  # far beyond what a person writes; keeps reading time bounded
MAX_DEPTH = 50

ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}


def missing(values: Any) -> Any:
    """Return where values are missing: NaN among numbers, None among texts."""
    array = np.asarray(values)
    if array.dtype.kind == "O":
        return np.array([value is None for value in array.ravel()]).reshape(array.shape)
    return np.isnan(array.astype(np.float64))


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "abs": (1, np.abs),
    "min": (2, np.minimum),
    "max": (2, np.maximum),
    "log": (1, np.log),
    "exp": (1, np.exp),
    "sqrt": (1, np.sqrt),
    "round": (1, np.round),
    "missing": (1, missing),
    "where": (3, np.where),
}


@lru_cache(maxsize=256)
def parse(text: str) -> ast.expr:
    """Read an expression and refuse whatever is not understood; raises `ExpressionError`.

    >>> columns_of("0.06 * LIMIT_BAL")
    ('LIMIT_BAL',)
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"an expression of {len(text)} characters", remedy=f"At most {MAX_CHARACTERS}.")
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"{text!r} is not an expression", remedy=HOW) from error
    _check(body, text, depth=0)
    return body


HOW = "Write column names, numbers, 'texts', + - * / % **, comparisons, and, or, not, in, or: " + ", ".join(FUNCTIONS)


def columns_of(text: str) -> tuple[str, ...]:
    """Return the columns an expression reads, in order of first appearance."""
    found: dict[str, None] = {}
    for node in _in_order(parse(text)):
        name = _column_name(node)
        if name is not None:
            found.setdefault(name)
    return tuple(found)


def evaluate(text: str, columns: Columns, *, n_rows: int) -> Column:
    """Evaluate over columns of shape (n_rows,): numbers as float64 (NaN is missing), texts as object arrays.

    Returns an array of shape (n_rows,), float64 or bool. Raises `ExpressionError` for an unknown column or for texts in
    arithmetic. A division by zero gives infinity or NaN: the caller says what that means.

    >>> evaluate("x * 2 > 3", {"x": np.array([1.0, 2.0])}, n_rows=2).tolist()
    [False, True]
    """
    node = parse(text)
    with np.errstate(all="ignore"):
        try:
            result = np.asarray(_value(node, columns))
        except (TypeError, np.exceptions.DTypePromotionError) as error:
            raise ExpressionError(f"{text!r} mixes texts and numbers", remedy=HOW) from error
    if result.dtype != bool:
        try:
            result = result.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise ExpressionError(f"{text!r} gives texts, not numbers", remedy=HOW) from error
    return np.broadcast_to(result, (n_rows,))


def _in_order(node: ast.expr) -> list[ast.expr]:
    out = [node]
    if isinstance(node, ast.Call):
        return out + [n for a in node.args for n in _in_order(a)]
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            out.extend(_in_order(child))
    return out


def _column_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "column":
        argument = node.args[0]
        return str(argument.value) if isinstance(argument, ast.Constant) else None
    return None


def _check(node: ast.expr, text: str, *, depth: int) -> None:
    if depth > MAX_DEPTH or not _allowed(node):
        raise ExpressionError(f"{text!r}: {type(node).__name__} at character {node.col_offset + 1}", remedy=HOW)
    children: list[ast.AST] = list(node.args) if isinstance(node, ast.Call) else list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Compare):
        children = [child for child in children if not _is_list(child)]
    for child in children:
        if isinstance(child, ast.expr):
            _check(child, text, depth=depth + 1)


def _allowed(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float | str)
        case ast.Name() | ast.BoolOp() | ast.IfExp():
            return True
        case ast.BinOp(op=op):
            return type(op) in ARITHMETIC
        case ast.UnaryOp(op=unary):
            return isinstance(unary, ast.USub | ast.UAdd | ast.Not)
        case ast.Compare(ops=ops, comparators=right):
            return len(ops) == 1 and _comparable(ops[0], right[0])
        case ast.Call(func=ast.Name(id="column"), args=[ast.Constant(value=str())], keywords=[]):
            return True
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return name in FUNCTIONS and len(arguments) == FUNCTIONS[name][0]
    return False


def _comparable(op: ast.cmpop, right: ast.expr) -> bool:
    if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.List | ast.Tuple):
        return all(isinstance(element, ast.Constant | ast.UnaryOp) for element in right.elts)
    return type(op) in COMPARISONS and not _is_list(right)


def _is_list(node: ast.AST) -> bool:
    return isinstance(node, ast.List | ast.Tuple)


def _value(node: ast.expr, columns: Columns) -> Any:
    name = _column_name(node)
    if name is not None:
        if name not in columns:
            raise ExpressionError(f"there is no column {name!r}", remedy=did_you_mean(name, columns))
        return columns[name]
    match node:
        case ast.Constant(value=value):
            return value
        case ast.BinOp(left=left, op=op, right=right):
            return ARITHMETIC[type(op)](_number(left, columns), _number(right, columns))
        case ast.UnaryOp(op=unary, operand=operand):
            value = _value(operand, columns)
            return np.logical_not(_truth(value)) if isinstance(unary, ast.Not) else np.multiply(value, _sign(unary))
        case ast.BoolOp(op=bool_op, values=values):
            join = np.logical_and if isinstance(bool_op, ast.And) else np.logical_or
            return join.reduce(np.broadcast_arrays(*[_truth(_value(v, columns)) for v in values]))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return np.where(_truth(_value(test, columns)), _value(body, columns), _value(orelse, columns))
        case ast.Call(func=ast.Name(id=called), args=arguments):
            return FUNCTIONS[called][1](*[_value(a, columns) for a in arguments])
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compare(op, _value(left, columns), right, columns)
    raise AssertionError(ast.dump(node))  # _check let something through that _value does not know


def _compare(op: ast.cmpop, left: Any, right: ast.expr, columns: Columns) -> Any:
    if isinstance(op, ast.In | ast.NotIn):
        elements = right.elts if isinstance(right, ast.List | ast.Tuple) else []
        inside: Any = np.False_
        for element in elements:
            inside = np.logical_or(inside, np.equal(left, _value(element, columns)))
        return np.logical_not(inside) if isinstance(op, ast.NotIn) else inside
    return COMPARISONS[type(op)](left, _value(right, columns))


def _number(node: ast.expr, columns: Columns) -> Any:
    value = _value(node, columns)
    if isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype.kind in "OU"):
        raise TypeError("text in arithmetic")
    return np.asarray(value, dtype=np.float64)


def _truth(value: Any) -> Any:
    array = np.asarray(value)
    return array if array.dtype == bool else np.logical_and(array != 0, ~missing(array))


def _sign(op: ast.unaryop) -> float:
    return -1.0 if isinstance(op, ast.USub) else 1.0
