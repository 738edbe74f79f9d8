"""A peer examines a model of train.csv and test.csv: `exams.py deepchecks|skore FOLDER TARGET` prints one JSON line.

The model is histogram boosting behind an ordinal encoder, fitted here. Counted are the seconds of the exam alone, the
peak of the process, and every check asked: whether it spoke up, passed, or could not run.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from pathlib import Path

import pandas as pd
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

warnings.filterwarnings("ignore")


def model_of(train: pd.DataFrame, target: str):  # type: ignore[no-untyped-def]
    encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = make_column_transformer((encode, make_column_selector(dtype_exclude="number")), remainder="passthrough")
    model = make_pipeline(columns, HistGradientBoostingClassifier(random_state=0))
    return model.fit(train.drop(columns=target), train[target])


def deepchecks(train: pd.DataFrame, test: pd.DataFrame, target: str, model: object) -> dict[str, str]:
    from deepchecks.tabular import Dataset  # each peer is in an environment of its own
    from deepchecks.tabular.suites import full_suite

    words = [name for name in train.columns if not pd.api.types.is_numeric_dtype(train[name]) and name != target]
    known, fresh = (Dataset(part, label=target, cat_features=words) for part in (train, test))
    return {type(each.check).__name__: _said(each) for each in full_suite().run(known, fresh, model).results}


def _said(result: object) -> str:
    if not hasattr(result, "value"):
        return "could not run"
    conditions = getattr(result, "conditions_results", None) or []
    if not conditions:
        return "shows, does not judge"
    return "spoke up" if any(not each.is_pass() for each in conditions) else "passed"


def skore(train: pd.DataFrame, test: pd.DataFrame, target: str, model: object) -> dict[str, str]:
    from skore import EstimatorReport

    (learned, answers), (asked, truth) = ((part.drop(columns=target), part[target]) for part in (train, test))
    report = EstimatorReport(clone(model), X_train=learned, y_train=answers, X_test=asked, y_test=truth)
    words = {"issue": "spoke up", "tip": "spoke up", "passed": "passed"}
    frame = report.checks.summarize().frame()
    return {row["title"]: words.get(row["section"], "could not run") for _, row in frame.iterrows()}


def main() -> None:
    peer, folder, target = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    train, test = (pd.read_csv(folder / f"{name}.csv") for name in ("train", "test"))
    model = model_of(train, target)
    begun = time.perf_counter()
    found = {"deepchecks": deepchecks, "skore": skore}[peer](train, test, target, model)
    took = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": took, "peak_bytes": peak, "found": found}))


if __name__ == "__main__":
    main()
