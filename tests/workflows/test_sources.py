"""Sources as a life uses them: a brief drafted from a database or a frame, and trained on."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.project import open_project
from mainstay.store.sources import read_table
from mainstay.workflows.init import draft, source_meant

AT = datetime(2026, 5, 4, tzinfo=UTC)


def rows(n: int = 300) -> pl.DataFrame:
    random = np.random.default_rng(0)
    amount = random.normal(100, 20, n).round(2)
    return pl.DataFrame(
        {
            "amount": amount,
            "kind": random.choice(["a", "b"], n),
            "paid": (amount + random.normal(0, 20, n) > 100).astype(int),
        }
    )


@pytest.fixture
def loans(tmp_path: Path) -> Path:
    """A folder with an SQLite file of loans."""
    with sqlite3.connect(tmp_path / "loans.db") as file:
        file.execute("create table loans (amount real, kind text, paid integer)")
        file.executemany("insert into loans values (?, ?, ?)", rows().rows())
    file.close()
    return tmp_path


ASKED = ["--data", "sqlite:///loans.db", "--query", "select * from loans where amount > 0", "--target", "paid"]


def test_a_brief_is_drafted_from_a_query_and_reads_it_again(loans: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["init", str(loans), *ASKED]) == 0
    assert "Read 300 rows and 3 columns" in capsys.readouterr().out
    project = open_project(loans)
    assert project.brief.data.query == "select * from loans where amount > 0"
    assert read_table(project.source).equals(rows())
    assert run(mainstay, ["doctor", "-p", str(loans), "--json"]) in (0, 1)
    found = {each["code"]: each["verdict"] for each in json.loads(capsys.readouterr().out)["findings"]}
    assert found["doctor-source"] == "pass"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "sqlite:///loans.db"], "need each other"),
        (["--data", "loans.csv", "--query", "select 1"], "need each other"),
        (["--data", "https://example.org/loans.csv"], "something at https://, and tables are read from here"),
        (["--data", "postgresql://anna:geheim@host/db", "--query", "select 1"], "holds a password"),
        (["--data", "sqlite:///loans.db", "--query", "select nope from loans"], "no such column"),
        (["--data", "postgresql://${NOBODY_SET_THIS}@host/db", "--query", "select 1"], "NOBODY_SET_THIS"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_written(
    loans: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(mainstay, ["init", str(loans), *arguments, "--target", "paid"]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert "geheim" not in told.out + told.err
    assert not (loans / "mainstay.toml").exists()


def test_an_encoding_that_was_named_stands_in_the_brief(tmp_path: Path) -> None:
    text = "město;cena;paid\n" + "".join(f"Plzeň;{n},5;1\nŽďár;{n},25;0\n" for n in range(40))
    (tmp_path / "t.csv").write_bytes(text.encode("cp1250"))
    data = source_meant(str(tmp_path / "t.csv"), query=None, encoding="cp1250", folder=tmp_path)
    draft(tmp_path, data=data, columns={"target": "paid"}, actor="anna", at=AT)
    project = open_project(tmp_path)
    assert project.brief.data.encoding == "cp1250"
    assert read_table(project.source)["město"][0] == "Plzeň"


def test_a_frame_is_drafted_from_and_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({name: column.to_list() for name, column in rows().to_dict().items()})
    draft(tmp_path, data=frame, columns={"target": "paid"}, actor="anna", at=AT)
    assert open_project(tmp_path).brief.data.source == ""
    assert read_table(open_project(tmp_path, frame=frame).source).equals(rows())
