"""What wrong decisions cost in each protected group, where scores are off for one, and where the version is worse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import MOST_ROWS, Draw
from mainstay.checks.examined import Examined
from mainstay.checks.gains import gains_of
from mainstay.checks.groups import CHANCE, NAME_THEM, NONE_NAMED, Group, groups_of, least_gap, protected, widest
from mainstay.checks.one_class import class_name
from mainstay.checks.places import LIMIT, judged, unknown_places
from mainstay.checks.segments import places_by
from mainstay.domain.fairness import spoken
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.spelled import spelled, with_unit
from mainstay.domain.task import Task
from mainstay.domain.worth import ActionWorth
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray
from mainstay.stats.group_gaps import difference
from mainstay.stats.intervals import Interval, mean_interval

COSTS, OFF, WORSE = "F18-costs", "F18-scores-off", "F18-worse"
ERRORS = {
    Task.BINARY: ("false_positive_rate", "false_negative_rate"),
    Task.MULTICLASS: ("accuracy",),
    Task.REGRESSION: ("absolute_error",),
}
MAX_NAMED = 5
UNREADABLE = "no protected column can be read, or has a group of 30 rows"


def worse(exam: Examined) -> Iterable[Finding]:
    """Where, of protected groups, the version is worse than the best baseline, and what it costs."""
    gains = gains_of(exam)
    places = [place for column in protected(exam) for place in places_by(exam, gains, column)]
    if not places:
        yield unknown_places(
            WORSE,
            NONE_NAMED if not protected(exam) else "no protected column can be read, or has a group of 30 rows",
            NAME_THEM,
        )
        return
    yield from judged(WORSE, gains, places, "protected groups")


def costs(exam: Examined) -> Iterable[Finding]:
    """Which wrong decision costs what in which group, and whether one errs more in one group than in another."""
    if not protected(exam) or not exam.holdout.size:
        yield Finding(code=COSTS, verdict=Verdict.UNKNOWN, because=NONE_NAMED, remedy=NAME_THEM)
        return
    for column in protected(exam):
        yield _of_column(exam, column)


def _of_column(exam: Examined, column: str) -> Finding:
    groups = [group for group in groups_of(exam, column, exam.holdout)[0] if group.is_large]
    if len(groups) < 2:
        because = f"{column}: no two groups have 30 rows in the holdout"
        return Finding(code=COSTS, verdict=Verdict.UNKNOWN, because=because, subjects=(column,))
    said = "; ".join(_in_words(exam, group) for group in sorted(groups, key=lambda g: -g.rows.size)[:MAX_NAMED])
    least = least_gap(exam)
    uneven = [found for found in _uneven(exam, groups) if found[1].low > 0 and found[1].value >= least]
    if not uneven:
        return Finding(code=COSTS, verdict=Verdict.PASS, because=f"{column}: {said}", subjects=(column,))
    (metric, high, low), by = max(uneven, key=lambda found: found[1].low)
    because = f"{column}: the {metric} is {by.value:.3g} higher for {high} than for {low}; {said}"
    return Finding(
        code=COSTS,
        verdict=Verdict.WARN,
        subjects=(high, low),
        measured=by.value,
        limit=least,
        low=by.low,
        high=by.high,
        because=because,
    )


def _uneven(exam: Examined, groups: Sequence[Group]) -> Iterator[tuple[tuple[str, str, str], Interval]]:
    metrics = ERRORS[exam.task]
    for metric in metrics:  # either of two may be the higher: half of the chance for each
        for gap in widest(exam, metric, groups, chance=CHANCE / 2 / len(metrics))[:1]:
            yield (spoken(metric), gap.higher, gap.lower), gap.by


def _in_words(exam: Examined, group: Group) -> str:
    """How many of a group are decided wrongly in each way, and what it costs a row of the group."""
    n = group.rows.size
    parts = [
        f"{name} {wrong.sum() / n:.1%}{_cost(exam, group.rows[wrong], n)}"
        for name, wrong in _wrong(exam, group.rows)
        if wrong.any()
    ]
    return (
        f"{group.name} ({n:,} rows): wrongly {', '.join(parts)}" if parts else f"{group.name} ({n:,} rows): none wrong"
    )


def _wrong(exam: Examined, rows: IntArray) -> Iterator[tuple[str, BoolArray]]:
    outcomes, decided = exam.outcomes[rows], exam.decided[rows]
    if exam.task is Task.BINARY:
        decision = exam.brief.decision
        yield decision.when_high, (decided == 1) & (outcomes == 0)
        yield decision.when_low, (decided == 0) & (outcomes == 1)
    elif exam.task is Task.REGRESSION:
        yield "too high", decided > outcomes
        yield "too low", decided < outcomes
    else:
        yield "decided", exam.scores[rows].argmax(axis=1) != outcomes


def _cost(exam: Examined, rows: IntArray, n: int) -> str:
    """What the right decision would have been worth above the one taken, spread over the rows of the group."""
    if exam.worth is None:
        return ""
    best = exam.worth.amounts[rows].max(axis=1) if isinstance(exam.worth, ActionWorth) else None
    best = exam.worth.at(rows, exam.outcomes[rows]) if best is None else best
    lost = float((best - exam.money(rows)).sum()) / n
    return f" (costs {with_unit(spelled(lost), exam.brief.value.currency or 'of money')} a decision)"


def scores_off(exam: Examined) -> Iterable[Finding]:
    """Whether scores are right on average in every protected group, compared with everybody else."""
    columns = protected(exam)
    if not columns:
        yield Finding(code=OFF, verdict=Verdict.UNKNOWN, because=NONE_NAMED, remedy=NAME_THEM)
    for column in columns:
        yield _off(exam, column)


def _off(exam: Examined, column: str) -> Finding:
    groups = groups_of(exam, column, exam.holdout)[0]
    large = [group for group in groups if group.is_large]
    classes = range(exam.scores.shape[1]) if exam.task is Task.MULTICLASS else (None,)
    level = 1 - CHANCE / max(len(large) * len(classes), 1)
    asked = [
        (group, of, _beyond(exam, group.rows, _rest(groups, group), of, level)) for group in large for of in classes
    ]
    told = [each for each in asked if each[2].known]
    if not told:
        because = f"{column}: no two groups have 30 rows in the holdout"
        return Finding(code=OFF, verdict=Verdict.UNKNOWN, because=because, subjects=(column,))
    group, of, by = max(told, key=lambda each: (max(each[2].low, -each[2].high), abs(each[2].value)))
    least = least_gap(exam)
    sure = max(by.low, -by.high) > 0 and abs(by.value) >= least
    way = "higher" if by.value > 0 else "lower"
    what = "scores" if of is None else f"scores for {class_name(exam, of)}"
    return Finding(
        code=OFF,
        verdict=Verdict.FAIL if sure else Verdict.PASS,
        subjects=(group.name,),
        measured=by.value,
        limit=least,
        low=by.low,
        high=by.high,
        because=f"against what came, {what} of {group.name} ({group.rows.size:,} rows) are {abs(by.value):.3g} {way} "
        f"than those of all others, the most of {len({group.name for group, _, _ in told})} groups",
    )


def _rest(groups: Sequence[Group], group: Group) -> IntArray:
    others = [other.rows for other in groups if other is not group]
    return np.concatenate(others) if others else np.empty(0, dtype=np.int64)


def _beyond(exam: Examined, rows: IntArray, others: IntArray, of: int | None, level: float) -> Interval:
    own, rest = (_mean_off(exam, each, of, level) for each in (rows, others))
    return difference(own, rest)


def _mean_off(exam: Examined, rows: IntArray, of: int | None, level: float) -> Interval:
    """How far scores (of one of several classes, whose number is `of`) are above what came."""
    said, came = exam.scores[rows], exam.outcomes[rows]
    off: FloatArray = said - came if of is None else said[:, of] - (came == of)
    clusters = None if exam.clusters is None else exam.clusters[rows]
    kept = np.isfinite(off)
    return mean_interval(off[kept], clusters=None if clusters is None else clusters[kept], level=level)


COST_CHECKS: tuple[Check, ...] = (
    Check(
        code=WORSE,
        section=Section.GROUPS,
        asks="Is there a protected group where it is worse than what is done without it?",
        limit=LIMIT,
        remedy="Keep today's way for all until rows or inputs are brought that serve this group too.",
        look=worse,
        draws=Draw(holdout=MOST_ROWS),
        source="paired difference over rows, Bonferroni over groups",
    ),
    Check(
        code=COSTS,
        section=Section.GROUPS,
        asks="Which wrong decision costs what in which protected group?",
        limit="Warns where false positive or false negative rates of two groups (of several classes how many are "
        "told right, of amounts by how much they are missed) surely differ (1 in 200, over all pairs), by at least "
        "0.05; of amounts, by a tenth of their standard deviation.",
        remedy="Say to whoever decides who bears these errors, and set limits in [fairness].",
        look=costs,
        draws=Draw(holdout=MOST_ROWS),
        source="Hardt, Price & Srebro 2016, error rates by group; Zou & Donner 2008",
    ),
    Check(
        code=OFF,
        section=Section.GROUPS,
        asks="Are scores right on average in every protected group?",
        limit="Fails where a group's mean score less outcome (of several classes, for any of them) surely differs "
        "from that of all others (1 in 200, over all groups), by at least 0.05; of amounts, by a tenth of their "
        "standard deviation.",
        remedy="Bring rows and inputs that tell this group's outcomes; look for a column that stands for the group.",
        look=scores_off,
        draws=Draw(holdout=MOST_ROWS),
        source="calibration within groups: Kleinberg, Mullainathan & Raghavan 2016",
    ),
)
