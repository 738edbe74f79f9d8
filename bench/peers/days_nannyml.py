"""Univariate drift by day as NannyML says it, in its own environment.

Called as: days_nannyml.py FILE, prints one JSON. The reference is the first 100,000 rows.
"""

import json
import os
import resource
import sys
import time

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
import nannyml
import pandas as pd

N_REFERENCE = 100_000


def main(path: str) -> None:
    """Read, fit and calculate; asking alone is timed beside all of it."""
    begun, cpu = time.perf_counter(), time.process_time()
    rows = pd.read_parquet(path)
    names = [name for name in rows.columns if name not in ("at", "score", "decision")]
    methods = {"continuous_methods": ["jensen_shannon"], "categorical_methods": ["jensen_shannon"]}
    asked = nannyml.UnivariateDriftCalculator(
        column_names=names, timestamp_column_name="at", chunk_period="D", **methods
    )
    asked.fit(rows.head(N_REFERENCE))
    query = time.perf_counter()
    asked.calculate(rows)
    ended = time.perf_counter()
    took = {"seconds": ended - begun, "query_s": ended - query, "cpu_s": time.process_time() - cpu}
    print(json.dumps(took | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main(sys.argv[1])
