"""Several classes and amounts are asked as strictly as two outcomes: what is planted is found, the clean is silent."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np
import pytest
from tests.checks.made import changed
from tests.checks.planted import Columns, outcomes_of, people, version

from mainstay.checks.examined import Examined
from mainstay.checks.gap_rows import gap_rows
from mainstay.checks.group_costs import COSTS, OFF, WORSE, costs, scores_off, worse
from mainstay.checks.groups import fairness
from mainstay.checks.label_ratio import label_ratio
from mainstay.checks.segments import segments
from mainstay.checks.slices import slices
from mainstay.domain.brief.parts import FairnessPart
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.schema import Schema
from mainstay.domain.task import Task
from mainstay.stats.arrays import BoolArray, FloatArray

N = 9000
DATA = 'segments = ["c3"]\nprotected = ["c4"]'
TASKS = (Task.MULTICLASS, Task.REGRESSION)
PLACES = (segments, slices, worse, costs, scores_off, fairness, label_ratio, gap_rows)


def chances(odds: FloatArray, task: Task) -> FloatArray:
    """What an honest version says: the true chance of each class, or the mean amount."""
    if task is Task.REGRESSION:
        return np.exp(0.4 * odds + 0.125)
    low, high = 1 / (1 + np.exp(odds + 1)), 1 / (1 + np.exp(1 - odds))
    return np.column_stack([low, 1 - low - high, high])


def honest(task: Task, seed: int) -> tuple[Examined, Columns]:
    """A version that says the truth with a little noise."""
    columns, odds = people(N, seed)
    made = version(columns, outcomes_of(odds, seed, task), task=task, data=DATA, seed=seed)
    noise = np.random.default_rng(seed).normal(0, 0.05, N)
    scores = chances(odds + noise, task)
    schema = Schema(fields=made.schema.fields, target="defaulted", classes=("low", "middle", "high"))
    decided = scores if task is Task.REGRESSION else scores.argmax(axis=1)
    schema = made.schema if task is Task.REGRESSION else schema
    return changed(made, scores=scores, decided=decided, schema=schema), columns


def wrong(made: Examined, where: BoolArray) -> Examined:
    """The same where some rows get the scores of the opposite case."""
    turned = made.scores[:, ::-1] if made.task is Task.MULTICLASS else 3.0 / made.scores
    scores = np.where(where[:, None] if made.task is Task.MULTICLASS else where, turned, made.scores)
    decided = scores if made.task is Task.REGRESSION else scores.argmax(axis=1)
    return changed(made, scores=scores, decided=decided)


def loud(findings: Iterable[Finding]) -> list[Finding]:
    return [each for each in findings if each.verdict in (Verdict.FAIL, Verdict.WARN)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("task", TASKS)
def test_a_bad_slice_that_nobody_named_is_found_by_search(task: Task, seed: int) -> None:
    made, columns = honest(task, seed)
    found = loud(slices(wrong(made, (columns["region"] == "south") & (columns["sex"] == "f"))))
    assert len(found) == 1
    assert {"c3=south", "c4=f"} <= set(found[0].subjects)
    assert found[0].measured is not None
    assert found[0].measured < 0


@pytest.mark.parametrize("task", TASKS)
def test_a_bad_segment_is_the_only_one_told(task: Task) -> None:
    made, columns = honest(task, 1)
    assert [each.subjects for each in loud(segments(wrong(made, columns["region"] == "south")))] == [("c3=south",)]


@pytest.mark.parametrize("task", TASKS)
def test_a_group_that_is_treated_worse_is_told_with_its_errors(task: Task) -> None:
    made, columns = honest(task, 2)
    bad = wrong(made, columns["sex"] == "f")
    assert [(each.code, each.subjects) for each in loud(worse(bad))] == [(WORSE, ("c4=f",))]
    (uneven,) = loud(costs(bad))
    assert uneven.code == COSTS
    assert set(uneven.subjects) == {"c4=f", "c4=m"}


@pytest.mark.parametrize("task", TASKS)
def test_scores_too_high_for_one_group_are_off_there(task: Task) -> None:
    made, columns = honest(task, 3)
    scores = made.scores.copy()
    female = columns["sex"] == "f"
    if task is Task.MULTICLASS:
        scores[female] += np.array([-0.5, 0.0, 0.5]) * scores[female, :1]
    else:
        scores[female] *= 1.3
    (off,) = loud(scores_off(changed(made, scores=scores)))
    assert (off.code, off.verdict) == (OFF, Verdict.FAIL)
    assert off.subjects[0].startswith("c4=")
    assert (" for 'high' " in off.because or " for 'low' " in off.because) is (task is Task.MULTICLASS)


def test_a_class_that_comes_less_often_in_one_group_is_told_with_its_decisions() -> None:
    made, columns = honest(Task.MULTICLASS, 3)
    female = columns["sex"] == "f"
    rarer = np.where(female & (made.outcomes == 2) & (np.random.default_rng(3).random(N) < 0.6), 0.0, made.outcomes)
    (found,) = label_ratio(changed(made, outcomes=rarer))
    assert (found.verdict, found.subjects) == (Verdict.WARN, ("c4=f", "c4=m"))
    assert "for each 'high' among c4=m there are " in found.because
    assert found.measured == pytest.approx((rarer[female] == 2).mean() / (rarer[~female] == 2).mean())
    chance = np.random.default_rng(4).random(N)
    came = np.where(female & (made.outcomes == 0) & (chance < 0.1), 1.0, made.outcomes)
    fewer = np.where(female & (made.decided == 0) & (chance < 0.6), 1, made.decided)
    named = msgspec.structs.replace(made.plan, actions=("low", "middle", "high"))
    (found,) = label_ratio(changed(made, plan=named, outcomes=came, decided=fewer))
    assert (found.verdict, found.because.endswith("the decisions widen the gap")) == (Verdict.WARN, True)
    assert found.because.startswith("c4: for each 'low' among c4=m there are ")


def test_amounts_that_differ_between_groups_are_told_by_their_means() -> None:
    made, columns = honest(Task.REGRESSION, 3)
    less = np.where(columns["sex"] == "f", 0.5, 1.0)
    (found,) = label_ratio(changed(made, outcomes=made.outcomes * less, decided=made.decided * less))
    assert found.verdict is Verdict.WARN
    assert found.because.startswith("c4: the mean amount of c4=f is 0.49 (")
    (found,) = label_ratio(changed(made, outcomes=made.outcomes - 5))
    assert (found.verdict, "not asked: amounts below nothing" in found.because) == (Verdict.UNKNOWN, True)


@pytest.mark.parametrize(
    ("task", "metric", "says"),
    [
        (Task.MULTICLASS, "", "the selection rate of '"),
        (Task.MULTICLASS, "accuracy", "the accuracy is "),
        (Task.REGRESSION, "", "the calibration gap is "),
        (Task.REGRESSION, "mae", "the absolute error is "),
    ],
)
def test_rows_behind_a_gap_are_traced(task: Task, metric: str, says: str) -> None:
    made, columns = honest(task, 2)
    limits = FairnessPart(metric=metric or None)
    made = changed(made, brief=made.brief.model_copy(update={"fairness": limits}))
    (found,) = gap_rows(wrong(made, columns["sex"] == "f"))
    assert (found.code, found.verdict) == ("F18-gap-rows", Verdict.WARN)
    assert set(found.subjects) == {"c4=f", "c4=m"}
    assert found.because.startswith(f"c4: {says}")
    assert ("their mean outcome is" in found.because) is (task is Task.REGRESSION)
    assert (" were '" in found.because) is (says.endswith("'"))


@pytest.mark.parametrize("task", TASKS)
def test_on_clean_tables_nothing_speaks(task: Task) -> None:
    for seed in range(20):
        made, _ = honest(task, seed)
        assert [each.because for look in PLACES for each in loud(look(made))] == []


def test_scores_that_say_what_the_baseline_says_lose_nowhere() -> None:
    """Constant scores, a hair off the base rate, are no worse anywhere by anything worth finding."""
    made = honest(Task.MULTICLASS, 4)[0]
    base = np.eye(3)[made.outcomes[made.training].astype(int)].mean(axis=0)
    same = np.tile(np.add(base, [0.0005, 0.0, -0.0005]), (N, 1))
    assert loud(slices(changed(made, scores=same))) == []


def test_groups_that_are_all_too_small_are_nobody_to_compare() -> None:
    columns, odds = people(N, 5)
    columns["region"] = np.array([f"r{place}" for place in range(N)])
    made = version(columns, outcomes_of(odds, 5), data='segments = ["c3"]\nprotected = ["c3"]', seed=5)
    found = [each for look in (segments, worse, costs, scores_off) for each in look(made)]
    assert {each.verdict for each in found} == {Verdict.UNKNOWN}
