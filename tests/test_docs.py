"""What the pages say holds: links lead somewhere, pages can be found, commands exist, and the README's blocks run."""

import os
import re
import shutil
import socket
import subprocess
import sys
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import pytest

from mainstay.interfaces.cli.main import COMMANDS

CHECKOUT = Path(__file__).parents[1]
PAGES = [*sorted(CHECKOUT.glob("*.md")), *sorted((CHECKOUT / "docs").rglob("*.md"))]

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMAND = re.compile(r"^mainstay (\w+)", re.MULTILINE)
CODE = re.compile(r"\bF\d\d-[a-z-]+")
VERB = re.compile(r"^([a-z]+):.*## ", re.MULTILINE)


def links(page: Path) -> list[str]:
    """Targets of a page's links to other places of the project; code is left out."""
    text = re.sub(r"`[^`\n]*`", "", BLOCK.sub("", page.read_text()))
    return [target for target in LINK.findall(text) if "://" not in target and not target.startswith("mailto:")]


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(BLOCK.sub("", page.read_text())))
    return {word.strip().replace(" ", "-") for word in words}


def shell_blocks(page: Path) -> list[str]:
    return [body for language, body in BLOCK.findall(page.read_text()) if language == "sh"]


def test_every_link_leads_somewhere() -> None:
    dead = []
    for page in PAGES:
        for target in links(page):
            name, _, anchor = target.partition("#")
            there = (page.parent / name).resolve() if name else page
            if not there.exists() or (anchor and anchor not in anchors(there)):
                dead.append(f"{page.relative_to(CHECKOUT)}: {target}")
    assert not dead


def test_every_page_can_be_found_from_the_first() -> None:
    first = CHECKOUT / "docs" / "index.md"
    found, waiting = {first}, [first]
    while waiting:
        page = waiting.pop()
        linked = {(page.parent / target.partition("#")[0]).resolve() for target in links(page)}
        fresh = {there for there in linked if there.suffix == ".md"} - found
        found |= fresh
        waiting += fresh
    assert not [str(page.relative_to(CHECKOUT)) for page in (CHECKOUT / "docs").rglob("*.md") if page not in found]


def test_pages_name_only_commands_that_exist() -> None:
    named = {name for page in PAGES for block in shell_blocks(page) for name in COMMAND.findall(block)}
    assert named <= COMMANDS.keys()


def test_contributing_names_every_verb() -> None:
    verbs = set(VERB.findall((CHECKOUT / "Makefile").read_text())) - {"help"}
    told = (CHECKOUT / "CONTRIBUTING.md").read_text()
    assert verbs
    assert not {verb for verb in verbs if f"`make {verb}`" not in told}


def test_every_finding_has_its_sentence() -> None:
    sources = "".join(path.read_text() for path in sorted((CHECKOUT / "src").rglob("*.py")))
    signals, checks = (
        re.findall(r"^\| `(F\d\d-[a-z-]+)…?` \| \w", (CHECKOUT / "docs" / name).read_text(), re.MULTILINE)
        for name in ("signals.md", "checks.md")
    )
    told = [*signals, *(code for code in checks if code not in signals and f"{code}-…" not in signals)]
    families = tuple(code for code in told if code.endswith("-"))
    raised = {code for code in CODE.findall(sources) if code not in told}
    assert not {code for code in raised if f"{code}-" not in families and not code.startswith(families)}
    assert len(told) == len(set(told))
    assert set(told) <= set(CODE.findall(sources))


def test_the_readme_is_one_screen() -> None:
    assert len((CHECKOUT / "README.md").read_text().splitlines()) <= 60


def unbuilt(commands: list[str]) -> list[str]:
    return [name for name in commands if not find_spec(f"mainstay.interfaces.cli.{COMMANDS[name][0]}")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def as_script(blocks: list[str], port: int) -> str:
    """The README's commands as one script: setting up is left out, the service runs beside what follows it."""
    ready = f"for i in $(seq 150); do curl -sf localhost:{port}/readyz >/dev/null && break; sleep 0.2; done"
    lines = []
    for line in "".join(blocks).replace("8080", str(port)).splitlines():
        if line.startswith("mainstay serve"):
            lines += [f"{line} &", "trap 'kill %1' EXIT", ready]
        elif not line.startswith(("make ", "pip ")):
            lines.append(line)
    return "\n".join(["set -euo pipefail", *lines])


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl on PATH, the README's blocks were not run")
def test_the_readme_runs(shared_data: Path, tmp_path: Path) -> None:
    blocks = shell_blocks(CHECKOUT / "README.md")
    if missing := unbuilt(COMMAND.findall("".join(blocks))):
        pytest.skip(f"the README's blocks were not run: {', '.join(missing)} not built yet")

    table = "credit_card_default.csv"
    with (shared_data / table).open() as rows:
        (tmp_path / table).write_text("".join(islice(rows, 3001)))
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    script = as_script(blocks, free_port())
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
