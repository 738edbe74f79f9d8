"""Which inputs carry the score: what is lost on the holdout when one of them is shuffled, in skill and in money."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.losses import LEAST_ROWS, base_losses, losses, money_of, skill
from mainstay.checks.sight import rank_correlation
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.spelled import spelled, with_unit
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.intervals import Interval, mean_interval, ratio_interval, unknown

IMPORTANCE = "F17-importance"
CARRIES = f"{IMPORTANCE}-of-one"
MOST_ROWS = 4000
MOST_INPUTS = 300  # measured in full: each costs a score of all inputs, so that the cost grows with their square
FEW_ROWS = 200  # by which these are picked out of more
N_REPEATS = 4
STEADY = 0.5  # rank correlation of two repeats, below which an order of inputs is chance
TOO_MUCH = 0.9
WORTH_EXPLAINING = 0.01  # a skill below this has nothing that an input could carry


@dataclass(frozen=True, slots=True)
class Importance:
    """What an input carries: the share of the skill that is lost when it is shuffled, and money per row.

    The share is halved, which makes it the share of the scores' variance that the input takes part in (a total Sobol
    index where inputs are independent): 0 to 1, and interactions count for each input in them. `by_repeat` are the
    shares of single shuffles.
    """

    name: str
    share: Interval
    money: Interval | None
    by_repeat: tuple[float, ...]


def importances(exam: Examined) -> tuple[Importance, ...]:
    """Return what each input carries, the most important first; none where there is no skill to carry.

    Permutation importance: Breiman (2001); its factor of two: Gregorutti et al. (2017). Of inputs that say the same
    each looks unimportant while the other is there. Of more than `MOST_INPUTS` only those are measured that move the
    score most when they are shuffled once, in a few rows.
    """
    rows, whole = judged(exam)
    if not whole.known or whole.value < WORTH_EXPLAINING:
        return ()
    before, saved = losses(exam, rows, exam.scores[rows]), _saved(exam, rows)
    paid = money_of(exam, rows, exam.scores[rows])
    found, used, moving = [], exam.used[rows], _moving(exam, rows)
    for place, name in enumerate(exam.inputs):
        if name not in moving:
            continue
        said = [_shuffled(exam, used, (name,), seed=(exam.seed, place, repeat)) for repeat in range(N_REPEATS)]
        lost = np.array([losses(exam, rows, each) - before for each in said])
        money = None if paid is None else np.mean([paid - _paid(exam, rows, each) for each in said], axis=0)
        found.append(
            Importance(
                name=name,
                share=ratio_interval(lost.mean(axis=0), 2 * saved, clusters=_clusters(exam, rows)),
                money=None if money is None else mean_interval(money, clusters=_clusters(exam, rows)),
                by_repeat=tuple((lost.sum(axis=1) / (2 * saved.sum())).tolist()),
            )
        )
    return tuple(sorted(found, key=lambda each: -each.share.value))


def _moving(exam: Examined, rows: IntArray) -> Collection[str]:
    """The inputs that are worth measuring: all where they are few, else those that move the score most."""
    if len(exam.inputs) <= MOST_INPUTS:
        return exam.inputs
    few = np.sort(np.random.default_rng((exam.seed, FEW_ROWS)).permutation(rows)[:FEW_ROWS])
    used = exam.used[few]
    before = exam.scores[few]
    moves = {
        name: float(np.abs(_shuffled(exam, used, (name,), seed=(exam.seed, place)) - before).mean())
        for place, name in enumerate(exam.inputs)
    }
    return set(sorted(moves, key=lambda name: -moves[name])[:MOST_INPUTS])


def judged(exam: Examined) -> tuple[IntArray, Interval]:
    """Return holdout rows to explain, and the skill on them (unknown where there are too few)."""
    rows = drawn(exam, exam.holdout, MOST_ROWS)
    return rows, skill(exam, rows) if rows.size >= LEAST_ROWS else unknown()


def steadiness(found: tuple[Importance, ...]) -> float:
    """Return the mean rank correlation of the inputs' order between two repeats, 1 where there is one input."""
    repeats = np.array([each.by_repeat for each in found]).T
    if repeats.shape[1] < 2:
        return 1.0
    pairs = [(one, other) for one in range(len(repeats)) for other in range(one)]
    return float(np.mean([rank_correlation(repeats[one], repeats[other]) for one, other in pairs]))


def share_alone(exam: Examined, rows: IntArray, name: str) -> Interval:
    """Return the share of the skill that is left when every other input is shuffled, together.

    A closed Sobol index where the input is independent of the others: 1 says that no other counts.
    """
    others = tuple(each for each in exam.inputs if each != name)
    before, saved = losses(exam, rows, exam.scores[rows]), _saved(exam, rows)
    used = exam.used[rows]
    said = [_shuffled(exam, used, others, seed=(exam.seed, -1 % 2**32, repeat)) for repeat in range(N_REPEATS)]
    lost = np.mean([losses(exam, rows, each) - before for each in said], axis=0)
    return ratio_interval(2 * saved - lost, 2 * saved, clusters=_clusters(exam, rows))


def importance(exam: Examined) -> Iterable[Finding]:
    """Rank the inputs, say how sure the order is, and whether one of them carries the score alone."""
    rows, whole = judged(exam)
    found = importances(exam)
    if not found or whole.low <= 0:
        because = f"{rows.size} rows of the holdout show no sure skill, so there is nothing for inputs to carry"
        yield from (Finding(code=code, verdict=Verdict.UNKNOWN, because=because) for code in (IMPORTANCE, CARRIES))
        return
    steady, first = steadiness(found), found[0]
    told = ", ".join(f"{_percent(each.share)}{_money(exam, each)}" for each in found[:3])
    of = (
        "all"
        if len(found) == len(exam.inputs)
        else f"the {len(found)} that move the score most, of {len(exam.inputs):,},"
    )
    because = (
        f"the inputs named carry, in this order, {told}; the order of {of} agrees by {steady:.2f} between shuffles"
    )
    verdict = Verdict.PASS if steady >= STEADY else Verdict.WARN
    subjects = tuple(each.name for each in found[:3])
    yield Finding(code=IMPORTANCE, verdict=verdict, because=because, subjects=subjects, measured=steady, limit=STEADY)
    yield _carried(exam, rows, first)


def _carried(exam: Examined, rows: IntArray, first: Importance) -> Finding:
    if len(exam.inputs) < 2:
        because = "there is one input: it carries the score alone, as it must"
        return Finding(code=CARRIES, verdict=Verdict.UNKNOWN, because=because, subjects=(first.name,))
    alone = share_alone(exam, rows, first.name)
    because = f"with every other input shuffled, {_percent(alone)} of the skill is left"
    verdict = Verdict.WARN if alone.low > TOO_MUCH else Verdict.PASS if alone.known else Verdict.UNKNOWN
    return Finding(
        code=CARRIES,
        verdict=verdict,
        because=because,
        subjects=(first.name,),
        measured=alone.value,
        limit=TOO_MUCH,
        low=alone.low,
        high=alone.high,
    )


def _saved(exam: Examined, rows: IntArray) -> FloatArray:
    saved: FloatArray = base_losses(exam, rows) - losses(exam, rows, exam.scores[rows])
    return saved


def _shuffled(exam: Examined, used: pl.DataFrame, names: tuple[str, ...], *, seed: tuple[int, ...]) -> FloatArray:
    """Score rows, as they are used, with some columns shuffled among them, in one order for all of these."""
    order = np.random.default_rng(seed).permutation(used.height)
    moved = pl.DataFrame([used[name] for name in names])[order]  # a lone column would take its name for a pattern
    return exam.score(pl.DataFrame([moved[each.name] if each.name in moved.columns else each for each in used]))


def _paid(exam: Examined, rows: IntArray, scores: FloatArray) -> FloatArray:
    found = money_of(exam, rows, scores)
    assert found is not None  # asked only where decisions have a worth
    return found


def _percent(share: Interval) -> str:
    return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})"


def _money(exam: Examined, each: Importance) -> str:
    if each.money is None:
        return ""
    return f" and {with_unit(spelled(each.money.value), exam.brief.value.currency)} a row"


def _clusters(exam: Examined, rows: IntArray) -> IntArray | None:
    return None if exam.clusters is None else exam.clusters[rows]


IMPORTANCE_CHECKS: tuple[Check, ...] = (
    Check(
        code=IMPORTANCE,
        section=Section.EXPLANATION,
        asks="Which inputs carry the score, and is their order more than chance?",
        limit="The order of inputs agrees between shuffles of the holdout by a rank correlation of at least 0.5: else "
        "nobody should be told that one matters more than another. `-of-one` warns where surely over 0.9 of the skill "
        "is left with all other inputs shuffled: all hangs on one source, and an input so strong is often known late. "
        "Of more than 300 inputs those are measured that move the score most when shuffled once.",
        remedy="Show the intervals, not the order. Of one that carries all: ask whether it is known when deciding, who "
        "delivers it, and whether a rule over it alone would do.",
        source="Breiman 2001; Gregorutti et al. 2017",
        look=importance,
        draws=Draw(holdout=MOST_ROWS),
    ),
)
