"""Rules about scores: that there are some, that they are sound, and that they depend on the row and nothing else."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import polars as pl

from mainstay.bundle.frames import frame_of
from mainstay.bundle.own_model import FloatArray, OwnModel, asked, require_sound
from mainstay.bundle.packed import pack_estimator, unpack_estimator
from mainstay.data.money import columns_of
from mainstay.domain.errors import RecipeError
from mainstay.domain.finding import Verdict
from mainstay.workflows.conformance.seen import Seen, broken, kept, remarked, same
from mainstay.workflows.conformance.trial import NotReached, Trial, ask, fit_again, furthest, seconds
from mainstay.workflows.recipe_bench import Taught, planned
from mainstay.workflows.recipe_witness import resident_mb

ROUNDING = 1e-9  # beside a score's size: what sums taken in another order may differ by
MEGABYTE = 1e6
SOME, FEW = 50, 20  # rows
FASTER = (
    "Fine where callers can wait. A plan answers in microseconds from a small worker: trees of LightGBM, XGBoost, "
    "CatBoost or scikit-learn become one, alone or behind scikit-learn's encoders, fillers and scalers."
)


def fits(trial: Trial) -> Seen:
    """Fit it on all rows."""

    def fit() -> None:
        trial.model = fit_again(trial)

    trial.fit_s = seconds(fit)
    return kept(f"{trial.used.height} rows were fitted in {trial.fit_s:.2g} s", trial.fit_s)


def right_shape(trial: Trial) -> Seen:
    """Ask for the scores of all rows."""
    trial.said = ask(trial.fitted_model(), trial.used)
    return kept(f"{trial.used.height} rows get scores of shape {trial.said.shape}")


def finite(trial: Trial) -> Seen:
    """Count scores that are no numbers."""
    n_strange = int((~np.isfinite(trial.answers_to_all())).sum())
    return broken(f"{n_strange} scores are NaN or infinite", n_strange, 0) if n_strange else kept("each is a number")


def shares(trial: Trial) -> Seen:
    """Look whether scores of classes are shares."""
    said = require_sound(trial.fitted_model(), trial.answers_to_all())
    return kept("amounts have no range" if said.ndim == 1 else "each is a share, and those of a row add up to 1")


def repeats(trial: Trial) -> Seen:
    """Fit it a second time."""
    said = trial.answers_to_all()
    return same(furthest(ask(fit_again(trial), trial.used), said), "two fits")


def cores(trial: Trial) -> Seen:
    """Fit it on one core."""
    said = trial.answers_to_all()
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if len(allowed) < 2:
        return Seen(Verdict.UNKNOWN, "this machine has one core, or does not let a process choose")
    os.sched_setaffinity(0, {min(allowed)})
    try:
        alone = ask(fit_again(trial), trial.used)
    finally:
        os.sched_setaffinity(0, allowed)
    return same(furthest(alone, said), f"fits on one core and on {len(allowed)}")


def packs(trial: Trial) -> Seen:
    """Write it as a plan, or pack it."""
    model = trial.fitted_model()
    trial.answers_to_all()
    plan = planned(model, trial.used)
    if plan.compiled is not None:
        trial.plan = plan
        return kept("it becomes a plan: data alone, proven equal, and the fastest to serve")
    trial.packed, trial.own_types = pack_estimator(model.estimator, text=trial.bench.text, file=model.file)
    trial.plan = plan
    size = len(trial.packed) / MEGABYTE
    told = f"it is packed ({size:.1f} MB) and served as it is, in a worker of {resident_mb():.0f} MB: {plan.why}"
    return remarked(told, size, remedy=FASTER)


def unpacks(trial: Trial) -> Seen:
    """Unpack what was packed, and ask it."""
    if trial.plan is None:
        raise NotReached
    if trial.plan.compiled is not None:
        return kept("a plan was proven equal on these rows")
    opened = replace(trial.fitted_model(), estimator=unpack_estimator(trial.packed, own=trial.own_types))
    return same(furthest(ask(opened, trial.used), trial.answers_to_all()), "what was packed and what was opened again")


def missing(trial: Trial) -> Seen:
    """Ask for rows with each column missing in turn, and with all of them missing."""
    rows = trial.used.head(SOME)
    gone = {name: pl.lit(None, dtype=dtype).alias(name) for name, dtype in rows.schema.items()}
    for name, nothing in gone.items():
        _require_sound(trial.fitted_model(), rows.with_columns(nothing), f"where {name!r} is missing")
    _require_sound(trial.fitted_model(), rows.with_columns(*gone.values()), "where every column is missing")
    return kept(f"each of {len(gone)} columns may be missing, and all of them at once")


def unseen(trial: Trial) -> Seen:
    """Fit it without the rarest level of each category, and ask for rows that have it, or a level nobody knows."""
    trial.answers_to_all()
    named = [column.field for column in trial.bench.columns if column.kind == "category"]
    rarest = {name: level for name in named if (level := _rarest(trial.used[name])) is not None}
    if not rarest:
        return kept("no category has two levels here")
    has_it = trial.used.select(pl.any_horizontal(_is(trial.used, n, level) for n, level in rarest.items())).to_series()
    model = fit_again(trial, _only(trial.taught, ~has_it))
    rows = trial.used.head(SOME)
    for name, level in rarest.items():
        for there in (level, "a level nobody has seen"):
            changed = rows.with_columns(pl.lit(there, dtype=pl.String).alias(name))
            _require_sound(model, changed, f"where {name!r} has a level that it was not fitted on")
    return kept(f"{len(rarest)} categories may have levels that no fitted row had")


def rows_in_any_order(trial: Trial) -> Seen:
    """Ask for the rows backwards."""
    said = trial.answers_to_all()
    backwards = ask(trial.fitted_model(), trial.used.reverse())[::-1]
    return same(furthest(backwards, said), "rows in another order", limit=ROUNDING)


def one_row(trial: Trial) -> Seen:
    """Ask for rows one by one."""
    some = trial.used.head(FEW)
    said = trial.answers_to_all()[: some.height]
    alone = np.concatenate([ask(trial.fitted_model(), some[i]) for i in range(some.height)])
    return same(furthest(alone, said), "rows alone and rows together", limit=ROUNDING)


def columns_by_name(trial: Trial) -> Seen:
    """Ask for rows whose columns stand in another order: refusing is fine, other scores are not."""
    model, said = trial.fitted_model(), trial.answers_to_all()
    turned = frame_of(columns_of(trial.used), model.columns[::-1], kind=model.frame, n_rows=trial.used.height)
    try:
        scores = asked(model, turned, trial.used.height)
    except RecipeError:
        return kept("columns in another order are refused")
    off = furthest(scores, said)
    if off <= ROUNDING:
        return kept("columns are found by their names", off, ROUNDING)
    return remarked("columns are told by their places, not their names: it scores others without a word", off, ROUNDING)


def _require_sound(model: OwnModel, rows: pl.DataFrame, where: str) -> FloatArray:
    told = replace(model, file=model.file)
    try:
        return require_sound(told, ask(told, rows))
    except RecipeError as error:
        raise RecipeError(f"{error.what} ({where})", remedy=error.remedy) from error


def _rarest(column: pl.Series) -> str | None:
    counts = column.drop_nulls().value_counts(name="n").sort("n", column.name)
    return str(counts[column.name][0]) if counts.height > 1 else None


def _is(used: pl.DataFrame, name: str, level: str) -> pl.Series:
    return (used[name] == level).fill_null(False).alias(name)


def _only(taught: Taught, where: pl.Series) -> Taught:
    chosen = where.to_numpy()
    weights = None if taught.weights is None else taught.weights[chosen]
    return Taught(taught.used.filter(where), taught.outcomes[chosen], weights)
