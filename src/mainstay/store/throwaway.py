"""A project that lasts as long as it is used, and tables written as people bring them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from mainstay.domain.brief import parse_brief
from mainstay.store.files import disk_faults
from mainstay.store.home import open_home
from mainstay.store.project import Project


@contextmanager
def throwaway_project(text: str, rows: pl.DataFrame) -> Iterator[Project]:
    """Lay a project that lasts as long as the block: the brief, `rows` as its table, and an empty home."""
    with TemporaryDirectory(prefix="mainstay-replay-") as name:
        folder = Path(name)
        with disk_faults("laying a throw-away project"):
            rows.write_parquet(folder / "rows.parquet")
        brief = parse_brief(text)
        data = brief.data.model_copy(update={"source": "rows.parquet"})
        yield Project(folder, text, brief.model_copy(update={"data": data}), open_home(folder))


def write_table(rows: pl.DataFrame, path: Path) -> None:
    """Write rows as CSV, moments as ISO in UTC."""
    with disk_faults(f"writing {path}"):
        rows.write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ")
