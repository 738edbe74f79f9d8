"""A peer examines one model of each case in a folder: `faults.py deepchecks|skore FOLDER` prints one JSON line a case.

A case is train.csv, test.csv and case.json: the target, the columns that are a moment or an identifier, and the model.
`learn` is histogram boosting fitted here, as in `exams.py`; any other answers the scores that stand in the tables.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from exams import Found, deepchecks, model_of, skore
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

SCORE = "_score"


class Given(ClassifierMixin, BaseEstimator):
    """A model whose scores are given: a row answers as the nearest row that is known, which is itself.

    `odd` is a fault of the service: "text" answers otherwise where numbers come as texts, "alone" to a single row.
    """

    def __init__(self, rows: pd.DataFrame, scores: np.ndarray, odd: str = "") -> None:
        self.rows, self.scores, self.odd = rows, scores, odd

    def fit(self, rows: pd.DataFrame, outcomes: object) -> Given:
        self.words_ = list(self.rows.select_dtypes(exclude="number").columns)
        self.codes_ = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(self.rows[self.words_])
        self.scale_ = StandardScaler().fit(self._numbers(self.rows))
        self.near_ = NearestNeighbors(n_neighbors=1).fit(self.scale_.transform(self._numbers(self.rows)))
        self.classes_, self.n_features_in_ = np.array([0, 1]), self.rows.shape[1]
        self.feature_names_in_ = np.array(self.rows.columns, dtype=object)
        return self

    def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
        texts = any(pd.api.types.is_string_dtype(rows[name]) for name in rows if name not in self.words_)
        _, place = self.near_.kneighbors(self.scale_.transform(self._numbers(rows)))
        bent = (self.odd == "text" and texts) or (self.odd == "alone" and len(rows) == 1)
        high = self.scores[place[:, 0]] * (0.9 if bent else 1.0)
        return np.column_stack([1 - high, high])

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        return (self.predict_proba(rows)[:, 1] >= 0.5).astype(int)

    def _numbers(self, rows: pd.DataFrame) -> np.ndarray:
        others = [name for name in self.rows.columns if name not in self.words_]
        return np.column_stack([rows[others].astype(float).fillna(0), self.codes_.transform(rows[self.words_])])


def asked(peer: str, folder: Path) -> Found:
    """What each check of a peer says of a case."""
    case = json.loads((folder / "case.json").read_text())
    target, moment, key = case["target"], case["moment"], case["key"]
    parts = [pd.read_csv(folder / f"{name}.csv", parse_dates=moment) for name in ("train", "test")]
    train, test = (part.drop(columns=SCORE) for part in parts)
    if peer == "skore":  # knows no identifiers: there the key is an input
        inputs = train.columns.drop([target, *moment])
        keep = make_column_transformer(("passthrough", list(inputs)), verbose_feature_names_out=False)
        model = make_pipeline(keep.set_output(transform="pandas"), _model(case["model"], parts, [*inputs], target))
        return skore(train, test, target, model)
    model = _model(case["model"], parts, [*train.columns.drop([target, *moment, *key])], target)
    named = {f"{word}_name": name for word, names in (("datetime", moment), ("index", key)) for name in names}
    return deepchecks(train, test, target, model, **named)


def _model(kind: str, parts: list[pd.DataFrame], inputs: list[str], target: str) -> object:
    train, both = parts[0], pd.concat(parts)
    if kind == "learn":
        return model_of(train[[*inputs, target]], target)
    given = Given(both[inputs], both[SCORE].to_numpy(), kind)
    return given.fit(train[inputs], train[target])


def main() -> None:
    peer, folder = sys.argv[1], Path(sys.argv[2])
    for each in sorted(folder.iterdir()):
        print("\n" + json.dumps({"case": each.name, "said": asked(peer, each)}), flush=True)


if __name__ == "__main__":
    main()
