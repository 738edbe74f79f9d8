"""Whether there is any skill at all: against saying the same to all, on rows it never saw, with real scores."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import MOST_ROWS, Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.losses import LEAST_ROWS, skill, skill_in_amounts
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.plan import Constant, Linear, Rule
from mainstay.domain.spelled import spelled
from mainstay.domain.task import Task
from mainstay.stats.amounts import mae
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.intervals import Interval, unknown
from mainstay.stats.ranking import roc_auc_interval
from mainstay.stats.scores import accuracy_interval

BASE_RATE, FINITE, OVERFIT, SEEDS = "F02-base-rate", "F02-scores-finite", "F02-overfit", "F02-stable-over-seeds"
LEAST_OF_CLASS = 10  # below, an area under the curve is anybody's guess
A_COIN = 0.55  # an area that is surely below: no better than a coin in any use
KEPT_FAIL, KEPT_WARN = 0.25, 0.5  # shares of the training's skill that are left on the holdout
WORTH_LOSING = 0.02  # a skill in training below this cannot be overfit: there is none
LEAST_SCORES = 20
NOTHING = 0.005  # of the variance, or of absolute errors: no use of a model lives on that


def base_rate(exam: Examined) -> Iterable[Finding]:
    """Put the share of right guesses beside that of always saying the commonest outcome, and ask if there is skill."""
    rows = drawn(exam, exam.holdout)
    if rows.size < LEAST_ROWS or not np.all(np.isfinite(exam.scores[rows])):
        yield _unknown(BASE_RATE, f"{rows.size} rows of the holdout have scores that can be judged: too few")
        return
    yield _amounts(exam, rows) if exam.task is Task.REGRESSION else _shares(exam, rows)


def _shares(exam: Examined, rows: IntArray) -> Finding:
    right, base, commonest = _right(exam, rows)
    said = accuracy_interval(right, clusters=_clusters(exam, rows))
    area = _area(exam, rows)
    told = f"always saying {commonest!r} is right in {base:.1%} of rows; the scores' own best guess in {said.value:.1%}"
    because = f"{told}; they rank with an area under the curve of {area.value:.3f} ({area.low:.3f} to {area.high:.3f})"
    if not area.known:
        return _unknown(BASE_RATE, f"{told}; one outcome came too rarely to say whether they rank")
    target = exam.brief.targets.accuracy
    if area.high < A_COIN:
        return _finding(Verdict.FAIL, f"{because}: no better than a coin", area, 0.5)
    if target is not None and target <= base:
        remedy = "Ask for money (value_over_today) or ROC AUC in [targets] instead: accuracy is met by saying nothing."
        because = f"{told}, and the target of {target:.1%} is met without a model"
        return _finding(Verdict.WARN, because, said, base, remedy=remedy)
    return _finding(Verdict.PASS if area.low > 0.5 else Verdict.WARN, because, area, 0.5)


def _right(exam: Examined, rows: IntArray) -> tuple[FloatArray, float, str]:
    """Return which best guesses are right, how often the commonest outcome comes, and its name."""
    outcomes, scores = exam.outcomes[rows].astype(np.int64), exam.scores[rows]
    guessed = (scores >= 0.5).astype(np.int64) if scores.ndim == 1 else np.argmax(scores, axis=1)
    counts = np.bincount(outcomes)
    commonest = int(np.argmax(counts))
    labels = (exam.schema.negative, exam.schema.positive) if scores.ndim == 1 else exam.schema.classes
    name = labels[commonest] if commonest < len(labels) else None
    return (guessed == outcomes) * 1.0, float(counts[commonest] / rows.size), str(commonest if name is None else name)


def _area(exam: Examined, rows: IntArray) -> Interval:
    """The area under the curve; of several classes that of the class told best."""
    outcomes, scores = exam.outcomes[rows], exam.scores[rows]
    found = []
    for one, score in [(1, scores)] if scores.ndim == 1 else enumerate(scores.T):
        happened = outcomes == one
        if min(happened.sum(), (~happened).sum()) >= LEAST_OF_CLASS:
            found.append(roc_auc_interval(happened, score, clusters=_clusters(exam, rows)))
    return max(found, key=lambda each: each.value, default=unknown())


def _amounts(exam: Examined, rows: IntArray) -> Finding:
    usual = float(np.median(exam.outcomes[exam.training])) if exam.training.size else 0.0
    off, base = mae(exam.outcomes[rows], exam.scores[rows]), mae(exam.outcomes[rows], np.full(rows.size, usual))
    found = skill(exam, rows)
    because = (
        f"always saying the median is off by {spelled(base)} on average, the model by {spelled(off)}; it explains "
    )
    because += f"{found.value:z.1%} ({found.low:z.1%} to {found.high:z.1%}) of the variance"
    if not found.known:
        return _unknown(BASE_RATE, "the outcomes of the holdout do not vary, or are too few")
    is_worthless = found.high < NOTHING and skill_in_amounts(exam, rows).high < NOTHING
    verdict = Verdict.FAIL if is_worthless else Verdict.PASS if found.low > 0 else Verdict.WARN
    return _finding(verdict, because, found, 0.0)


def finite(exam: Examined) -> Iterable[Finding]:
    """Whether scores are numbers in range that differ from row to row."""
    scores = exam.scores[exam.holdout]
    if exam.holdout.size < LEAST_SCORES:
        yield _unknown(FINITE, f"the holdout has {exam.holdout.size} rows: too few to say that scores never differ")
        return
    odd = ~np.isfinite(scores)
    if exam.task is not Task.REGRESSION:
        odd |= (scores < -1e-9) | (scores > 1 + 1e-9)
    n = int(np.count_nonzero(odd.reshape(scores.shape[0], -1).any(axis=1)))
    share = n / scores.shape[0]
    if n:
        because = f"{n} of {scores.shape[0]} scores are NaN, infinite or no chances"
        yield Finding(code=FINITE, verdict=Verdict.FAIL, because=because, measured=share, limit=0.0)
    elif np.all(scores == scores[:1]):
        because = "every row of the holdout gets the same score: nothing is told apart"
        yield Finding(code=FINITE, verdict=Verdict.FAIL, because=because, measured=1.0, limit=0.0)
    else:
        because = f"{scores.shape[0]:,} scores of the holdout are finite, in range, and differ"
        yield Finding(code=FINITE, verdict=Verdict.PASS, because=because, measured=share, limit=0.0)


def overfit(exam: Examined) -> Iterable[Finding]:
    """Put the skill on rows it learned from beside the skill on rows it never saw."""
    learned, fresh = skill(exam, drawn(exam, exam.training)), skill(exam, drawn(exam, exam.holdout))
    if not (learned.known and fresh.known):
        yield _unknown(OVERFIT, f"too few rows, or scores that are no numbers: {LEAST_ROWS} of each side are wanted")
        return
    told = f"it saves {learned.value:z.1%} of what saying the same to all costs on rows it learned from, and "
    because = f"{told}{fresh.value:z.1%} ({fresh.low:z.1%} to {fresh.high:z.1%}) on rows it never saw"
    if learned.value < WORTH_LOSING:
        yield _unknown(OVERFIT, f"{because}: there is no skill to lose")
        return
    worst = fresh.high / learned.value
    is_lost = worst < KEPT_FAIL and (exam.task is not Task.REGRESSION or _lost_in_amounts(exam))
    verdict = Verdict.FAIL if is_lost else Verdict.WARN if worst < KEPT_WARN else Verdict.PASS
    kept, low = fresh.value / learned.value, fresh.low / learned.value
    yield Finding(code=OVERFIT, verdict=verdict, because=because, measured=kept, limit=KEPT_FAIL, low=low, high=worst)


def _lost_in_amounts(exam: Examined) -> bool:
    """Whether absolute errors say too that the skill in amounts did not outlast training."""
    learned, fresh = (skill_in_amounts(exam, drawn(exam, rows)) for rows in (exam.training, exam.holdout))
    return learned.value >= WORTH_LOSING and fresh.high < KEPT_FAIL * learned.value


def seeds(exam: Examined) -> Iterable[Finding]:
    """Whether another seed would give another model."""
    if all(isinstance(model, Linear | Constant | Rule) for model in exam.plan.models):
        because = "there is one best fit of such a model: a seed moves nothing but which rows are drawn"
        yield Finding(code=SEEDS, verdict=Verdict.PASS, because=because)
        return
    because = f"a training fits with one seed ({exam.seed}), so one version cannot tell what another would give"
    remedy = "Train again with other seeds (three at least) and lay the reports side by side: what differs is chance."
    yield Finding(code=SEEDS, verdict=Verdict.UNKNOWN, because=because, remedy=remedy)


def _finding(verdict: Verdict, because: str, found: Interval, limit: float, *, remedy: str = "") -> Finding:
    return Finding(
        code=BASE_RATE,
        verdict=verdict,
        because=because,
        measured=found.value,
        limit=limit,
        low=found.low,
        high=found.high,
        remedy=remedy,
    )


def _unknown(code: str, because: str) -> Finding:
    return Finding(code=code, verdict=Verdict.UNKNOWN, because=because)


def _clusters(exam: Examined, rows: IntArray) -> IntArray | None:
    return None if exam.clusters is None else exam.clusters[rows]


SKILL_CHECKS: tuple[Check, ...] = (
    Check(
        code=BASE_RATE,
        section=Section.SKILL,
        asks="Is it better than always saying what comes most often?",
        limit="The area under the curve is surely above one half (amounts: variance explained above nothing), and no "
        "target of accuracy is met by always saying the same; fails where the whole interval lies below 0.55 (amounts: "
        "0.5% of squares and of absolute errors): on imbalanced data 99% accuracy may be no skill at all.",
        remedy="Look at ROC AUC, average precision and money; bring inputs that tell, or do without a model.",
        source="Brier 1950; DeLong et al. 1988",
        look=base_rate,
        draws=Draw(holdout=MOST_ROWS),
    ),
    Check(
        code=FINITE,
        section=Section.SKILL,
        asks="Are scores numbers that differ from row to row?",
        limit="No score is NaN, infinite or no chance, and not all are the same.",
        remedy="Where all are the same, nothing was found to learn: bring inputs that tell rows apart, or more rows. "
        "Else look at what a recipe does with missing and extreme inputs; train again.",
        look=finite,
    ),
    Check(
        code=OVERFIT,
        section=Section.SKILL,
        asks="Does skill outlast the rows it was learned from?",
        limit="Warns where surely less than half of the skill on training rows is left on the holdout, fails below a "
        "quarter (of amounts only where absolute errors agree): flexible models always lose some.",
        remedy="Fewer or stronger inputs, a simpler model, more rows; or the world moved: see F10-time-gap.",
        source="Brier skill score; R² against the mean",
        look=overfit,
        draws=Draw(training=MOST_ROWS, holdout=MOST_ROWS),
    ),
    Check(
        code=SEEDS,
        section=Section.SKILL,
        asks="Would another seed give the same answers?",
        limit="A linear model, a rule or a constant does not hang on the seed; of others a single version cannot tell.",
        remedy="Train again with other seeds and compare.",
        source="Bouthillier et al. 2021",
        look=seeds,
    ),
)
