"""Whether gaps between protected groups stay within the brief's limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import MOST_ROWS, Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.gains import LEAST_ROWS
from mainstay.checks.group_metrics import told_of
from mainstay.checks.parted import parted
from mainstay.domain import fairness as asked
from mainstay.domain.brief.parts import FairnessView
from mainstay.domain.fairness import NAMES, metric_named, spoken
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import IntArray
from mainstay.stats.group_gaps import difference, pairs_of, ratio
from mainstay.stats.intervals import Interval

FAIRNESS = "F18-fairness"
CHANCE = 0.005  # that a column fails though its true gap is within the limit
LEAST_GAP = 0.05  # between shares, or of a score's mean from the outcome's: less is not worth finding
MAX_NAMED = 5
NONE_NAMED = "the brief names no protected columns"
NAME_THEM = "Name them in [data] protected, and in exclude where the model must not read them."


@dataclass(frozen=True, slots=True)
class Group:
    """A protected group: `column=level`, and its rows as positions in the table."""

    name: str
    rows: IntArray

    @property
    def is_large(self) -> bool:
        """Whether it has rows enough to say anything."""
        return self.rows.size >= LEAST_ROWS


@dataclass(frozen=True, slots=True)
class Gap:
    """Two groups and how far they are apart: `higher` has the higher number."""

    higher: str
    lower: str
    by: Interval


def protected(exam: Examined) -> tuple[str, ...]:
    """Return the columns by which fairness is judged: those named protected, and those with a limit of their own."""
    return asked.protected_columns(exam.brief)


def groups_of(exam: Examined, column: str, rows: IntArray) -> tuple[list[Group], int]:
    """Return the groups of a column among rows, and how many small levels were joined into one."""
    taken = drawn(exam, rows)
    parts = parted(exam, column, taken)
    if parts is None:
        return [], 0
    return [Group(name, taken[parts.numbers == place]) for place, name in enumerate(parts.names)], parts.n_pooled


def fairness(exam: Examined) -> Iterable[Finding]:
    """Whether the brief's metric differs between groups of each protected column by more than its limits."""
    columns = protected(exam)
    if not columns:
        yield Finding(code=FAIRNESS, verdict=Verdict.UNKNOWN, because=NONE_NAMED, remedy=NAME_THEM)
    for column in columns:
        yield from _column(exam, column)


def limits_of(exam: Examined, column: str) -> FairnessView:
    """Return the limits of a column: its own, and those of all where it says nothing."""
    return asked.limits_of(exam.brief, column)


def _column(exam: Examined, column: str) -> Iterator[Finding]:
    limits = limits_of(exam, column)
    named = limits.metric or default_metric(exam)
    metric = metric_named(named)
    if metric is None:
        because = f"there is no metric {named!r} by group; there are {', '.join(NAMES)}"
        yield Finding(code=FAIRNESS, verdict=Verdict.UNKNOWN, because=because, subjects=(column,))
        return
    groups, n_pooled = groups_of(exam, column, exam.holdout)
    large = [group for group in groups if group.is_large]
    yield from small_groups(FAIRNESS, column, groups, n_pooled)
    if len(large) < 2:
        because = (
            f"{column}: {len(large)} of {len(groups)} groups have {LEAST_ROWS} rows in the holdout: none to compare"
        )
        yield Finding(code=FAIRNESS, verdict=Verdict.UNKNOWN, because=because, subjects=(column,))
        return
    yield from _judged(exam, column, metric, limits, large)


def default_metric(exam: Examined) -> str:
    """Return the metric by which groups are compared where the brief names none."""
    return asked.default_metric(exam.task)


def least_gap(exam: Examined) -> float:
    """Return the least gap worth finding: of shares and scores a fixed one, of amounts by how far these spread."""
    return 2 * LEAST_GAP * float(exam.outcomes[exam.holdout].std()) if exam.task is Task.REGRESSION else LEAST_GAP


def small_groups(code: str, column: str, groups: Sequence[Group], n_pooled: int) -> Iterator[Finding]:
    """Say which groups have too few rows, and that small ones were judged as one."""
    small = [group for group in groups if not group.is_large]
    if not small and not n_pooled:
        return
    pooled = f"the {n_pooled} smallest levels were judged as one" if n_pooled else ""
    few = f"{len(small)} groups have fewer than {LEAST_ROWS} rows in the holdout: too few to tell" if small else ""
    subjects = tuple(group.name for group in small[:MAX_NAMED]) or (column,)
    because = f"{column}: {'; '.join(part for part in (pooled, few) if part)}"
    remedy = "Bring more rows of them, or name a coarser column."
    yield Finding(code=code, verdict=Verdict.UNKNOWN, because=because, subjects=subjects, remedy=remedy)


def _judged(
    exam: Examined, column: str, metric: str, limits: FairnessView, groups: Sequence[Group]
) -> Iterator[Finding]:
    for name, limit, is_ratio in (("gap", limits.max_gap, False), ("ratio", limits.max_ratio, True)):
        if limit is None and (is_ratio or limits.max_ratio is not None):
            continue
        sure = widest(exam, metric, groups, chance=CHANCE, is_ratio=is_ratio)
        likely = widest(exam, metric, groups, chance=0.025, is_ratio=is_ratio)
        if not sure or not likely:
            why = "too few rows carry it, or the task has none"
            because = f"{column}: the {spoken(metric)} cannot be told of two groups: {why}"
            yield Finding(code=FAIRNESS, verdict=Verdict.UNKNOWN, because=because, subjects=(column,))
            continue
        yield _told(column, metric, name, limit, (sure, likely))


def widest(exam: Examined, metric: str, groups: Sequence[Group], *, chance: float, is_ratio: bool = False) -> list[Gap]:
    """Return the gaps of a metric between all pairs of groups that can be told, the surest first.

    Intervals are corrected for the number of pairs, so that the chance of any of them missing on its lower side is at
    most `chance`. A ratio is the higher number over the lower.
    """
    pairs = pairs_of(len(groups))
    level = 1 - 2 * chance / max(len(pairs), 1)
    told = [told_of(exam, metric, group.rows, level=level) for group in groups]
    gaps: list[Gap] = []
    for one, other in pairs:
        high, low = (one, other) if told[one].value >= told[other].value else (other, one)
        by = (ratio if is_ratio else difference)(told[high], told[low])
        if by.known:
            gaps.append(Gap(groups[high].name, groups[low].name, by))
    return sorted(gaps, key=lambda gap: (-gap.by.low, -gap.by.value))


def _told(column: str, metric: str, name: str, limit: float | None, gaps: tuple[list[Gap], list[Gap]]) -> Finding:
    sure, likely = gaps
    largest = max(likely, key=lambda gap: gap.by.value)
    worst = sure[0] if limit is not None and sure[0].by.low > limit else largest
    said = (
        f"{column}: the {name} of {spoken(metric)} between {worst.higher} and {worst.lower} is {worst.by.value:.3g} "
        f"({worst.by.low:.3g} to {worst.by.high:.3g})"
    )
    if len(sure) > 1:
        said = f"{said}, the {'surest' if worst is not largest else 'largest'} of {len(sure)} pairs"
    return Finding(
        code=FAIRNESS,
        verdict=_verdict(limit, sure, likely),
        subjects=(worst.higher, worst.lower),
        measured=worst.by.value,
        limit=limit,
        low=worst.by.low,
        high=worst.by.high,
        because=said if limit is not None else f"{said}; the brief sets no limit",
        remedy="" if limit is not None else "Say in [fairness] how large a gap is acceptable.",
    )


def _verdict(limit: float | None, sure: Sequence[Gap], likely: Sequence[Gap]) -> Verdict:
    if limit is None:
        return Verdict.UNKNOWN
    if sure[0].by.low > limit:
        return Verdict.FAIL
    if max(gap.by.value for gap in likely) > limit:
        return Verdict.WARN
    return Verdict.UNKNOWN if max(gap.by.high for gap in likely) > limit else Verdict.PASS


GROUP_CHECKS: tuple[Check, ...] = (
    Check(
        code=FAIRNESS,
        section=Section.GROUPS,
        asks="Do protected groups stay within the brief's limits of each other?",
        limit="[fairness] max_gap and max_ratio of its metric (else the selection rate; of amounts the calibration "
        "gap), every pair of groups: fails where surely above (1 in 200, over all pairs), warns where above, "
        "unknown where rows are too few to be sure that it is below.",
        remedy="See where it comes from (F18-label-ratio, F18-gap-rows); then change inputs, rows or the decision.",
        look=fairness,
        draws=Draw(holdout=MOST_ROWS),
        source="Fairlearn's definitions (Bird et al. 2020); Newcombe 1998; Zou & Donner 2008",
    ),
)
