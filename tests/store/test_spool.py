"""The spool: what was answered is kept once, whatever dies, fills up or is lost in between."""

from __future__ import annotations

import errno
import multiprocessing
import os
import resource
import signal
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.errors import Asked, StoreError
from mainstay.store.spool import COUNTER, Spool, stream_folder
from mainstay.store.spool_reading import Segment, read_batches, remove_segments, segments, slots, spool_bytes

SPAWN = multiprocessing.get_context("spawn")


def read(root: Path, stream: str = "decisions") -> list[bytes]:
    """Everything in the spool of model `m`, in order of slot and position."""
    found: list[bytes] = []
    for slot in slots(root, "m", stream):
        for segment in segments(slot):
            found.extend(read_segment(segment)[0])
    return found


def read_segment(segment: Segment, limit: int = 1 << 20) -> tuple[list[bytes], int]:
    found: list[bytes] = []
    offset = torn = 0
    while offset < segment.size:
        batches = read_batches(segment, offset, limit=limit)
        if batches.end == offset:
            break
        found, offset, torn = [*found, *batches.batches], batches.end, torn + batches.torn
    return found, torn


BATCHES = st.binary(min_size=1, max_size=300).map(lambda raw: raw.replace(b"\n", b"") + b"\n")


@given(st.lists(BATCHES, min_size=1), st.integers(1, 700))
def test_what_is_written_is_read_whatever_the_window(
    tmp_path_factory: pytest.TempPathFactory, batches: list[bytes], limit: int
) -> None:
    root = tmp_path_factory.mktemp("spool")
    spool = Spool(root, "m", "decisions")
    for batch in batches:
        spool.write(batch)
    (slot,) = slots(root, "m", "decisions")
    (segment,) = segments(slot)
    assert read_segment(segment, limit) == (batches, 0)
    spool.close()


@given(st.integers(1, 400))
def test_a_batch_torn_anywhere_is_passed_over_when_its_writer_is_dead(
    tmp_path_factory: pytest.TempPathFactory, lost: int
) -> None:
    root = tmp_path_factory.mktemp("spool")
    spool = Spool(root, "m", "decisions")
    batches = [bytes([65 + i]) * 99 + b"\n" for i in range(4)]
    for batch in batches:
        spool.write(batch)
    spool.close()
    ((segment,),) = map(segments, slots(root, "m", "decisions"))
    frame = segment.size // 4
    os.truncate(segment.path, segment.size - lost)
    ((segment,),) = map(segments, slots(root, "m", "decisions"))
    assert read_segment(segment) == (batches[: segment.size // frame], 1 if segment.size % frame else 0)


def test_a_torn_batch_of_a_living_writer_is_waited_for(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "m", "decisions")
    spool.write(b"1\n")
    (slot,) = slots(tmp_path, "m", "decisions")
    (segment,) = segments(slot)
    with segment.path.open("ab") as file:
        file.write(b"100 00000000\nhalf")
    (segment,) = segments(slot)
    assert not segment.final
    first = read_batches(segment, 0, limit=1 << 20)
    assert (first.batches, first.torn) == ((b"1\n",), 0)
    again = read_batches(segment, first.end, limit=1 << 20)
    assert (again.batches, again.torn, again.end) == ((), 0, first.end)


def test_damage_in_the_middle_costs_only_the_damaged_batch(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "m", "decisions")
    for i in range(5):
        spool.write(b"%d\n" % i * 40)
    spool.close()
    ((segment,),) = map(segments, slots(tmp_path, "m", "decisions"))
    data = bytearray(segment.path.read_bytes())
    data[data.index(b"2\n2\n") + 11] ^= 1
    segment.path.write_bytes(data)
    kept, torn = read_segment(segment)
    assert [batch[:1] for batch in kept] == [b"0", b"1", b"3", b"4"]
    assert torn == 1


def test_segments_rotate_and_positions_rise(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "m", "decisions", rotate_at=100)
    for i in range(30):
        spool.write(b"%d\n" % i * 5)
    (slot,) = slots(tmp_path, "m", "decisions")
    found = segments(slot)
    assert [s.number for s in found] == list(range(1, len(found) + 1))
    assert [s.final for s in found] == [True] * (len(found) - 1) + [False]
    ends = [s.position(s.size) for s in found]
    assert ends == sorted(ends)
    assert len(read(tmp_path)) == 30


def test_writers_at_once_have_slots_of_their_own_and_the_next_takes_a_free_one(tmp_path: Path) -> None:
    first, second = Spool(tmp_path, "m", "decisions"), Spool(tmp_path, "m", "decisions")
    first.write(b"a\n")
    second.write(b"b\n")
    assert len(slots(tmp_path, "m", "decisions")) == 2
    first.close()
    third = Spool(tmp_path, "m", "decisions")
    third.write(b"c\n")
    assert len(slots(tmp_path, "m", "decisions")) == 2
    assert sorted(read(tmp_path)) == [b"a\n", b"b\n", b"c\n"]


@pytest.mark.parametrize("content", [None, b"", b"7", b"1 00000000\n", b"-1 0\n"])
def test_a_slot_whose_counter_is_lost_or_torn_is_never_written_again(tmp_path: Path, content: bytes | None) -> None:
    spool = Spool(tmp_path, "m", "decisions")
    spool.write(b"a\n")
    spool.close()
    (slot,) = slots(tmp_path, "m", "decisions")
    (slot / COUNTER).unlink() if content is None else (slot / COUNTER).write_bytes(content)
    spool = Spool(tmp_path, "m", "decisions")
    spool.write(b"b\n")
    assert len(slots(tmp_path, "m", "decisions")) == 2
    assert [s.number for s in segments(slot)] == [1]
    spool.close()


def test_a_counter_put_back_gives_the_slot_up(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "m", "decisions", rotate_at=1)
    spool.write(b"a\n")
    (slot,) = slots(tmp_path, "m", "decisions")
    old = (slot / COUNTER).read_bytes()
    spool.write(b"b\n")
    spool.close()
    (slot / COUNTER).write_bytes(old)
    for batch in (b"c\n", b"d\n"):
        spool = Spool(tmp_path, "m", "decisions")
        spool.write(batch)
        spool.close()
    assert [s.number for s in segments(slot)] == [1, 2]
    assert sorted(read(tmp_path)) == [b"a\n", b"b\n", b"c\n", b"d\n"]


def test_consumed_segments_go_and_those_still_written_stay(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "m", "decisions", rotate_at=1)
    for batch in (b"a\n", b"b\n", b"c\n"):
        spool.write(batch)
    (slot,) = slots(tmp_path, "m", "decisions")
    one, two, three = segments(slot)
    assert remove_segments(slot, consumed=one.position(one.size) - 1) == 0
    assert remove_segments(slot, consumed=two.position(two.size)) == 2
    assert remove_segments(slot, consumed=three.position(three.size)) == 0
    spool.close()
    assert remove_segments(slot, consumed=three.position(three.size)) == 1
    assert slot.is_dir()
    (slot / COUNTER).unlink()
    remove_segments(slot, consumed=0)
    assert not slot.exists()


def test_a_short_write_is_taken_back_and_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path, "m", "decisions")
    spool.write(b"a\n")
    real = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda fd, data: real(fd, data[: len(data) // 2]))
        with pytest.raises(StoreError, match="disk is full"):
            spool.write(b"b\n" * 50)
    spool.write(b"c\n")
    assert read(tmp_path) == [b"a\n", b"c\n"]


def fill(folder: str, pipe: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    spool = Spool(Path(folder), "m", "decisions", rotate_at=1 << 30)
    kept = []
    for i in range(20):
        batch = b"%04d" % i * 200 + b"\n"
        try:
            spool.write(batch)
            kept.append(batch)
        except StoreError as error:
            pipe.send(error.what)
    pipe.send(kept)


def test_a_file_that_may_not_grow_loses_nothing_that_was_accepted(tmp_path: Path) -> None:
    here, there = SPAWN.Pipe()
    process = SPAWN.Process(target=fill, args=(str(tmp_path), there))
    process.start()
    refused = 0
    while isinstance(message := here.recv(), str):
        refused += 1
    process.join()
    assert refused > 0
    assert read(tmp_path) == message


def write_until_refused(spool: Spool, kept: list[bytes]) -> None:
    for i in range(1000):
        batch = b"%04d" % i * 5000 + b"\n"
        spool.write(batch)
        kept.append(batch)


def test_a_full_disk_refuses_and_recovers(tmp_path: Path, small_disk: Path) -> None:
    spool = Spool(small_disk, "m", "decisions")
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * (600 << 10))
    kept: list[bytes] = []
    with pytest.raises(StoreError, match="the disk is full"):
        write_until_refused(spool, kept)
    assert kept
    with pytest.raises(StoreError, match="the disk is full"):
        spool.write(b"x" * 100_000 + b"\n")
    ballast.unlink()
    spool.write(b"after\n")
    assert read(small_disk) == [*kept, b"after\n"]
    spool.close()


def write_for_ever(folder: str, pipe: Connection) -> None:
    spool = Spool(Path(folder), "m", "decisions", rotate_at=20_000)
    i = 0
    while True:
        batch = b"".join(b'{"id":"%d-%d"}\n' % (os.getpid(), i + k) for k in range(10))
        spool.write(batch)
        pipe.send_bytes(batch)
        i += 10


def test_killed_writers_lose_nothing_they_had_said(tmp_path: Path) -> None:
    answered: list[bytes] = []
    for _ in range(3):
        here, there = SPAWN.Pipe()
        process = SPAWN.Process(target=write_for_ever, args=(str(tmp_path), there))
        process.start()
        there.close()
        answered += [here.recv_bytes() for _ in range(200)]
        process.kill()
        process.join()
        while here.poll():
            try:
                answered.append(here.recv_bytes())
            except EOFError:
                break
    kept = read(tmp_path)
    assert len(set(kept)) == len(kept)
    assert set(answered) <= set(kept)
    assert len(slots(tmp_path, "m", "decisions")) == 1


def test_a_forked_child_takes_a_slot_of_its_own(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "m", "decisions")
    spool.write(b"parent\n")
    child = os.fork()
    if child == 0:
        try:
            spool.write(b"child\n")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    spool.write(b"parent again\n")
    assert len(slots(tmp_path, "m", "decisions")) == 2
    assert sorted(read(tmp_path)) == [b"child\n", b"parent\n", b"parent again\n"]


def test_with_fsync_a_batch_that_did_not_reach_the_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path, "m", "decisions", fsync=True)
    spool.write(b"a\n")

    def broken(_: int) -> None:
        raise OSError(errno.EIO, "")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", broken)
        with pytest.raises(StoreError, match="the disk failed"):
            spool.write(b"b\n")
    spool.write(b"c\n")
    (slot,) = slots(tmp_path, "m", "decisions")
    # A reader may have seen the refused batch: what comes after it must lie higher.
    assert [s.number for s in segments(slot)] == [1, 2]
    assert read(tmp_path) == [b"a\n", b"c\n"]


def test_a_slot_whose_maker_died_at_once_is_tidied_away(tmp_path: Path) -> None:
    slot = tmp_path / "m" / "decisions" / ("0" * 16)
    slot.mkdir(parents=True)
    assert remove_segments(slot, consumed=0) == 0
    assert not slot.exists()


def test_names_and_batches_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Asked):
        stream_folder(tmp_path, "../x", "decisions")
    with pytest.raises(Asked):
        Spool(tmp_path, "m", "secrets")
    with pytest.raises(ValueError, match="whole lines"):
        Spool(tmp_path, "m", "decisions").write(b"no end")


def test_how_much_waits_is_told(tmp_path: Path) -> None:
    assert spool_bytes(tmp_path) == 0
    Spool(tmp_path, "m", "decisions").write(b"a\n")
    assert spool_bytes(tmp_path) == len(b"2 00000000\na\n")
