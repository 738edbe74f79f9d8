"""Drift of a whole log against its beginning as Evidently says it, in its own environment.

Called as: drift_evidently.py FILE, prints one JSON. The reference is the first 100,000 rows.
"""

import json
import os
import resource
import sys
import time

os.environ["DO_NOT_TRACK"] = "1"
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

N_REFERENCE = 100_000


def main(path: str) -> None:
    """Read and compare; asking alone is timed beside all of it."""
    begun, cpu = time.perf_counter(), time.process_time()
    rows = pd.read_parquet(path).drop(columns=["at", "score", "decision"])
    numbers = [name for name in rows.columns if name.startswith("number")]
    kinds = DataDefinition(
        numerical_columns=numbers, categorical_columns=[name for name in rows.columns if name not in numbers]
    )
    current, reference = (Dataset.from_pandas(each, data_definition=kinds) for each in (rows, rows.head(N_REFERENCE)))
    query = time.perf_counter()
    Report([DataDriftPreset()]).run(current, reference).dict()
    ended = time.perf_counter()
    took = {"seconds": ended - begun, "query_s": ended - query, "cpu_s": time.process_time() - cpu}
    print(json.dumps(took | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main(sys.argv[1])
