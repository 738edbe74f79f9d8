"""Schemathesis against `mainstay serve`: what its OpenAPI promises, asked for and looked at.

`python bench/contract.py` asks for about a minute: examples, boundaries, and what hypothesis makes of the schemas. No
answer may be a 5xx, and status, type, headers and body of each must be those of the document. Exits 1 where one is not.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from kit.applicants import TARGET, applicants
from kit.environments import environment
from kit.servers import free_port, serving
from kit.worlds import prepare

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
PATIENCE_S = 900  # for what was given to it to be asked


def main() -> int:
    """Serve a version and let Schemathesis ask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=40, help="made for each operation")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    env = environment("schemathesis", "schemathesis>=4")
    if env is None:
        return 0
    with tempfile.TemporaryDirectory() as name:
        world, port = prepare(Path(name) / "line", "line", n_rows=5000), free_port()
        row = json.dumps({"rows": applicants("line", n_rows=1, seed=2).drop(TARGET).to_dicts()}).encode()
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "mainstay", "serve", "--port", str(port), "--project", str(world.folder)]
        with serving("mainstay", command, url=f"{url}/v1/models/credit/decide", bodies=[row]) as server:
            if server is None:
                return 1
            words = [env.command("schemathesis"), "run", f"{url}/openapi.json", "--checks", ",".join(CHECKS)]
            words += ["--max-examples", str(asked.examples), "--seed", str(asked.seed), "--continue-on-failure"]
            done = subprocess.run(words, check=False, timeout=PATIENCE_S, cwd=name)
    print(f"Schemathesis {env.version('schemathesis')}: {'as promised' if done.returncode == 0 else 'NOT as promised'}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
