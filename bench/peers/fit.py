"""Fit the pipeline that the other services serve, within their own environment: the same table, trees and settings.

Arguments: table, target, number of trees, place of the result, and how to keep it (joblib or mlflow).
"""

import sys

import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

table, target, n_trees, place, kind = sys.argv[1:]
rows = pd.read_csv(table)
inputs = rows.drop(columns=target).astype("float64")
trees = HistGradientBoostingClassifier(
    learning_rate=0.06,
    max_iter=int(n_trees),
    max_leaf_nodes=24,
    min_samples_leaf=30,
    l2_regularization=5.0,
    max_features=0.3,
    early_stopping=False,
    random_state=0,
)
pipeline = make_pipeline(FunctionTransformer(), trees).fit(inputs, rows[target])
if kind == "joblib":
    import joblib

    joblib.dump(pipeline, place)
else:
    import mlflow.sklearn
    from mlflow.models import infer_signature

    example = inputs.head(5)
    signature = infer_signature(example, pipeline.predict_proba(example))
    mlflow.sklearn.save_model(
        pipeline,
        place,
        signature=signature,
        pyfunc_predict_fn="predict_proba",
        skops_trusted_types=["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"],
    )
