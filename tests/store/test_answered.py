"""The table of answers by id: found by any process, forgotten in order, never wrong, and held against others."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.store import answered
from mainstay.store.answered import BUCKET_BYTES, MOST_BYTES, SLOTS, Answered, name_of

HOLD = """
import sys
from pathlib import Path
from mainstay.store.answered import Answered, name_of
with Answered(Path(sys.argv[1])).held([name_of("m", "", each) for each in sys.argv[2:]]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "answered"


@pytest.fixture
def table(place: Path) -> Iterator[Answered]:
    made = Answered(place)
    yield made
    made.close()


def names(n: int) -> list[bytes]:
    """Names that share a bucket."""
    return [b"\1\0" + i.to_bytes(14, "little") for i in range(1, n + 1)]


def test_what_one_put_there_another_finds(table: Answered, place: Path) -> None:
    name = name_of("credit", "", "a")
    assert table.find(name) is None
    assert table.put(name, b"first")
    assert Answered(place).find(name) == b"first"
    assert Answered(place).find(name_of("credit", "shop", "a")) is None
    assert place.stat().st_mode & 0o777 == 0o600


def test_a_bucket_forgets_the_oldest_for_the_newest(table: Answered) -> None:
    for name in names(SLOTS + 3):
        assert table.put(name, name[::-1])
    found = [table.find(name) for name in names(SLOTS + 3)]
    assert found == [None] * 3 + [name[::-1] for name in names(SLOTS + 3)[3:]]


def test_what_is_too_large_is_not_kept(table: Answered) -> None:
    name = name_of("m", "", "a")
    assert not table.put(name, bytes(MOST_BYTES + 1))
    assert table.find(name) is None
    assert table.put(name, bytes(MOST_BYTES))
    assert table.find(name) == bytes(MOST_BYTES)


@given(st.binary(max_size=MOST_BYTES), st.integers(0, BUCKET_BYTES - 1), st.integers(1, 255))
def test_a_torn_record_is_not_found_or_whole(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int, bit: int
) -> None:
    place = tmp_path_factory.mktemp("torn") / "answered"
    table, name = Answered(place), names(1)[0]
    table.put(name, data)
    with place.open("r+b") as file:
        file.seek(BUCKET_BYTES + at)
        byte = (file.read(1) or b"\0")[0]
        file.seek(BUCKET_BYTES + at)
        file.write(bytes([byte ^ bit]))
    assert table.find(name) in (None, data)
    table.close()


def test_a_disk_that_takes_nothing_is_let_go(place: Path) -> None:
    Answered(place).close()
    table = Answered(place)
    os.close(table._file)
    table._file = os.open(place, os.O_RDONLY)
    assert not table.put(names(1)[0], b"x")
    assert table.find(names(1)[0]) is None


@pytest.fixture
def holder(table: Answered, place: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the ids a and b."""
    arguments = [sys.executable, "-c", HOLD, str(place), "a", "b"]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_an_id_is_held_against_other_processes(
    table: Answered, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = answered._bucket_of(name_of("m", "", "a"))
    assert not table._take(number, until_s=0.0)
    assert table._take(answered._bucket_of(name_of("m", "", "c")), until_s=0.0)
    monkeypatch.setattr(answered, "WAIT_S", 0.01)
    with table.held([name_of("m", "", "a")]):  # it does not wait for ever
        pass
    holder.kill()
    holder.wait()
    assert table._take(number, until_s=0.0)
