"""NannyML's CBPE on chunks of rows, in its own environment.

Called as: cbpe.py FOLDER, with reference.parquet, chunks.parquet and settings.json in the folder; prints one JSON.
"""

import json
import sys
import warnings
from pathlib import Path

import pandas as pd

warnings.filterwarnings("ignore")

import nannyml as nml  # noqa: E402

METRICS = ["roc_auc", "accuracy", "business_value"]


def main(folder: Path) -> None:
    """Fit on the reference, estimate the chunks."""
    reference, chunks = (pd.read_parquet(folder / f"{part}.parquet") for part in ("reference", "chunks"))
    settings = json.loads((folder / "settings.json").read_text())
    estimator = nml.CBPE(
        y_pred_proba="score",
        y_pred="high",
        y_true="outcome",
        metrics=METRICS,
        problem_type="classification_binary",
        chunk_size=settings["rows"],
        business_value_matrix=settings["matrix"],
    )
    estimator.fit(reference)
    found = estimator.estimate(chunks).filter(period="analysis").to_df()
    told = {name: found[(name, "value")] for name in METRICS}
    # Its own 'per_prediction' divides by the rows of either decision and not by all, so the total is divided here.
    told["business_value"] = told["business_value"] / settings["rows"]
    print(json.dumps({name: values.tolist() for name, values in told.items()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
