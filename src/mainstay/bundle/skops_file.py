"""The inside of `model.skops`: a zip of a JSON tree and arrays. Read here as data alone, nothing is ever constructed.

Two things are done with it: writing it in one canonical way, so that equal pipelines have equal bytes, and naming every
type it would construct, so that a file can be refused before scikit-learn is even imported.
"""

from __future__ import annotations

import io
import json
from collections.abc import Container, Iterator
from typing import Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from mainstay.domain.errors import BundleError

TREE = "schema.json"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date a zip can hold
WHAT = "model.skops cannot be read"
REMEDY = "Take the bundle from where it was made; it was changed or is incomplete."

# Every type that our recipes are made of, under the names that the allowed versions of the libraries give them.
TRUSTED = (
    "_loss.CyAbsoluteError",
    "_loss.CyHalfBinomialLoss",
    "_loss.CyHalfGammaLoss",
    "_loss.CyHalfMultinomialLoss",
    "_loss.CyHalfPoissonLoss",
    "_loss.CyHalfSquaredError",
    "_loss.CyPinballLoss",
    "builtins.bool",
    "builtins.dict",
    "builtins.float",
    "builtins.int",
    "builtins.list",
    "builtins.slice",
    "builtins.str",
    "builtins.tuple",
    "functools.partial",
    "numpy.bool",
    "numpy.bool_",
    "numpy.dtype",
    "numpy.float32",
    "numpy.float64",
    "numpy.int32",
    "numpy.int64",
    "numpy.ndarray",
    "numpy.random._generator.Generator",
    "numpy.uint32",
    "numpy.uint64",
    "numpy.uint8",
    "sklearn._loss._loss.CyAbsoluteError",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss._loss.CyHalfGammaLoss",
    "sklearn._loss._loss.CyHalfMultinomialLoss",
    "sklearn._loss._loss.CyHalfPoissonLoss",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn._loss._loss.CyPinballLoss",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogLink",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.AbsoluteError",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfGammaLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfPoissonLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss.loss.PinballLoss",
    "sklearn.compose._column_transformer.ColumnTransformer",
    "sklearn.dummy.DummyClassifier",
    "sklearn.dummy.DummyRegressor",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.impute._base.MissingIndicator",
    "sklearn.impute._base.SimpleImputer",
    "sklearn.linear_model._base.LinearRegression",
    "sklearn.linear_model._coordinate_descent.ElasticNet",
    "sklearn.linear_model._coordinate_descent.Lasso",
    "sklearn.linear_model._glm.glm.GammaRegressor",
    "sklearn.linear_model._glm.glm.PoissonRegressor",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.linear_model._ridge.Ridge",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing._data.MinMaxScaler",
    "sklearn.preprocessing._data.RobustScaler",
    "sklearn.preprocessing._data.StandardScaler",
    "sklearn.preprocessing._encoders.OneHotEncoder",
    "sklearn.preprocessing._encoders.OrdinalEncoder",
    "sklearn.preprocessing._function_transformer.FunctionTransformer",
    "sklearn.preprocessing._label.LabelEncoder",
    "sklearn.utils.validation.check_array",
)
KINDS = (
    "Bytearray",
    "Bytes",
    "DType",
    "DefaultDict",
    "Dict",
    "Function",
    "Json",
    "List",
    "Loss",
    "MaskedArray",
    "NdArray",
    "Object",
    "Partial",
    "RandomGenerator",
    "RandomState",
    "Set",
    "Slice",
    "SparseMatrix",
    "Tree",
)
LOADERS = frozenset(f"{kind}Node" for kind in (*KINDS, "Tuple", "Type"))


def canonical_skops(data: bytes) -> bytes:
    """Return the same object in canonical bytes: nothing in them depends on addresses, the clock or the process.

    Identities of objects and names of arrays are numbered by first appearance; texts and numbers carry no identity.
    """
    tree, arrays = _read(data)
    names: dict[str, str] = {}
    ids: dict[int, int] = {}
    canonical_tree = _renamed(tree, arrays, names, ids)
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", compression=ZIP_STORED) as file:
        for old, new in names.items():
            file.writestr(ZipInfo(new, date_time=EPOCH), arrays[old])
        text = json.dumps(canonical_tree, separators=(",", ":"), ensure_ascii=True)
        file.writestr(ZipInfo(TREE, date_time=EPOCH), text)
    return buffer.getvalue()


def untrusted_types(data: bytes, *, trusted: Container[str] = TRUSTED) -> tuple[str, ...]:
    """Return the types, and the ways of constructing them, that are not on the fixed list; raises `BundleError`."""
    found = {name for name in _types(_read(data)[0]) if name not in trusted}
    return tuple(sorted(found))


def _read(data: bytes) -> tuple[Any, dict[str, bytes]]:
    try:
        with ZipFile(io.BytesIO(data)) as file:
            members = {name: file.read(name) for name in file.namelist()}
        return json.loads(members.pop(TREE)), members
    except (BadZipFile, KeyError, ValueError, NotImplementedError, RecursionError, EOFError) as error:
        raise BundleError(WHAT, remedy=REMEDY) from error


def _renamed(node: Any, arrays: dict[str, bytes], names: dict[str, str], ids: dict[int, int]) -> Any:
    if isinstance(node, list):
        return [_renamed(child, arrays, names, ids) for child in node]
    if not isinstance(node, dict):
        return node
    if node.get("__loader__") == "SetNode":  # whose order hangs on the seed of Python's hashes
        node = {**node, "content": sorted(node["content"], key=lambda child: str(child.get("content")))}
    found: dict[str, Any] = {}
    for key, value in node.items():
        if key == "__id__":
            if not node.get("is_json"):
                found[key] = ids.setdefault(value, len(ids) + 1)
        elif key == "file" and value in arrays:
            found[key] = names.setdefault(value, f"{len(names) + 1}.{value.rpartition('.')[2]}")
        else:
            found[key] = _renamed(value, arrays, names, ids)
    return found


def _types(node: Any) -> Iterator[str]:
    """Yield the full name of everything the tree would import, and every loader that is not known."""
    if isinstance(node, list):
        for child in node:
            yield from _types(child)
    elif isinstance(node, dict):
        if "__module__" in node or "__class__" in node:
            yield f"{node.get('__module__')}.{node.get('__class__')}"
        loader = node.get("__loader__")
        if loader is not None and loader not in LOADERS:
            yield str(loader)
        for child in node.values():
            yield from _types(child)
