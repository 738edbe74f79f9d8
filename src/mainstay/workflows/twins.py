"""The ONNX twin of a version, and how far it is from the plan: measured on rows, by the runtime that callers use.

The heavy part of exporting: `workflows.export` loads it by name, because it needs the extra `onnx`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from mainstay.bundle.golden import rows_beside
from mainstay.bundle.inspect import Contents
from mainstay.bundle.onnx_run import RUNTIME, said_by
from mainstay.bundle.onnx_twin import Twin, twin_of
from mainstay.domain.canonical import digest
from mainstay.domain.parity import Parity
from mainstay.domain.plan import Forest
from mainstay.serving.plan_inputs import Columns, numbers, reader, texts
from mainstay.serving.score import Scorer

CLOSE = 1e-12
MOST_BESIDE = 20_000  # rows: 6,666 thresholds


def made(contents: Contents, trained_on: pl.DataFrame) -> tuple[Twin, Parity]:
    """Return a bundle's twin, and its parity on golden rows, on rows beside thresholds and on rows it was trained on.

    Raises `BundleError` for a model that ONNX cannot say.
    """
    twin, scorer = twin_of(contents), Scorer(contents.plan)
    beside = rows_beside(contents.schema, contents.plan, most=MOST_BESIDE)
    golden = [row.used for row in contents.golden]
    parts = [_columns(golden), _columns(beside), {name: trained_on[name].to_list() for name in trained_on.columns}]
    off = np.concatenate([_differences(twin, scorer, columns) for columns in parts if columns])
    return twin, Parity(
        file_digest=digest(twin.data),
        n_rows=trained_on.height,
        n_beside=len(beside),
        n_golden=len(golden),
        largest=float(off.max(initial=0.0)),
        n_same=int((off < CLOSE).sum()),
        adds_single=any(isinstance(model, Forest) and model.single for model in contents.plan.models),
        given=tuple(twin.given),
        runtime=RUNTIME,
    )


def feed_of(twin: Twin, columns: Columns, n_rows: int) -> dict[str, npt.NDArray[Any]]:
    """Return used columns as the file takes them, each of shape (n_rows, 1)."""
    found: dict[str, npt.NDArray[Any]] = {name: numbers(columns, name, n_rows) for name in twin.numbers}
    for name in twin.texts:
        found[name] = np.array(["" if text is None else text for text in texts(columns, name, n_rows)], dtype=object)
    for name, one in twin.given.items():
        found[name] = reader(msgspec.to_builtins(one))(columns, n_rows)
    return {name: values.reshape(n_rows, 1) for name, values in found.items()}


def _columns(rows: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def _differences(twin: Twin, scorer: Scorer, columns: Columns) -> npt.NDArray[np.float64]:
    """How far the twin is from the plan on each row, over the larger of 1 and the score."""
    n_rows = max(len(column) for column in columns.values())
    if not n_rows:
        return np.empty(0)
    wanted = scorer.scores(columns).reshape(n_rows, -1)
    said = said_by(twin.data, feed_of(twin, columns, n_rows), output=twin.output).reshape(n_rows, -1)
    off: npt.NDArray[np.float64] = (np.abs(said - wanted) / np.maximum(1.0, np.abs(wanted))).max(axis=1)
    return np.where(np.isnan(said).any(axis=1) & np.isnan(wanted).any(axis=1), 0.0, np.nan_to_num(off, nan=np.inf))
