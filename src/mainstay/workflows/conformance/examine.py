"""The examination of a recipe: one function per rule, in the order of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from mainstay.bundle.own_code import AGAIN
from mainstay.domain.errors import MainstayError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.recipe import Begun, Examined, Found, Reply
from mainstay.domain.recipe_rules import RULES, WAITS, RecipeRule
from mainstay.workflows.conformance import rules_of_conduct as conduct
from mainstay.workflows.conformance import rules_of_scores as scores
from mainstay.workflows.conformance.seen import Seen
from mainstay.workflows.conformance.trial import NotReached, Trial
from mainstay.workflows.recipe_bench import Bench, Taught

# What looks at each rule; the first is looked at before there is anything else to look at.
LOOKS: Mapping[str, Callable[[Trial], Seen]] = {
    "R02-fits": scores.fits,
    "R03-shape": scores.right_shape,
    "R04-finite": scores.finite,
    "R05-shares": scores.shares,
    "R06-repeats": scores.repeats,
    "R07-cores": scores.cores,
    "R08-packs": scores.packs,
    "R09-unpacks": scores.unpacks,
    "R10-missing": scores.missing,
    "R11-unseen": scores.unseen,
    "R12-order": scores.rows_in_any_order,
    "R13-alone": scores.one_row,
    "R14-columns": scores.columns_by_name,
    "R15-time": conduct.in_time,
    "R16-state": conduct.leaves_state,
    "R17-network": conduct.without_network,
    "R18-processes": conduct.alone,
    "R19-prints": conduct.silent,
    "R20-weights": conduct.takes_weights,
}


def examine(bench: Bench, taught: Taught, codes: Sequence[str]) -> Iterator[Reply]:
    """Look at some rules and yield what each found, saying before which one is begun."""
    trial = Trial(bench, taught)
    for rule in RULES:
        if rule.code in codes and rule.code in LOOKS:
            yield Begun(rule.code)
            yield Found(_finding(rule, _looked(LOOKS[rule.code], trial)))
    yield Examined()


def _looked(look: Callable[[Trial], Seen], trial: Trial) -> Seen:
    try:
        return look(trial)
    except NotReached:
        return Seen(Verdict.UNKNOWN, WAITS)
    except MainstayError as error:
        return Seen(Verdict.FAIL, error.what, remedy="" if error.remedy == AGAIN else error.remedy)


def _finding(rule: RecipeRule, seen: Seen) -> Finding:
    """Return what a rule saw as a finding."""
    return Finding(
        code=rule.code,
        verdict=seen.verdict,
        because=seen.because,
        measured=seen.measured,
        limit=seen.limit,
        remedy="" if seen.verdict is Verdict.PASS else seen.remedy or rule.remedy,
    )
