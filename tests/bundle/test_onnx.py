"""The ONNX twin says what the plan says: on training rows, beside every threshold, missing and unseen."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from tests.bundle import made
from tests.bundle.messy import SCHEMA, bent, lesson
from tests.bundle.test_compile import columns, cuts

from mainstay.domain.errors import BundleError
from mainstay.domain.plan import (
    Beta,
    Constant,
    Difference,
    Forest,
    Isotonic,
    Level,
    Linear,
    Logistic,
    Number,
    NumberTerm,
    Packed,
    Plan,
    Temperature,
)
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.task import Task
from mainstay.serving import plan_math
from mainstay.serving.plan_inputs import Columns
from mainstay.serving.score import Scorer

pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from mainstay.bundle import onnx_twin  # noqa: E402
from mainstay.bundle.onnx_run import said_by  # noqa: E402
from mainstay.workflows.twins import feed_of  # noqa: E402

SMALL = Schema(
    fields=(Field(name="a", kind=Kind.NUMBER), Field(name="g", kind=Kind.CATEGORY, levels=("x", "y"))), target="z"
)


def twin(plan: Plan, schema: Schema = SCHEMA) -> onnx_twin.Twin:
    manifest = SimpleNamespace(version="credit/1", model_digest="sha256:0")
    return onnx_twin.twin_of(SimpleNamespace(plan=plan, schema=schema, manifest=manifest))


def require_same(plan: Plan, used: Columns, schema: Schema = SCHEMA) -> None:
    made_of, n_rows = twin(plan, schema), len(next(iter(used.values())))
    said = said_by(made_of.data, feed_of(made_of, used, n_rows), output=made_of.output)
    np.testing.assert_allclose(said, Scorer(plan).scores(used), rtol=1e-12, atol=1e-12)


def sent(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as admission leaves them: an empty text is a missing one."""
    texts = [field.name for field in SCHEMA.fields if field.kind in (Kind.CATEGORY, Kind.BOOLEAN)]
    return rows.with_columns(pl.col(texts).replace("", None))


@pytest.mark.parametrize("name", sorted(made.MADE))
def test_twins_of_every_task_and_learner_say_what_the_plan_says(name: str) -> None:
    plan, used = made.plan_of(name), lesson(made.task_of(name)).used
    require_same(plan, columns(used))
    require_same(plan, columns(sent(bent(used, cuts(plan.models)))))


@pytest.mark.parametrize(
    "calibration",
    [
        Logistic(slope=0.7, intercept=-0.2),
        Temperature(temperature=1.7),
        Beta(a=0.8, b=1.3, c=0.1),
        Isotonic(scores=(0.1, 0.5, 0.8), calibrated=(0.0, 0.6, 0.9)),
        Isotonic(scores=(0.1,), calibrated=(0.25,)),
    ],
    ids=lambda one: type(one).__name__,
)
@pytest.mark.parametrize("link", ["logistic", "identity"])
def test_every_calibration(calibration: object, link: str) -> None:
    line = Linear(
        intercept=0.3, terms=(NumberTerm(input=Number(field="a"), fill=0.2, centre=0.0, scale=1.0, weight=0.5),)
    )
    low_high = {"low": -0.6, "high": 1.4} if link == "identity" else {}
    term = line.terms[0]
    kept = NumberTerm(**{name: getattr(term, name) for name in term.__struct_fields__} | low_high)
    plan = Plan(task="binary", models=(Linear(intercept=0.3, terms=(kept,)),), link=link, calibration=calibration)
    require_same(plan, {"a": [-40.0, -0.5, 0.0, 0.1, 1.0, 40.0, None], "g": ["x"] * 7}, SMALL)


def test_a_forest_with_trees_that_are_leaves_and_sets_of_levels() -> None:
    forest = Forest(
        inputs=(Number(field="a"), Level(field="g", levels=("x", "y"), missing_is_level=True)),
        baseline=0.25,
        roots=(0, 1, 4),
        feature=(-1, 0, -1, -1, 1, -1, -1),
        threshold=(0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0),
        missing_left=(False, True, False, False, True, False, False),
        left=(0, 2, 0, 0, 5, 0, 0),
        right=(0, 3, 0, 0, 6, 0, 0),
        value=(0.5, 0.0, 1.0, 2.0, 0.0, 10.0, 20.0),
        levels_left=(None, None, None, None, (1, 2), None, None),
        divisor=3.0,
    )
    plan = Plan(task="regression", models=(forest,), link="identity")
    beside = [0.1, float(np.nextafter(0.1, 1)), float(np.nextafter(0.1, 0)), None]
    used = {"a": beside * 4, "g": [level for level in ("x", "y", None, "unseen") for _ in beside]}
    require_same(plan, used, SMALL)


def test_a_gap_of_two_numbers() -> None:
    numbers = [0.0, -3.5, 1e300, -1e300, 0.1, None]
    used = {"a": [x for x in numbers for _ in numbers], "b": numbers * len(numbers)}
    gap = Difference(Number("a"), Number("b"), left_scale=1e-200, right_scale=0.3)
    line = Linear(intercept=0.1, terms=(NumberTerm(gap, fill=0.5, centre=0.0, scale=7.0, weight=0.3, low=-9, high=9),))
    schema = Schema(fields=tuple(Field(name=name, kind=Kind.NUMBER) for name in used), target="z")
    require_same(Plan(task="binary", models=(line,), link="logistic"), used, schema)


def test_a_caller_that_loads_the_file_alone_gets_the_same_scores() -> None:
    plan = made.plan_of("boosting")
    session = onnxruntime.InferenceSession(twin(plan).data, providers=["CPUExecutionProvider"])
    facts = session.get_modelmeta().custom_metadata_map
    assert (facts["version"], float(facts["threshold"]), facts["when_high"]) == ("credit/1", plan.threshold, "decline")
    row = lesson(Task.BINARY).used.row(0, named=True)
    feed = {}
    for each in session.get_inputs():
        value = row.get(each.name)
        if "string" in each.type:
            feed[each.name] = np.array([[value or ""]], dtype=object)
        elif each.name in row:
            feed[each.name] = np.array([[np.nan if value is None else value]])
        else:  # what ONNX has no operations for: the month in Berlin, the score of a text
            assert each.name in facts["given"]
            feed |= {each.name: feed_of(twin(plan), {name: [row[name]] for name in row}, 1)[each.name]}
    (score,) = session.run(["score"], feed)[0]
    assert score == pytest.approx(Scorer(plan).score_row(row), abs=1e-14)


def test_what_is_no_arithmetic_says_so() -> None:
    with pytest.raises(BundleError, match="a rule cannot be written as ONNX"):
        twin(made.plan_of("rule"))
    packed = Packed(frame="pandas", columns=(), digest="")
    with pytest.raises(BundleError, match="packed cannot be written as ONNX"):
        twin(Plan(task="binary", models=(packed,), link="logistic"))


def test_nearly_nought_is_the_same_here_and_there() -> None:
    assert onnx_twin.NEAREST == plan_math.NEAREST
    require_same(Plan(task="binary", models=(Constant(raw=0.0),), link="logistic"), {"a": [1.0, None]}, SMALL)
