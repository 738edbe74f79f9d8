"""A forked worker keeps the socket and nothing else of its parent's, hears signals itself, and ends by itself."""

from __future__ import annotations

import json
import subprocess
import sys

SCRIPT = """
import json, os, signal, socket, sys, time
from mainstay.interfaces.http.forked import Forked
from mainstay.interfaces.logs import begin_logging

begin_logging("text")
heard = []
signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
listener, other = socket.socket(), open(os.devnull)
kept = listener.fileno()

def told(run):
    child = Forked(run, keeps=kept)
    said = child.stdout.read().decode()
    return [child.wait(30.0), said]

def raises(error):
    def run():
        raise error
    return run

def shows():
    held = [int(each) for each in os.listdir("/dev/fd")]
    open_ = [number for number in held if number not in (0, 1, 2, kept) and os.path.exists(f"/dev/fd/{number}")]
    os.write(1, json.dumps([len(open_), os.read(0, 1).decode(), heard]).encode())

def waits():
    os.write(1, b"here")
    time.sleep(60)

def ended(number):
    child = Forked(waits, keeps=kept)
    assert os.read(child.stdout.fileno(), 4) == b"here"
    assert child.poll() is None
    child.send_signal(number)
    return child.wait(30.0)

found = {
    "shows": told(shows),
    "leaves": told(lambda: sys.exit(3)),
    "interrupted": told(raises(KeyboardInterrupt())),
    "fails": told(raises(ValueError("a caller's value"))),
    "terminated": ended(signal.SIGTERM),
    "killed": ended(signal.SIGKILL),
    "heard": heard,
}
print(json.dumps(found))
"""


def test_a_forked_process_is_one_of_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=True)
    found = json.loads(done.stdout)
    assert found["shows"] == [0, json.dumps([0, "", []])]
    assert (found["leaves"], found["interrupted"]) == ([3, ""], [130, ""])
    assert (found["terminated"], found["killed"], found["heard"]) == (-15, -9, [])
    assert found["fails"] == [1, ""]
    assert "ended by a fault of its own: ValueError" in done.stderr
    assert "caller" not in done.stderr
    assert "Traceback" not in done.stderr
