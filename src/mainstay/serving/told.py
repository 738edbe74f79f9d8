"""Answers as rows of a table: one row in, one row out, in order, with its warnings or with its fault in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from mainstay.domain.traffic import Fault
from mainstay.serving.answer import Answer, Entry
from mainstay.serving.service import Service

SCORE, WARNINGS, ERROR = "score", "warnings", "error"
Row: TypeAlias = dict[str, Any]


def score_columns(service: Service) -> tuple[str, ...]:
    """Return the names of the columns that hold scores: `score`, or one of each class."""
    return tuple(f"{SCORE}_{name}" for name in service.plan.classes) if service.several else (SCORE,)


def columns_told(service: Service) -> dict[str, type]:
    """Return the columns of `flat` rows, in order, and what they hold."""
    scores: dict[str, type] = dict.fromkeys(score_columns(service), float)
    ends = {"threshold": float, "decision": str, WARNINGS: str, ERROR: str}
    return {"id": str, "version": int, "arm": str, **scores, **ends}


def nested(entry: Entry, *, version: int, first: int) -> Row:
    """Return an answered or refused row as one object; `first` is the number of the first row of its piece, from 1."""
    if isinstance(entry, Answer):
        told: Row = {"id": entry.id, "version": entry.version or version, "arm": entry.arm, SCORE: entry.score}
        told |= {"threshold": entry.threshold, "decision": entry.decision}
        return told | {WARNINGS: msgspec.to_builtins(entry.warnings), ERROR: None}
    error = msgspec.to_builtins(msgspec.structs.replace(entry.error, row=entry.error.row + first, also=()))
    if entry.error.also:
        error["also"] = [_without_row(fault) for fault in entry.error.also]
    nothing = dict.fromkeys(("arm", SCORE, "threshold", "decision"))
    return {"id": entry.id, "version": version, **nothing, WARNINGS: [], ERROR: error}


def flat(service: Service, told: Row, *, as_text: bool) -> Row:
    """Return a row of plain values; warnings and errors as words for people (`as_text`), else as JSON, null if none."""
    scores = told[SCORE]
    names = score_columns(service)
    found = scores if isinstance(scores, dict) else {}
    row = {name: told[name] for name in ("id", "version", "arm")}
    if service.several:
        row |= {name: found.get(cls) for name, cls in zip(names, service.plan.classes, strict=True)}
    else:
        row[SCORE] = scores
    row |= {"threshold": told["threshold"], "decision": told["decision"]}
    if as_text:
        return row | {WARNINGS: warnings_in_words(told[WARNINGS]), ERROR: error_in_words(told[ERROR])}
    return row | {name: msgspec.json.encode(told[name]).decode() if told[name] else None for name in (WARNINGS, ERROR)}


def warnings_in_words(warnings: Sequence[Row]) -> str | None:
    """Return warnings as one line. The code comes first, so that no spreadsheet takes a column's name for a formula.

    >>> warnings_in_words([{"field": "age", "code": "absent"}, {"field": "", "code": "fallback"}])
    'absent: age; fallback'
    """
    return "; ".join(_named(each) for each in warnings) or None


def error_in_words(error: Row | None) -> str | None:
    """Return why a row was refused, as one line; None where it was not.

    >>> error_in_words({"field": "age", "code": "wrong-type", "got": "abc", "wanted": "a number"})
    'wrong-type: age; got "abc", wanted a number'
    """
    if error is None:
        return None
    also = "".join(f"; {_said(each)}" for each in error.get("also", ()))
    return _said(error) + also


def _said(fault: Row) -> str:
    got = "nothing" if fault["got"] is None else msgspec.json.encode(fault["got"]).decode()
    return f"{_named(fault)}; got {got}, wanted {fault['wanted']}"


def _named(each: Row) -> str:
    return f"{each['code']}: {each['field']}" if each["field"] else str(each["code"])


def _without_row(fault: Fault) -> Row:
    return {name: value for name, value in msgspec.to_builtins(fault).items() if name not in ("row", "id")}
