"""Counting what happened: score bins by outcome, with the sums that money and its uncertainty need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from mainstay.domain.estimates import VALUE_AHEAD, VALUE_OF_NEVER, VALUE_OF_RULE
from mainstay.domain.signature import OUTCOME, SCORE, ReferenceSignature
from mainstay.domain.task import Task
from mainstay.domain.traffic import FOLDS, fold_of
from mainstay.monitoring.bins import Floats, Ints, place
from mainstay.monitoring.cells import MOMENT, WHOLE, no_cells
from mainstay.monitoring.count import moments_us, period_column
from mainstay.monitoring.segments import part_column, partings
from mainstay.monitoring.tally import cells_of, numbered_groups
from mainstay.monitoring.worth import IF_NEGATIVE, IF_POSITIVE, MONEY, RIGHT, either

ERROR, MISS = "error", "miss"  # what a reference measures by score bin, beside being right
OTHERWISE = (VALUE_OF_RULE, VALUE_OF_NEVER, VALUE_AHEAD)
NAMES = (ERROR, MISS, RIGHT, *OTHERWISE)  # what is counted apart; money of the decision taken has cells of its own
SURPRISE = "surprise"  # money realised less money expected from the score, over rows whose money is known
GROUP = ("version", "arm", "segment", "decided", "learned", "fold")
ID = ("key", "id")


def count_outcomes(
    outcomes: pl.DataFrame, reference: ReferenceSignature, *, segments: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Count outcomes joined with their decisions, as signed cells by period decided and period learned.

    `outcomes` has `version`, `arm`, `at` (of the decision), `learned` (moments or UTC microseconds), `entity`, `score`,
    `outcome` (0 or 1), `sign` (+1, or -1 for what a correction takes back: see `signed`) and, where money is known, the
    columns of `worth.with_worth`. `segments` says which column holds which field whose parts are counted apart.

    With two outcomes the columns of `worth.with_right` are counted, too, under `measured:right`, and what others would
    have decided was worth, under its name.

    Cells of subject `outcome` hold rows and sums of score, score × (1 - score), money, its square and score × money by
    score bin, outcome and one of 20 folds of the entity; cells of `surprise` hold the money beyond what the score made
    expect; cells of `decided:WORD` rows by what was decided and what came.

    Of other tasks `outcome` is the amount, or the class's number beside `right`: 1 where the class said came, else 0.
    `money` (see `worth.with_money`) is what the row earned. Cells of `measured:NAME` hold rows, what the reference's
    score bins made expect (`sum_score`), what came (`sum_value`) and the squares of the difference.
    """
    usable = outcomes.filter(pl.col("score").is_not_null() & pl.col("outcome").is_not_null())
    if usable.is_empty():
        return no_cells()
    whole = usable.with_columns(
        segment=pl.lit(WHOLE),
        decided=period_column(usable["at"], reference),
        learned=period_column(usable["learned"], reference),
        fold=_folds(usable),
        bin=place(usable["score"], reference.bins_of(SCORE)),
    )
    whole = _told(whole, reference.task)
    held = segments or {}
    apart = [
        whole.with_columns(segment=part_column(usable[held[how.name]], reference, how))
        for how in partings(reference, tuple(held))
    ]
    return pl.concat([cells for part in (whole, *apart) for cells in _count_groups(part, reference)])


def measured(name: str) -> str:
    """Return the subject under which what came of rows is counted, such as the size of errors.

    >>> measured("miss")
    'measured:miss'
    """
    return f"measured:{name}"


def decided(word: str) -> str:
    """Return the subject under which outcomes are counted by what was decided.

    >>> decided("approve")
    'decided:approve'
    """
    return f"decided:{word}"


def squared(name: str) -> str:
    """Return the name under which a reference keeps the squares of what it measured.

    >>> squared("miss")
    'miss_squared'
    """
    return f"{name}_squared"


def signed(outcomes: pl.DataFrame) -> pl.DataFrame:
    """Turn the log of outcomes into signed rows: each correction takes back what held before it.

    `outcomes` has `key`, `id`, `outcome`, `learned` and whatever else; it must hold *every* outcome of an id. A repeat
    of what already holds adds nothing. Rows that a correction takes back carry the moment of the correction, so keeping
    the rows learned from some moment on gives just what is new since.

    >>> log = pl.DataFrame({"key": "", "id": "a", "outcome": [0, 0, 1], "learned": [1, 2, 3]})
    >>> signed(log).select("outcome", "learned", "sign").rows()
    [(0, 1, 1), (0, 3, -1), (1, 3, 1)]
    """
    ordered = outcomes.sort("learned", maintain_order=True)
    before = pl.col("outcome").shift(1).over(ID)
    kept = ordered.filter(before.is_null() | (before != pl.col("outcome")))
    taken_back = kept.with_columns(learned=pl.col("learned").shift(-1).over(ID), sign=pl.lit(-1, pl.Int64))
    rows = pl.concat([kept.with_columns(sign=pl.lit(1, pl.Int64)), taken_back.filter(pl.col("learned").is_not_null())])
    return rows.sort("learned", "sign", maintain_order=True)


def implied(decisions: pl.DataFrame, *, at: datetime, outcome_delay: timedelta, negative: str | float) -> pl.DataFrame:
    """Return the outcomes that silence implies at a moment, for decisions without an outcome of their own.

    `decisions` has `key`, `id` and `at`. A decision whose delay has passed gets the negative outcome, marked `implied`,
    happened and learned the moment the delay ended, whenever this is asked; a real outcome learned later corrects it.
    """
    ends = pl.Series(moments_us(decisions["at"])).cast(MOMENT) + outcome_delay
    silent = decisions.select(ID).with_columns(learned=ends).filter(pl.col("learned") <= at)
    return silent.with_columns(outcome=pl.lit(negative), happened=pl.col("learned"), implied=pl.lit(value=True))


def _folds(rows: pl.DataFrame) -> pl.Series:
    """The fold of every row's entity; where a model knows none, rows are dealt by the hash of their id."""
    entities = rows["entity"].cast(pl.String).fill_null("")
    distinct = entities.unique()
    folds = entities.replace_strict(distinct, [fold_of(entity) for entity in distinct], return_dtype=pl.Int64)
    if "id_hash" not in rows.columns or "" not in distinct:
        return folds
    own = (rows["id_hash"].cast(pl.Int64).reinterpret(signed=False) % FOLDS).cast(pl.Int64)
    return folds.zip_with(entities != "", own)


def _count_groups(frame: pl.DataFrame, reference: ReferenceSignature) -> Iterator[pl.DataFrame]:
    sign, score = _floats(frame["sign"]), _meant(frame, reference)
    money, expected = _money(frame, score, reference)
    paid = np.where(np.isfinite(money), money, 0.0)
    groups, row = numbered_groups(frame, (*GROUP, "bin", "outcome"))
    spread = score * (1 - score) * (reference.task != Task.REGRESSION)  # an amount has none of its own
    sums = {"n": sign, "sum_score": sign * score, "sum_variance": sign * spread}
    sums |= {"sum_value": sign * paid, "sum_value_squared": sign * paid**2, "sum_score_value": sign * score * paid}
    yield _summed(groups, row, OUTCOME, sums)
    if reference.task == Task.BINARY and "decision" in frame.columns:
        yield _by_decision(frame, sign)
    beyond = money - expected
    yield from _by_fold(frame, SURPRISE, {"sum_value": beyond, "sum_value_squared": beyond**2})
    for name, came, foretold in _measured(frame, score, reference):
        sums = {"sum_value": came, "sum_score": foretold, "sum_value_squared": (came - foretold) ** 2}
        yield from _by_fold(frame, measured(name), sums)


def _by_decision(frame: pl.DataFrame, sign: Floats) -> pl.DataFrame:
    """Count rows by decision and outcome: what error rates are made of."""
    told = frame.with_columns(subject=pl.format(decided("{}"), pl.col("decision").fill_null("")))
    groups, row = numbered_groups(told, (*GROUP[:-1], "subject", "outcome"))
    n = np.round(np.bincount(row, weights=sign, minlength=groups.height)).astype(np.int64)
    return cells_of(groups, np.arange(groups.height), bin=0, n=n)


def _measured(
    frame: pl.DataFrame, score: Floats, reference: ReferenceSignature
) -> Iterator[tuple[str, Floats, Floats]]:
    """What is counted apart: what came, and what was to be expected by the score, or by the reference."""
    is_whole = frame["segment"][0] == WHOLE  # of segments error rates are counted by decision
    for name in NAMES:
        pair = either(name)
        if is_whole and pair[0] in frame.columns:
            positive, negative = _floats(frame[pair[0]]), _floats(frame[pair[1]])
            came = np.where(_floats(frame["outcome"]) == 1, positive, negative)
            yield name, came, score * positive + (1 - score) * negative
        elif name in frame.columns and name in reference.expected:
            yield name, _floats(frame[name]), _foretold(frame, reference, name)


def _by_fold(frame: pl.DataFrame, subject: str, sums: Mapping[str, Floats]) -> Iterator[pl.DataFrame]:
    """Add up rows by fold, those alone of which everything is known."""
    known = np.logical_and.reduce([np.isfinite(values) for values in sums.values()])
    if not known.any():
        return
    sign = _floats(frame["sign"])[known]
    groups, row = numbered_groups(frame.filter(known), GROUP)
    groups = groups.with_columns(bin=pl.lit(0), outcome=pl.lit(-1))
    yield _summed(groups, row, subject, {"n": sign} | {name: sign * values[known] for name, values in sums.items()})


def _money(frame: pl.DataFrame, score: Floats, reference: ReferenceSignature) -> tuple[Floats, Floats]:
    """Money as it turned out, and as the score made expect; NaN where it is not known."""
    if IF_POSITIVE in frame.columns:
        positive, negative = _floats(frame[IF_POSITIVE]), _floats(frame[IF_NEGATIVE])
        return np.where(_floats(frame["outcome"]) == 1, positive, negative), score * positive + (1 - score) * negative
    unknown = np.full(frame.height, np.nan)
    if MONEY not in frame.columns:
        return unknown, unknown
    return _floats(frame[MONEY]), _foretold(frame, reference, MONEY) if MONEY in reference.expected else unknown


def _meant(frame: pl.DataFrame, reference: ReferenceSignature) -> Floats:
    """Scores as the chances they stand for: a rule's 0 and 1 mean what came of such rows in the reference."""
    return _foretold(frame, reference, OUTCOME) if OUTCOME in reference.expected else _floats(frame["score"])


def _foretold(frame: pl.DataFrame, reference: ReferenceSignature, name: str) -> Floats:
    """What the score bin of each row made expect."""
    means: Floats = np.array(reference.expected[name])[frame["bin"].to_numpy()]
    return means


def _told(frame: pl.DataFrame, task: str) -> pl.DataFrame:
    """Work out what is measured of each row; `outcome` becomes what cells are kept by: 0, or 1 where said and came."""
    if task == Task.BINARY:
        return frame
    if task == Task.MULTICLASS:
        return frame.with_columns(outcome=(pl.col(RIGHT).fill_null(0.0) == 1.0).cast(pl.Float64))
    error = pl.col("outcome") - pl.col("score")
    return frame.with_columns(error.alias(ERROR), error.abs().alias(MISS), outcome=pl.lit(0.0))


def _floats(values: pl.Series) -> Floats:
    return values.cast(pl.Float64).to_numpy()


def _summed(groups: pl.DataFrame, row: Ints, subject: str, sums: Mapping[str, Floats]) -> pl.DataFrame:
    totals = {name: np.bincount(row, weights=values, minlength=groups.height) for name, values in sums.items()}
    totals["n"] = np.round(totals["n"]).astype(np.int64)
    return cells_of(groups, np.arange(groups.height), subject=subject, **totals)
