"""Free texts as inputs: plain facts, and how much a text's words speak for an outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix
from scipy.special import logit
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

from mainstay.domain.plan import TextPart, TextScore
from mainstay.domain.terms import FACTS, WORDS
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.training.features import column
from mainstay.training.folds import Fold
from mainstay.training.out_of_fold import Encoding, Target, Teaching

MAX_TERMS = 20_000
MAX_TEXTS = 50_000  # that teach; the others' scores are then honest without folds
LEAST_TEXTS = 2  # that a term stands in: what only one text says cannot be learned from
PENALTIES = (1.0, 0.1, 0.01)  # of which the first fold chooses one
AMOUNT_PENALTIES = (10.0, 1.0, 0.1)
MOST_STEPS = 300
NEAREST = 1e-6  # a share of exactly 0 or 1 has no logit


@dataclass(frozen=True, slots=True)
class Terms:
    """The texts that teach (`rows` of the lesson), as the terms they hold: a matrix of one row of length 1 each."""

    field: str
    rows: IntArray
    matrix: csr_matrix
    names: tuple[str, ...]
    rarities: FloatArray


@dataclass(frozen=True, slots=True)
class Line:
    """A linear score of terms."""

    weights: FloatArray
    intercept: float

    def scores(self, matrix: csr_matrix) -> FloatArray:
        """Return the score of every row."""
        found: FloatArray = matrix @ self.weights + self.intercept
        return found


def text_inputs(field: str, teaching: Teaching) -> Iterator[tuple[str, Encoding]]:
    """Yield the inputs of a text, each with the part of its column's name: facts, and a score for each target."""
    for part in FACTS:
        fact = TextPart(field=field, part=part)
        yield part, Encoding(fact, column(teaching.lesson.used, fact))
    terms = terms_of(field, teaching.lesson.used[field], seed=teaching.lesson.seed)
    if terms is not None:
        for target in teaching.targets:
            yield f"score {target.name}".strip(), score_of_terms(terms, target, teaching)


def terms_of(field: str, texts: pl.Series, *, seed: int) -> Terms | None:
    """Count the terms of a column of texts, or return None where no term stands in two of them.

    Of more than 50,000 texts so many are drawn. Of more than 20,000 terms those in most texts are kept. Which terms
    there are says nothing of outcomes, so all rows may tell.
    """
    rows = np.flatnonzero(texts.alias("text").is_not_null().to_numpy())
    rows = np.sort(np.random.default_rng(seed).permutation(rows)[:MAX_TEXTS])
    counter = CountVectorizer(token_pattern=WORDS, ngram_range=(1, 2), dtype=np.float64)
    try:
        counts = csr_matrix(counter.fit_transform(texts[rows].to_list()))
    except ValueError:  # there is not a single word
        return None
    n_texts = np.bincount(counts.indices, minlength=counts.shape[1])
    often = np.lexsort((np.arange(n_texts.size), -n_texts))[:MAX_TERMS]
    kept = np.sort(often[n_texts[often] >= LEAST_TEXTS])
    if not kept.size:
        return None
    rarities = np.log((1 + rows.size) / (1 + n_texts[kept])) + 1
    names = counter.get_feature_names_out()[kept].tolist()
    return Terms(field, rows, _weighed(csr_matrix(counts[:, kept]), rarities), tuple(names), rarities)


def _weighed(counts: csr_matrix, rarities: FloatArray) -> csr_matrix:
    """Turn counts into strengths as `TextScore` has them, each row divided by its length."""
    strengths = (1 + np.log(counts.data)) * rarities[counts.indices]
    row_of = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    lengths = np.sqrt(np.bincount(row_of, weights=strengths**2, minlength=counts.shape[0]))
    return csr_matrix((strengths / lengths[row_of], counts.indices, counts.indptr), shape=counts.shape)


def score_of_terms(terms: Terms, target: Target, teaching: Teaching) -> Encoding:
    """Learn the weights of terms; the lesson's own texts get their scores out of fold."""
    resting = _resting(target, terms.rows)
    values = np.full(target.values.size, resting)
    folds = [Fold(*(_places(terms, rows) for rows in (fold.fitted, fold.scored))) for fold in teaching.folds]
    penalty = _best_penalty(terms, target, teaching, folds)
    for fold in folds:
        line = fit_line(terms, target, teaching, fold.fitted, penalty)
        values[terms.rows[fold.scored]] = line.scores(terms.matrix[fold.scored])
    whole = fit_line(terms, target, teaching, np.arange(terms.rows.size), penalty)
    source = TextScore(
        field=terms.field,
        terms=terms.names,
        rarities=tuple(terms.rarities.tolist()),
        weights=tuple(whole.weights.tolist()),
        intercept=whole.intercept,
        missing=resting,
    )
    others = np.setdiff1d(np.flatnonzero(teaching.lesson.used[terms.field].alias("text").is_not_null()), terms.rows)
    values[others] = column(pl.DataFrame([teaching.lesson.used[terms.field][others]]), source).to_numpy()
    return Encoding(source, pl.Series(values))


def _places(terms: Terms, rows: IntArray) -> IntArray:
    """Return which rows of the matrix belong to rows of the lesson; those without a text have none."""
    return np.flatnonzero(np.isin(terms.rows, rows))


def _resting(target: Target, rows: IntArray) -> float:
    """Return the score of a text that says nothing: the log odds of the mean share, or the mean amount."""
    mean = float(target.values[rows].mean())
    return float(logit(np.clip(mean, NEAREST, 1 - NEAREST))) if target.is_share else mean


def _best_penalty(terms: Terms, target: Target, teaching: Teaching, folds: Sequence[Fold]) -> float:
    """Return the penalty of least loss on the first fold; the middle one where there is no fold to tell."""
    penalties = PENALTIES if target.is_share else AMOUNT_PENALTIES
    first = next((fold for fold in folds if fold.fitted.size and fold.scored.size), None)
    if first is None:
        return penalties[1]
    outcomes = target.values[terms.rows[first.scored]]
    losses = []
    for penalty in penalties:
        line = fit_line(terms, target, teaching, first.fitted, penalty)
        scores = line.scores(terms.matrix[first.scored])
        each = np.logaddexp(0, -scores * (2 * outcomes - 1)) if target.is_share else (scores - outcomes) ** 2
        losses.append(float(each.mean()))
    return penalties[int(np.argmin(losses))]


def fit_line(terms: Terms, target: Target, teaching: Teaching, places: IntArray, penalty: float) -> Line:
    """Fit the weights of terms to the texts at some places: logistic or ridge regression."""
    rows = terms.rows[places]
    outcomes, weights = target.values[rows], teaching.weights_of(rows)
    if np.unique(outcomes).size < 2:
        return Line(np.zeros(len(terms.names)), _resting(target, rows if rows.size else terms.rows))
    model = LogisticRegression(C=1 / penalty, max_iter=MOST_STEPS) if target.is_share else Ridge(alpha=penalty)
    model.fit(terms.matrix[places], outcomes, sample_weight=weights)
    return Line(np.ravel(model.coef_), float(np.ravel(model.intercept_)[0]))
