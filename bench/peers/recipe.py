"""The same hundred trees as a recipe; `COMPLEXITY` lets it win over our own boosting where it is as good."""

from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

COMPLEXITY = "rule"
TITLE = "100 boosted trees"


def recipe(context):
    """Return the pipeline of `pipeline.py`."""
    levels = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=float("nan"))
    columns = make_column_transformer((levels, list(context.categories)), ("passthrough", list(context.numbers)))
    places = list(range(len(context.categories)))
    trees = HistGradientBoostingClassifier(
        max_iter=100, categorical_features=places, early_stopping=False, random_state=context.seed
    )
    return make_pipeline(columns, trees)
