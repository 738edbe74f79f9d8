"""Counting on a real Spark of this machine: cell by cell what is counted without it. `make spark` runs this."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from tests.workflows import lives
from tests.workflows.lives import AT, DAY, add, learn, us

from mainstay.domain.errors import Asked
from mainstay.domain.signature import OUTCOME, Bins
from mainstay.domain.traffic import Decision, Warned
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.monitoring.cells import KEYS
from mainstay.monitoring.latency import LATENCY
from mainstay.store.home import Home, open_home
from mainstay.store.ingest import ingest
from mainstay.store.spool import Spool
from mainstay.workflows import live
from mainstay.workflows.watch import open_watch, tick
from mainstay.workflows.watch_spark import counting_on

needs_spark = pytest.mark.skipif(
    not find_spec("pyspark") or not shutil.which("java"), reason="no pyspark or no java here: run `make spark`"
)
HERE = "local[2]"
LATER = AT + 50 * DAY
BINS = (
    Bins(subject="input:LIMIT_BAL", edges=(30_000.0, 60_000.0), low=10_000.0, high=100_000.0),
    Bins(subject="input:PAY_0", edges=(0.0, 1.0), low=-2.0, high=8.0),
    Bins(subject="score", edges=(0.25, 0.5, 0.75), low=0.0, high=1.0),
)
REFERENCE = msgspec.structs.replace(
    lives.REFERENCE, bins=BINS, counts={each.subject: (tuple(range(each.n_bins)),) for each in BINS}
)


@pytest.fixture(autouse=True)
def small_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "--driver-memory 1g --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=2"
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", f"{said} pyspark-shell")
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A live version, and its decisions in three commits: requests of one row and of two, odd inputs, two arms."""
    monkeypatch.setattr(lives, "REFERENCE", REFERENCE)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "mainstay.toml").write_text(lives.BRIEF)
    home = open_home(tmp_path / "here")
    live.deploy(home, add(home), actor="bo", at=AT)
    for commit in range(3):
        rows = [decision(n) for n in range(commit * 400, commit * 400 + 400)]
        spool = Spool(home.spool_root, "credit", "decisions")
        spool.write(msgspec.json.Encoder().encode_lines(rows))
        spool.close()
        ingest(home, "credit", at=AT + DAY)
    return home


def decision(n: int) -> Decision:
    request = n - n % 2 if n % 5 < 3 else n
    score = (n % 101) / 100
    return Decision(
        id=f"a-{n}",
        key="",
        own_id=False,
        row_digest=f"d-{n}",
        at_us=us(AT) + request * 3_600_000_000,
        version=1,
        arm="control" if n % 7 == 0 else "champion",
        assignment_share=1.0,
        score=score if n % 13 else None,
        threshold=0.25,
        decision="decline" if score >= 0.25 else "approve",
        warnings=(Warned("PAY_0", "missing", None, None),) if n % 11 == 0 else (),
        used={"LIMIT_BAL": 5_000.0 + 100 * n, "PAY_0": None if n % 11 == 0 else float(n % 4)},
        received="{}",
        entity="",
        latency_us=900 + request % 50,
    )


def summed(home: Home) -> pl.DataFrame:
    cells = open_watch(home, "credit").journal.cells()
    sums = [name for name in cells.columns if name not in KEYS]
    return cells.group_by(KEYS).agg(pl.col(sums).sum().round(6)).filter(pl.col("n") != 0).sort(KEYS, nulls_last=True)


@needs_spark
def test_a_cluster_counts_what_this_machine_counts(home: Home, tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    there = open_home(tmp_path / "there")
    outcomes = {f"a-{n}": str(n % 2) for n in range(0, 1_300, 3)}  # some of decisions that are yet to come
    counting: Any = {"here": {}, "there": {"counting": counting_on(HERE)}}
    for each, kept in (("here", home), ("there", there)):
        tick(open_watch(kept, "credit"), at=AT + 2 * DAY, **counting[each])
        learn(kept, outcomes, at=AT + 40 * DAY)
        tick(open_watch(kept, "credit"), at=AT + 41 * DAY, **counting[each])
        spool = Spool(kept.spool_root, "credit", "decisions")
        spool.write(msgspec.json.Encoder().encode_lines([decision(n) for n in range(1_200, 1_300)]))
        spool.close()
        tick(open_watch(kept, "credit"), at=LATER, **counting[each])
    known = summed(home)
    assert summed(there).equals(known)
    assert known.filter(pl.col("subject") == "score")["n"].sum() == 1_300
    assert known.filter(pl.col("subject") == OUTCOME)["n"].sum() > 300
    assert 100 < known.filter(pl.col("subject") == LATENCY)["n"].sum() < 1_000
    assert there.ledger.life("credit").open_signals == home.ledger.life("credit").open_signals


@needs_spark
def test_the_command_counts_on_the_cluster_once(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["watch", "--once", "--engine", HERE, "-p", str(home.root.parent)]
    assert run(mainstay, words) == 0
    cells = summed(home)
    assert cells.filter(pl.col("subject") == "score")["n"].sum() == 1_200
    assert run(mainstay, words) == 0
    assert summed(home).equals(cells)
    assert "nothing new" in capsys.readouterr().out


def test_what_is_no_engine_is_said() -> None:
    with pytest.raises(Asked, match="'hadoop' is no engine") as refused:
        counting_on("hadoop")
    assert "sc://HOST" in refused.value.remedy
