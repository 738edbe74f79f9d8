"""Pairs of inputs that matter together: found where they help a linear model, and only there.

A linear model is fitted out of fold. What it leaves unexplained is held against every product of two numbers (or a
square) and every cross of two categories; the most promising are tried one after another, each on rows that its weight
was not learned from, on top of what was found before. A pair stays if it lowers the loss by more than its own
uncertainty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression, Ridge

from mainstay.domain.plan import Level
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.encode import Learned
from mainstay.training.encode_pairs import RARE_ROWS, Pair, may_multiply, range_of
from mainstay.training.features import centred
from mainstay.training.folds import Fold
from mainstay.training.learner import Lesson
from mainstay.training.out_of_fold import Target, teaching_of

MAX_PAIRS = 8
MAX_TRIED = 16
MAX_LEVEL_INPUTS = 20  # 190 crosses
MAX_ROWS = 20_000  # drawn by seed: what does not show in these is not worth a term
LEAST_ROWS = 1000  # with fewer, what seems to be a pair is too often chance
PROMISING = 3.0  # standard errors, before anything is tried
SHRINK = 10.0  # rows' worth of a pull towards nothing
STEPS = 3  # of Newton's method


@dataclass(frozen=True, slots=True)
class Effect:
    """A pair as a term: row i adds `strength[i]` times the weight of its cell `cell[i]`; -1 is no cell."""

    pair: Pair
    strength: FloatArray
    cell: IntArray
    promise: float


@dataclass(frozen=True, slots=True)
class Bench:
    """Rows to try pairs on: targets, the folds to try them in, and what is said of each target so far (raw)."""

    targets: tuple[Target, ...]
    folds: tuple[Fold, ...]
    clusters: IntArray | None
    said: FloatArray

    def left_over(self) -> FloatArray:
        """Return what is not explained of each target, shape (n_rows, n_targets)."""
        each = zip(self.targets, self.said.T, strict=True)
        return np.column_stack([target.values - (expit(said) if target.is_share else said) for target, said in each])


def find_pairs(lesson: Lesson, learned: Learned) -> tuple[Pair, ...]:
    """Return the pairs of inputs (their names) that improve a linear model of the lesson, at most eight.

    Hand them to `learn_inputs` as `pairs`: what a pair needs to know is learned there from each lesson's own rows. A
    pair of an input with itself is a square.
    """
    n_rows = lesson.outcomes.size
    if n_rows < LEAST_ROWS or not learned.inputs:
        return ()
    rows = np.sort(np.random.default_rng(lesson.seed).permutation(n_rows)[:MAX_ROWS])
    drawn, shown = _drawn(lesson, rows), Learned(learned.inputs, learned.frame[rows])
    bench = _bench(drawn, shown)
    effects = sorted([*_products(shown, bench), *_crosses(shown, bench)], key=lambda effect: -effect.promise)
    return _tried([effect for effect in effects[:MAX_TRIED] if effect.promise > PROMISING], bench)


def _drawn(lesson: Lesson, rows: IntArray) -> Lesson:
    return replace(
        lesson,
        used=lesson.used[rows],
        outcomes=lesson.outcomes[rows],
        weights=None if lesson.weights is None else lesson.weights[rows],
        clusters=None if lesson.clusters is None else lesson.clusters[rows],
        moments=None,
    )


def _bench(lesson: Lesson, learned: Learned) -> Bench:
    teaching, matrix = teaching_of(lesson), _matrix(learned)
    said = np.empty((lesson.outcomes.size, len(teaching.targets)))
    for column, target in zip(said.T, teaching.targets, strict=True):
        for fold in teaching.folds:
            column[fold.scored] = _linear(matrix, target, fold)
    return Bench(teaching.targets, teaching.folds, lesson.clusters, said)


def _matrix(learned: Learned) -> FloatArray:
    """Numbers filled and scaled, and a column for each level but the rarest: what a linear model sees."""
    found = []
    for name, source in learned.inputs.items():
        values = learned.frame[name].to_numpy()
        if isinstance(source, Level):
            found += [(values == index).astype(np.float64) for index in range(len(source.levels))]
        else:
            found.append(_scaled(centred(values, range_of(learned.frame[name]))))
    return np.column_stack(found)


def _scaled(values: FloatArray) -> FloatArray:
    """Return values in units of their spread; nothing where that is nothing, or more than a number can hold."""
    with np.errstate(over="ignore", invalid="ignore"):
        spread = float(values.std())
    return values / spread if 0 < spread < math.inf else np.zeros(values.size)


def _linear(matrix: FloatArray, target: Target, fold: Fold) -> FloatArray:
    """Return what a linear model says of the rows it was not fitted on: log odds, or an amount."""
    outcomes = target.values[fold.fitted]
    if np.unique(outcomes).size < 2:
        return np.zeros(fold.scored.size)
    if not target.is_share:
        return np.asarray(Ridge().fit(matrix[fold.fitted], outcomes).predict(matrix[fold.scored]))
    model = LogisticRegression(max_iter=200, tol=1e-3).fit(matrix[fold.fitted], outcomes)
    return np.asarray(model.decision_function(matrix[fold.scored]))


def _products(learned: Learned, bench: Bench) -> list[Effect]:
    """Return the most promising products of two numbers, squares among them."""
    names = [name for name, source in learned.inputs.items() if may_multiply(source)]
    if not names:
        return []
    sides = np.column_stack(
        [_scaled(centred(learned.frame[name].to_numpy(), range_of(learned.frame[name]))) for name in names]
    )
    promise = np.triu(np.max([_promise_of_products(sides, left) for left in bench.left_over().T], axis=0))
    for place, name in enumerate(names):
        promise[place, place] *= not isinstance(learned.inputs[name], Level)
    best = np.argsort(-promise, axis=None, kind="stable")[:MAX_TRIED]
    places = zip(*np.unravel_index(best, promise.shape), strict=True)
    return [_product(sides, names, (int(i), int(j)), float(promise[i, j])) for i, j in places]


def _promise_of_products(sides: FloatArray, left_over: FloatArray) -> FloatArray:
    """How many standard errors each product's sum of what is left over is away from nothing, shape (n, n)."""
    mean = sides.T @ sides / left_over.size
    total = sides.T @ (left_over[:, None] * sides) - left_over.sum() * mean
    spread = np.sqrt((sides**2).T @ (left_over[:, None] ** 2 * sides**2))
    promise: FloatArray = np.abs(np.divide(total, spread, out=np.zeros_like(total), where=spread > 0))
    return promise


def _product(sides: FloatArray, names: Sequence[str], places: tuple[int, int], promise: float) -> Effect:
    product = sides[:, places[0]] * sides[:, places[1]]
    pair = (names[places[0]], names[places[1]])
    return Effect(pair, _scaled(product - product.mean()), np.zeros(product.size, dtype=np.int64), promise)


def _crosses(learned: Learned, bench: Bench) -> list[Effect]:
    """Return the crosses of two categories, each with its promise."""
    levels = [name for name, source in learned.inputs.items() if isinstance(source, Level)][:MAX_LEVEL_INPUTS]
    indices = {name: learned.frame[name].alias("index").fill_null(-1.0).to_numpy().astype(np.int64) for name in levels}
    left_over = bench.left_over()
    found = []
    for left, right in combinations(levels, 2):
        cell = _cells(indices[left], indices[right])
        promise = max(_promise_of_cells(cell, each) for each in left_over.T)
        found.append(Effect((left, right), np.ones(cell.size), cell, promise))
    return found


def _cells(left: IntArray, right: IntArray) -> IntArray:
    """Number the pairs of two indices; those with few rows, or without an index, are -1."""
    both = np.where((left < 0) | (right < 0), -1, left * (int(right.max(initial=0)) + 1) + right)
    kept, place, counts = np.unique(both, return_inverse=True, return_counts=True)
    often = (kept >= 0) & (counts >= RARE_ROWS)
    return np.where(often, np.cumsum(often) - 1, -1)[place.reshape(-1)].astype(np.int64)


def _promise_of_cells(cell: IntArray, left_over: FloatArray) -> float:
    """How far the sums of cells are from nothing, all together: a chi-square, in its own standard deviations."""
    inside = cell >= 0
    if not inside.any():
        return 0.0
    sums = np.bincount(cell[inside], weights=left_over[inside])
    squares = np.bincount(cell[inside], weights=left_over[inside] ** 2)
    found = float(np.divide(sums**2, squares, out=np.zeros_like(sums), where=squares > 0).sum())
    return (found - sums.size) / math.sqrt(2 * sums.size)


def _tried(effects: Sequence[Effect], bench: Bench) -> tuple[Pair, ...]:
    """Add the best effect again and again, until none lowers the loss by more than one standard error."""
    found: list[Pair] = []
    left = list(effects)
    while left and len(found) < MAX_PAIRS:
        tries = [(effect, _said_with(effect, bench)) for effect in left]
        gains = [_gain(bench, said) for _, said in tries]
        best = int(np.argmax([mean for mean, _ in gains]))
        if gains[best][0] <= gains[best][1]:
            break
        found.append(tries[best][0].pair)
        bench = replace(bench, said=tries[best][1])
        left = [effect for effect, (mean, _) in zip(left, gains, strict=True) if mean > 0 and effect.pair != found[-1]]
    return tuple(found)


def _said_with(effect: Effect, bench: Bench) -> FloatArray:
    """Return what is said of each target with the effect, its weights learned from other folds."""
    said = bench.said.copy()
    for place, target in enumerate(bench.targets):
        for fold in bench.folds:
            weights = _weights(effect, target, bench.said[:, place], fold.fitted)
            said[fold.scored, place] += _added(effect, weights, fold.scored)
    return said


def _weights(effect: Effect, target: Target, said: FloatArray, rows: IntArray) -> FloatArray:
    """Return the weight of each cell: Newton's method on what is said already, pulled towards nothing."""
    rows = rows[effect.cell[rows] >= 0]
    strength, cell = effect.strength[rows], effect.cell[rows]
    weights = np.zeros(int(effect.cell.max(initial=-1)) + 1)
    for _ in range(STEPS if target.is_share else 1):
        now = said[rows] + weights[cell] * strength
        left_over, steep = _slopes(target, target.values[rows], now)
        pull = SHRINK * float(steep.mean()) if rows.size else 1.0
        slope = np.bincount(cell, weights=left_over * strength, minlength=weights.size) - pull * weights
        weights = weights + slope / (np.bincount(cell, weights=steep * strength**2, minlength=weights.size) + pull)
    return weights


def _slopes(target: Target, outcomes: FloatArray, said: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what is left over in each row, and how fast saying more would take it away."""
    if not target.is_share:
        return outcomes - said, np.ones(said.size)
    share = expit(said)
    return outcomes - share, share * (1 - share)


def _added(effect: Effect, weights: FloatArray, rows: IntArray) -> FloatArray:
    cell = effect.cell[rows]
    return np.where(cell >= 0, np.append(weights, 0.0)[cell], 0.0) * effect.strength[rows]


def _gain(bench: Bench, said: FloatArray) -> tuple[float, float]:
    """Return by how much the loss falls, in the mean of rows, and the standard error of that."""
    gain = np.zeros(len(said))
    for place, target in enumerate(bench.targets):
        gain += _losses(target, bench.said[:, place]) - _losses(target, said[:, place])
    if bench.clusters is not None:
        cluster = np.unique(bench.clusters, return_inverse=True)[1].reshape(-1)
        gain = np.bincount(cluster, weights=gain).astype(np.float64)
    return float(gain.mean()), float(gain.std()) / math.sqrt(gain.size)


def _losses(target: Target, said: FloatArray) -> FloatArray:
    """Return the log loss, or the squared error, of each row."""
    if not target.is_share:
        return (target.values - said) ** 2
    return np.logaddexp(0.0, said) - target.values * said
