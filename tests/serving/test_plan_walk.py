"""A forest walked and a forest read off masks give the same bits, row by row and all at once."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.plan import Forest, Level, Number
from mainstay.serving.plan_forest import forest_scores, forest_tables, leaf_counts
from mainstay.serving.plan_walk import MOST_MASK_BYTES, Walk, mask_bytes, ready_forest, walk_of, walked_scores
from mainstay.serving.row_models import forest_of_row, walk_of_row

LEVELS = ("a", "b", "c", "d")
CUTS = (-1.0, 0.0, 0.5, 2.0)


def grown(seed: int, *, n_trees: int = 7, depth: int = 4, single: bool = False) -> Forest:
    """Trees of random questions about a number, a level and another number."""
    random = np.random.default_rng(seed)
    nodes: list[tuple[object, ...]] = []

    def node(left_over: int) -> int:
        here = len(nodes)
        nodes.append((-1, 0.0, False, 0, 0, float(random.normal()), None))
        if left_over == 0 or random.random() < 0.2:
            return here
        feature = int(random.integers(3))
        asked = tuple(np.flatnonzero(random.random(4) < 0.5).tolist()) if feature == 1 else None
        left, right = node(left_over - 1), node(left_over - 1)
        nodes[here] = (feature, float(random.choice(CUTS)), bool(random.random() < 0.5), left, right, 0.0, asked)
        return here

    roots = tuple(node(depth) for _ in range(n_trees))
    names = ("feature", "threshold", "missing_left", "left", "right", "value", "levels_left")
    columns = dict(zip(names, map(tuple, zip(*nodes, strict=True)), strict=True))
    inputs = (Number(field="x"), Level(field="g", levels=LEVELS), Number(field="z"))
    return Forest(inputs=inputs, baseline=0.25, roots=roots, divisor=3.0, single=single, **columns)


numbers = st.sampled_from((*CUTS, *(math.nextafter(cut, math.inf) for cut in CUTS), math.nan, 1e300))
rows = st.lists(st.tuples(numbers, st.sampled_from((*LEVELS, "unseen", None)), numbers), min_size=1, max_size=20)


@given(rows, st.integers(0, 1000), st.booleans(), st.sampled_from((0, 2, 4, 5, 6, 9)))
def test_a_walk_and_masks_reach_the_same_leaves(table: list, seed: int, single: bool, depth: int) -> None:
    model = msgspec.to_builtins(grown(seed, n_trees=3, depth=depth, single=single))
    columns = {name: [row[place] for row in table] for place, name in enumerate("xgz")}
    walk = walk_of(model)
    walked = walked_scores(walk, columns, len(table))
    assert walked.tolist() == forest_scores(forest_tables(model), columns, len(table)).tolist()
    for alone in (walk_of_row(walk), forest_of_row(forest_tables(model))):
        assert [alone(dict(zip("xgz", row, strict=True))) for row in table] == walked.tolist()


@pytest.mark.parametrize("depth", [2, 4, 5, 6, 9])
def test_masks_have_room_for_every_leaf(depth: int) -> None:
    model = msgspec.to_builtins(grown(3, depth=depth))
    largest = max(leaf_counts(model)[root] for root in model["roots"])
    tables = forest_tables(model)
    assert 8 * tables.word.itemsize >= min(largest, 64)
    assert (tables.starts.size > tables.n_trees) == (largest > 64)
    assert sum(table.masks.nbytes for table in tables.tables) <= mask_bytes(model)


def test_no_rows_no_scores() -> None:
    assert walked_scores(walk_of(msgspec.to_builtins(grown(1))), {"x": [], "g": [], "z": []}, 0).size == 0


def test_a_forest_too_large_for_masks_is_walked() -> None:
    small = msgspec.to_builtins(grown(1))
    assert not isinstance(ready_forest(small), Walk)
    cuts = np.random.default_rng(1).normal(size=40_000).tolist()
    large = small | {
        "inputs": small["inputs"][:1],
        "roots": list(range(0, 120_000, 3)),
        "feature": [0, -1, -1] * 40_000,
        "threshold": [cut for each in cuts for cut in (each, 0.0, 0.0)],
        "missing_left": [True] * 120_000,
        "left": [each for root in range(0, 120_000, 3) for each in (root + 1, 0, 0)],
        "right": [each for root in range(0, 120_000, 3) for each in (root + 2, 0, 0)],
        "value": [0.0, 1.0, 2.0] * 40_000,
        "levels_left": [None] * 120_000,
    }
    assert mask_bytes(large) > MOST_MASK_BYTES
    assert isinstance(ready_forest(large), Walk)


@pytest.mark.parametrize("broken", [{"left": 0}, {"right": 0}])
def test_arrays_that_are_no_trees_are_refused(broken: dict[str, int]) -> None:
    model = msgspec.to_builtins(grown(1, n_trees=1))
    (name, child), *_ = broken.items()
    inner = next(i for i, feature in enumerate(model["feature"]) if feature >= 0)
    changed = list(model[name])
    changed[inner] = child
    with pytest.raises(ValueError, match="children"):
        walk_of(model | {name: changed})
