"""A peer examines a model of train.csv and test.csv: `exams.py deepchecks|skore FOLDER TARGET` prints one JSON line.

The model is histogram boosting behind an ordinal encoder, fitted here. Counted are the seconds of the exam alone, the
peak of the process, and every check asked: whether it spoke up, passed, or could not run. What it says is kept beside.
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
Found = dict[str, tuple[str, str]]  # of each check: whether it spoke up, and its words


def model_of(train: pd.DataFrame, target: str):  # type: ignore[no-untyped-def]
    encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = make_column_transformer((encode, make_column_selector(dtype_exclude="number")), remainder="passthrough")
    model = make_pipeline(columns, HistGradientBoostingClassifier(random_state=0))
    return model.fit(train.drop(columns=target), train[target])


def deepchecks(train: pd.DataFrame, test: pd.DataFrame, target: str, model: object, **named: str) -> Found:
    """What each check of the full suite says; `named` are the columns that are no inputs (`datetime_name`, …)."""
    from deepchecks.tabular import Dataset  # each peer is in an environment of its own
    from deepchecks.tabular.suites import full_suite

    inputs = train.columns.drop([target, *named.values()])
    words = [name for name in inputs if not pd.api.types.is_numeric_dtype(train[name])]
    known, fresh = (Dataset(part, label=target, cat_features=words, **named) for part in (train, test))
    return {type(each.check).__name__: _said(each) for each in full_suite().run(known, fresh, model).results}


def _said(result: object) -> tuple[str, str]:
    if not hasattr(result, "value"):
        return "could not run", ""
    conditions = getattr(result, "conditions_results", None) or []
    if not conditions:
        return "shows, does not judge", ""
    failed = [each for each in conditions if not each.is_pass()]
    return ("spoke up" if failed else "passed"), " ".join(each.details for each in failed)


def skore(train: pd.DataFrame, test: pd.DataFrame, target: str, model: object) -> Found:
    from skore import EstimatorReport

    (learned, answers), (asked, truth) = ((part.drop(columns=target), part[target]) for part in (train, test))
    report = EstimatorReport(clone(model), X_train=learned, y_train=answers, X_test=asked, y_test=truth)
    words = {"issue": "spoke up", "tip": "spoke up", "passed": "passed"}
    frame = report.checks.summarize().frame()
    told = zip(frame["code"], frame["title"], frame["section"], frame["explanation"], strict=True)
    return {f"{code} {title}": (words.get(said, "could not run"), str(why)) for code, title, said, why in told}


def main() -> None:
    peer, folder, target = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    train, test = (pd.read_csv(folder / f"{name}.csv") for name in ("train", "test"))
    model = model_of(train, target)
    begun = time.perf_counter()
    found = {"deepchecks": deepchecks, "skore": skore}[peer](train, test, target, model)
    took = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    said = {check: word for check, (word, _) in found.items()}
    print(json.dumps({"seconds": took, "peak_bytes": peak, "found": said}))


if __name__ == "__main__":
    main()
