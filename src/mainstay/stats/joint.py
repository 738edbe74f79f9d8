"""Telling two samples apart by how things go together, where nothing can be told from any single one.

A domain classifier whose inputs are products of two and of three columns, each column first turned into normal scores
of its ranks within its own sample: so no single column says anything, and what is learned is the relation. Trees would
have to split on a column that says nothing before they find two that do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import ndtri

from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.ranking import roc_auc

N_TERMS = 5  # products that the classifier keeps: a change touches few, and the others only add noise
N_DEEP = 6  # columns, the first ones, of which three are multiplied
LEAST_VARIANCE = 1e-9

Term = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """How well rows of two samples are told apart: the cross-fitted ROC area, and its variance if they were alike.

    `terms` are the columns of the products that told most, by number.
    """

    area: float
    variance: float
    terms: tuple[Term, ...]


def own_scores(values: FloatArray, *, seed: int) -> FloatArray:
    """Turn columns into normal scores of the ranks within the sample; ties are broken by chance, missing values are 0.

    `values` has shape (n_rows, n_columns), NaN where missing. Source: Van der Waerden (1952).

    >>> own_scores(np.array([[3.0], [9.0], [np.nan]]), seed=0).round(2).tolist()
    [[-0.67], [0.67], [0.0]]
    """
    chance = np.random.default_rng(seed).random(values.shape)
    order = np.argsort(np.lexsort((chance, values), axis=0), axis=0)
    there = np.isfinite(values)
    scores: FloatArray = np.zeros(values.shape)
    shares = (order + 0.5) / np.maximum(there.sum(axis=0), 1)
    scores[there] = ndtri(shares[there])
    return scores


def told_apart(one: Sequence[FloatArray], other: Sequence[FloatArray]) -> Telling:
    """Learn on half of the rows by which products two samples differ, tell the other half apart, and the reverse.

    Both are samples of normal scores (`own_scores`), shape (n_rows, n_columns), in any number of parts.

    >>> rng = np.random.default_rng(1)
    >>> before, after = rng.normal(size=(400, 3)), rng.normal(size=(400, 3))
    >>> after[:, 1] = 0.8 * after[:, 0] + 0.6 * after[:, 1]
    >>> found = told_apart([before], [after])
    >>> found.area > 0.65, found.terms[0]
    (True, (0, 1))
    """
    rows, others = np.concatenate(one), np.concatenate(other)
    halves = [(rows[fold::2], others[fold::2]) for fold in (0, 1)]
    areas, variances, learned = [], [], []
    for fold in (0, 1):
        terms, weights = _learned(*halves[fold])
        learned.append((terms, weights))
        before, after = (_products(held, terms) @ weights for held in halves[1 - fold])
        is_after = np.repeat([0, 1], [before.size, after.size])
        areas.append(roc_auc(is_after, np.concatenate([before, after])))
        variances.append((before.size + after.size + 1) / (12 * before.size * after.size))
    return Telling(float(np.mean(areas)), float(np.sum(variances)) / 4, _strongest(learned))


def _learned(before: FloatArray, after: FloatArray) -> tuple[tuple[Term, ...], FloatArray]:
    """The products whose means differ most, and their weights: the difference over the variance."""
    n_columns = before.shape[1]
    first, second = np.triu_indices(n_columns, k=1)
    means = [(held.T @ held / held.shape[0])[first, second] for held in (before, after)]
    squares = [((held**2).T @ held**2 / held.shape[0])[first, second] for held in (before, after)]
    triples = list(combinations(range(min(n_columns, N_DEEP)), 3))
    deep = [_products(held, triples) for held in (before, after)]
    means = [np.concatenate([mean, each.mean(axis=0)]) for mean, each in zip(means, deep, strict=True)]
    squares = [np.concatenate([square, (each**2).mean(axis=0)]) for square, each in zip(squares, deep, strict=True)]
    variance = sum(square - mean**2 for square, mean in zip(squares, means, strict=True)) / 2
    difference = (means[1] - means[0]) / np.sqrt(np.maximum(variance, LEAST_VARIANCE))
    difference = np.where(variance > LEAST_VARIANCE, difference, 0.0)
    chosen: IntArray = np.argsort(-np.abs(difference), kind="stable")[:N_TERMS]
    every: list[Term] = [*zip(first.tolist(), second.tolist(), strict=True), *triples]
    weights: FloatArray = difference[chosen] / np.sqrt(np.maximum(variance[chosen], LEAST_VARIANCE))
    return tuple(every[i] for i in chosen), weights


def _products(held: FloatArray, terms: Sequence[Term]) -> FloatArray:
    """The product of the columns of each term, shape (n_rows, n_terms)."""
    if not terms:
        return np.zeros((held.shape[0], 0))
    return np.stack([held[:, list(term)].prod(axis=1) for term in terms], axis=1)


def _strongest(learned: Sequence[tuple[tuple[Term, ...], FloatArray]]) -> tuple[Term, ...]:
    """Terms of both halves, those that weigh most in both together first."""
    total: dict[Term, float] = {}
    for terms, weights in learned:
        for term, weight in zip(terms, weights.tolist(), strict=True):
            total[term] = total.get(term, 0.0) + weight
    return tuple(sorted(total, key=lambda term: -abs(total[term])))
