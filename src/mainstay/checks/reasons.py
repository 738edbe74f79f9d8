"""Why a row got its score: what each input added to what is usual, in the raw scale of the model, adding up exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import drawn
from mainstay.checks.examined import Examined, Opened
from mainstay.checks.sight import level_numbers, numbers_of
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.held import UsedRows
from mainstay.domain.plan import Constant, CrossTerm, Forest, Level, LevelTerm, Linear, NumberTerm, fields_read
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.trees import leaves_of, left_shares, sum_shares, trees_of, usual_sum, went_left

REASONS = "F17-reasons-add-up"
MOST_USUAL = 2000  # training rows that say what is usual
MOST_TOLD = 50
MOST_NEAR = 20_000
EXACT, SINGLE = 1e-9, 1e-4  # XGBoost adds in float32: exact to its own rounding


@dataclass(frozen=True, slots=True)
class Reasons:
    """What moved rows: `usual + parts.sum(axis=1)` is the raw score, which is what `unit` says (a row's log odds, say).

    `parts` has shape (n_rows, n_names), `usual` is a number; two columns that act together are named `a × b`.
    """

    names: tuple[str, ...]
    parts: FloatArray
    usual: float
    unit: str


BESIDE = " × "  # between the names of columns that act together
UNITS = {"logistic": "log odds", "softmax": "log odds among the classes", "exp": "logarithm of the amount"}


def reasons(exam: Examined, rows: IntArray, *, output: int = 0) -> Reasons | None:
    """Return the reasons of rows; None for a plan that is not data, or a rule. `output` is the class, of several.

    Linear: the terms themselves, each less its mean over training rows. Forests: Shapley values along the paths of the
    trees. Both speak of the model, not of the world: what correlated inputs share goes to those that the model reads.
    They explain the raw score; calibration bends its scale, never its order.
    """
    model = exam.plan.models[output if output < len(exam.plan.models) else 0]
    if exam.opened is None or not isinstance(model, Linear | Forest | Constant):
        return None
    some, usual = exam.used[rows], exam.used[drawn(exam, exam.training, MOST_USUAL)]
    unit = UNITS.get(exam.plan.link, "unit of the score")
    if isinstance(model, Constant):
        return Reasons((), np.zeros((rows.size, 0)), model.raw, unit)
    if isinstance(model, Linear):
        parts, base = _linear(exam.opened, model, some, usual)
    else:
        parts, base = _forest(model, *(_numbers(exam.opened, model, each) for each in (some, usual)))
    names = [BESIDE.join(fields) for fields in fields_read(model, exam.plan.inputs)]
    return _by_name(names, parts, base, unit)


def _by_name(names: list[str], parts: FloatArray, base: float, unit: str) -> Reasons:
    """Add up what inputs made of one column said, such as the parts of a date."""
    distinct = tuple(dict.fromkeys(names))
    places = [distinct.index(name) for name in names]
    found = np.zeros((parts.shape[0], len(distinct)))
    for at, place in enumerate(places):
        found[:, place] += parts[:, at]
    return Reasons(distinct, found, base, unit)


def _numbers(opened: Opened, model: Forest, used: pl.DataFrame) -> FloatArray:
    columns = [opened.read(used, each) for each in model.inputs]
    return np.column_stack(columns) if columns else np.zeros((used.height, 0))


def _forest(model: Forest, values: FloatArray, background: FloatArray) -> tuple[FloatArray, float]:
    """Return what each input adds in rows, and the raw score of a row of which nothing is known."""
    trees = trees_of(msgspec.structs.asdict(model))
    leaves = leaves_of(trees, left_shares(trees, background))
    parts = sum_shares(leaves, went_left(trees, values), len(model.inputs)) / model.divisor
    return parts, (model.baseline + usual_sum(leaves)) / model.divisor


def _linear(opened: Opened, model: Linear, some: pl.DataFrame, usual: pl.DataFrame) -> tuple[FloatArray, float]:
    """Return each term of rows less what is usual; a term alone is a model of one term, asked as the plan is."""
    parts, base = [], model.intercept
    for term in model.terms:
        mean = float(_term(opened, term, usual).mean()) if usual.height else 0.0
        parts.append(_term(opened, term, some) - mean)
        base += mean
    return np.column_stack(parts) if parts else np.zeros((some.height, 0)), base


def _term(opened: Opened, term: NumberTerm | LevelTerm | CrossTerm, used: pl.DataFrame) -> FloatArray:
    """Return what a linear term adds in each row; the meaning of each is that of `domain.plan`."""
    if isinstance(term, NumberTerm):
        read = opened.read(used, term.input)
        x = np.where(np.isnan(read), term.fill, read)
        low, high = (np.inf * sign if bound is None else bound for sign, bound in ((-1, term.low), (1, term.high)))
        part = term.weight * ((np.clip(x, low, high) - term.centre) / term.scale)
        return np.asarray(part + np.where(np.isnan(read), term.missing_weight, 0.0), dtype=np.float64)
    if isinstance(term, LevelTerm):
        read = opened.read(used, Level(term.field, term.levels, missing_is_level=True))
        weights = np.array([*term.weights, term.missing_weight, term.unseen_weight])
    else:
        read, weights = opened.read(used, term.input), np.array([*term.weights, term.other_weight])
    found: FloatArray = weights[np.where(np.isnan(read), -1, read).astype(np.int64)]
    return found


def add_up(exam: Examined) -> Iterable[Finding]:
    """Whether the reasons of rows add up to their raw scores."""
    rows = drawn(exam, exam.holdout, MOST_TOLD)
    found = [reasons(exam, rows, output=output) for output in range(len(exam.plan.models))]
    if exam.opened is None or not rows.size or any(each is None for each in found):
        because = "this plan is not written as terms or trees, so its answers have no reasons that add up"
        remedy = "Explain it by F17-importance; or take a candidate that is data, where reasons are exact."
        yield Finding(code=REASONS, verdict=Verdict.UNKNOWN, because=because, remedy=remedy)
        return
    raw = exam.opened.raw(exam.used[rows]).reshape(rows.size, -1)
    told = np.column_stack([each.usual + each.parts.sum(axis=1) for each in found if each is not None])
    worst = float(np.max(np.abs(told - raw) / np.maximum(1.0, np.abs(raw)), initial=0.0))
    limit = SINGLE if any(isinstance(model, Forest) and model.single for model in exam.plan.models) else EXACT
    because = f"the reasons of {rows.size} rows add up to their raw scores, but for {worst:.1g} of them at most"
    verdict = Verdict.PASS if worst <= limit else Verdict.FAIL
    yield Finding(code=REASONS, verdict=verdict, because=because, measured=worst, limit=limit)


def nearest(exam: Examined, rows: IntArray, *, n: int = 5) -> IntArray:
    """Return the positions of the training rows most like each row, nearest first, shape (n_rows, n).

    Alike in ranks of numbers and in levels: columns count by the mean distance of two rows drawn at random. Fewer
    columns than `n` where training has fewer rows; of more than 20,000 training rows a fair draw is looked at.
    """
    return nearest_among(exam.used, rows, drawn(exam, exam.training, MOST_NEAR), names=exam.inputs, n=n)


def nearest_among(used: UsedRows, rows: IntArray, among: IntArray, *, names: Sequence[str], n: int) -> IntArray:
    """Return for each of some rows those of `among` that are most like it in the named columns, nearest first."""
    far = np.zeros((rows.size, among.size))
    both = used[np.concatenate([rows, among])]
    for name in names if rows.size and among.size else ():
        column = both[name].alias("column")  # its own name may be a pattern to polars
        numbers = numbers_of(column)
        if numbers is None:
            levels = level_numbers(column)
            apart = (levels[: rows.size, None] != levels[None, rows.size :]) * 1.0
        else:
            ranks = _ranks(numbers, numbers[rows.size :])
            apart = np.abs(ranks[: rows.size, None] - ranks[None, rows.size :])
        far += apart / max(float(apart.mean()), 1e-12)
    order = np.argsort(far, axis=1, kind="stable")[:, :n]
    found: IntArray = among[order]
    return found


def _ranks(numbers: FloatArray, among: FloatArray) -> FloatArray:
    """Where each number stands among others, 0 to 1; what is missing stands apart from all."""
    known = np.sort(among[~np.isnan(among)])
    stands = (np.searchsorted(known, numbers, "left") + np.searchsorted(known, numbers, "right")) / 2
    return np.where(np.isnan(numbers), -0.5, stands / max(known.size, 1))


REASON_CHECKS: tuple[Check, ...] = (
    Check(
        code=REASONS,
        section=Section.EXPLANATION,
        asks="Do the reasons of a row add up to its score?",
        limit="To 1e-9 of the raw score (1e-4 where trees add in single precision): a reason that does not add up is a "
        "story. Reasons are of the raw scale: calibration comes after.",
        remedy="Report it: the plan has a part that reasons do not know.",
        source="Shapley 1953; Lundberg et al. 2020 (Tree SHAP, path-dependent)",
        look=add_up,
    ),
)
