"""A fresh process is timed to its first line, and one that fails or says nothing is told as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.domain.errors import StoreError
from mainstay.store.environment import distributions, licences
from mainstay.store.starting import first_line


def test_the_first_line_is_timed_and_all_lines_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "says.py").write_text("import sys\nprint('ready', flush=True)\nprint(sys.argv[1])\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    took_s, lines = first_line("says", ["more"])
    assert lines == ("ready", "more")
    assert took_s > 0


def test_lines_that_arrive_together_are_all_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "says.py").write_text("print('ready\\n' + 'more\\n' * 3, end='', flush=True)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert first_line("says", [])[1] == ("ready", "more", "more", "more")


def test_one_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "waits.py").write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("mainstay.store.starting.WITHIN_S", 0.5)
    with pytest.raises(StoreError, match="exit code -9"):
        first_line("waits", [])


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "pass"])
def test_one_that_fails_or_is_silent_is_a_store_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    (tmp_path / "fails.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(StoreError):
        first_line("fails", [])


def test_every_distribution_we_need_tells_its_licence() -> None:
    told = licences(distributions())
    assert set(told) == set(distributions())
    assert not [name for name, licence in told.items() if not licence]
    assert licences(["there-is-no-such-distribution"]) == {}
