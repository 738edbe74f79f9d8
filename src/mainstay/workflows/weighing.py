"""What each candidate would cost to run: its plan is compiled, measured and timed row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from mainstay.bundle.own_made import OwnMade
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Constant, Forest, Linear, Packed, Plan, Rule, plan_bytes
from mainstay.serving.score import Scorer
from mainstay.training.candidate import Candidate
from mainstay.training.prepared import Prepared
from mainstay.training.weight import Weigh, Weight
from mainstay.workflows.packing import compile_candidate

N_ROWS, N_ROUNDS = 20, 15  # enough for a median that stays within a tenth, in a few hundredths of a second

OPAQUE = "only by trying other values"

Row = Mapping[str, float | str | None]


def weigher(prepared: Prepared, *, tick: Callable[[], float]) -> Weigh:
    """Return what weighs candidates of a training; `tick` gives the seconds of a clock that never steps back.

    Rows of calibration are scored one by one. What cannot be a plan is scored in Python, and its size is not known.
    """
    few = prepared.used[prepared.calibration[:N_ROWS]]
    rows: Sequence[Row] = few.to_dicts()

    def weigh(candidate: Candidate) -> Weight:
        plan = _plan(candidate, prepared)
        if plan is not None:
            timed = timed_us(Scorer(plan).score_of, rows, tick=tick)
            return Weight(timed, len(plan_bytes(plan)), explained(plan))
        assert candidate.fitted is not None  # a rule is a plan
        singles = [few[place] for place in range(few.height)]
        made = candidate.fitted.estimator
        size = len(made.skops) if isinstance(made, OwnMade) else None
        return Weight(timed_us(candidate.fitted.scores, singles, tick=tick), size, OPAQUE)

    return weigh


def _plan(candidate: Candidate, prepared: Prepared) -> Plan | None:
    """The candidate as a plan that scores by itself, None where there is none."""
    try:
        plan = compile_candidate(candidate, prepared)
    except BundleError:
        return None
    return None if isinstance(plan.models[0], Packed) else plan


def timed_us(score: Callable[[Any], object], rows: Sequence[Any], *, tick: Callable[[], float]) -> float | None:
    """Return the median microseconds of scoring one row, over rounds of all rows; None without rows.

    >>> seconds = iter([0.0, 0.5] * N_ROUNDS)
    >>> timed_us(str, [1], tick=lambda: next(seconds))
    500000.0
    """
    rounds = []
    for _ in range(N_ROUNDS if rows else 0):
        started = tick()
        for row in rows:
            score(row)
        rounds.append((tick() - started) / len(rows))
    return 1e6 * median(rounds) if rounds else None


def explained(plan: Plan) -> str:
    """Return how a plan's answers can be explained, in a few words.

    >>> explained(Plan(task="binary", models=(Constant(raw=0.0),), link="logistic"))
    'the same for every row'
    """
    first = plan.models[0]
    each = "" if len(plan.models) == 1 else " a class"
    if isinstance(first, Constant):
        return "the same for every row"
    if isinstance(first, Rule):
        return "one rule"
    if isinstance(first, Linear):
        n_terms = max(len(model.terms) for model in plan.models if isinstance(model, Linear))
        return f"exact sum of {n_terms} term{'' if n_terms == 1 else 's'}{each}"
    if isinstance(first, Forest):
        n_trees = max(len(model.roots) for model in plan.models if isinstance(model, Forest))
        return f"sum over {n_trees:,} tree{'' if n_trees == 1 else 's'}{each}"
    return OPAQUE
