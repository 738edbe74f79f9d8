"""Six public tables, each cut once into rows to learn from and rows to be asked about; nobody sees the target of those.

The folder is MAINSTAY_SHARED_DATA, or shared/data beside the checkout.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from kit.environments import CHECKOUT

TEST_SHARE = 0.2


@dataclass(frozen=True)
class Table:
    """A table's file, how to read it, its target and metric, and the columns nobody may use (ids, weights, leaks)."""

    name: str
    file: str
    target: str
    metric: str
    left_out: tuple[str, ...] = ()
    read: Callable[[Path], pl.DataFrame] = pl.read_csv


def _whole(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema_length=None)


def _semicolons(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, separator=";")


TABLES = (
    Table("credit", "credit_card_default.csv", "target", "roc_auc", ("ID",), _whole),
    Table("adult", "adult.parquet", "class", "roc_auc", ("fnlwgt",), pl.read_parquet),
    Table("bank", "bank-full.csv", "y", "roc_auc", ("duration",), _semicolons),
    Table("bike", "bike_sharing_hour.csv", "cnt", "r2", ("casual", "registered", "instant")),
    Table("sms", "sms_spam.csv", "type", "roc_auc"),
    Table("elec2", "elec2.csv", "class", "roc_auc", ("date", "timestamp")),
)


def tables() -> list[Table]:
    """The tables that are at hand; says which are not."""
    folder = _folder()
    missing = [one.file for one in TABLES if not (folder / one.file).exists()]
    if missing:
        print(f"-- not in {folder}, left out: {', '.join(missing)} (name their folder in MAINSTAY_SHARED_DATA)")
    return [one for one in TABLES if one.file not in missing]


def cut(one: Table, into: Path, *, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Write train.parquet and test.parquet, four fifths and a fifth of the rows at random, and return both."""
    whole = one.read(_folder() / one.file).drop(one.left_out)
    whole = whole.with_columns(pl.col(pl.Categorical).cast(pl.String))
    order = np.random.default_rng(seed).permutation(whole.height)
    n_train = int((1 - TEST_SHARE) * whole.height)
    parts = whole[np.sort(order[:n_train])], whole[np.sort(order[n_train:])]
    for part, name in zip(parts, ("train", "test"), strict=True):
        part.write_parquet(into / f"{name}.parquet")
    return parts


def _folder() -> Path:
    return Path(os.environ.get("MAINSTAY_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
