"""nginx as the page on operating sets it up, in front of services that a test has started."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "operating.md"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def configuration(port: int, ports: tuple[int, int]) -> str:
    """The page's own `nginx.conf`, with other ports."""
    found = re.search(r"^```nginx\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    text = found[1].replace("listen 8080;", f"listen 127.0.0.1:{port};")
    for named, real in zip(("127.0.0.1:8081", "127.0.0.1:8082"), ports, strict=True):
        assert named in text
        text = text.replace(named, f"127.0.0.1:{real}")
    return text


@contextmanager
def in_front_of(ports: tuple[int, int], folder: Path) -> Iterator[str]:
    """Run nginx before two services and give its address."""
    assert NGINX is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    place = folder / "nginx.conf"
    place.write_text(configuration(port, ports))
    more = f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;"
    process = subprocess.Popen([NGINX, "-c", str(place), "-g", more], stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
