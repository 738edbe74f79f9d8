"""Processes beside this one: they do what they are given, are not interrupted, and end with whoever started them."""

import os
import subprocess
import sys
import time
from pathlib import Path
from signal import SIGINT, SIGKILL

from mainstay.store.side_processes import side_processes

PARENT = """
import os, time
from mainstay.store.side_processes import side_processes
pool = side_processes(1)
child = pool.submit(os.getpid).result()
pool.submit(time.sleep, 3600)
print(child, flush=True)
time.sleep(3600)
"""


def test_they_work_and_leave_interrupts_to_whoever_started_them() -> None:
    pool = side_processes(2)
    try:
        child = pool.submit(os.getpid).result()
        assert child != os.getpid()
        os.kill(child, SIGINT)
        assert sorted(pool.map(abs, range(-20, 0))) == list(range(1, 21))
    finally:
        pool.shutdown(kill_workers=True)


def test_they_end_with_whoever_started_them_even_if_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.send_signal(SIGKILL)
    deadline = time.monotonic() + 60
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_alive(child)


def is_alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
