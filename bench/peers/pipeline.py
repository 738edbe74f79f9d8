"""Fit the pipeline that the other services serve, in their own environment: the same table, a model of the same size.

Arguments: table, place of the result, how to keep it (joblib or mlflow), and of boosted trees how many of how many
leaves; without them a line is fitted.
"""

import sys

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

table, place, kind, *size = sys.argv[1:]
rows = pd.read_csv(table)
inputs, outcomes = rows.drop(columns="target"), rows["target"]
numbers = [name for name in inputs if name.startswith("number")]
texts = [name for name in inputs if name.startswith("category")]
if not size:
    levels = OneHotEncoder(handle_unknown="ignore")
    columns = make_column_transformer(
        (levels, texts), (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers)
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=1000))
else:
    levels = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=float("nan"))
    columns = make_column_transformer((levels, texts), ("passthrough", numbers))
    places = list(range(len(texts)))
    n_trees, n_leaves = map(int, size)
    trees = HistGradientBoostingClassifier(
        max_iter=n_trees, max_leaf_nodes=n_leaves, categorical_features=places, early_stopping=False
    )
    model = make_pipeline(columns, trees)
model.fit(inputs, outcomes)
if kind == "joblib":
    import joblib

    joblib.dump(model, place)
else:
    import mlflow.sklearn
    from mlflow.models import infer_signature

    example = inputs.dropna().head(5)
    signature = infer_signature(example, model.predict_proba(example))
    mlflow.sklearn.save_model(
        model,
        place,
        signature=signature,
        pyfunc_predict_fn="predict_proba",
        skops_trusted_types=[
            "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
            "numpy.dtype",
            "functools.partial",
            "sklearn.utils.validation.check_array",
        ],
    )
