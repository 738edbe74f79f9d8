"""Spool and journal with real traffic in them, well and brought out of order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.workflows.lives import AT, add, decide

from mainstay.domain.finding import Finding, Verdict
from mainstay.store.home import Home, open_home
from mainstay.store.ingest import ingest
from mainstay.store.spool import Spool
from mainstay.workflows.doctor.site import Site
from mainstay.workflows.doctor.traffic import journal, spool, unreadable


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = open_home(tmp_path)
    add(home)
    return home


def found(
    home: Home, check: Callable[[Home, Site], Iterable[Finding]], *, later: timedelta = timedelta()
) -> list[Finding]:
    return list(check(home, Site(home.root.parent, AT + later)))


def test_before_any_traffic_nothing_is_wrong(home: Home) -> None:
    (opened,) = found(home, journal)
    assert opened.verdict is Verdict.PASS
    assert found(home, spool) == []
    assert found(home, unreadable) == []


def test_rows_in_the_spool_are_fine_until_nobody_comes_for_them(home: Home) -> None:
    decide(home, ["a-1", "a-2"], at=AT)
    (fresh,) = found(home, spool, later=timedelta(minutes=2))
    assert fresh.verdict is Verdict.PASS
    assert "2 rows" in fresh.because
    (late,) = found(home, spool, later=timedelta(hours=3))
    assert late.verdict is Verdict.WARN
    assert "the oldest for 3 hours" in late.because
    assert late.remedy == "mainstay watch --once --model credit"


def test_what_is_in_the_journal_waits_no_longer(home: Home) -> None:
    decide(home, ["a-1", "a-2"], at=AT)
    ingest(home, "credit", at=AT)
    assert all("0 rows" in f.because for f in found(home, spool, later=timedelta(hours=3)))
    (opened,) = found(home, journal)
    assert "2 decisions" in opened.because


def test_a_torn_batch_is_counted(home: Home) -> None:
    decide(home, ["a-1"], at=AT)
    (segment,) = (home.spool_root / "credit" / "decisions").glob("*/*.ndjson")
    with segment.open("ab") as file:
        file.write(b"900 00000000\n{half")
    assert [f.code for f in found(home, spool)] == ["doctor-spool", "doctor-torn"]


def test_a_line_that_cannot_be_read_is_set_apart_and_said(home: Home) -> None:
    writer = Spool(home.spool_root, "credit", "decisions")
    writer.write(b'{"no": "decision"}\n')
    writer.close()
    ingest(home, "credit", at=AT)
    (apart,) = found(home, unreadable)
    assert apart.verdict is Verdict.WARN
    assert "unreadable" in apart.remedy


def test_a_lost_file_of_the_journal_fails(home: Home) -> None:
    decide(home, ["a-1"], at=AT)
    ingest(home, "credit", at=AT)
    for path in (home.journal_root / "credit" / "decisions").rglob("*.parquet"):
        path.unlink()
    (broken,) = found(home, journal)
    assert broken.verdict is Verdict.FAIL
    assert "decisions does not open" in broken.because
    assert broken.remedy.startswith("mainstay restore")


def test_a_torn_log_of_the_journal_fails(home: Home) -> None:
    decide(home, ["a-1"], at=AT)
    ingest(home, "credit", at=AT)
    for path in (home.journal_root / "credit" / "decisions" / "_delta_log").glob("*.json"):
        path.write_bytes(b"{torn")
    (broken,) = found(home, journal)
    assert broken.verdict is Verdict.FAIL
