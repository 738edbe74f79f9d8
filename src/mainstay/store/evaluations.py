"""The rows of an evaluation, kept as Parquet beside the bundle they judge."""

from __future__ import annotations

from io import BytesIO

import polars as pl

from mainstay.domain.version import VersionName
from mainstay.store.artifacts import Artifacts

NAME = "evaluation.parquet"


def rows_file(rows: pl.DataFrame) -> dict[str, bytes]:
    """Return the evaluation's file, by its name beside the bundle."""
    buffer = BytesIO()
    rows.write_parquet(buffer)
    return {NAME: buffer.getvalue()}


def read_rows(artifacts: Artifacts, version: VersionName) -> pl.DataFrame:
    """Read the evaluation of a version; raises `NotFound`."""
    return pl.read_parquet(BytesIO(artifacts.artifact(version.model, version.number, NAME)))
