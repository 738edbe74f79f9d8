"""What people call a metric: keys are scikit-learn's names, as the brief and `--json` have them."""

from __future__ import annotations

NAMES = {
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "brier_score": "Brier score",
    "calibration_error": "calibration error",
    "accuracy": "accuracy",
    "f1_macro": "macro F1",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
}


def name_of(metric: str) -> str:
    """What people call a metric.

    >>> name_of("r2"), name_of("lift")
    ('R²', 'lift')
    """
    return NAMES.get(metric, metric)
