"""A packed bundle: the same bytes from the same training, whatever the process; everything in it can be read back."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bundle import made
from tests.bundle.messy import lesson, messy

from mainstay.bundle.golden import require_equal, verify
from mainstay.bundle.inspect import MANIFEST, MODEL, Contents, inspect
from mainstay.bundle.open import open_pipeline
from mainstay.bundle.pack import pack
from mainstay.domain.canonical import digest
from mainstay.domain.errors import BundleError
from mainstay.domain.usual import Usual
from mainstay.serving.score import Scorer
from mainstay.training.features import features

ROOT = Path(__file__).parents[2]
NAMES = ("logistic", "boosting")
AGAIN = """
from tests.bundle.made import files
from mainstay.domain.canonical import digest
for name in ("logistic", "boosting"):
    print(digest(files(name)["manifest.json"]), digest(files(name)["model.skops"]))
"""


@pytest.mark.parametrize("name", [*made.MADE, *made.RULES])
def test_what_is_packed_can_be_inspected_opened_and_proven(name: str) -> None:
    contents = inspect(made.files(name))
    assert str(contents.version) == "credit/3"
    assert contents.schema == lesson(made.task_of(name)).schema
    assert contents.reference == made.REFERENCE
    assert contents.brief.startswith("[model]")
    scorer = Scorer(contents.plan)
    verify(contents.golden, contents.plan, scorer.score_of)
    pipeline = open_pipeline(contents)
    assert (pipeline is None) == (name in made.RULES)
    if pipeline is not None:
        own = made.fitted(name)
        frame = features(messy(500, seed=9)[0], own.inputs)
        assert pipeline.predict(frame).tolist() == own.estimator.predict(frame).tolist()


def test_what_is_usual_travels_with_the_model_and_is_no_part_of_its_digest() -> None:
    usual = Usual(((0.25,),))
    with_it, without = (inspect(pack(replace(made.parts(), usual=each))) for each in (usual, None))
    assert (with_it.usual, without.usual) == (usual, None)
    assert with_it.manifest.model_digest == without.manifest.model_digest


def test_other_processes_pack_the_same_bytes() -> None:
    here = [made.files(name) for name in NAMES]
    expected = "".join(f"{digest(files[MANIFEST])} {digest(files[MODEL])}\n" for files in here)
    for hash_seed, n_threads in (("1", "1"), ("2", "2")):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "OMP_NUM_THREADS": n_threads, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", AGAIN]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout == expected


def test_no_person_is_in_a_golden_row() -> None:
    used, _ = messy(2000, seed=1)
    people = set(used.iter_rows())
    assert not any(tuple(row.used[name] for name in used.columns) in people for row in inspect(made.files()).golden)


def test_golden_rows_tell_a_model_that_differs_by_one_bit() -> None:
    contents = inspect(made.files())
    scorer = Scorer(contents.plan)
    with pytest.raises(BundleError, match="golden row 0"):
        verify(contents.golden, contents.plan, lambda row: scorer.score_row(row) * (1 + 2**-52))


def test_a_plan_that_is_not_its_pipeline_is_refused() -> None:
    require_equal([0.5, 0.25], [0.5, 0.25 + 1e-15])
    require_equal([(0.5, 0.5), (1.0, 0.0)], [(0.5, 0.5), (1.0, 1e-15)])
    require_equal([1e9, float("nan")], [1e9 + 1e-6, float("nan")])
    with pytest.raises(BundleError, match="golden row 0"):
        require_equal([(0.5, 0.5)], [(0.5, 0.4)])
    for wrong in (0.25 + 1e-9, float("nan")):
        with pytest.raises(BundleError, match="golden row 1"):
            require_equal([0.5, 0.25], [0.5, wrong])


def refused(files: dict[str, bytes]) -> str:
    with pytest.raises(BundleError) as caught:
        inspect(files)
    return caught.value.what


@given(st.data())
def test_a_changed_byte_is_named(data: st.DataObject) -> None:
    files = dict(made.files("logistic"))
    path = data.draw(st.sampled_from(sorted(files.keys() - {MANIFEST})))
    at = data.draw(st.integers(0, len(files[path]) - 1))
    bit = data.draw(st.integers(0, 7))
    files[path] = files[path][:at] + bytes([files[path][at] ^ (1 << bit)]) + files[path][at + 1 :]
    assert refused(files) == f"{path} was changed: its digest is not the manifest's"


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_changed_byte_of_the_manifest_is_noticed(at: int, bit: int) -> None:
    files = dict(made.files("logistic"))
    text = files[MANIFEST]
    at %= len(text)
    files[MANIFEST] = text[:at] + bytes([text[at] ^ (1 << bit)]) + text[at + 1 :]
    try:
        contents = inspect(files)
    except BundleError:
        return
    assert (
        contents.digest != inspect(made.files("logistic")).digest
    )  # only the name changed; the ledger knows the digest


@given(path=st.sampled_from(sorted(made.files("logistic"))))
def test_a_missing_file_is_named(path: str) -> None:
    files = {name: content for name, content in made.files("logistic").items() if name != path}
    assert refused(files) == f"{path} is missing"


@pytest.mark.parametrize("path", ["extra.txt", "code/mainstay_model/other.py"])
def test_an_extra_file_is_named(path: str) -> None:
    assert refused(made.files("logistic") | {path: b""}).startswith(f"{path} is extra")


def test_byte_code_that_python_left_is_no_part_of_a_bundle() -> None:
    left = "code/mainstay_model/__pycache__/portable.cpython-311.pyc"
    assert left not in inspect(made.files("logistic") | {left: b""}).files
    assert refused(made.files("logistic") | {"__pycache__/plan.pyc": b""}).startswith("__pycache__/plan.pyc is extra")


@pytest.mark.parametrize("path", ["../plan.json", "/etc/passwd", "code/../../x", "a\\b", "", ".hidden", "a//b", "a\nb"])
def test_a_path_that_leads_out_is_refused(path: str) -> None:
    assert "not a path" in refused(made.files("logistic") | {path: b""})


def test_another_format_is_refused() -> None:
    files = dict(made.files("logistic"))
    files[MANIFEST] = files[MANIFEST].replace(b'"format":1', b'"format":2')
    assert "format 2" in refused(files)


def test_contents_cannot_be_changed_afterwards() -> None:
    contents = inspect(made.files("logistic"))
    assert isinstance(contents, Contents)
    with pytest.raises(AttributeError):
        contents.plan = None  # type: ignore[misc]
