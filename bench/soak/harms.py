"""What is done to the service, one harm at a time; each says what it did, or why it cannot be done here."""

from __future__ import annotations

import os
import random
import resource
import shutil
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from soak.service import INGESTER, WORKER, Service

HELD_S = 3.0
STEP_S = 3600
SLOW_US = 20_000
CLOCK = Path(__file__).with_name("step.c")


@dataclass(frozen=True)
class Place:
    """Where the service lives: `is_mounted` says that its disk is its own, and small."""

    folder: Path
    is_mounted: bool
    clock: Path | None


def kill_a_worker(service: Service, place: Place, chance: random.Random) -> None:
    """kill -9 of a worker"""
    service.kill(chance.choice(service.pids(WORKER)))


def kill_all_workers(service: Service, place: Place, chance: random.Random) -> None:
    """kill -9 of both workers"""
    service.kill(*service.pids(WORKER))


def kill_the_ingester(service: Service, place: Place, chance: random.Random) -> None:
    """kill -9 of the ingester"""
    service.kill(*service.pids(INGESTER))


def kill_the_supervisor(service: Service, place: Place, chance: random.Random) -> None:
    """kill -9 of the supervisor"""
    service.kill(service.process.pid)
    service.start_again()


def kill_everything(service: Service, place: Place, chance: random.Random) -> None:
    """kill -9 of all processes"""
    service.kill(service.process.pid, *service.pids(WORKER), *service.pids(INGESTER))
    service.start_again()


def restart(service: Service, place: Place, chance: random.Random) -> None:
    """SIGTERM and a new start"""
    service.stop()
    service.start_again()


def fill_the_disk(service: Service, place: Place, chance: random.Random) -> None:
    """a full disk"""
    balloon = place.folder.parent / "balloon"
    file = os.open(balloon, os.O_WRONLY | os.O_CREAT)
    try:
        _fill(file)
        time.sleep(HELD_S)
    finally:
        os.close(file)
        balloon.unlink()


def _fill(file: int) -> None:
    size = 1 << 24
    while size:
        try:
            os.write(file, bytes(size))
        except OSError:
            size //= 2


def forbid_growth(service: Service, place: Place, chance: random.Random) -> None:
    """no file may grow (RLIMIT_FSIZE)"""
    pids, most = [*service.pids(WORKER), *service.pids(INGESTER)], resource.getrlimit(resource.RLIMIT_FSIZE)
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most[1]))
    time.sleep(HELD_S)
    for pid in pids:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, most)


def slow_the_disk(service: Service, place: Place, chance: random.Random) -> None:
    """a slow disk (each write and sync 20 ms more)"""
    calls = "write,pwrite64,writev,fsync,fdatasync"
    pids = [word for pid in (*service.pids(WORKER), *service.pids(INGESTER)) for word in ("-p", str(pid))]
    told = ["-e", f"trace={calls}", "-e", f"inject={calls}:delay_enter={SLOW_US}", "-o", os.devnull]
    tracer = subprocess.Popen(["strace", "-f", "-qq", *told, *pids], stderr=subprocess.DEVNULL)
    time.sleep(HELD_S)
    tracer.terminate()
    tracer.wait()


def step_the_clock(seconds: int) -> Callable[[Service, Place, random.Random], None]:
    """A harm that sets what the service takes for the time, from now on."""

    def step(service: Service, place: Place, chance: random.Random) -> None:
        assert place.clock is not None
        set_clock(place.clock, seconds)
        time.sleep(HELD_S)

    step.__doc__ = f"a clock that steps to {seconds:+d} s" if seconds else "a clock that steps to right"
    return step


Harm = Callable[[Service, Place, random.Random], None]


def harms(place: Place) -> Sequence[Harm]:
    """All that can be done here, in order; what cannot is told by name."""
    steps = [step_the_clock(s) for s in (STEP_S, 0, -STEP_S, 0)]
    found: list[Harm] = [kill_a_worker, kill_the_ingester, kill_the_supervisor, forbid_growth, restart]
    found += [kill_all_workers, kill_everything]
    for harm, is_possible, needed in (
        (fill_the_disk, place.is_mounted, "root, to mount a small tmpfs"),
        (slow_the_disk, shutil.which("strace") is not None, "strace"),
        *((step, place.clock is not None, "a C compiler") for step in steps),
    ):
        if is_possible:
            found.append(harm)
        else:
            print(f"-- skipped: {harm.__doc__} (needs {needed})")
    return found


def set_clock(clock: Path, seconds: int) -> None:
    """Say by how much the service's time of day is off; in place, for it is mapped by those who look at it."""
    with clock.open("r+b" if clock.exists() else "wb") as file:
        file.write(struct.pack("l", seconds))


def stepped_clock(clock: Path) -> dict[str, str] | None:
    """What a process needs in its environment to follow this clock; None where nothing can be compiled."""
    library, compiler = clock.with_suffix(".so"), shutil.which("cc")
    if compiler is None:
        return None
    set_clock(clock, 0)
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(CLOCK)], check=True)
    return {"LD_PRELOAD": str(library), "SOAK_CLOCK": str(clock)}
