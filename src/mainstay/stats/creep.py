"""Seeing what creeps: evidence from many periods, each too weak to speak alone, with a bounded rate of false alarms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.stats.arrays import BoolArray, FloatArray, IntArray

BETS = np.array([0.3, 0.6, 1.2])  # sizes of a lasting shift that are bet on, in sd of a period
MOST = 3.0  # a single period counts at most this much: a wild one is the business of the sudden alarm
ROOM = 2.0  # evidence is kept at most this far (log) above the limit, so that recovery is seen soon


@dataclass(frozen=True, slots=True)
class Gathered:
    """Evidence after each period, as a share of what an alarm needs (log scale), shape (n_periods, n_contrasts).

    `begun` is the period in which the evidence began to rise.
    """

    evidence: FloatArray
    alarmed: BoolArray
    begun: IntArray


def gather(standard: FloatArray, *, slack: FloatArray, alpha: FloatArray) -> Gathered:
    """Gather evidence that the mean of a series lies off zero by more than `slack`, to either side.

    `standard`, shape (n_periods, n_contrasts), has mean 0 (give or take `slack`) and variance at most 1 per period
    where nothing changed; `alpha` has shape (n_contrasts,), `slack` too or that of `standard`. The result is an
    e-detector (Shiryaev-Roberts sums of bets, mixed over three sizes and two sides): without change, the mean number
    of periods to an alarm is at least 1 / alpha. Source: Shin, Ramdas and Rinaldo (2024).

    >>> gather(np.full((40, 1), 1.5), slack=np.zeros(1), alpha=np.full(1, 1e-4)).alarmed.ravel().tolist().index(True)
    9
    """
    bets = np.concatenate([BETS, -BETS])[:, None]
    clipped = np.clip(standard, -MOST, MOST)
    steps = bets * clipped[:, None, :] - np.abs(bets) * np.broadcast_to(slack, standard.shape)[:, None, :] - bets**2 / 2
    limit = -np.log(alpha)
    factors, most = np.exp(steps), np.exp(limit + ROOM) * len(bets)
    held, gathered = np.zeros(steps.shape[1:]), np.empty(standard.shape)
    for t, factor in enumerate(factors):
        held = np.minimum((held + 1.0) * factor, most)
        gathered[t] = held.mean(axis=0)
    evidence = np.log(np.maximum(gathered, 1e-300))
    return Gathered(evidence / limit, evidence >= limit, _begun(clipped, slack))


def _begun(standard: FloatArray, slack: FloatArray) -> IntArray:
    """The period in which a sum of what exceeds the slack last left zero, on the side where it is higher."""
    up, up_since = _climb(standard - slack)
    down, down_since = _climb(-standard - slack)
    since: IntArray = np.where(up >= down, up_since, down_since)
    return since


def _climb(steps: FloatArray) -> tuple[FloatArray, IntArray]:
    total, since = np.zeros(steps.shape[1]), np.zeros(steps.shape[1], dtype=np.int64)
    heights, begins = np.zeros(steps.shape), np.zeros(steps.shape, dtype=np.int64)
    for t, step in enumerate(steps):
        since = np.where(total <= 0, t, since)
        total = np.maximum(total + step - BETS[0] / 2, 0.0)
        heights[t], begins[t] = total, since
    return heights, begins
