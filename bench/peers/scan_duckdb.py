"""Every value of some Parquet files looked at once by DuckDB, in its own environment: what reading alone costs.

Called as: scan_duckdb.py FILE..., prints one JSON. Sums, not counts or maxima: those it answers from statistics.
"""

import json
import resource
import sys
import time

import duckdb


def main(paths: list[str]) -> None:
    """Sum every number and the length of every text."""
    begun, cpu = time.perf_counter(), time.process_time()
    files = f"read_parquet({paths!r})"
    kinds = {name: kind for name, kind, *_ in duckdb.sql(f"describe select * from {files}").fetchall()}
    how = {"VARCHAR": "sum(strlen({}))", "DOUBLE": "sum({})"}
    asked = ", ".join(how.get(kind, "sum(epoch_us({}))").format(f'"{name}"') for name, kind in kinds.items())
    duckdb.sql(f"select {asked} from {files}").fetchall()
    took = {"seconds": time.perf_counter() - begun, "cpu_s": time.process_time() - cpu}
    print(json.dumps(took | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main(sys.argv[1:])
