"""The share of flipped classes is found without bias, and its interval holds it."""

from __future__ import annotations

import numpy as np
import pytest

from mainstay.stats.flips import flip_share


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_flips_are_counted(share: float, n_classes: int) -> None:
    rng, found = np.random.default_rng(3), []
    for _ in range(300):
        chances = rng.dirichlet(np.full(n_classes, 0.4), 400)
        classes = (chances.cumsum(axis=1) > rng.random(400)[:, None]).argmax(axis=1)
        moved = (classes + rng.integers(1, n_classes, 400)) % n_classes
        found.append(flip_share(chances, np.where(rng.random(400) < share, moved, classes)))
    assert np.mean([each.value for each in found]) == pytest.approx(share, abs=0.01)
    assert np.mean([each.low <= share <= each.high for each in found]) > 0.91


def test_without_any_sure_row_nothing_is_told() -> None:
    assert not flip_share(np.full((10, 2), 0.5), np.zeros(10, dtype=np.int64)).known
