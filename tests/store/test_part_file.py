"""A file written over several attempts: it goes on where it was, and has its name only when it is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.domain.errors import Asked, Busy
from mainstay.store.part_file import open_part

JOB = {"the file": "a", "the version": "1"}


def test_an_attempt_goes_on_where_the_last_one_was(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old")
    part = open_part(out, JOB)
    assert part.before is None
    part.append(b"one\n", n_rows=1, kept={"n": 1})
    (tmp_path / "out.csv.part").open("ab").write(b"torn")  # written by an attempt that died before it said so
    part.close()

    again = open_part(out, JOB)
    assert again.before is not None
    assert (again.before.n_rows, again.before.kept, again.anew) == (1, {"n": 1}, "")
    assert out.read_text() == "old"
    again.append(b"two\n", n_rows=2, kept={"n": 2})
    again.finish()
    again.close()
    assert out.read_text() == "one\ntwo\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_another_job_begins_anew_and_says_what_differs(tmp_path: Path) -> None:
    part = open_part(tmp_path / "out.csv", JOB)
    part.append(b"one\n", n_rows=1, kept={})
    part.close()
    other = open_part(tmp_path / "out.csv", JOB | {"the version": "2"})
    assert (other.before, other.anew) == (None, "the version")
    other.finish()
    other.close()
    assert (tmp_path / "out.csv").read_bytes() == b""


@pytest.mark.parametrize("spoil", ["part", "progress"])
def test_what_is_lost_is_written_again(spoil: str, tmp_path: Path) -> None:
    part = open_part(tmp_path / "out.csv", JOB)
    part.append(b"one\n", n_rows=1, kept={})
    part.close()
    (tmp_path / f"out.csv.{spoil}").write_bytes(b"{")
    again = open_part(tmp_path / "out.csv", JOB)
    assert (again.before, again.n_bytes) == (None, 0)
    again.close()


def test_two_at_once_are_refused_and_so_is_a_place_that_is_none(tmp_path: Path) -> None:
    part = open_part(tmp_path / "out.csv", JOB)
    with pytest.raises(Busy, match="another process"):
        open_part(tmp_path / "out.csv", JOB)
    part.close()
    with pytest.raises(Asked, match="is a folder"):
        open_part(tmp_path, JOB)
    with pytest.raises(Asked, match="there is no folder"):
        open_part(tmp_path / "none" / "out.csv", JOB)


def test_a_part_may_be_turned_into_something_else_at_the_end(tmp_path: Path) -> None:
    part = open_part(tmp_path / "out", JOB)
    part.append(b"one", n_rows=1, kept={})
    part.finish(lambda part, whole: whole.write_bytes(part.read_bytes().upper()) and None)
    part.close()
    assert (tmp_path / "out").read_bytes() == b"ONE"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
