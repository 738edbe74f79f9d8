"""The ratio of positive outcomes between protected groups beside the ratio of decisions: what was learned from what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import MOST_ROWS, Draw
from mainstay.checks.examined import Examined
from mainstay.checks.groups import NAME_THEM, NONE_NAMED, Group, groups_of, protected
from mainstay.checks.one_class import OneClass, each_class
from mainstay.checks.parted import OTHERS
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.group_gaps import pairs_of, ratio, share_of
from mainstay.stats.intervals import Interval, mean_interval, unknown

LABEL_RATIO = "F18-label-ratio"
FOUR_FIFTHS = 0.8
CHANCE = 0.005


@dataclass(frozen=True, slots=True)
class Beside:
    """Two groups: the ratio of what came, and of what is decided, the first group over the second.

    `of` names the class that is told from all others, in quotes; empty but for several classes.
    """

    first: str
    second: str
    came: Interval
    decided: Interval
    of: str = ""

    @property
    def is_widened(self) -> bool:
        """Whether the ratio of decisions is surely below that of outcomes, by a fifth."""
        came, decided = self.came, self.decided
        return decided.known and decided.high < came.low and decided.value < FOUR_FIFTHS * came.value


def label_ratio(exam: Examined) -> Iterable[Finding]:
    """How outcomes, and decisions beside them, differ between protected groups as a ratio."""
    columns = protected(exam)
    if not columns:
        yield Finding(code=LABEL_RATIO, verdict=Verdict.UNKNOWN, because=NONE_NAMED, remedy=NAME_THEM)
    for column in columns:
        pair, why_not = beside(exam, column)
        if pair is None:
            because = f"{column}: {why_not}"
            yield Finding(code=LABEL_RATIO, verdict=Verdict.UNKNOWN, because=because, subjects=(column,))
        else:
            yield _told(column, pair, is_amount=exam.task is Task.REGRESSION)


def beside(exam: Examined, column: str) -> tuple[Beside | None, str]:
    """Return the pair of groups whose outcomes are furthest apart, and why there is none.

    Of several classes each is told from all others, and a pair whose decisions widen the gap goes before any other.
    """
    known = np.sort(np.concatenate([exam.training, exam.calibration, exam.holdout]))
    if exam.outcomes[known].size and exam.outcomes[known].min() < 0:
        return None, "not asked: amounts below nothing have no ratio; F18-scores-off compares their means"
    all_rows = {group.name: group.rows for group in groups_of(exam, column, known)[0] if group.is_large}
    held = [group for group in groups_of(exam, column, exam.holdout)[0] if group.is_large]
    groups = [group for group in held if group.name in all_rows and not group.name.endswith(OTHERS)]
    if len(groups) < 2:
        return None, "fewer than two groups have 30 rows in the holdout"
    classes = each_class(exam)
    told = [pair for seen in classes for pair in _pairs(seen, groups, all_rows, len(classes)) if pair.came.known]
    if not told:
        return None, "too few positive outcomes to compare"
    return min(told, key=_order if exam.task is Task.MULTICLASS else lambda pair: (False, pair.came.high)), ""


def _order(pair: Beside) -> tuple[bool, float]:
    """Of several classes: where decisions widen a gap first, then what is surely furthest apart."""
    return not pair.is_widened, pair.decided.high if pair.is_widened else pair.came.high


def _pairs(seen: OneClass, groups: Sequence[Group], all_rows: dict[str, IntArray], n_classes: int) -> Iterator[Beside]:
    exam, pairs = seen.exam, pairs_of(len(groups))
    level = 1 - 2 * CHANCE / (len(pairs) * n_classes)
    came = [_mean(exam, exam.outcomes, all_rows[group.name], level) for group in groups]
    decided = [_mean(exam, exam.decided.astype(np.float64), group.rows, level) for group in groups]
    for one, other in pairs:
        low, high = (one, other) if came[one].value <= came[other].value else (other, one)
        names = groups[low].name, groups[high].name
        yield Beside(*names, ratio(came[low], came[high]), ratio(decided[low], decided[high]), seen.name)


def _mean(exam: Examined, values: FloatArray, rows: IntArray, level: float) -> Interval:
    clusters = None if exam.clusters is None else exam.clusters[rows]
    if not np.isfinite(values[rows]).all():
        return unknown()
    if exam.task is Task.BINARY:
        return share_of(values[rows], np.ones(rows.size), clusters=clusters, level=level)
    return mean_interval(values[rows], clusters=clusters, level=level)


def _told(column: str, pair: Beside, *, is_amount: bool) -> Finding:
    came = pair.came
    likely = f"{came.value:.2f} ({came.low:.2f} to {came.high:.2f})"
    if is_amount:
        said = f"the mean amount of {pair.first} is {likely} of that of {pair.second}; of what is decided"
    else:
        what = pair.of or "positive outcome"
        there = f"for each {what} among {pair.second} there are {likely} among {pair.first}"
        said = f"{there}, rows alike in number; of decisions"
    widened = ": the decisions widen the gap" if pair.is_widened else ""
    return Finding(
        code=LABEL_RATIO,
        verdict=Verdict.WARN if pair.is_widened or came.high < FOUR_FIFTHS else Verdict.PASS,
        subjects=(pair.first, pair.second),
        measured=came.value,
        limit=FOUR_FIFTHS,
        low=came.low,
        high=came.high,
        because=f"{column}: {said} {_said(pair.decided)}{widened}",
    )


def _said(decided: Interval) -> str:
    return f"{decided.value:.2f} ({decided.low:.2f} to {decided.high:.2f})" if decided.known else "it cannot be told"


LABEL_RATIO_CHECKS: tuple[Check, ...] = (
    Check(
        code=LABEL_RATIO,
        section=Section.GROUPS,
        asks="Do the outcomes themselves differ between protected groups, and do decisions widen that?",
        limit="Warns where a group surely has fewer than four positive outcomes for each five of another (1 in 200, "
        "over all pairs), or where the ratio of decisions is surely below that of outcomes, by a fifth. Of several "
        "classes each is told from all others; of amounts it is the ratio of means.",
        remedy="Ask whether the outcome measures what it should in both groups; set limits in [fairness].",
        look=label_ratio,
        draws=Draw(every=MOST_ROWS),
        source="four-fifths rule (EEOC 1978); ratio by Donner & Zou 2012",
    ),
)
