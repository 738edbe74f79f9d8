"""Ctrl-C, once or many times in a row, ends a command cleanly."""

from __future__ import annotations

import signal
import subprocess
import sys

CODE = """
import sys, threading, time
import click
from mainstay.interfaces.cli import main

threading.Thread(target=time.sleep, args=(60,)).start()  # a fit that nobody waits for any more

@click.command()
def works():
    click.echo("working")
    time.sleep(60)

main.mainstay, sys.argv = works, ["mainstay"]
main.main()
"""


def test_one_interruption_after_another_ends_it_cleanly() -> None:
    with subprocess.Popen([sys.executable, "-c", CODE], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"working\n"
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
        assert process.returncode == 130
