"""A model that no plan can say, packed as it is (never pickled) and opened again: in training, and in a worker.

The heavy extra of serving: workers reach this module by name alone, and only where a version needs it. What is opened
was inspected before: its types are those of a fixed list, and those of the recipe in the same bundle.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from skops.io import dumps, loads
from skops.io.exceptions import UnsupportedTypeException, UntrustedTypesFoundException
from threadpoolctl import threadpool_limits

from mainstay.bundle.frames import Columns
from mainstay.bundle.inspect import MODEL, Contents
from mainstay.bundle.own_code import PREFIX, load_code, module_name
from mainstay.bundle.own_model import FloatArray, OwnModel, raw_scores
from mainstay.bundle.skops_file import canonical_skops, untrusted_types
from mainstay.bundle.trusted import TRUSTED_PACKED
from mainstay.domain.errors import BundleError, RecipeError
from mainstay.domain.plan import Packed
from mainstay.domain.recipe import RECIPE_CODE
from mainstay.domain.task import Task

FAULTS = (AttributeError, ImportError, KeyError, LookupError, NotImplementedError, TypeError, ValueError)
REMEDY = "Use estimators whose state is arrays, numbers and texts; no lambdas, and no types of other libraries."


def pack_estimator(estimator: Any, *, text: str, file: str) -> tuple[bytes, tuple[str, ...]]:
    """Return an estimator as the canonical bytes of `model.skops`, and the recipe's own types in it.

    `text` is the recipe it comes from. Raises `RecipeError` where it would need a type that is neither on the fixed
    list nor the recipe's, or pickling.
    """
    try:
        data = canonical_skops(dumps(estimator))
    except (UnsupportedTypeException, *FAULTS) as error:
        said = str(error).strip().partition("\n")[0][:200]
        raise RecipeError(f"{file}: what it fits cannot be packed without pickle: {said}", remedy=REMEDY) from error
    strange = untrusted_types(data, trusted=TRUSTED_PACKED)
    own = tuple(name for name in strange if name.startswith(f"{module_name(text)}.") and _has_name(name))
    if rest := [name for name in strange if name not in own]:
        told = [name.replace(module_name(text), "recipe") for name in rest if "." in name] or rest
        what = f"{file}: what it fits holds types that are not on the fixed list: {', '.join(told[:8])}"
        raise RecipeError(what, remedy=REMEDY)
    return data, own


def _has_name(name: str) -> bool:
    """Whether something can be found by its name: a lambda and what is made inside a function cannot."""
    module, _, attribute = name.rpartition(".")
    return hasattr(sys.modules.get(module), attribute)


def unpack_estimator(data: bytes, *, own: Sequence[str]) -> Any:
    """Return the estimator in a `model.skops`; the recipe that `own` types come from was read before.

    Raises `BundleError` where anything else would be constructed, or where what it needs is not installed.
    """
    try:
        with threadpool_limits(limits=1):
            return loads(data, trusted=[*TRUSTED_PACKED, *own])
    except (UntrustedTypesFoundException, *FAULTS) as error:
        what = f"{MODEL} cannot be opened here: {str(error).strip()[:300]}"
        raise BundleError(what, remedy="See environment.json for what it was packed with.") from error


def packed_raw(contents: Contents) -> Callable[[Columns, int], FloatArray]:
    """Return what scores columns with the packed model of an inspected bundle that the ledger knows.

    Scores are in the plan's link; one thread each. Raises `BundleError` where it cannot be opened.
    """
    (packed,) = contents.plan.models
    assert isinstance(packed, Packed)
    if packed.types:
        text = contents.files[RECIPE_CODE].decode()
        require_own(packed.types, text)
        _run(text, contents)
    model = OwnModel(
        estimator=unpack_estimator(contents.files[MODEL], own=packed.types),
        frame=packed.frame,
        columns=packed.columns,
        task=Task(contents.plan.task),
        n_classes={"binary": 2, "regression": 1}.get(contents.plan.task, len(contents.plan.classes)),
        file=f"{RECIPE_CODE} of {contents.version}",
    )
    return lambda columns, n_rows: _scores(model, columns, n_rows)


def require_own(types: Sequence[str], text: str) -> None:
    """Refuse types that are not of this recipe; raises `BundleError`.

    >>> require_own(["os.system"], "")
    Traceback (most recent call last):
    mainstay.domain.errors.BundleError: model.skops may not construct os.system
    ...
    """
    strange = [name for name in types if not name.startswith(f"{module_name(text)}.")]
    if strange or not all(name.startswith(PREFIX) for name in types):
        raise BundleError(f"{MODEL} may not construct {', '.join(strange)}", remedy="Do not use this copy.")


def _run(text: str, contents: Contents) -> None:
    try:
        load_code(text, file=RECIPE_CODE)
    except RecipeError as error:
        raise BundleError(f"{contents.version} cannot be opened here: {error.what}", remedy=error.remedy) from error


def _scores(model: OwnModel, columns: Mapping[str, Any], n_rows: int) -> FloatArray:
    """Score rows; what the recipe throws is a `ValueError` here, and another row may fare better."""
    try:
        with threadpool_limits(limits=1):
            return np.asarray(raw_scores(model, columns, n_rows), dtype=np.float64)
    except RecipeError as error:
        raise ValueError(error.what) from error
