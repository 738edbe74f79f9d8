"""Expressions over columns, such as `0.06 * LIMIT_BAL` or `PAY_0 >= 2 and REGION in ["EU", "UK"]`.

A small language, read with Python's grammar and evaluated by us: numbers, texts, column names, arithmetic, comparisons,
`and`, `or`, `not`, `in`, and the functions of `FUNCTIONS`. A column whose name is not a word is written
`column("its name")`. Nothing else is understood, so nothing can run. A missing value (NaN, or None among
texts) compares as false, whatever the comparison, so `not x > 3` is true where x is missing. A boolean column holds the
texts `true` and `false`, and may stand alone where a truth is wanted.
"""

from __future__ import annotations

import ast
import keyword
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeGuard

import numpy as np

from mainstay.domain.errors import ExpressionError, did_you_mean

Column = np.ndarray[Any, np.dtype[Any]]
Columns = Mapping[str, Column]

MAX_CHARACTERS = 2_000  # far beyond what a person writes; keeps reading time bounded
MAX_DEPTH = 50
MAX_SHOWN = 100
MAX_NUMBER = 1e300  # leaves room for arithmetic
MIXED = "mixes texts and numbers"

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


FUNCTIONS = {"abs": 1, "min": 2, "max": 2, "log": 1, "exp": 1, "sqrt": 1, "round": 1, "missing": 1, "where": 3}
NUMERIC: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "min": np.minimum,
    "max": np.maximum,
    "log": np.log,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "round": np.round,
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
        raise ExpressionError(f"{_shown(text)} is not an expression", remedy=HOW) from error
    _check(body, text, depth=0)
    return body


HOW = (
    "Write column names (one that is no plain word as column('its name')), numbers, 'texts', + - * / % **, "
    f"comparisons, and, or, not, in, or: {', '.join(FUNCTIONS)}"
)


def term(name: str) -> str:
    """Write a column's name as an expression reads it.

    >>> term("LIMIT_BAL"), term("hours-per-week")
    ('LIMIT_BAL', "column('hours-per-week')")
    """
    is_word = name.isidentifier() and not keyword.iskeyword(name) and name not in {*FUNCTIONS, "column"}
    return name if is_word and unicodedata.normalize("NFKC", name) == name else f"column({name!r})"


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
    return _evaluated(text, columns, n_rows=n_rows, texts_as=_truth)


def evaluate_any(text: str, columns: Columns, *, n_rows: int) -> Column:
    """Evaluate as `evaluate` does, but keep texts: shape (n_rows,), float64, bool, or objects with None where missing.

    >>> evaluate_any("where(x > 1, 'big', 'small')", {"x": np.array([1.0, 2.0])}, n_rows=2).tolist()
    ['small', 'big']
    """
    return _evaluated(text, columns, n_rows=n_rows, texts_as=_text)


def decides_high(rule: str, columns: Columns, *, n_rows: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return where a rule decides high, shape (n_rows,): where it gives neither zero nor nothing.

    >>> decides_high("x > 1", {"x": np.array([1.0, 2.0])}, n_rows=2).tolist()
    [False, True]
    """
    decided = evaluate(rule, columns, n_rows=n_rows)
    high: np.ndarray[tuple[int], np.dtype[np.bool_]] = decided.astype(np.bool_) & ~np.isnan(decided.astype(np.float64))
    return high


def _evaluated(text: str, columns: Columns, *, n_rows: int, texts_as: Callable[[Any], Any]) -> Column:
    node = parse(text)
    with np.errstate(all="ignore"):
        try:
            result = _value(node, columns)
            found = np.asarray(texts_as(result) if _is_text(result) else result)
        except TypeError as error:
            raise ExpressionError(f"{_shown(text)} {error}", remedy=HOW) from error
    return np.broadcast_to(found if found.dtype.kind in "bO" else found.astype(np.float64), (n_rows,))


def missing(values: Any) -> Any:
    """Return where values are missing: NaN among numbers, None among texts.

    >>> missing(np.array(["a", None], dtype=object)).tolist()
    [False, True]
    """
    array = np.asarray(values)
    if array.dtype.kind == "O":
        return np.array([value is None for value in array.ravel()], dtype=bool).reshape(array.shape)
    return np.zeros(array.shape, dtype=bool) if array.dtype.kind == "U" else np.isnan(array.astype(np.float64))


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
    where = f"{type(node).__name__} at character {node.col_offset + 1}"
    if depth > MAX_DEPTH:
        what = f"{_shown(text)}: {where} lies deeper than {MAX_DEPTH} levels (each + of a long sum is one)"
        raise ExpressionError(what, remedy="Put parts of it in brackets, or make a column of it at the source.")
    if not _allowed(node):
        raise ExpressionError(f"{_shown(text)}: {where} is not understood", remedy=HOW)
    children: list[ast.AST] = list(node.args) if isinstance(node, ast.Call) else list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Compare):  # a list may stand on the right alone
        children = [node.left, *(each for child in node.comparators for each in _elements(child))]
    for child in children:
        if isinstance(child, ast.expr):
            _check(child, text, depth=depth + 1)


def _allowed(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, str) or (isinstance(value, int | float) and abs(value) <= MAX_NUMBER)
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
            return len(arguments) == FUNCTIONS.get(name)
    return False


def _comparable(op: ast.cmpop, right: ast.expr) -> bool:
    if _is_list(right):
        return isinstance(op, ast.In | ast.NotIn) and all(_is_literal(element) for element in right.elts)
    return type(op) in COMPARISONS


def _is_literal(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    return isinstance(inner, ast.Constant) and (inner is node or not isinstance(inner.value, str))


def _is_list(node: ast.AST) -> TypeGuard[ast.List | ast.Tuple]:
    return isinstance(node, ast.List | ast.Tuple)


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if _is_list(node) else [node]


def _shown(text: str) -> str:
    return repr(text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…")


def _value(node: ast.expr, columns: Columns) -> Any:
    name = _column_name(node)
    if name is not None:
        if name not in columns:
            raise ExpressionError(f"there is no column {name!r}", remedy=did_you_mean(name, columns))
        return _column(columns[name])
    match node:
        case ast.Constant(value=value):
            return value
        case ast.BinOp(left=left, op=op, right=right):
            return ARITHMETIC[type(op)](_number(_value(left, columns)), _number(_value(right, columns)))
        case ast.UnaryOp(op=unary, operand=operand):
            return _unary(unary, _value(operand, columns))
        case ast.BoolOp(op=bool_op, values=values):
            return _joined(bool_op, [_truth(_value(v, columns)) for v in values])
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _choose(_value(test, columns), _value(body, columns), _value(orelse, columns))
        case ast.Call(func=ast.Name(id=called), args=arguments):
            return _call(called, [_value(a, columns) for a in arguments])
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(_value(left, columns), op, right, columns)
    raise AssertionError(ast.dump(node))  # _check let something through that _value does not know


def _unary(op: ast.unaryop, value: Any) -> Any:
    if isinstance(op, ast.Not):
        return np.logical_not(_truth(value))
    return _number(value) * (-1.0 if isinstance(op, ast.USub) else 1.0)


def _joined(op: ast.boolop, truths: list[Any]) -> Any:
    join = np.logical_and if isinstance(op, ast.And) else np.logical_or
    return join.reduce(np.broadcast_arrays(*truths))


def _compared(left: Any, op: ast.cmpop, right: ast.expr, columns: Columns) -> Any:
    if _is_list(right):
        return _among(left, [_value(element, columns) for element in right.elts], op)
    return _compare(COMPARISONS[type(op)], left, _value(right, columns))


def _call(name: str, arguments: list[Any]) -> Any:
    if name == "missing":
        return missing(arguments[0])
    if name == "where":
        return _choose(*arguments)
    return NUMERIC[name](*[_number(argument) for argument in arguments])


def _choose(test: Any, yes: Any, no: Any) -> Any:
    if _is_text(yes) != _is_text(no) and not (missing(yes).all() or missing(no).all()):
        raise TypeError(MIXED)
    is_text = _is_text(yes) or _is_text(no)
    chosen = np.where(_truth(test), _text(yes) if is_text else yes, _text(no) if is_text else no)
    return _column(chosen)


def _among(left: Any, elements: list[Any], op: ast.cmpop) -> Any:
    inside = np.zeros(np.shape(left), dtype=bool)
    for element in elements:
        inside = np.logical_or(inside, _compare(np.equal, left, element))
    return np.logical_not(inside) & ~missing(left) if isinstance(op, ast.NotIn) else inside


def _compare(comparison: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    present = np.logical_and(~missing(left), ~missing(right))
    if not _is_text(left) and not _is_text(right):
        return np.logical_and(comparison(left, right), present)
    if np.any(present) and not (_is_wordy(left) and _is_wordy(right)):
        raise TypeError(MIXED)
    texts = [np.where(missing(side), "", _text(side)).astype(object) for side in (left, right)]
    return np.logical_and(comparison(*texts).astype(bool), present)


def _column(values: Any) -> Any:
    """A column of objects without any text (all of it missing, say) is one of numbers."""
    array = np.asarray(values)
    if array.dtype.kind != "O" or any(isinstance(value, str) for value in array.ravel()):
        return array
    return array.astype(np.float64)


def _is_text(value: Any) -> bool:
    return np.asarray(value).dtype.kind in "OU"


def _is_wordy(value: Any) -> bool:
    """Whether it is text, or a truth: that is compared with texts as `true` and `false`."""
    return np.asarray(value).dtype.kind in "OUb"


def _text(value: Any) -> Any:
    array = np.asarray(value)
    if array.dtype == bool:
        return np.where(array, "true", "false").astype(object)
    return array.astype(object) if array.dtype.kind in "OU" else np.full(array.shape, None, dtype=object)


def _number(value: Any) -> Any:
    if _is_text(value):
        raise TypeError(MIXED)
    return np.asarray(value, dtype=np.float64)


def _truth(value: Any) -> Any:
    array = np.asarray(value)
    if array.dtype == bool:
        return array
    if not _is_text(array):
        return np.logical_and(array != 0, ~missing(array))
    is_true = np.equal(array.astype(object), "true").astype(bool)
    is_false = np.equal(array.astype(object), "false").astype(bool)
    if np.any(~is_true & ~is_false & ~missing(array)):
        raise TypeError("asks whether a text is true: compare it with something")
    return is_true
