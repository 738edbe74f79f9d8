"""The code that travels: it needs numpy alone, and scores as the service does."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bundle import made
from tests.bundle.messy import SCHEMA

from mainstay.bundle.golden import decided
from mainstay.bundle.inspect import inspect
from mainstay.bundle.mlmodel import CODE_MODULES, code_files
from mainstay.domain.errors import BundleError
from mainstay.domain.reading import Unreadable, read_value
from mainstay.domain.schema import Schema
from mainstay.serving.portable import PortableModel
from mainstay.serving.score import Scorer

ROWS = {
    "age": [30, "41", None, float("nan"), 1e9, True],
    "income": [1000.5, -3, 0, "12", None, 7],
    "region": ["EU", " uk ", "somewhere", None, "US", 3],
    "member": [True, "no", 1, None, "false", "TRUE"],
    "shop": ["shop 1", "shop 299", None, "SHOP 2", "nobody's", 7],
    "note": ["Angry! call me 42", "", None, "unknown", "thanks again Über", "a"],
    "since": ["2020-03-01", "2021-07-05T12:00:00+02:00", None, "", "2015-10-25T02:30:00", "2019-01-01"],
    "extra": [1, 2, 3, 4, 5, 6],
}
SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1] + "/code")
from mainstay_model.portable import _load_pyfunc
answer = _load_pyfunc(sys.argv[1]).predict(json.load(sys.stdin))
ours = [name for name in sys.modules if name.split(".")[0] in ("mainstay", "msgspec", "polars", "sklearn", "pydantic")]
print(json.dumps([answer, ours]))
"""


def written(folder: Path, name: str) -> Path:
    for path, content in made.files(name).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def expected(name: str) -> dict[str, list]:
    """What the service would say to the rows."""
    plan = inspect(made.files(name)).plan
    rows = [
        {
            field.name: read_value(field, ROWS[field.name][i], time_zone=SCHEMA.time_zone).value
            for field in SCHEMA.fields
            if field.name in ROWS
        }
        for i in range(len(ROWS["age"]))
    ]
    scores = [Scorer(plan).score_of(row) for row in rows]
    decision = decided(plan, scores, rows)
    if not plan.classes:
        return {"score": scores, "decision": decision}
    by_class = zip(plan.classes, zip(*scores, strict=True), strict=True)
    return {f"score_{name}": list(column) for name, column in by_class} | {"decision": decision}


@pytest.mark.parametrize("name", [*made.MADE, *made.RULES])
def test_a_folder_scores_without_mainstay(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-c", SCRIPT, str(written(tmp_path, name))]
    done = subprocess.run(command, input=json.dumps(ROWS), capture_output=True, text=True, check=True)
    answer, ours = json.loads(done.stdout)
    assert ours == []
    assert answer == json.loads(json.dumps(expected(name)))


def test_every_module_that_travels_finds_what_it_imports() -> None:
    shipped = {name.rpartition(".")[2] for name in CODE_MODULES}
    assert len(shipped) == len(CODE_MODULES)
    for text in code_files(made.sources()).values():
        tree = ast.parse(text)
        checked = {id(inner) for node in ast.walk(tree) if _only_for_types(node) for inner in ast.walk(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and id(node) not in checked:
                assert node.module is not None
                top, _, rest = node.module.partition(".")
                names = [rest] if rest else [alias.name for alias in node.names]
                assert top in sys.stdlib_module_names | {"numpy"} or (top == "mainstay_model" and set(names) <= shipped)
            elif isinstance(node, ast.Import):
                assert {alias.name.partition(".")[0] for alias in node.names} <= sys.stdlib_module_names | {"numpy"}


def _only_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def test_code_that_lacks_a_module_is_refused() -> None:
    with pytest.raises(BundleError, match=r"serving\.rule"):
        code_files({name: text for name, text in made.sources().items() if name != "serving.rule"})


VALUES = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats() | st.text(max_size=8) | st.dates()


@given(st.lists(VALUES, min_size=1, max_size=4), st.sampled_from([field.name for field in SCHEMA.fields]))
def test_values_are_read_as_everywhere(values: list, name: str) -> None:
    contents = inspect(made.files("boosting"))
    plan, schema = (json.loads(made.files("boosting")[path]) for path in ("plan.json", "schema.json"))
    scorer = Scorer(contents.plan)
    try:
        wanted = [
            scorer.score_row({name: read_value(SCHEMA.field(name), value, time_zone=SCHEMA.time_zone).value})
            for value in values
        ]
    except Unreadable:
        with pytest.raises(ValueError, match=f"column '{name}', row"):
            PortableModel(plan, schema).predict({name: values})
        return
    assert PortableModel(plan, schema).predict({name: values})["score"] == wanted


def test_aliases_are_found_and_numpy_scalars_are_plain() -> None:
    field = SCHEMA.field("age")
    schema = json.loads(made.files("boosting")["schema.json"])
    assert isinstance(SCHEMA, Schema)
    schema["fields"][0]["aliases"] = ["years"]
    model = PortableModel(json.loads(made.files("boosting")["plan.json"]), schema)
    plain = model.predict({field.name: [30.0, None]})
    assert model.predict({"years": np.array([np.int64(30), None], dtype=object)}) == plain
