"""Which inputs moved a tree's answer, and by how much: shares that add up to the answer exactly."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mainstay.stats.arrays import FloatArray


def game_shares(met: FloatArray, usual: FloatArray) -> FloatArray:
    """Return the Shapley value of each player in games that pay a product over all players.

    A game pays `prod(met[j] if j takes part else usual[j])`: a leaf of a tree, which a row reaches where it meets the
    conditions of every input on the path (`met`, 1 or 0), or with the share of training rows that go that way where the
    input is not known (`usual`). Shape (..., n_players) each, broadcast against each other; so is what is returned, and
    over the players it adds up to `prod(met) - prod(usual)`. Source: Shapley (1953); Lundberg et al. (2020), Tree SHAP,
    path-dependent. Worked out by Owen's integral (1972): all others take part with a chance that runs from 0 to 1; it
    is of a polynomial, which so many Gauss-Legendre points sum up exactly.

    >>> game_shares(np.array([1.0, 0.0]), np.array([0.5, 0.5])).round(12).tolist()
    [0.125, -0.375]
    """
    met, usual = np.broadcast_arrays(met, usual)
    gain = met - usual
    found = np.zeros(met.shape)
    for chance, weight in _points((met.shape[-1] + 1) // 2):
        found += weight * _products_of_others(usual + chance * gain)
    shares: FloatArray = found * gain
    return shares


@lru_cache(maxsize=64)
def _points(n: int) -> tuple[tuple[float, float], ...]:
    """Return points between 0 and 1, and their weights, that integrate a polynomial of degree 2n - 1 exactly."""
    if n == 0:
        return ()
    points, weights = np.polynomial.legendre.leggauss(n)
    return tuple(zip(((points + 1) / 2).tolist(), (weights / 2).tolist(), strict=True))


def _products_of_others(parts: FloatArray) -> FloatArray:
    """Return for each player the product of all others' parts."""
    before, after = np.ones(parts.shape), np.ones(parts.shape)
    np.cumprod(parts[..., :-1], axis=-1, out=before[..., 1:])
    np.cumprod(parts[..., :0:-1], axis=-1, out=after[..., -2::-1])
    product: FloatArray = before * after
    return product
