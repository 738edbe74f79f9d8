"""Tables on a cluster of Apache Spark: its workers hand us pieces as Arrow, and get answers back the same way.

Spark comes with the extra `spark` and needs a Java; both are asked for when a session is opened, and not before. Which
cluster it is, Spark's own settings say (`SPARK_REMOTE`, `spark-defaults.conf`, `spark-submit`); without any it is this
machine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from mainstay.domain.errors import Asked, DataError, did_you_mean
from mainstay.store.files_source import first_line

Frame: TypeAlias = Any  # a Spark DataFrame
Answering: TypeAlias = Callable[[Iterator[pl.DataFrame]], Iterator[pl.DataFrame]]
TYPES: Mapping[type, str] = {str: "string", float: "double", int: "bigint"}
STORED: Mapping[pl.DataType, str] = {
    pl.String(): "string",
    pl.Float64(): "double",
    pl.Int64(): "bigint",
    pl.Boolean(): "boolean",
    pl.Datetime("us", "UTC"): "timestamp",
}
CONNECT = "sc://"
N_ROWS = "n rows"  # with a space: no column of ours is called so
SAID_TYPE = "array<struct<field:string,code:string>>"
FAULT_TYPE = "struct<field:string,code:string,also:array<struct<field:string,code:string>>>"


@contextmanager
def session(where: str = "") -> Iterator[Any]:
    """Open a session of Spark; what it refuses is a `DataError`. Raises `Asked` without the extra or without a Java.

    `where` is a cluster's address (`spark://HOST:7077`, or `sc://HOST` for Spark Connect) or `local[2]`, threads of
    this machine; without one Spark's own settings say. Moments are in UTC there.
    """
    try:
        from pyspark.errors import PySparkException, PySparkRuntimeError  # noqa: PLC0415 - an extra of 500 MB
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError as error:
        remedy = "Install it: pip install 'mainstay[spark]'."
        raise Asked("Spark needs the extra 'spark', which is not installed", remedy=remedy) from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        spark = _addressed(SparkSession.builder.appName("mainstay"), where).getOrCreate()
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    except (PySparkRuntimeError, OSError) as error:
        what = f"Spark does not start: {first_line(error)}"
        raise Asked(what, remedy="Install a Java (Debian: openjdk-17-jre-headless), or set JAVA_HOME.") from error
    try:
        yield spark
    except PySparkException as error:
        raise DataError(f"Spark refused: {first_line(error)}", remedy="Try it in Spark's own shell.") from error
    finally:
        spark.stop()


def _addressed(builder: Any, where: str) -> Any:
    if not where:
        return builder
    return builder.remote(where) if where.startswith(CONNECT) else builder.master(where)


def read_files(spark: Any, paths: Iterable[Path], columns: Mapping[str, pl.DataType]) -> Frame:
    """Return the rows of Parquet files under paths that the workers see too; a column that a file lacks is null."""
    schema = ", ".join(f"{quoted(name)} {STORED[kind]}" for name, kind in columns.items())
    return spark.read.schema(schema).parquet(*map(str, paths))


def added(
    frame: Frame, counting: Answering, columns: Mapping[str, pl.DataType], *, keys: Sequence[str]
) -> pl.DataFrame:
    """Count a table where its pieces lie and add up what was counted, by keys; the sums alone come back.

    `counting` travels to the workers, which need this package too; `columns` are those of what it gives.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415

    schema = ", ".join(f"{quoted(name)} {STORED[kind]}" for name, kind in columns.items())
    counted = frame.mapInArrow(partial(_through, counting), schema)
    sums = [f.sum(name).alias(name) for name in columns if name not in keys]
    return pl.DataFrame(counted.groupBy(*keys).agg(*sums).toArrow()).select(list(columns)).cast(dict(columns))  # type: ignore[arg-type]


def alone(frame: Frame, keys: Sequence[str], *, beside: Sequence[str]) -> Frame:
    """Return the rows whose keys no other row has: the keys, and the columns `beside` them."""
    from pyspark.sql import functions as f  # noqa: PLC0415

    firsts = [f.first(name).alias(name) for name in beside]
    return frame.groupBy(*keys).agg(f.count("*").alias(N_ROWS), *firsts).where(f.col(N_ROWS) == 1).drop(N_ROWS)


def quoted(name: str) -> str:
    """Return a column's name as Spark's SQL writes it."""
    return f"`{name.replace('`', '``')}`"


def read(spark: Any, table: str, *, needed: str) -> Frame:
    """Return a table: Parquet under a path or an address (`s3a://…`), else one of the catalog by its name.

    Raises `DataError` where it has no column `needed`.
    """
    is_place = "/" in table or table.endswith(".parquet") or Path(table).exists()
    frame = spark.read.parquet(table) if is_place else spark.table(table)
    if needed not in frame.columns:
        what = f"{table} has no column {needed!r}, which was to name its rows"
        raise DataError(what, remedy=did_you_mean(needed, frame.columns))
    return frame


def answered(frame: Frame, answering: Answering, columns: Mapping[str, type]) -> Frame:
    """Answer a table where its pieces lie; kept on the workers' disks, so that it is decided once.

    `answering` travels to the workers, which need this package too.
    """
    from pyspark.storagelevel import StorageLevel  # noqa: PLC0415

    schema = ", ".join(f"{quoted(name)} {TYPES[held]}" for name, held in columns.items())
    return frame.mapInArrow(partial(_through, answering), schema).persist(StorageLevel.DISK_ONLY)


def texts(frame: Frame, column: str) -> Iterator[str]:
    """Yield the texts of a column, partition after partition; missing ones are left out."""
    from pyspark.sql import functions  # noqa: PLC0415

    for row in frame.select(column).where(functions.col(column).isNotNull()).toLocalIterator():
        yield row[0]


def counts(frame: Frame, *, warnings: str, error: str) -> tuple[int, int, int]:
    """Return how many rows there are, how many were answered, and how many of those with a warning."""
    from pyspark.sql import functions as f  # noqa: PLC0415

    is_answered, is_warned = f.col(error).isNull(), f.col(warnings).isNotNull()
    found = frame.agg(f.count("*"), f.count_if(is_answered), f.count_if(is_answered & is_warned)).first()
    return int(found[0]), int(found[1]), int(found[2])


def kinds(frame: Frame, *, warnings: str, error: str) -> Iterator[tuple[str, str, bool, int]]:
    """Yield what was unexpected, from the JSON of warnings and errors: field, code, whether refused, and how often."""
    from pyspark.sql import functions as f  # noqa: PLC0415

    warned = frame.select(f.explode(f.from_json(warnings, SAID_TYPE)).alias("said"), f.lit(False).alias("refused"))
    fault = f.from_json(error, FAULT_TYPE)
    first = f.array(f.struct(fault["field"].alias("field"), fault["code"].alias("code")))
    every = f.concat(first, f.coalesce(fault["also"], f.array().cast(SAID_TYPE)))
    refused = frame.where(f.col(error).isNotNull()).select(f.explode(every).alias("said"), f.lit(True).alias("refused"))
    told = warned.unionAll(refused).select("said.field", "said.code", "refused")
    for row in told.groupBy("field", "code", "refused").count().collect():
        yield row["field"] or "", row["code"], row["refused"], row["count"]


def write(frame: Frame, out: str, columns: Iterable[str]) -> None:
    """Write some columns as a folder of Parquet files; raises `PySparkException` where there is one already."""
    frame.select(*map(quoted, columns)).write.mode("errorifexists").parquet(out)


def _through(answering: Answering, batches: Iterable[Any]) -> Iterator[Any]:
    for frame in answering(pl.DataFrame(batch) for batch in batches):
        yield from frame.to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches()
