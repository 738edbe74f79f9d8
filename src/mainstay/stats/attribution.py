"""Which inputs moved a tree's answer, and by how much: shares that add up to the answer exactly."""

from __future__ import annotations

from math import factorial

import numpy as np

from mainstay.stats.arrays import FloatArray


def game_shares(met: FloatArray, usual: FloatArray) -> FloatArray:
    """Return the Shapley value of each player in games that pay a product over all players.

    A game pays `prod(met[j] if j takes part else usual[j])`: a leaf of a tree, which a row reaches where it meets the
    conditions of every input on the path (`met`, 1 or 0), or with the share of training rows that go that way where the
    input is not known (`usual`). Shape (..., n_players) each, broadcast against each other; so is what is returned, and
    over the players it adds up to `prod(met) - prod(usual)`. Source: Shapley (1953); Lundberg et al. (2020), Tree SHAP,
    path-dependent; here by the polynomial whose coefficients count the players that take part.

    >>> game_shares(np.array([1.0, 0.0]), np.array([0.5, 0.5])).tolist()
    [0.125, -0.375]
    """
    met, usual = np.broadcast_arrays(met, usual)
    n = met.shape[-1]
    weights = [factorial(size) * factorial(n - size - 1) / factorial(n) for size in range(n)]
    found = np.empty(met.shape)
    for one in range(n):
        others = _paid_by_size(np.delete(met, one, axis=-1), np.delete(usual, one, axis=-1))
        found[..., one] = (met[..., one] - usual[..., one]) * sum(
            weight * paid for weight, paid in zip(weights, others, strict=True)
        )
    return found


def _paid_by_size(met: FloatArray, usual: FloatArray) -> list[FloatArray]:
    """What all coalitions of each size are paid together: the coefficients of `prod(usual[j] + met[j] * z)`."""
    paid = [np.ones(met.shape[:-1])]
    for one in range(met.shape[-1]):
        stays = [each * usual[..., one] for each in paid] + [np.zeros(met.shape[:-1])]
        joins = [np.zeros(met.shape[:-1])] + [each * met[..., one] for each in paid]
        paid = [a + b for a, b in zip(stays, joins, strict=True)]
    return paid
