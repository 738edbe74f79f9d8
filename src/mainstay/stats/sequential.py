"""Looking again every period without crying wolf: evidence that adds up, with a bounded average run length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstay.stats.arrays import FloatArray

if TYPE_CHECKING:
    import numpy.typing as npt

SHIFTS = np.array([0.25, 0.5, 1.0, 2.0])  # lasting shifts that are looked for, in standard errors of one period
SMALLEST_P = 1e-300  # where evidence from one period ends; no alarm needs more


def e_value(p_values: npt.ArrayLike) -> FloatArray:
    """Evidence from p-values: at most 1 in the mean when nothing changed; 1 where the p-value is unknown (NaN).

    The mixture of k p^(k - 1) over k from 0 to 1, which needs no guess of how strong a change is: 13 at p = 0.002, and
    a half at p = 1. Source: Vovk & Wang (2021).

    >>> e_value([0.002, 0.05, 1.0]).round(2)
    array([12.76,  1.78,  0.5 ])
    """
    p = _p_values(p_values)
    surprise = -np.log(np.clip(p, SMALLEST_P, 1.0))
    # Near p = 1 the closed form is 0 / 0; its series does not lose digits there.
    near_one = surprise < 1e-3
    safe = np.where(near_one, 1.0, surprise)
    found = np.where(near_one, 0.5 + surprise / 6, (np.expm1(safe) - safe) / safe**2)
    return np.where(np.isnan(p), 1.0, found)


def e_detector(p_values: npt.ArrayLike, *, reset: bool = True) -> FloatArray:
    """Evidence after each period that something changed at some time before, from p-values in time order.

    Alarm when it reaches 1 / alpha: while nothing changes and each p-value is valid given the past, the mean number of
    periods to an alarm is at least 1 / alpha, however long one looks. With `reset` evidence that was lost is forgotten
    (CUSUM: the best single starting point); without, all starting points add up (Shiryaev-Roberts), which sees slow
    changes a little sooner and keeps the same promise. An unknown p-value (NaN) leaves the evidence as it was. Start
    anew after an alarm. Source: Shin, Ramdas & Rinaldo (2024).

    >>> e_detector([0.5, 0.001, 0.001]).round(1)
    array([  0.6,  20.8, 432.3])
    """
    evidence, held = e_value(p_values), 0.0
    known = ~np.isnan(_p_values(p_values))
    path = np.empty(evidence.size)
    for i, factor in enumerate(evidence):
        if known[i]:
            held = min((max(held, 1.0) if reset else held + 1.0) * float(factor), 1 / SMALLEST_P)
        path[i] = held
    return path


def page_cusum(z_scores: npt.ArrayLike, *, shifts: npt.ArrayLike = SHIFTS) -> FloatArray:
    """Evidence after each period that the mean of a series has left 0, to either side, and stayed away.

    `z_scores`, in time order, have mean 0 and variance at most 1 (normal or lighter tails) given the past while nothing
    changes; NaN is unknown and leaves the evidence as it was. Page's likelihood ratios for every shift and both signs,
    averaged, so alarming at 1 / alpha keeps the promise of `e_detector`. Sources: Page (1954), Shin and others (2024).

    >>> page_cusum([0.0, 2.0, 2.0, 2.0]).round(1)
    array([ 0.6,  2.1, 10.5, 64. ])
    """
    z = np.asarray(z_scores, dtype=np.float64)
    sizes = np.abs(np.asarray(shifts, dtype=np.float64))
    if z.ndim != 1 or bool(np.any(np.isinf(z))) or not sizes.size or not bool(np.all(sizes > 0)):
        raise ValueError(
            f"z_scores {z.shape} and {sizes.size} shifts came; wanted finite scores (n,) and shifts above 0"
        )
    both = np.concatenate([sizes, -sizes])
    held, path = np.zeros(both.size), np.empty(z.size)
    for i, score in enumerate(z):
        if not np.isnan(score):
            held = np.maximum(held, 1.0) * np.exp(np.minimum(both * score - both**2 / 2, 600.0))
            held = np.minimum(held, 1 / SMALLEST_P)
        path[i] = held.mean()
    return path


def _p_values(p_values: npt.ArrayLike) -> FloatArray:
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or bool(np.any((p < 0) | (p > 1))):
        raise ValueError(f"p_values came with shape {p.shape}; wanted numbers from 0 to 1 (or NaN), shape (n,)")
    return p
