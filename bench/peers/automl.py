"""AutoGluon fitted for some minutes on one table and asked about another, in its own environment.

Called as: automl.py FOLDER TARGET METRIC MINUTES, with train.parquet and test.parquet in the folder; prints one JSON.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from autogluon.tabular import TabularPredictor
from sklearn.metrics import r2_score, roc_auc_score

N_SINGLE = 30


def main(folder: Path, target: str, metric: str, minutes: float) -> None:
    """Fit, score and time."""
    train, test = (pd.read_parquet(folder / f"{part}.parquet") for part in ("train", "test"))
    begun = time.perf_counter()
    predictor = TabularPredictor(target, eval_metric=metric, path=str(folder / "autogluon"), verbosity=0)
    predictor.fit(train, time_limit=minutes * 60, presets="best_quality", num_cpus=2)
    took = time.perf_counter() - begun
    features = test.drop(columns=[target])
    answer = predictor.predict if metric == "r2" else predictor.predict_proba
    predictor.persist()
    begun = time.perf_counter()
    scores = answer(features)
    batch = time.perf_counter() - begun
    singles = []
    for row in range(N_SINGLE):
        begun = time.perf_counter()
        answer(features.iloc[[row]])
        singles.append(time.perf_counter() - begun)
    if metric == "r2":
        value = r2_score(test[target], scores)
    else:
        positive = predictor.positive_class
        value = roc_auc_score(test[target] == positive, scores[positive])
    size = sum(path.stat().st_size for path in (folder / "autogluon").rglob("*") if path.is_file())
    print(
        json.dumps(
            {
                "metric": float(value),
                "fit_s": took,
                "rows_per_s": len(test) / batch,
                "single_ms": 1000 * float(np.median(singles)),
                "size_mb": size / 1e6,
                "model": predictor.model_best,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]))
