"""The gates a brief may name are those that a training can give a finding for."""

from __future__ import annotations

import re
from pathlib import Path

from mainstay.domain.gates import CODES
from mainstay.training.findings import BASELINES
from mainstay.training.last_value import LAST_VALUE
from mainstay.training.targets import AT_LEAST, AT_MOST

SRC = Path(__file__).parents[2] / "src" / "mainstay"
FILES = (
    *(SRC / "training").rglob("*.py"),
    *(SRC / "data").rglob("*.py"),
    SRC / "domain" / "brief" / "unjudged.py",
    SRC / "workflows" / "looks.py",
    SRC / "workflows" / "summary.py",
)
CODE = re.compile(r'"(F\d\d-[^"\n]+)"')
MADE = {
    "F04-target-": (*AT_LEAST, *AT_MOST, "value_over_today"),
    "F05-beats-{name.replace('_', '-')}": (*BASELINES, LAST_VALUE),
}


def test_every_code_that_a_training_can_give_is_a_gate_and_no_other() -> None:
    written = {code for file in FILES for code in CODE.findall(file.read_text())}
    assert {code for code in written if "{" in code or code.endswith("-")} == set(MADE)
    made = {code.partition("{")[0] + name.replace("_", "-") for code, names in MADE.items() for name in names}
    assert tuple(sorted((written - set(MADE)) | made)) == CODES
