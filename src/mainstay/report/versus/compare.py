"""The comparison as one noun: everything that page and JSON say of two versions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from mainstay.domain.errors import Asked
from mainstay.domain.finding import finding_json
from mainstay.report.cells import Table
from mainstay.report.versus.behaviour import Behaviour, behaviour_of
from mainstay.report.versus.changes import Change, changes_of
from mainstay.report.versus.measures import Measure, measures_of
from mainstay.report.versus.moves import Moves, moves_of
from mainstay.report.versus.sides import Side, why_unpaired
from mainstay.stats.intervals import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions of one model; `unpaired` says why rows could not be paired, empty where they were."""

    first: Side
    then: Side
    unpaired: str
    changes: tuple[Change, ...]
    measures: tuple[Measure, ...]
    moves: Moves
    behaviour: Behaviour

    @property
    def same_value(self) -> bool:
        """Whether money is counted by the same value table on both sides."""
        return self.first.brief.value == self.then.brief.value

    @property
    def scored_alike(self) -> bool:
        """Whether both gave the same cases the very same scores."""
        before, after = (side.evaluation.rows.select("^score(:.*)?$") for side in (self.first, self.then))
        return not self.unpaired and before.width > 0 and before.equals(after)


def compare(first: Side, then: Side) -> Comparison:
    """Put two versions side by side.

    Raises `Asked` where they are not of one task, and `DataError` for an evaluation that is not whole.
    """
    tasks = first.summary.task, then.summary.task
    if tasks[0] != tasks[1]:
        what = f"{first.name} is a {tasks[0]} model and {then.name} a {tasks[1]} one: nothing of them can be compared"
        raise Asked(what, remedy="Compare versions that foretell the same thing.")
    why = why_unpaired(first, then)
    return Comparison(
        first=first,
        then=then,
        unpaired=why,
        changes=changes_of(first, then),
        measures=measures_of(first, then, paired=not why),
        moves=moves_of(first, then),
        behaviour=behaviour_of(first, then, paired=not why),
    )


def comparison_json(found: Comparison) -> dict[str, Any]:
    """The comparison as scripts read it: numbers in full, findings in their usual form, tables by heading."""
    moves, shown = found.moves, found.behaviour
    return {
        "first": found.first.name,
        "then": found.then.name,
        "task": found.then.summary.task,
        "paired": not found.unpaired,
        "why_unpaired": found.unpaired or None,
        "changes": [
            {"part": each.part, "what": each.what, "first": each.before, "then": each.after} for each in found.changes
        ],
        "measures": [_measure_json(each) for each in found.measures],
        "findings": {
            "says": moves.says,
            "new": [finding_json(each) for each in moves.new],
            "gone": [finding_json(each) for each in moves.gone],
            "worse": [{"first": finding_json(a), "then": finding_json(b)} for a, b in moves.worse],
            "better": [{"first": finding_json(a), "then": finding_json(b)} for a, b in moves.better],
        },
        shown.table.name: _table_json(shown.table),
        "otherwise": None if shown.otherwise is None else _table_json(shown.otherwise),
        "renamed": shown.renamed or None,
    }


def _measure_json(each: Measure) -> dict[str, Any]:
    return {
        "name": each.name,
        "unit": each.unit,
        "first": _interval_json(each.before),
        "then": _interval_json(each.after),
        "difference": _interval_json(each.ahead),
        "paired": each.paired,
        "verdict": each.verdict,
    }


def _interval_json(found: Interval | None) -> dict[str, float | None] | None:
    if found is None:
        return None
    parts = {"value": found.value, "low": found.low, "high": found.high}
    return {name: value if math.isfinite(value) else None for name, value in parts.items()}


def _table_json(table: Table) -> list[dict[str, float | str]]:
    names = [f"{column.heading} {column.unit}".strip() for column in table.columns]
    return [
        {
            name: cell.text if cell.value is None else cell.value
            for name, cell in zip(names, row, strict=True)
            if name.split(" ")[0] != "likely"
        }
        for row in table.rows
    ]
