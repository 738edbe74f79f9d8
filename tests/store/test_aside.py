"""What somebody's code prints goes beside the answer, and what it forks does not answer too."""

from __future__ import annotations

import subprocess
import sys

NOISY = """
import os
from mainstay.store.aside import aside
with aside():
    print("by print")
    os.write(1, b"by number\\n")
    os.system("echo by a shell")
    if os.environ.get("FORKS"):
        os.fork()
print("the answer")
"""


def said(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", NOISY], capture_output=True, text=True, env=environment, check=True)


def test_only_the_answer_stands_on_standard_output() -> None:
    done = said(PATH="/usr/bin:/bin")
    assert done.stdout == "the answer\n"
    assert sorted(done.stderr.splitlines()) == ["by a shell", "by number", "by print"]


def test_a_fork_ends_with_the_block() -> None:
    assert said(PATH="/usr/bin:/bin", FORKS="1").stdout == "the answer\n"
