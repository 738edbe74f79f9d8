"""A journal whose decisions were kept before scores of classes were is read, and goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import polars as pl
from tests.store.traffic import AT, decision, lines

from mainstay.store.delta import BATCH, Delta
from mainstay.store.home import open_home
from mainstay.store.ingest import ingest
from mainstay.store.journal import Journal
from mainstay.store.lines import frame_of
from mainstay.store.spool import Spool
from mainstay.store.tables import DECISIONS, FIRST

LATER = ("scores", "answered")  # columns that older tables lack


def test_an_older_table_of_decisions_is_read_and_goes_on(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    folder = Journal(home, "credit").folder / "decisions"
    columns = {name: kind for name, kind in DECISIONS.columns.items() if name not in LATER}
    older = Delta(folder, replace(DECISIONS, columns=columns))
    older.refresh()
    rows = frame_of("decisions", [decision("old")]).drop(LATER)
    assert older.append(rows.with_columns(batch=pl.lit(1, pl.Int64), standing=pl.lit(FIRST)), {BATCH: 1}, at=AT)
    assert Journal(home, "credit").decisions()["scores"].to_list() == [None]

    several = msgspec.structs.replace(decision("several"), score=0.7, scores=(0.1, 0.7, 0.2))
    amount = msgspec.structs.replace(decision("amount"), score=312.5, answered=300.0, threshold=None, decision=None)
    spool = Spool(home.spool_root, "credit", "decisions")
    spool.write(lines([several, amount]))
    spool.close()
    ingest(home, "credit", at=AT)

    kept = Journal(home, "credit").decisions(columns=["id", "score", "scores", "answered", "decision"])
    assert kept.rows() == [
        ("old", 0.25, None, None, "approve"),
        ("several", 0.7, "[0.1,0.7,0.2]", None, "approve"),
        ("amount", 312.5, None, 300.0, None),
    ]


def test_a_line_of_two_outcomes_is_as_it_always_was() -> None:
    line = msgspec.json.encode(decision("a"))
    assert b"scores" not in line
    assert b"answered" not in line
