"""A bundle in MLflow's hands, for real. Name an interpreter that has MLflow and pandas in MAINSTAY_MLFLOW_PYTHON."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.bundle.test_mlmodel import ROWS, expected, written

PYTHON = os.environ.get("MAINSTAY_MLFLOW_PYTHON") or (sys.executable if importlib.util.find_spec("mlflow") else None)
SCRIPT = """
import json, sys
import mlflow, pandas
model = mlflow.pyfunc.load_model(sys.argv[1])
frame = pandas.DataFrame(json.load(sys.stdin), index=list("abcdef"))
answer = model.predict(frame)
assert list(answer.index) == list("abcdef")
print(json.dumps([answer.to_dict("list"), "mainstay" in sys.modules]))
"""


@pytest.mark.skipif(PYTHON is None, reason="NOT TESTED with MLflow: set MAINSTAY_MLFLOW_PYTHON to a Python that has it")
@pytest.mark.parametrize("name", ["logistic", "boosting", "rule"])
def test_mlflow_opens_a_bundle(name: str, tmp_path: Path) -> None:
    assert PYTHON is not None
    command = [PYTHON, "-c", SCRIPT, str(written(tmp_path, name))]
    done = subprocess.run(command, input=json.dumps(ROWS), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer, has_mainstay = json.loads(done.stdout.splitlines()[-1])
    assert not has_mainstay
    assert answer["score"] == expected(name)
