"""Answering a query's rows into a table of a real PostgreSQL: each id once, whatever is killed and begun again."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.interfaces.http.homes import BRIEF, ROW, new_home
from tests.interfaces.http.spools import lines
from tests.postgres import started

from mainstay.domain.errors import Asked, DataError
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.store.home import Home
from mainstay.workflows import batch
from mainstay.workflows import predict_table as workflow
from mainstay.workflows.batch import Journalling
from mainstay.workflows.predict import Predicted
from mainstay.workflows.predict_table import FromQuery, predict_table

psycopg = pytest.importorskip("psycopg", reason="no psycopg here: answers were not written to PostgreSQL")

PASSWORD = "geh:eim@x/y?"
TABLE = """
create table people (customer bigint, age numeric(4, 1), income double precision, region text, member boolean,
    joined timestamptz, late int, note uuid);
insert into people select i, 30 + i, case when i % 4 = 0 then null else 1000.5 end,
    case i when 7 then 'Mars' else 'EU' end, i % 2 = 0, '2021-05-01'::timestamptz + i * interval '1 day', i % 3, null
    from generate_series(1, 10) i;
update people set age = 'NaN' where customer = 3;
create view asked as select customer, case customer when 5 then 'private' else age::text end as age, income, region,
    member, joined, late from people;
"""


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, str]]:
    """The address of a running PostgreSQL as its owner, and as anna, who needs a password."""
    running, folder = started()
    running.psql(TABLE)
    running.psql(f"create role anna login password '{PASSWORD}'; grant select on people to anna;")
    (folder / "pg_hba.conf").write_text("local all anna scram-sha-256\nlocal all all trust\n")
    running.psql("select pg_reload_conf();")
    yield f"postgresql://postgres@/postgres?host={folder}", "postgresql://anna:${SECRET}@/postgres?host=" + str(folder)
    running.cleanup()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "BATCH_ROWS", 3)


def ask(server: tuple[str, str], home: Home, *, query: str, to: str) -> Predicted:
    return predict_table(home, FromQuery(server[0], query, to, "customer", "credit"))


def rows(server: tuple[str, str], table: str) -> list[dict[str, object]]:
    with psycopg.connect(server[0], row_factory=psycopg.rows.dict_row) as connection:
        found: list[dict[str, object]] = connection.execute(f"select * from {table} order by id::int").fetchall()
    return found


def test_rows_are_answered_where_people_work_and_journalled(
    server: tuple[str, str], home: Home, tmp_path: Path
) -> None:
    done = ask(server, home, query="select * from people order by customer;", to="public.answers")
    found = rows(server, "answers")
    assert [row["id"] for row in found] == [str(n) for n in range(1, 11)]
    assert list(found[0]) == [
        "id",
        "version",
        "arm",
        "score",
        "threshold",
        "decision",
        "warnings",
        "error",
        "decided_at",
    ]
    assert all(row["score"] is not None and row["decided_at"] is not None for row in found)
    assert found[2]["warnings"] == [{"field": "age", "code": "not-finite", "got": "NaN", "used": None}]
    assert [warned["code"] for warned in found[6]["warnings"]] == ["unseen-level"]  # type: ignore[attr-defined]
    assert found[0]["warnings"] is None
    by_id = {line["id"]: line for line in lines(tmp_path)}
    assert {id_: line["score"] for id_, line in by_id.items()} == {row["id"]: row["score"] for row in found}
    assert (done.tally.rows, done.tally.answered, done.journalled) == (10, 10, True)


def test_a_row_of_a_database_is_answered_as_a_call_is(server: tuple[str, str], home: Home, tmp_path: Path) -> None:
    sent = ", ".join(f"{value!r} as {name}" for name, value in ROW.items() if name != "member")
    ask(server, home, query=f"select 1 as customer, true as member, {sent}", to="one")
    decided = batch.answer_rows(
        batch.open_batch(home, batch.version_meant(home, "credit", None)[0], prefix="x", id_column=None),
        [json.dumps(ROW).encode()],
        first=1,
    )
    assert rows(server, "one")[0]["score"] == decided.decisions[0].score


class Killed(BaseException):
    """What ends an attempt."""


@pytest.mark.parametrize("owner", [Journalling, workflow.Answers])
def test_killed_and_begun_again_each_id_is_there_once(
    owner: type, server: tuple[str, str], home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, name = f"again_{owner.__name__.lower()}", "keep" if owner is Journalling else "write"
    done, turns = getattr(owner, name), iter(range(1, 9))

    def dies(self: object, given: object) -> None:
        if next(turns) == 3:
            raise Killed
        done(self, given)

    query = "select * from people order by customer"
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, dies)
        with pytest.raises(Killed):
            ask(server, home, query=query, to=table)
    first = rows(server, table)
    assert len(first) == 6
    again = ask(server, home, query=query, to=table)
    assert (again.resumed_at, again.tally.rows) == (6, 4)
    assert rows(server, table)[:6] == first
    assert ask(server, home, query=query, to=table).tally.rows == 0
    assert len(rows(server, table)) == 10


def test_what_was_refused_is_tried_again_and_what_was_decided_is_not(server: tuple[str, str], home: Home) -> None:
    done = ask(server, home, query="select * from asked where customer in (4, 5)", to="tried")
    assert done.tally.refused == 1
    before = rows(server, "tried")
    assert (before[1]["score"], before[1]["error"]["code"]) == (None, "wrong-type")  # type: ignore[index]
    ask(server, home, query="select * from people where customer in (4, 5)", to="tried")
    after = rows(server, "tried")
    assert after[0] == before[0]
    assert after[1]["score"] is not None
    assert after[1]["error"] is None


def test_rows_of_one_id_and_of_none_are_each_kept_once(server: tuple[str, str], home: Home) -> None:
    query = "select case when customer > 8 then null else 1 end as customer, age, region from people"
    done = ask(server, home, query=query + " order by people.customer", to="odd_ids")
    with psycopg.connect(server[0]) as connection:
        found = dict(connection.execute("select id, error->>'code' from odd_ids").fetchall())
    assert found.pop("1") is None
    assert len(found) == 2
    assert all(id_.startswith("row-") and code is None for id_, code in found.items())
    assert done.tally.kinds[("", "id-conflict", True)] == 2


def test_what_the_database_refuses_is_said_without_the_password(
    server: tuple[str, str], home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", PASSWORD)
    ask(server, home, query="select * from people where false", to="kept")
    with psycopg.connect(server[0]) as connection:
        connection.execute("grant select, insert, update on kept to anna")
    for query, to, says in (
        ("selct 1", "kept", "syntax error"),
        ("select * from asked", "kept", "permission denied for view asked"),
        ("select * from people", "new", "permission denied for schema"),
    ):
        with pytest.raises(DataError, match=says) as refused:
            predict_table(home, FromQuery(server[1], query, to, "customer", "credit"))
        assert PASSWORD not in "".join(traceback.format_exception(refused.value))
    predict_table(home, FromQuery(server[1], "select * from people", "kept", "customer", "credit"))
    assert len(rows(server, "kept")) == 10
    with pytest.raises(DataError, match="two columns of one name"):
        ask(server, home, query="select age, age from people", to="answers")
    with pytest.raises(DataError, match="has no column 'id'"):
        ask(server, home, query="select * from people", to="people")
    with pytest.raises(DataError, match="no row has a column 'customer'"):
        ask(server, home, query="select age from people", to="answers")
    with pytest.raises(Asked, match="sqlite is another database"):
        predict_table(home, FromQuery("sqlite:///x.db", "select 1", "t", "id", "credit"))


def test_the_command_answers_into_the_briefs_own_database(
    server: tuple[str, str], home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = f'source = "{server[0]}"\nquery = "select 1"\n'
    (tmp_path / "mainstay.toml").write_text(BRIEF.replace("[data]\n", "[data]\n" + source))
    words = ["predict", "--from", "select * from people", "--to", "told", "-p", str(tmp_path)]
    assert run(mainstay, [*words, "--id", "customer", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answered"] == 10
    assert len(rows(server, "told")) == 10
    assert run(mainstay, words) == 2
    assert "--id COLUMN" in capsys.readouterr().err
