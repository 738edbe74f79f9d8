"""A look at a holdout: counted, and answered with what is more than luck."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from mainstay.domain.brief import Brief
from mainstay.domain.canonical import canonical, digest
from mainstay.domain.evaluation import Estimate, Summary
from mainstay.domain.event import Act
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.holdout import VALUE, Account, Holdout, Look
from mainstay.domain.metric_names import name_of
from mainstay.stats.intervals import NAN, Interval
from mainstay.stats.reuse import corrected
from mainstay.training.results import estimate
from mainstay.training.targets import AT_MOST, good_enough
from mainstay.workflows.corrections import candidates_after, finding_after

Acts = tuple[tuple[Act, dict[str, object]], ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a look is taken at: a holdout, and the digest of those of its rows that judged."""

    holdout: Holdout
    rows: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A summary with the answers of its holdout, and the event of the look; none where it was taken before."""

    summary: Summary
    acts: Acts


def look(summary: Summary, judged: Judged, known: Account, brief: Brief, *, version: int) -> Looked:
    """Count a version's look at a holdout and correct its numbers for the looks before.

    The same model at the same rows of a holdout is no new look: it is told what it was told before; at others of its
    rows it is. `known` is the account as it stands while nobody else adds a version.
    """
    holdout = judged.holdout
    before = known.look_of(holdout, summary.model_digest, judged.rows)
    number = known.used(holdout) + 1 if before is None else before.number
    question, worth = _question(brief), _worth(brief)
    earlier = [each for each in known.compared(holdout) if each.number < number]
    answered = _answered(summary, number, _best(earlier, question, worth), brief)
    found = (*_reused(summary, answered, holdout, number, brief), *_spent(known, holdout, number, brief))
    whole = msgspec.structs.replace(answered, holdout=holdout.name, looks=number, findings=(*answered.findings, *found))
    body: dict[str, object] = {"version": version, "holdout": holdout.name, "look": number, "rows": judged.rows}
    event = (Act.HOLDOUT_LOOKED, body | {"question": question, "worth": worth})
    return Looked(whole, () if before else (event,))


def _question(brief: Brief) -> str:
    """A digest of what is foretold: answers to other questions do not compare."""
    return digest(canonical([brief.data.target, str(brief.data.positive)]))


def _worth(brief: Brief) -> str:
    """A digest of what decisions are worth."""
    return digest(canonical([_question(brief), brief.value.model_dump(mode="json")]))


def _best(earlier: Sequence[Look], question: str, worth: str) -> Callable[[str], float | None]:
    """Return the best answer so far by metric."""

    def best(metric: str) -> float | None:
        alike = (each for each in earlier if (each.worth if metric == VALUE else each.question) in (question, worth))
        told = [each.answers[metric] for each in alike if metric in each.answers]
        return (min(told) if metric in AT_MOST else max(told)) if told else None

    return best


def _answered(summary: Summary, number: int, best: Callable[[str], float | None], brief: Brief) -> Summary:
    if number == 1:
        return summary
    metrics = {name: _corrected(plain, best(name), number) for name, plain in summary.metrics.items()}
    value = None if summary.value is None else _corrected(summary.value, best(VALUE), number)
    candidates = candidates_after(summary, metrics, value, number)
    findings = tuple(finding_after(finding, summary, candidates, number, brief) for finding in summary.findings)
    enough = summary.good_enough if summary.good_enough is None else good_enough(findings)
    told = msgspec.structs.replace(
        summary, metrics=metrics, value=value, candidates=candidates, findings=findings, good_enough=enough
    )
    return msgspec.structs.replace(told, corrected=tuple(name for name, _, _ in _pairs(summary, told)))


def _corrected(plain: Estimate, best: float | None, number: int) -> Estimate:
    low, high = (NAN if bound is None else bound for bound in (plain.low, plain.high))
    return estimate(corrected(Interval(plain.value, low, high), best, look=number))


def _reused(plain: Summary, answered: Summary, holdout: Holdout, number: int, brief: Brief) -> tuple[Finding, ...]:
    if number == 1:
        return ()
    taken = [
        f"{name_of(name)} counts as {told:.4g}, not {read:.4g}"
        for name, read, told in _pairs(plain, answered)
        if (told > read if name in AT_MOST else told < read)
    ]
    said = f"look {number} of {brief.holdouts.looks} at {holdout.name}: numbers are corrected for the looks before"
    why = f"{said}; {taken[0]}: the gain is within luck" if taken else said
    return (
        Finding(
            code="F07-holdout-reused",
            verdict=Verdict.WARN if taken else Verdict.PASS,
            measured=float(number),
            limit=float(brief.holdouts.looks),
            because=f"{why}; {_same_again(answered)}",
            remedy="Newer rows make a fresh holdout: see mainstay holdouts." if taken else "",
        ),
    )


def _same_again(answered: Summary) -> str:
    """Say why numbers are those of an older look, so that nobody takes it for a fault."""
    n_all = len(answered.metrics) + (answered.value is not None)
    if not answered.corrected:
        return "all are told as they were read"
    many = (
        "all numbers are" if len(answered.corrected) == n_all else f"{len(answered.corrected)} of {n_all} numbers are"
    )
    return (
        f"{many} no further from the best answer so far than luck explains, so that answer is told again: that is why "
        "they equal those of an older version"
    )


def _pairs(plain: Summary, answered: Summary) -> list[tuple[str, float, float]]:
    pairs = [(name, read.value, answered.metrics[name].value) for name, read in plain.metrics.items()]
    if plain.value is not None and answered.value is not None:
        pairs = [(VALUE, plain.value.value, answered.value.value), *pairs]
    return [pair for pair in pairs if not math.isclose(pair[1], pair[2], rel_tol=1e-12)]


def _spent(known: Account, holdout: Holdout, number: int, brief: Brief) -> tuple[Finding, ...]:
    looks = brief.holdouts.looks
    carried = holdout.carried
    if number <= looks:
        return ()
    also = f" ({carried} of them before it was sealed, at rows that it may hold)" if carried else ""
    return (
        Finding(
            code="F07-looks-spent",
            verdict=Verdict.FAIL,
            measured=float(number),
            limit=float(looks),
            because=f"look {number} at {holdout.name}{also}, and the brief allows {looks}: what it says may be luck",
            remedy=f"Bring {holdout.enough} rows or more that no training has read: they make a fresh holdout.",
        ),
    )
