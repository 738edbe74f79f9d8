"""The same pipeline behind LitServe; BENCH_BATCH is how many requests it may put together, 1 for none.

Arguments: port.
"""

import os
import sys

import joblib
import litserve
import pandas as pd

N = int(os.environ.get("BENCH_BATCH", "1"))


class Scoring(litserve.LitAPI):
    """Rows in, scores out."""

    def setup(self, device: str) -> None:
        """Load the pipeline."""
        self.model = joblib.load(os.environ["BENCH_MODEL"])

    def decode_request(self, request: dict) -> list[dict]:
        """Take the rows of a request."""
        return request["rows"]

    def predict(self, asked: list) -> list:
        """Score the rows of one request, or of several put together."""
        requests = asked if N > 1 else [asked]
        scores = self.model.predict_proba(pd.DataFrame([row for rows in requests for row in rows]))[:, 1].tolist()
        parts, start = [], 0
        for rows in requests:
            parts.append(scores[start : start + len(rows)])
            start += len(rows)
        return parts if N > 1 else parts[0]

    def encode_response(self, output: list[float]) -> dict:
        """Give the scores."""
        return {"scores": output}


if __name__ == "__main__":
    more = {"max_batch_size": N, "batch_timeout": 0.002} if N > 1 else {}
    server = litserve.LitServer(Scoring(**more), accelerator="cpu", workers_per_device=2)
    server.run(port=int(sys.argv[1]), generate_client_file=False, log_level="error")
