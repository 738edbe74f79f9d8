"""The gates a brief may name are those that a training can give a finding for."""

from __future__ import annotations

import re
from pathlib import Path

from mainstay.checks.running import SERVICE
from mainstay.domain.brief import parse_brief
from mainstay.domain.brief.parts import TargetsPart
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.gates import CODES, SPEEDS, failed_gates, gates_of_exam, is_gate
from mainstay.training.findings import BASELINES
from mainstay.training.last_value import LAST_VALUE
from mainstay.training.targets import AT_LEAST, AT_MOST

SRC = Path(__file__).parents[2] / "src" / "mainstay"
FILES = (
    *(SRC / "training").rglob("*.py"),
    *(SRC / "data").rglob("*.py"),
    SRC / "domain" / "brief" / "unjudged.py",
    SRC / "workflows" / "looks.py",
    SRC / "workflows" / "snapshot.py",
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


def test_targets_are_all_that_the_brief_sets_those_of_speed_too() -> None:
    told = {code.removeprefix("F04-target-").replace("-", "_") for code in CODES if code.startswith("F04-target-")}
    assert told | set(SPEEDS) == set(TargetsPart.model_fields)
    found = [Finding(code=code, verdict=Verdict.FAIL, because="too much") for code in SPEEDS.values()]
    assert failed_gates(("targets",), found) == tuple(SPEEDS.values())
    assert failed_gates(("F04-target",), found) == ()
    assert all(code.startswith(f"{SERVICE}-") and is_gate(code) for code in SPEEDS.values())


def test_a_target_of_speed_waits_for_an_exam() -> None:
    text = '[model]\nname = "m"\n[data]\nsource = "t.csv"\ntarget = "y"\n[targets]\nroc_auc = 0.7\n'
    quick, plain = parse_brief(f"{text}memory_mb = 200\n"), parse_brief(text)
    assert gates_of_exam(quick.gates, quick.targets.model_dump(exclude_none=True)) == ("F16-service-memory",)
    assert gates_of_exam(plain.gates, plain.targets.model_dump(exclude_none=True)) == ()
