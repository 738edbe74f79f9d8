"""One side of a comparison, and whether both were judged on the very same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Evaluation, Summary
from mainstay.domain.taken import Taken
from mainstay.report.rows import Floats, numbers, optional
from mainstay.stats.value import decided_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A version with all that a comparison reads of it: `inputs` are its columns with their kinds."""

    name: str
    evaluation: Evaluation
    brief: Brief
    inputs: Mapping[str, str]
    exam: Taken | None = None

    @property
    def summary(self) -> Summary:
        """What its training measured."""
        return self.evaluation.summary

    @property
    def threshold(self) -> float:
        """At which score it decides high; infinity where it never does."""
        return np.inf if self.summary.threshold is None else self.summary.threshold


def why_unpaired(first: Side, then: Side) -> str:
    """Why two versions cannot be compared row by row, in words that follow 'because'; empty where they can.

    The evaluations keep no keys of rows, so the rows are the same where the holdout has the same name, and every
    outcome, moment and segment stands in the same place.
    """
    before, after = first.evaluation.rows, then.evaluation.rows
    if first.summary.holdout != then.summary.holdout:
        return f"they were judged on other rows ({_held(first)}, {_held(then)})"
    if before.height != after.height:
        return f"they were judged on {before.height:,} and {after.height:,} rows"
    known = ["outcome", *(name for name in before.columns if name == "at" or name.startswith("segment:"))]
    shared = [name for name in known if name in before.columns and name in after.columns]
    if first.brief.data.positive != then.brief.data.positive or "outcome" not in shared:
        return "they foretell other outcomes"
    if not all(before[name].equals(after[name], null_equal=True) for name in shared):
        return "the rows they were judged on do not agree in what happened"
    return ""


def money_of(side: Side, view: str = "") -> Floats | None:
    """Money of each holdout row as the version decides it, by a further value table where `view` names one."""
    rows, end = side.evaluation.rows, f":{view}" if view else ""
    if side.summary.task != "binary":
        return optional(rows, f"value{end}")
    names = f"value_high{end}", f"value_low{end}"
    if not {*names} <= {*rows.columns}:
        return None
    high, low = (numbers(rows, name) for name in names)
    return decided_values(numbers(rows, "score"), high, low, side.threshold)


def _held(side: Side) -> str:
    return side.summary.holdout or f"{side.evaluation.rows.height:,} rows without a name"
