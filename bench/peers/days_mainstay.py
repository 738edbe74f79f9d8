"""Daily signatures of Parquet files by our own counting, in a process of its own.

Called as: days_mainstay.py THREADS FILE..., prints one JSON. The reference is the first 100,000 rows of the first file.
"""

import json
import resource
import sys
import time
from datetime import timedelta
from functools import partial

import polars as pl

from kit.days import INPUTS
from mainstay.domain.brief import parse_brief
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.signature import ReferenceSignature
from mainstay.monitoring.count import count, count_parts
from mainstay.monitoring.reference import build_reference
from mainstay.store.slices import slices_of

BRIEF = '[model]\nname = "days"\n[data]\ntarget = "outcome"\ntime = "at"\n[watch]\nperiod = "1d"'
N_REFERENCE = 100_000


def reference_of(rows: pl.DataFrame) -> ReferenceSignature:
    """The reference of some rows; the log's own levels are all known to it."""
    fields = tuple(
        Field(name=name, kind=Kind.CATEGORY, levels=tuple(rows[name].drop_nulls().unique().sort()))
        if rows.schema[name] == pl.String
        else Field(name=name, kind=Kind.NUMBER)
        for name in INPUTS
    )
    schema, seconds = Schema(fields=fields, target="outcome", time="at"), rows["at"].dt.timestamp("us").to_numpy() / 1e6
    brief = parse_brief(BRIEF)
    return build_reference(rows.select(INPUTS), rows["score"].to_numpy(), seconds, schema=schema, brief=brief, seed=1)


def main(threads: int, paths: list[str]) -> None:
    """Count; file after file, as if each were ninety days later."""
    reference = reference_of(pl.scan_parquet(paths[0]).head(N_REFERENCE).collect())
    begun, cpu = time.perf_counter(), time.process_time()
    told = {"version": pl.lit(1), "arm": pl.lit("champion")}
    logs = (
        pl.scan_parquet(path).with_columns(at=pl.col("at") + timedelta(days=90 * i), **told)
        for i, path in enumerate(paths)
    )
    parts = (part for log in logs for part in slices_of(log))
    counted = partial(count, reference=reference, columns={name: name for name in INPUTS})
    cells = count_parts(parts, lambda part: counted(part.collect()), threads=threads)
    took = {"seconds": time.perf_counter() - begun, "cpu_s": time.process_time() - cpu}
    rows = int(cells.filter(subject="score")["n"].sum())
    print(json.dumps(took | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "rows": rows}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
