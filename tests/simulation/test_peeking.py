"""A team that peeks gains nothing that the correction does not take back: the picture of the docs, made small."""

from __future__ import annotations

import numpy as np
import pytest

from mainstay.simulation.peeking import peek


def test_peeking_flatters_and_the_correction_stays_with_the_truth() -> None:
    fooled, held = (
        [peek(seed=seed, looks=150, n_rows=600, taken_back=back) for seed in range(6)] for back in (False, True)
    )
    climbed = np.mean([each.told[-1] - each.told[0] for each in fooled])
    fallen = np.mean([each.truth[-1] - each.truth[0] for each in fooled])
    assert climbed > 0.02
    assert fallen < -0.015
    gained = np.mean([each.told[-1] - each.told[0] for each in held])
    lost = np.mean([each.truth[-1] - each.truth[0] for each in held])
    assert gained == pytest.approx(0.0, abs=0.003)
    assert lost == pytest.approx(0.0, abs=0.003)


def test_both_teams_begin_with_the_same_plain_number_and_the_seed_decides() -> None:
    plain, held = (peek(seed=1, looks=3, n_rows=300, taken_back=back) for back in (False, True))
    assert plain.told[0] == held.told[0]
    assert np.array_equal(held.told, peek(seed=1, looks=3, n_rows=300, taken_back=True).told)
