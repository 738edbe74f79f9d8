"""The environment is examined against what the installed package itself declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.domain.finding import Finding, Verdict
from mainstay.workflows.doctor import environment


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Install a package that declares these lines of metadata, and let the doctor take it for ours."""

    def declared(*lines: str) -> None:
        info = tmp_path / "otherstay-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", "Name: otherstay", "Version: 1.0", *lines]))
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setattr(environment, "PACKAGE", "otherstay")

    return declared


def only(findings: object) -> Finding:
    (finding,) = findings  # type: ignore[misc]
    return finding


def test_this_environment_is_well() -> None:
    assert only(environment.python()).verdict is Verdict.PASS
    assert only(environment.libraries()).verdict is Verdict.PASS
    assert only(environment.cores()).code == "doctor-cores"


def test_a_python_out_of_range_is_named(declare) -> None:
    declare("Requires-Python: >=2.7,<3")
    found = only(environment.python())
    assert found.verdict is Verdict.FAIL
    assert ">=2.7" in found.because
    assert "pip install mainstay" in found.remedy


def test_libraries_that_are_missing_or_out_of_bounds_are_named_each(declare) -> None:
    declare(
        "Requires-Dist: click>=1",
        "Requires-Dist: rich>=9999",
        "Requires-Dist: no-such-library>=1.2",
        "Requires-Dist: not-for-us>=1; sys_platform == 'plan9'",
        "Requires-Dist: an-extra>=1; extra == 'more'",
    )
    findings = tuple(environment.libraries())
    assert [f.subject for f in findings] == ["rich", "no-such-library"]
    assert all(f.verdict is Verdict.FAIL for f in findings)
    assert '-m pip install "rich>=9999"' in findings[0].remedy
    assert "not installed" in findings[1].because


def test_without_metadata_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "PACKAGE", "nobody-declares-this")
    assert only(environment.python()).verdict is Verdict.UNKNOWN
    assert only(environment.libraries()).verdict is Verdict.UNKNOWN


def test_a_container_with_fewer_cores_than_the_machine_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "n_cores", lambda: 64)
    monkeypatch.setattr(environment, "cores_allowed", lambda: 2.0)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    found = only(environment.cores())
    assert found.verdict is Verdict.WARN
    assert "OMP_NUM_THREADS=2" in found.remedy
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert only(environment.cores()).verdict is Verdict.PASS
