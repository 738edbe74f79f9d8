"""Each disguise of the outcome is found under any name, by the check for it and by no other; honest tables pass."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.planted import Columns, bad, clean, outcomes_of, people, version

from mainstay.checks.examined import Examined
from mainstay.checks.leaks import DISGUISE, LATER, LEAKS, STRONG
from mainstay.domain.finding import Verdict
from mainstay.domain.task import Task
from mainstay.stats.arrays import FloatArray

N = 2000


def world(task: Task = Task.BINARY, seed: int = 3) -> tuple[Columns, FloatArray]:
    columns, odds = people(N, seed)
    return columns, outcomes_of(odds, seed, task)


def with_column(columns: Columns, outcomes: FloatArray, values: object, **fields: object) -> Examined:
    return version(columns | {"planted": np.asarray(values)}, outcomes, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("task", list(Task))
def test_a_clean_table_passes(task: Task) -> None:
    for place in ("people", "amounts", "days"):
        assert bad(clean(place, 1500, 5, task), LEAKS) == {}


@pytest.mark.parametrize(
    "recode",
    [
        lambda o, rng: o,
        lambda o, rng: 7.5 - 3 * o,
        lambda o, rng: np.where(o == 1, "closed", "running"),
        lambda o, rng: np.where(o == 1, rng.choice(list("abc"), o.size), rng.choice(list("xyz"), o.size)),
        lambda o, rng: np.where(o == 1, rng.uniform(10, 20, o.size), rng.uniform(0, 10, o.size)),
        lambda o, rng: np.where(rng.random(o.size) < 0.4, np.nan, o * 4 + 1),
    ],
    ids=["copy", "line", "words", "levels", "cut", "often-missing"],
)
def test_the_outcome_in_other_words_is_found(recode) -> None:  # type: ignore[no-untyped-def]
    columns, outcomes = world()
    made = with_column(columns, outcomes, recode(outcomes, np.random.default_rng(1)))
    assert bad(made, LEAKS) == {DISGUISE: ("c5",)}


def test_classes_and_amounts_in_other_words_are_found() -> None:
    columns, classes = world(Task.MULTICLASS)
    words = np.array(["low", "mid", "top"])[classes.astype(int)]
    assert bad(with_column(columns, classes, words, task=Task.MULTICLASS), LEAKS) == {DISGUISE: ("c5",)}
    columns, amounts = world(Task.REGRESSION)
    for told in (2.54 * amounts - 7, np.log(amounts).round(4)):
        assert bad(with_column(columns, amounts, told, task=Task.REGRESSION), LEAKS) == {DISGUISE: ("c5",)}


def test_two_parts_that_add_up_to_the_amount_are_found() -> None:
    columns, amounts = world(Task.REGRESSION)
    part = np.random.default_rng(1).uniform(0, 1, N) * amounts
    made = version(columns | {"part": part, "rest": amounts - part}, amounts, task=Task.REGRESSION)
    assert bad(made, LEAKS) == {DISGUISE: ("c5", "c6")}


def test_who_says_that_it_is_known_is_warned_and_not_refused() -> None:
    columns, outcomes = world()
    made = with_column(columns, outcomes, 1 - outcomes, more='[fields.c5]\nknown_at = "decision"')
    verdicts = [finding.verdict for check in LEAKS for finding in check.look(made) if finding.code == DISGUISE]
    assert verdicts == [Verdict.WARN]


@pytest.mark.parametrize("task", list(Task))
def test_a_column_too_strong_alone_is_asked_about_until_somebody_speaks(task: Task) -> None:
    columns, outcomes = world(task)
    rng = np.random.default_rng(2)
    blurred = outcomes + rng.normal(0, 0.15 * outcomes.std(), N)
    if task is not Task.REGRESSION:
        blurred = np.where(rng.random(N) < 0.02, rng.choice(outcomes, N), outcomes) + 0.0
    assert bad(with_column(columns, outcomes, blurred, task=task), LEAKS) == {STRONG: ("c5",)}
    said = with_column(columns, outcomes, blurred, task=task, more='[fields.c5]\nknown_at = "decision"')
    assert bad(said, LEAKS) == {}


def test_what_is_known_later_is_no_input_nor_is_its_copy() -> None:
    columns, outcomes = world()
    later = '[fields.c2]\nknown_at = "later"'
    assert bad(version(columns, outcomes, more=later), LEAKS) == {LATER: ("c2",)}
    apart = version(
        {"copy": columns["income"] * 1.1, **columns}, outcomes, data='exclude = ["c3"]', more=later.replace("c2", "c3")
    )
    from tests.checks.made import changed

    fields = tuple(field for field in apart.schema.fields if field.name != "c3")
    from msgspec.structs import replace

    apart = changed(apart, schema=replace(apart.schema, fields=fields), used=apart.used.drop("c3"))
    assert bad(apart, LEAKS) == {LATER: ("c1", "c3")}


def test_few_rows_are_unknown() -> None:
    columns, odds = people(60, 1)
    found = [finding for check in LEAKS[::2] for finding in check.look(version(columns, outcomes_of(odds, 1)))]
    assert {finding.verdict for finding in found} == {Verdict.UNKNOWN}
