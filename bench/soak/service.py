"""The service that is harmed: started, watched, and started again when its first process ends, as an init would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from kit.servers import free_port
from kit.weight import below

WORKER, INGESTER = "\0serve\0", "mainstay.interfaces.ingester"  # a worker has the words of who started it
N_WORKERS = 2
PATIENCE_S = 120.0


class Service:
    """`mainstay serve` with two workers on a port that stays the same."""

    def __init__(self, folder: Path, log: Path, env: Mapping[str, str]) -> None:
        self.folder, self.port, self._log, self._env = folder, free_port(), log, os.environ | dict(env)
        self.process = self._started()

    def pids(self, kind: str) -> list[int]:
        """The processes of a kind."""
        found = []
        for pid in below(self.process.pid):
            with suppress(OSError):
                if pid != self.process.pid and kind in Path(f"/proc/{pid}/cmdline").read_bytes().decode():
                    found.append(pid)
        return found

    def kill(self, *pids: int) -> None:
        """End processes of this service, without a word."""
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def start_again(self) -> None:
        """Start it once more where it has ended."""
        self.process.wait()
        self.process = self._started()

    def stop(self) -> None:
        """Ask it to stop and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_S)

    def end(self) -> None:
        """End whatever is left of it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def until_well(self) -> None:
        """Wait until it says ready and all its processes are there; raises `TimeoutError` where that takes too long."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if self.process.poll() is not None:
                self.process = self._started()
            if self._is_ready() and len(self.pids(WORKER)) == N_WORKERS and self.pids(INGESTER):
                return
            time.sleep(0.2)
        raise TimeoutError(f"not well again within {PATIENCE_S:g} s; its log ends: {self._log.read_text()[-600:]}")

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as reply:
                return bool(reply.status == 200)
        except (HTTPError, URLError, OSError):
            return False

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "mainstay", "serve", "--port", str(self.port), "--workers", str(N_WORKERS)]
        command += ["--ingest-every", "5s", "--project", str(self.folder)]
        with self._log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=self._env, start_new_session=True)
