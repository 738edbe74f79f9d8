"""What is not the same of two versions: learner and settings, rows, inputs, and every line of the brief."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from mainstay.report.compared import chosen_of
from mainstay.report.versus.sides import Side

ABSENT = "–"
LONGEST = 200  # characters of a value that are shown; a query or an expression may have thousands


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: `part` is training, rows, inputs or brief; values as texts, a dash for none."""

    part: str
    what: str
    before: str
    after: str


def changes_of(first: Side, then: Side) -> tuple[Change, ...]:
    """Everything that differs, by part: how it was trained, on which rows, from which inputs, and by which brief."""
    parts = (
        ("training", _training(first), _training(then)),
        ("rows", _rows(first), _rows(then)),
        ("inputs", first.inputs, then.inputs),
        ("brief", _brief(first), _brief(then)),
    )
    return tuple(change for part, before, after in parts for change in _differing(part, before, after))


def _differing(part: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for what in dict.fromkeys((*before, *after)):
        told = _text(before.get(what, ABSENT)), _text(after.get(what, ABSENT))
        if told[0] != told[1]:
            yield Change(part, what, *told)


def _training(side: Side) -> dict[str, Any]:
    chosen = chosen_of(side.summary)
    return {
        "chosen": chosen.title if chosen else ABSENT,
        **side.summary.settings,
        "threshold": ABSENT if side.summary.threshold is None else side.summary.threshold,
        "seed": side.summary.seed,
    }


def _rows(side: Side) -> dict[str, Any]:
    summary = side.summary
    counts = {f"{name} rows": f"{n:,}" for name, n in summary.rows.items()}
    return {
        "snapshot": summary.snapshot.removeprefix("sha256:")[:12],
        "split": summary.split,
        "holdout": summary.holdout or ABSENT,
        **counts,
    }


def _brief(side: Side) -> dict[str, Any]:
    return dict(_flat(msgspec.to_builtins(side.brief.model_dump(mode="json", by_alias=True)), ""))


def _flat(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The leaves of nested tables by their dotted names; what is empty stands for not stated."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif value not in (None, "", []):
        yield name, value


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return _cut(", ".join(str(each) for each in value))
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
