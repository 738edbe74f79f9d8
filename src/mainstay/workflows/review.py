"""Reviewing before labelling: which rows of a table are worth a person's time, as a version sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from mainstay.data.coerce import coerce
from mainstay.domain.errors import DataError, did_you_mean
from mainstay.domain.finding import Finding
from mainstay.domain.kind import MISSING_WORDS
from mainstay.domain.schema import Schema
from mainstay.domain.task import Task
from mainstay.domain.version import VersionName
from mainstay.serving.service import Service, scores_of
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.store.files import put_file
from mainstay.store.home import Home
from mainstay.store.source import Source
from mainstay.store.sources import read_table
from mainstay.store.spreadsheet import formula_columns
from mainstay.training.active import Way, picks_among, uncertainty_of
from mainstay.training.active_space import space_of
from mainstay.workflows.route import load_service

UNSURE, UNLIKE = "could go either way", "unlike the others picked"
SURE_SHARE = 0.5  # of the most that a score can leave open: above, a row is picked for that


@dataclass(frozen=True, slots=True)
class Pick:
    """A row worth labelling: its number in the file (from 1), its entity where there is one, its score, and why.

    `score` is the probability of the positive outcome, that of the likeliest class, or the amount foretold; `foretold`
    names that class (empty where there is none).
    """

    row: int
    entity: str | None
    score: float
    foretold: str
    uncertainty: float
    why: str


@dataclass(frozen=True, slots=True)
class Review:
    """Rows picked, those most worth it first; of how many in the file, and how many of them had an outcome already.

    `findings` say what of the file could not be read; `table` holds the rows picked, ready to fill in.
    """

    version: VersionName
    rows: int
    labelled: int
    picked: tuple[Pick, ...]
    findings: tuple[Finding, ...]
    table: pl.DataFrame

    @property
    def formulas(self) -> tuple[str, ...]:
        """Columns of the rows picked in which a spreadsheet sees formulas."""
        return formula_columns(self.table)


def review(home: Home, version: VersionName, source: Source, *, name: str, n: int, seed: int) -> Review:
    """Pick the n rows of a table that are most worth labelling: unsure to the version, and unlike each other.

    Rows that have an outcome are left out. Raises `DataError` for a table with none of the version's fields, and as
    `read_table` does; `NotFound` and `BundleError` as loading a version does.
    """
    service = load_service(home, version)
    table = read_table(source)
    _require_fields(table, service.schema, name)
    open_rows = np.flatnonzero(_unlabelled(table, service.schema.target))
    read = coerce(table[open_rows], service.schema)
    used = read.used.whole()
    task, scores = Task(service.plan.task), _scores(service, used)
    uncertainty = uncertainty_of(task, scores)
    picked = picks_among(uncertainty, lambda rows: space_of(used[rows], service.schema), n, Way.MIXED, seed=seed)
    return Review(
        version=version,
        rows=table.height,
        labelled=table.height - open_rows.size,
        picked=_picks(service, table, open_rows, picked, (task, scores, uncertainty)),
        findings=read.findings,
        table=_to_fill_in(table[open_rows[picked]], service.schema.target),
    )


def write_rows(found: Review, place: Path) -> None:
    """Write the rows picked as CSV, the outcome left empty; raises `DataError` for what CSV cannot hold."""
    nested = [name for name, dtype in found.table.schema.items() if dtype.is_nested() or dtype == pl.Object]
    if nested:
        what = f"column {nested[0]!r} holds {found.table.schema[nested[0]]}, which a CSV cannot"
        raise DataError(what, remedy="Leave --out away and use the row numbers, or name a flat table.")
    put_file(place, found.table.write_csv().encode())


def _require_fields(table: pl.DataFrame, schema: Schema, name: str) -> None:
    """Refuse a table that is about something else."""
    known = {alias for field in schema.fields for alias in (field.name, *field.aliases)}
    if not known & set(table.columns):
        wanted = ", ".join(schema.names[:8])
        hint = did_you_mean(schema.names[0], table.columns) if schema.names else ""
        raise DataError(f"{name} has no column that the model reads ({wanted})", remedy=hint or "Name another file.")


def _unlabelled(table: pl.DataFrame, target: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Where nobody has said what happened; everywhere, without the column."""
    if target not in table.columns:
        return np.ones(table.height, dtype=np.bool_)
    outcome = table[target].alias("outcome")
    empty = outcome.is_null().to_numpy()
    if outcome.dtype.is_float():
        empty = empty | outcome.is_nan().fill_null(True).to_numpy()
    if outcome.dtype == pl.String:
        words = outcome.str.strip_chars().str.to_lowercase().is_in(list(MISSING_WORDS))
        empty = empty | words.fill_null(True).to_numpy()
    return np.asarray(empty, dtype=np.bool_)


def _scores(service: Service, used: pl.DataFrame) -> FloatArray:
    """Scores of used rows, NaN where the model fails on a row."""
    return np.asarray(scores_of(service, used.to_dicts()) if used.height else [], dtype=np.float64)


def _picks(
    service: Service,
    table: pl.DataFrame,
    open_rows: IntArray,
    picked: IntArray,
    seen: tuple[Task, FloatArray, FloatArray],
) -> tuple[Pick, ...]:
    task, scores, uncertainty = seen
    entity, classes = service.schema.entity, service.plan.classes
    names = table[entity].cast(pl.String) if entity is not None and entity in table.columns else None
    most = np.log(max(len(classes), 2))
    found = []
    for at in picked.tolist():
        row = int(open_rows[at])
        unsure = task is not Task.REGRESSION and uncertainty[at] >= SURE_SHARE * most
        several = scores.ndim == 2
        found.append(
            Pick(
                row=row + 1,
                entity=None if names is None else names[row],
                score=float(scores[at].max() if several else scores[at]),
                foretold=classes[int(scores[at].argmax())] if several and classes else "",
                uncertainty=float(uncertainty[at]),
                why=UNSURE if unsure else UNLIKE,
            )
        )
    return tuple(found)


def _to_fill_in(rows: pl.DataFrame, target: str) -> pl.DataFrame:
    return rows.with_columns(pl.lit(None, dtype=pl.String).alias(target))
