"""Answering on a real Spark of this machine: the same answers as without it, and every decision journalled.

Spark is too big for every run: `make spark` makes an environment that has it, and runs this.
"""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest
from tests.interfaces.http.homes import BRIEF, ROW, new_home
from tests.interfaces.http.spools import lines

from mainstay.domain.errors import Asked, DataError
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store import spark as store
from mainstay.store.home import Home
from mainstay.store.sources import read_table
from mainstay.workflows.predict import Wanted, predict
from mainstay.workflows.predict_spark import FromCluster, predict_on_cluster

needs_spark = pytest.mark.skipif(
    not find_spec("pyspark") or not shutil.which("java"), reason="no pyspark or no java here: run `make spark`"
)
N_ROWS = 10_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spark")
    new_home(folder)
    (folder / "mainstay.toml").write_text(BRIEF)
    number = pl.int_range(N_ROWS, eager=True).alias("customer")
    frame = pl.DataFrame([number]).with_columns(
        (18 + number % 90).cast(pl.Float64).set(number % 97 == 0, float("nan")).alias("age"),
        (number * 10.5).set(number % 11 == 0, None).alias("income"),
        pl.Series("region", ["EU", "US", "Mars", None] * (N_ROWS // 4)),
        (number % 2 == 0).alias("member"),
        (pl.datetime(2021, 5, 1, time_zone="UTC") + pl.duration(hours=number)).alias("joined"),
        (number % 4).cast(pl.Decimal(10, 2)).alias("late"),
        pl.Series("note", [["a"], None] * (N_ROWS // 2)),
    )
    (folder / "rows.parquet").mkdir()
    for part in range(3):
        frame.filter(number % 3 == part).write_parquet(folder / "rows.parquet" / f"part-{part}.parquet")
    frame.write_parquet(folder / "one.parquet")
    return folder


@pytest.fixture
def home(folder: Path) -> Home:
    return new_home(folder)


@pytest.fixture(autouse=True)
def small_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Spark of two threads, reachable from this machine alone."""
    said = "--master local[2] --driver-memory 1g --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=2"
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", f"{said} pyspark-shell")
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")


def answers(path: Path) -> pl.DataFrame:
    return read_table(path).sort(pl.col("id").cast(pl.Int64))


@needs_spark
def test_a_cluster_gives_the_answers_that_this_machine_gives(folder: Path, home: Home) -> None:
    wanted = FromCluster(str(folder / "rows.parquet"), str(folder / "there"), "customer", "credit")
    there = predict_on_cluster(home, wanted)
    one = Wanted(folder / "one.parquet", folder / "here.parquet", "credit", id_column="customer", journal=False)
    here = predict(home, one)
    assert answers(folder / "there").equals(answers(folder / "here.parquet"))
    assert there.tally == here.tally
    assert there.tally.refused == 0
    assert {code for _, code, _ in there.tally.kinds} >= {"not-finite", "unseen-level", "missing", "out-of-range"}
    assert sorted(int(line["id"]) for line in lines(folder)) == list(range(N_ROWS))
    assert sum(line["n"] for line in lines(folder, "faults")) == sum(there.tally.kinds.values())
    with pytest.raises(Asked, match="is there already"):
        predict_on_cluster(home, wanted)


@needs_spark
def test_the_command_refuses_rows_in_their_place_and_counts_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [ROW | {"customer": f"{n}", "age": age} for n, age in enumerate(["50", "private", "51"])]
    pl.DataFrame(rows).write_parquet(folder / "odd.parquet")
    words = [
        "predict",
        str(folder / "odd.parquet"),
        "--out",
        str(folder / "odd"),
        "--engine",
        "spark",
        "-p",
        str(folder),
    ]
    assert run(mainstay, [*words, "--id", "customer", "--no-journal"]) == 0
    assert capsys.readouterr().out.startswith("2 of 3 rows")
    found = answers(folder / "odd")
    assert found["score"].is_null().to_list() == [False, True, False]
    assert '"code":"wrong-type"' in found["error"][1]
    assert run(mainstay, words) == 2
    assert "--id COLUMN" in capsys.readouterr().err


@needs_spark
def test_what_spark_refuses_is_said(folder: Path, home: Home) -> None:
    with pytest.raises(DataError, match="Spark refused"):
        predict_on_cluster(home, FromCluster(str(folder / "nowhere"), str(folder / "x"), "customer", "credit"))
    with pytest.raises(DataError, match="has no column 'costumer'"):
        predict_on_cluster(home, FromCluster(str(folder / "one.parquet"), str(folder / "x"), "costumer", "credit"))


def test_a_missing_spark_is_said_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(Asked, match="extra 'spark'") as missing, store.session():
        pass
    assert "pip install 'mainstay[spark]'" in missing.value.remedy
