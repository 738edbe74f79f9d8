"""Opening what was inspected: the one place where a packed pipeline becomes an object again."""

from __future__ import annotations

from sklearn.pipeline import Pipeline
from skops.io import loads
from skops.io.exceptions import UntrustedTypesFoundException

from mainstay.bundle.inspect import MODEL, Contents
from mainstay.bundle.skops_file import TRUSTED
from mainstay.domain.errors import BundleError


def open_pipeline(contents: Contents) -> Pipeline | None:
    """Return the pipeline of an inspected bundle, or None where the model is a rule and needs none.

    It reads frames with the columns of its training. Only the types of a fixed list are ever constructed; anything else
    raises `BundleError`.
    """
    data = contents.files.get(MODEL)
    if data is None:
        return None
    try:
        pipeline = loads(data, trusted=list(TRUSTED))
    except (UntrustedTypesFoundException, ValueError, TypeError, KeyError, AttributeError, ImportError) as error:
        raise BundleError(
            f"{MODEL} cannot be opened here: {error}", remedy="See environment.json for versions."
        ) from error
    if not isinstance(pipeline, Pipeline):
        raise BundleError(f"{MODEL} holds a {type(pipeline).__name__}; wanted a pipeline")
    return pipeline
