"""Counting on a cluster: the same code counts pieces of the journal where they lie, and Spark adds the cells up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

import polars as pl

from mainstay.bundle.inspect import inspect
from mainstay.domain.errors import Asked
from mainstay.monitoring.cells import CELL_SCHEMA, KEYS, add, no_cells
from mainstay.monitoring.count import count_parts, latency_cells
from mainstay.store import spark as store
from mainstay.store.tables import FIRST
from mainstay.workflows.counting import Kept, Watched, by_version, decision_cells, kept_from, pair_cells
from mainstay.workflows.watch import Counting

PART_ROWS = 1 << 18  # rows that a worker counts at once
SPARK, ADDRESSES = "spark", ("spark://", "sc://", "local[")
REQUEST = ("at", "key", "latency_us")  # rows of one request agree in these


@dataclass(frozen=True)
class Shipped:
    """What travels to the workers: the files of each version's bundle, by number."""

    bundles: Mapping[int, Mapping[str, bytes]]


def counting_on(engine: str) -> Counting:
    """Return what counts on the cluster that `engine` names; raises `Asked` for what is no address of one.

    `spark` is the cluster that Spark's own settings say.
    """
    if engine != SPARK and not engine.startswith(ADDRESSES):
        remedy = "Write local, spark, spark://HOST:PORT, sc://HOST or local[THREADS]."
        raise Asked(f"{engine!r} is no engine", remedy=remedy)
    return partial(count_on_cluster, where="" if engine == SPARK else engine)


def count_on_cluster(watched: Watched, *, at: datetime, where: str) -> int:
    """Count decisions that came since the last count on a cluster, as `counting.count_decisions` does here.

    The journal's files must be under the same path there. What was known of outcomes by then is joined here.
    """
    journal = watched.journal
    since, through = journal.counted_through("decisions"), journal.last_batch("decisions")
    if through <= since:
        return 0
    rows = journal.arrived("decisions", after=since, through=through)
    n_rows, versions = _found(rows)
    shipped = Shipped({n: watched.home.artifacts.version_files(watched.model, n) for n in versions})
    table = journal.table("decisions")
    with store.session(where) as spark:
        files = store.read_files(spark, table.paths(parts={"standing": FIRST}, after=since), table.kinds())
        new = files.where(f"batch > {since} and batch <= {through}")
        every = store.added(new.drop("latency_us"), partial(_counted, shipped), CELL_SCHEMA, keys=KEYS)
        single = store.alone(new.where("latency_us > 0"), REQUEST, beside=("version", "arm"))
        timed = store.added(single, partial(_timed, shipped), CELL_SCHEMA, keys=KEYS)
    early = _early_cells(watched, rows)
    journal.append_cells(add([every, timed, early]), stream="decisions", since=since, through=through, at=at)
    return n_rows


def _found(rows: pl.LazyFrame) -> tuple[int, list[int]]:
    """How many rows there are, and of which versions."""
    by = rows.group_by("version").len().collect(engine="streaming")
    return int(by["len"].sum()), sorted(by["version"].to_list())


def _early_cells(watched: Watched, rows: pl.LazyFrame) -> pl.DataFrame:
    """Cells of decisions whose outcomes were counted before they came themselves."""
    journal = watched.journal
    counted = journal.counted_through("outcomes")
    if not counted:
        return no_cells()
    outcomes = journal.table("outcomes").scan().filter(pl.col("batch") <= counted)
    ids = rows.join(outcomes, on="id_hash", how="semi").select("key", "id").collect(engine="streaming")
    if ids.is_empty():
        return no_cells()
    told = journal.outcomes_of(ids).filter(pl.col("batch") <= counted)
    return pl.concat([no_cells(), *pair_cells(watched, journal.decisions_of(ids), told, plus=True)])


def _counted(shipped: Shipped, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Count pieces of the journal in a worker."""
    kept_of = _kept_of(shipped)
    yield count_parts(_joined(frames), lambda part: pl.concat([no_cells(), *decision_cells(kept_of, part)]))


def _timed(shipped: Shipped, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Count latencies of requests of one row in a worker."""
    kept_of = _kept_of(shipped)
    parts = (own for part in _joined(frames) for own in by_version(part))
    yield add([latency_cells(own, kept_of(version).reference) for version, own in parts])


def _kept_of(shipped: Shipped) -> Callable[[int], Kept]:
    return cache(lambda version: kept_from(inspect(shipped.bundles[version], opens_model=False)))


def _joined(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Small pieces joined to parts that are worth counting."""
    held: list[pl.DataFrame] = []
    for frame in frames:
        held.append(frame)
        if sum(each.height for each in held) >= PART_ROWS:
            yield pl.concat(held)
            held = []
    if held:
        yield pl.concat(held)
