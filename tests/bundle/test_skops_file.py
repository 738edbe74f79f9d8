"""Reading `model.skops` as data: canonical bytes, and no type outside the fixed list."""

from __future__ import annotations

import io
import json
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC
from skops.io import dumps, get_untrusted_types, loads
from tests.bundle import made
from tests.bundle.messy import lesson

from mainstay.bundle.inspect import MANIFEST, MODEL, inspect
from mainstay.bundle.open import open_pipeline
from mainstay.bundle.skops_file import TRUSTED, canonical_skops, untrusted_types
from mainstay.domain.canonical import digest
from mainstay.domain.errors import BundleError


def fitted_again(name: str) -> Pipeline:
    task, learner, settings = made.MADE[name]
    return learner.fit(lesson(task), settings).estimator


@pytest.mark.parametrize("name", sorted(made.MADE))
def test_two_dumps_of_one_pipeline_are_one(name: str) -> None:
    first, second = dumps(made.fitted(name).estimator), dumps(fitted_again(name))
    assert first != second
    assert canonical_skops(first) == canonical_skops(second) == canonical_skops(canonical_skops(first))
    assert untrusted_types(first) == ()
    assert set(get_untrusted_types(data=canonical_skops(first))) <= set(TRUSTED)


def smuggled(name: str, data: bytes) -> dict[str, bytes]:
    """A bundle whose manifest vouches for a model file that is not one of ours."""
    files = dict(made.files(name))
    manifest = json.loads(files[MANIFEST])
    files[MODEL] = data
    manifest["files"][MODEL] = digest(data)
    files[MANIFEST] = json.dumps(manifest).encode()
    return files


def system(command: str) -> None:
    raise AssertionError(f"{command} ran")


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (Pipeline([("model", LinearSVC())]), "sklearn.svm._classes.LinearSVC"),
        (Pipeline([("call", FunctionTransformer(system))]), "test_skops_file.system"),
        (Pipeline([("call", FunctionTransformer(json.loads))]), "json.loads"),
    ],
)
def test_a_type_that_is_not_ours_is_named_and_never_constructed(model: Pipeline, named: str) -> None:
    with pytest.raises(BundleError, match="not trusted") as caught:
        inspect(smuggled("logistic", dumps(model)))
    assert named in str(caught.value)


def test_what_is_no_pipeline_is_not_opened() -> None:
    contents = inspect(smuggled("logistic", dumps({"a": [1.0]})))
    with pytest.raises(BundleError, match="dict"):
        open_pipeline(contents)


def renamed(data: bytes, change: dict[str, str]) -> bytes:
    source, buffer = ZipFile(io.BytesIO(data)), io.BytesIO()
    with ZipFile(buffer, "w") as file:
        for name in source.namelist():
            content = source.read(name)
            for old, new in change.items():
                content = content.replace(old.encode(), new.encode())
            file.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        {'"sklearn.dummy"': '"os"'},
        {'"DummyClassifier"': '"system"'},
        {'"ObjectNode"': '"MethodNode"'},
        {'"ObjectNode"': '"NoSuchNode"'},
    ],
)
def test_a_forged_tree_is_refused(change: dict[str, str]) -> None:
    forged = renamed(dumps(made.fitted("base_rate")), change)
    assert untrusted_types(forged)


@given(st.binary(max_size=300))
def test_noise_is_refused_with_a_message(data: bytes) -> None:
    with pytest.raises(BundleError, match="cannot be read"):
        untrusted_types(data)


def test_a_torn_model_is_refused_with_a_message() -> None:
    data = made.files("base_rate")[MODEL]
    for end in range(0, len(data), 97):
        with pytest.raises(BundleError):
            untrusted_types(data[:end])


def test_a_tree_nested_without_end_is_refused() -> None:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as file:
        file.writestr("schema.json", "[" * 100_000)
    with pytest.raises(BundleError):
        untrusted_types(buffer.getvalue())


def test_canonical_bytes_load_to_the_same_scores() -> None:
    pipeline = made.fitted("logistic").estimator
    again = loads(canonical_skops(dumps(pipeline)), trusted=list(TRUSTED))
    assert again[-1].coef_.tolist() == pipeline[-1].coef_.tolist()
