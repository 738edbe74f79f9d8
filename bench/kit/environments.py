"""Environments of the tools we compare with, made by uv on demand in .tools/bench-envs and kept for the next time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
HOME = CHECKOUT / ".tools" / "bench-envs"
MEGABYTE = 1e6


@dataclass(frozen=True)
class Environment:
    """An installed environment."""

    root: Path

    @property
    def python(self) -> str:
        """Its interpreter."""
        return self.command("python")

    def command(self, name: str) -> str:
        """The path of a command in it."""
        return str(self.root / "bin" / name)

    @property
    def n_distributions(self) -> int:
        """How many distributions are installed."""
        return len(list(self.root.glob("lib/python*/site-packages/*.dist-info")))

    def version(self, name: str) -> str:
        """The version of an installed distribution."""
        found = next(self.root.glob(f"lib/python*/site-packages/{name.replace('-', '_')}-*.dist-info"))
        return found.name.removesuffix(".dist-info").rpartition("-")[2]

    @property
    def size_mb(self) -> float:
        """Size of all installed files, what Python compiled of them left out."""
        files = (path for path in self.root.glob("lib/python*/site-packages/**/*") if path.is_file())
        return sum(path.stat().st_size for path in files if path.suffix != ".pyc") / MEGABYTE


def environment(name: str, *requirements: str, fresh: bool = False) -> Environment | None:
    """Return an environment with these requirements, newest versions; None, and said why, where it cannot be made."""
    root = HOME / name
    stamp = root / "requirements.txt"
    wanted = "\n".join(requirements)
    if not fresh and stamp.exists() and stamp.read_text() == wanted:
        return Environment(root)
    uv = _uv()
    if uv is None:
        print(f"-- no uv (run `make setup` first): {name} is left out")
        return None
    print(f"-- installing {name}: {' '.join(requirements)}", flush=True)
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(root)],
        [uv, "pip", "install", "--quiet", "--python", str(root), *requirements],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CHECKOUT, env=_outside())
        if done.returncode:
            shutil.rmtree(root, ignore_errors=True)
            said = (done.stderr.strip() or "no word").splitlines()[0]
            print(f"-- {name} could not be installed and is left out (is a package registry reachable?): {said}")
            return None
    stamp.write_text(wanted)
    return Environment(root)


def _uv() -> str | None:
    ours = CHECKOUT / ".tools" / "uv" / "bin" / "uv"
    return str(ours) if ours.exists() else shutil.which("uv")


def _outside() -> dict[str, str]:
    """The environment of a shell that has nothing active; certificates of the machine, as in the Makefile."""
    kept = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT")}
    if any(map(os.path.exists, ("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"))):
        kept.setdefault("UV_SYSTEM_CERTS", "1")
    return kept
