"""Queries as sources: a real PostgreSQL, SQLite, and passwords that no message ever shows."""

from __future__ import annotations

import socket
import sqlite3
import traceback
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest
from tests.postgres import started

from mainstay.domain.brief import parse_brief
from mainstay.domain.errors import Asked, BriefError, DataError, NotFound
from mainstay.store import database
from mainstay.store.database import read_query
from mainstay.store.postgres_login import Login, refusal
from mainstay.store.source import Query
from mainstay.store.sources import read_table

PASSWORD = "geh:eim@x/y?"
TABLE = """
create table loans (id bigint, amount numeric(12, 2), kind text, taken timestamptz, paid boolean, on_day date);
insert into loans select i, i * 1.5, case when i % 3 = 0 then null else 'k' || i % 3 end,
    '2026-01-01'::timestamptz + i * interval '1 hour', i % 2 = 0, '2026-01-01'::date + i from generate_series(1, 300) i;
"""


@pytest.fixture(scope="module")
def socket_folder() -> Iterator[str]:
    """Where a running PostgreSQL has its socket; it holds a table, and anna, who needs a password."""
    running, folder = started()
    running.psql(TABLE)
    running.psql(f"create role anna login password '{PASSWORD}'; grant select on loans to anna;")
    (folder / "pg_hba.conf").write_text("local all anna scram-sha-256\nlocal all all trust\n")
    running.psql("select pg_reload_conf();")
    yield str(folder)
    running.cleanup()


def ask(sql: str, address: str, **variables: str) -> pl.DataFrame:
    return read_query(Query(address, sql), environment=variables)


def test_a_query_gives_the_types_of_the_database(socket_folder: str) -> None:
    table = ask("select * from loans order by id", f"postgresql://postgres@/postgres?host={socket_folder}")
    assert table.height == 300
    assert table.schema["id"] == pl.Int64
    assert table["amount"].cast(pl.Float64).to_list()[:2] == [1.5, 3.0]
    assert table["kind"].to_list()[:3] == ["k1", "k2", None]
    assert table.schema["taken"].is_temporal()
    assert table["paid"].dtype == pl.Boolean
    assert table["on_day"].dtype == pl.Date


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://${WHO}:${SECRET}@${PLACE}/postgres",
        "postgresql://anna:${SECRET}@/postgres?host={socket}",
        "${WHOLE}",
        "postgresql:///postgres",
    ],
)
def test_user_password_and_host_come_from_the_environment(socket_folder: str, address: str) -> None:
    whole = f"postgresql://anna:{quote(PASSWORD, safe='')}@/postgres?host={socket_folder}"
    said = {"WHO": "anna", "SECRET": PASSWORD, "PLACE": socket_folder, "WHOLE": whole}
    libpq = {"PGUSER": "anna", "PGPASSWORD": PASSWORD, "PGHOST": socket_folder}
    address = address.replace("{socket}", socket_folder)
    table = ask(
        "select count(*) as n from loans", address, **said, **(libpq if address.endswith(":///postgres") else {})
    )
    assert table["n"].to_list() == [300]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select nope from loans", "nope"),
        ("selct 1", "selct"),
        ("select * from elsewhere", "elsewhere"),
        ("drop table loans", "drop"),
        ("select 1/0 as x", "division"),
    ],
)
def test_what_the_database_refuses_is_said_without_the_password(socket_folder: str, sql: str, said: str) -> None:
    with pytest.raises(DataError) as refused:
        ask(sql, "postgresql://anna:${SECRET}@/postgres?host=" + socket_folder, SECRET=PASSWORD)
    assert said in str(refused.value).lower()
    assert_no_secret(refused.value)
    assert (
        ask("select count(*) as n from loans", f"postgresql://postgres@/postgres?host={socket_folder}")["n"][0] == 300
    )


def assert_no_secret(error: BaseException) -> None:
    """Nor does what the error was raised from tell it."""
    told = "".join(traceback.format_exception(error))
    assert PASSWORD not in told
    assert quote(PASSWORD, safe="") not in told


@pytest.mark.parametrize(
    ("who", "word", "base", "says"),
    [
        ("anna", "guessed", "postgres", "password authentication failed"),
        ("anna", PASSWORD, "nowhere", 'database "nowhere" does not exist'),
        ("nobody", "guessed", "postgres", 'role "nobody" does not exist'),
    ],
)
def test_a_wrong_login_is_refused_before_the_driver_tries_it_again_and_again(
    socket_folder: str, who: str, word: str, base: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_read", lambda *asked: pytest.fail("the driver was asked"))
    address = f"postgresql://{who}:${{SECRET}}@/{base}?host={socket_folder}"
    with pytest.raises(DataError, match=says) as refused:
        ask("select 1", address, SECRET=word)
    assert "Check user and password" in refused.value.remedy
    assert word not in str(refused.value)


def test_what_is_no_postgresql_is_left_to_the_driver() -> None:
    for answer in (b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"R\0\0\0\x08\0\0\0\x03"):
        here, there = socket.socketpair()
        with here, there:
            there.sendall(answer)
            there.shutdown(socket.SHUT_WR)
            assert refusal(here, Login("anna", "x", "postgres")) is None


def test_a_query_without_rows_is_said(socket_folder: str) -> None:
    with pytest.raises(DataError, match="holds no rows"):
        read_table(Query(f"postgresql://postgres@/postgres?host={socket_folder}", "select * from loans where false"))


def test_a_server_that_is_not_there_is_said_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else takes the port, and nobody answers
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NotFound, match=f"no database answers at {place}") as refused:
            ask("select 1", f"postgresql://anna:${{SECRET}}@{place}/postgres", SECRET=PASSWORD)
    assert_no_secret(refused.value)


def test_a_socket_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no database answers at"):
        ask("select 1", f"postgresql://anna@/postgres?host={tmp_path}")


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(NotFound, match="NOT_SET") as refused:
        ask("select 1", "postgresql://anna:${NOT_SET}@localhost/db")
    assert "export NOT_SET=" in refused.value.remedy
    with pytest.raises(Asked, match="does not name a database"):
        ask("select 1", "${PLACE}", PLACE="rows.csv")


def test_a_missing_driver_is_said_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> pl.DataFrame:
        raise ModuleNotFoundError("connectorx")

    monkeypatch.setattr(database.pl, "read_database_uri", missing)
    monkeypatch.setattr(database, "_reach", lambda parts: None)
    with pytest.raises(Asked, match="extra 'database'") as refused:
        ask("select 1", "postgresql://anna@localhost/db")
    assert "pip install" in refused.value.remedy


BRIEF = """
[model]
name = "loans"
[data]
target = "paid"
source = "SOURCE"
query = "select 1"
"""


@pytest.mark.parametrize(
    "source", ["postgresql://anna:geheim@host/db", "mysql://a:${X}y@h/d", "postgresql://h/d?user=a&password=geheim"]
)
def test_a_password_in_a_brief_is_refused_and_not_repeated(source: str) -> None:
    with pytest.raises(BriefError, match="holds a password") as refused:
        parse_brief(BRIEF.replace("SOURCE", source))
    assert "geheim" not in str(refused.value)
    assert "PGPASSWORD" in str(refused.value)


def test_a_query_and_an_address_need_each_other() -> None:
    with pytest.raises(BriefError, match="a database needs the query"):
        parse_brief(BRIEF.replace("SOURCE", "postgresql://host/db").replace('query = "select 1"', ""))
    with pytest.raises(BriefError, match="no database's address"):
        parse_brief(BRIEF.replace("SOURCE", "rows.csv"))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "small.db") as file:
        file.execute("create table t (n, x real, c text, b blob)")
        file.executemany("insert into t values (?, ?, ?, null)", [(1, 0.5, "a"), (2, None, ""), ("three", 2, None)])
    file.close()
    return tmp_path


def test_sqlite_is_read_beside_the_brief(small: Path) -> None:
    table = read_table(Query("sqlite:///small.db", "select n, x, c from t", small))
    assert table.rows() == [("1", 0.5, "a"), ("2", None, None), ("three", 2.0, None)]


@pytest.mark.parametrize(
    ("sql", "error", "said"),
    [
        ("select nope from t", DataError, "no such column"),
        ("delete from t", DataError, "readonly"),
        ("select n, x as n from t", DataError, "two columns of one name"),
        ("select x'00' as b", DataError, "holds bytes"),
        ("select * from t where false", DataError, "holds no rows"),
    ],
)
def test_what_sqlite_refuses_is_said(small: Path, sql: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        read_table(Query("sqlite:///small.db", sql, small))


def test_an_sqlite_file_that_is_not_there_is_not_made(small: Path) -> None:
    with pytest.raises(NotFound, match=r"Did you mean 'small\.db'"):
        read_table(Query("sqlite:///smal.db", "select 1", small))
    assert not (small / "smal.db").exists()
