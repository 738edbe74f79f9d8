"""The same pipeline behind BentoML; BENCH_BATCH other than 1 lets it put requests together."""

import os

import bentoml
import joblib
import pandas as pd

BATCHED = os.environ.get("BENCH_BATCH", "1") != "1"


@bentoml.service(workers=2, traffic={"timeout": 30})
class Scoring:
    """Rows in, scores out."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["BENCH_MODEL"])

    @bentoml.api(batchable=BATCHED, max_batch_size=1000, max_latency_ms=1000)
    def decide(self, rows: list[dict]) -> list[float]:
        """Score rows."""
        return self.model.predict_proba(pd.DataFrame(rows))[:, 1].tolist()
