"""What an exam prints: the worst first, and what does not apply apart from what nobody knows."""

import pytest

from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.version import VersionName
from mainstay.interfaces.cli.exam import exam_json, show_exam
from mainstay.workflows.exam import Exam

FINDINGS = (
    Finding(code="F01-owned", verdict=Verdict.PASS, because="anna"),
    Finding(code="F10-label-noise", verdict=Verdict.UNKNOWN, because="asked of classes alone", applies=False),
    Finding(code="F09-seasons", verdict=Verdict.UNKNOWN, because="too few rows"),
)


def test_what_does_not_apply_is_said_last_and_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    show_exam(Exam(VersionName("m", 1), FINDINGS, ()), whole=False)
    assert capsys.readouterr().out.splitlines()[:3] == [
        "○ unknown  F09-seasons  too few rows.",
        "– not applicable  F10-label-noise  asked of classes alone.",
        "● pass  1 of 2 findings are as they should be.",
    ]


def test_it_leaves_a_verdict_as_it_is() -> None:
    assert Exam(VersionName("m", 1), FINDINGS[:2], ()).verdict is Verdict.PASS
    told = exam_json(Exam(VersionName("m", 1), FINDINGS, ()))
    assert told["verdict"] == "unknown"
    found = told["findings"]
    assert isinstance(found, list)
    assert [(each["verdict"], each["applies"]) for each in found] == [
        ("pass", True),
        ("unknown", False),
        ("unknown", True),
    ]
