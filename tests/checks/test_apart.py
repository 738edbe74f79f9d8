"""A holdout that something happened to is told from training; one that came later drifted; honest ones are alike."""

from __future__ import annotations

import numpy as np
import pytest
from tests.checks.made import changed
from tests.checks.planted import WORLDS, bad, clean, days, moments_of, outcomes_of, people, version

from mainstay.checks.apart import APART, APART_CHECKS
from mainstay.domain.finding import Verdict

N = 2000


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_honest_splits_are_alike(name: str) -> None:
    assert bad(clean(name, N, 7), APART_CHECKS) == {}


def test_a_default_in_the_holdout_alone_is_found_with_its_column() -> None:
    columns, odds = people(N, 3)
    held = version(columns, outcomes_of(odds, 3)).holdout
    columns["income"][held[: held.size // 2]] = 0.0
    made = version(columns, outcomes_of(odds, 3))
    assert bad(made, APART_CHECKS) == {APART: ("c2",)}
    (found,) = APART_CHECKS[0].look(made)
    assert found.verdict is Verdict.FAIL


def test_a_later_holdout_that_differs_is_drift_and_the_clock_itself_is_not() -> None:
    columns, odds = days(N, 3)
    moments = moments_of("days", N)
    assert moments is not None
    columns["day"] = np.floor(moments / 86_400)
    assert bad(version(columns, outcomes_of(odds, 3), moments=moments), APART_CHECKS) == {}
    columns["temp"] = columns["temp"] + 8 * (np.arange(N) > 0.8 * N)
    (found,) = APART_CHECKS[0].look(version(columns, outcomes_of(odds, 3), moments=moments))
    assert (found.verdict, found.subjects) == (Verdict.WARN, ("c2",))
    assert "drifted" in found.because


def test_entities_are_not_taken_for_differences() -> None:
    rng, n_each = np.random.default_rng(5), 40
    entity = np.repeat(np.arange(50), n_each)
    height = rng.normal(size=50)[entity] + 0.01 * rng.normal(size=entity.size)
    made = version({"height": height, "noise": rng.normal(size=entity.size)}, (rng.random(entity.size) < 0.4) * 1.0)
    held = np.flatnonzero(entity >= 40)
    made = changed(made, clusters=entity, holdout=held, training=np.flatnonzero(entity < 40))
    assert bad(made, APART_CHECKS) == {}


def test_a_small_holdout_is_unknown() -> None:
    (found,) = APART_CHECKS[0].look(clean("people", 100, 1))
    assert found.verdict is Verdict.UNKNOWN
