"""Pairs are found where they are true, and hardly ever where they are not; whatever the columns hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from mainstay.domain.plan import Cross, Product
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.task import Task
from mainstay.training.encode import learn_inputs, with_pairs
from mainstay.training.features import features
from mainstay.training.learner import Lesson
from mainstay.training.pairs import MAX_PAIRS, find_pairs

LEVELS = ("a", "b", "c")
SCHEMA = Schema(
    fields=(
        Field(name="x", kind=Kind.NUMBER),
        Field(name="z", kind=Kind.NUMBER, nullable=True),
        Field(name="w", kind=Kind.NUMBER),
        Field(name="left", kind=Kind.CATEGORY, levels=LEVELS),
        Field(name="right", kind=Kind.CATEGORY, levels=LEVELS),
    ),
    target="t",
    classes=("p", "q", "r"),
)


def lesson(task: Task, *, strength: float = 1.5, n_rows: int = 3000, seed: int = 1) -> Lesson:
    """Outcomes that depend on x * z and on left & right together, and on each alone a little."""
    random = np.random.default_rng(seed)
    x, z, w = random.normal(size=(3, n_rows))
    left, right = (random.choice(LEVELS, n_rows) for _ in range(2))
    truth = 0.5 * x + 0.3 * (left == "a") + strength * (x * z + 1.5 * (left == right))
    noise = random.logistic(size=n_rows)
    if task is Task.MULTICLASS:
        outcomes = np.digitize(truth + noise, [-1.0, 1.5]).astype(float)
    else:
        outcomes = truth + noise if task is Task.REGRESSION else (truth - 0.7 * strength + noise > 0).astype(float)
    used = pl.DataFrame({"x": x, "z": z, "w": w, "left": left, "right": right})
    used = used.with_columns(pl.when(pl.int_range(n_rows) % 9 > 0).then("z"))
    return Lesson(
        task=task, schema=SCHEMA, used=used, outcomes=outcomes, weights=None, clusters=None, moments=None, seed=seed
    )


@pytest.mark.parametrize("task", list(Task))
def test_true_pairs_are_found_first(task: Task) -> None:
    given = lesson(task)
    learned = learn_inputs(given)
    pairs = find_pairs(given, learned)
    assert set(pairs[:2]) == {("x", "z"), ("left", "right")}
    assert pairs == find_pairs(given, learn_inputs(given))
    assert len(pairs) <= MAX_PAIRS
    whole = with_pairs(learned, pairs[:2], given.used)
    assert isinstance(whole.inputs["x * z"], Product)
    assert isinstance(whole.inputs["left & right"], Cross)
    assert whole.frame.equals(features(given.used, whole.inputs))
    again = learn_inputs(given, pairs=pairs[:2])
    assert again.inputs == whole.inputs


def test_what_is_not_there_is_hardly_ever_found() -> None:
    given = [lesson(Task.BINARY, strength=0.0, seed=seed) for seed in range(20)]
    found = [len(find_pairs(each, learn_inputs(each))) for each in given]
    assert sum(found) <= 3  # 11 pairs and squares are looked at each time


def test_a_square_is_a_pair_with_itself() -> None:
    given = lesson(Task.BINARY, strength=0.0)
    curved = replace(given, outcomes=(given.used["w"].to_numpy() ** 2 > 1).astype(float))
    assert find_pairs(curved, learn_inputs(curved))[0] == ("w", "w")


def test_copies_of_one_cluster_prove_nothing_more() -> None:
    given = lesson(Task.BINARY, strength=0.12, n_rows=1000)
    rows = np.tile(np.arange(1000), 12)
    copied = replace(given, used=given.used[rows], outcomes=given.outcomes[rows], clusters=rows.astype(np.int64))
    careless = replace(copied, clusters=None)
    assert len(find_pairs(copied, learn_inputs(copied))) < len(find_pairs(careless, learn_inputs(careless)))


def test_odd_columns_break_nothing() -> None:
    given = lesson(Task.REGRESSION, n_rows=1500)
    wide = given.used["x"] * 3e307
    rare = pl.Series([1.0, *[None] * 1498, 2.0])
    odd = replace(given, used=given.used.with_columns(x=wide, w=rare))
    learned = learn_inputs(odd)
    asked = (*find_pairs(odd, learned), ("x", "x"), ("x", "w"), ("x", "gone"), ("x", "left"))
    found = with_pairs(learned, asked, odd.used)
    assert np.isfinite(found.frame.fill_null(0.0).to_numpy()).all()
    few = replace(given, used=given.used[:50], outcomes=given.outcomes[:50])
    assert find_pairs(few, learn_inputs(few)) == ()
