"""The import contracts hold, cover every package, and would each notice a breach."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mainstay

grimp = pytest.importorskip("grimp", reason="layers are read from the source once, where the linter is installed")

CHECKOUT = Path(__file__).parents[1]
PACKAGE = Path(mainstay.__file__).parent
KIND = "importlinter:contract:"
HOMES_ROW = re.compile(r"^\| (`.+`) \| (`.+`) \|$", re.MULTILINE)

# For every contract one file that must not be there, and what it would hold.
BREACHES = {
    "layers": ("data/planted.py", "import mainstay.monitoring"),
    "interfaces": ("interfaces/cli/planted.py", "import mainstay.stats"),
    "faces": ("interfaces/http/planted.py", "import mainstay.interfaces.cli"),
    "store": ("store/planted.py", "import mainstay.stats"),
    "cycles": ("workflows/planted/one.py", "import mainstay.workflows.planted.two"),
    "domain": ("domain/planted.py", "import scipy"),
    "stats": ("stats/planted.py", "import pydantic"),
    "rooms": ("training/planted.py", "import time"),
    "worker": ("serving/planted.py", "import polars"),
    "home-learners": ("monitoring/planted.py", "import sklearn"),
    "home-onnx": ("workflows/planted.py", "import onnxruntime"),
    "home-messages": ("workflows/told.py", "import apprise"),
    "home-tables": ("bundle/planted.py", "import deltalake"),
    "home-clusters": ("workflows/clustered.py", "def run():\n    import pyspark"),
    "home-charts": ("workflows/charted.py", "import altair"),
    "home-templates": ("workflows/templated.py", "import jinja2"),
    "home-web": ("simulation/planted.py", "import starlette"),
    "home-terminal": ("report/planted.py", "import rich"),
    "no-code": ("store/preserved.py", "def read(path):\n    import pickle"),
}
ALONGSIDE = {"workflows/planted/__init__.py": "", "workflows/planted/two.py": "import mainstay.workflows.planted.one"}

# The commands that fit models. Every other command must be able to run where scikit-learn is broken or missing.
FIT_MODELS = {
    "train",
    "looks",
    "corrections",
    "packing",
    "scored",
    "reproduce",
    "searched",
    "summary",
    "wanted",
    "weighing",
    "replay",
    "demo",
    "savings",
    "recipe_child",
    "recipe_bench",
    "conformance",
    "exam",
    "examined",
    "check",
    "expect",
}


@pytest.fixture(scope="module")
def contracts() -> dict[str, configparser.SectionProxy]:
    read = configparser.ConfigParser()
    read.read(CHECKOUT / ".importlinter")
    return {name.removeprefix(KIND): read[name] for name in read.sections() if name.startswith(KIND)}


def listed(section: configparser.SectionProxy, key: str) -> set[str]:
    return set(section[key].split())


def lint(folder: Path) -> str:
    """What the linter says of the package in this folder."""
    env = {**os.environ, "COLUMNS": "300", "PYTHONPATH": str(folder)}
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    asked = [sys.executable, "-c", code, "--no-logo", "--no-cache", "--config", str(CHECKOUT / ".importlinter")]
    return subprocess.run(asked, cwd=folder, env=env, capture_output=True, text=True, check=False).stdout


def test_the_contracts_hold() -> None:
    said = lint(PACKAGE.parent)
    assert "0 broken" in said, said


def test_every_contract_notices_its_breach(tmp_path: Path, contracts: dict[str, configparser.SectionProxy]) -> None:
    assert BREACHES.keys() == contracts.keys()
    copied = shutil.copytree(PACKAGE, tmp_path / "mainstay", ignore=shutil.ignore_patterns("__pycache__"))
    for name, code in [*BREACHES.values(), *ALONGSIDE.items()]:
        (copied / name).parent.mkdir(exist_ok=True)
        (copied / name).write_text(code)

    said = lint(tmp_path)
    assert not [name for name, contract in contracts.items() if f"{contract['name']} BROKEN" not in said], said


def test_nothing_is_ignored(contracts: dict[str, configparser.SectionProxy]) -> None:
    assert not [name for name, contract in contracts.items() if "ignore_imports" in contract]


def test_homes_are_those_of_the_architecture_page(contracts: dict[str, configparser.SectionProxy]) -> None:
    rows = HOMES_ROW.findall((CHECKOUT / "docs" / "architecture.md").read_text())
    told = {frozenset(re.findall(r"`(.+?)`", libraries)): set(re.findall(r"`(.+?)`", at)) for libraries, at in rows}
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} | {"__main__"}

    held = {}
    for name, contract in contracts.items():
        if name.startswith("home-"):
            kept_out = {module.removeprefix("mainstay.") for module in listed(contract, "source_modules")}
            faces = set() if "interfaces" in kept_out else {"interfaces.cli", "interfaces.http", "interfaces.notify"}
            everyone = (packages - {"interfaces"} if faces else packages) | faces
            held[frozenset(listed(contract, "forbidden_modules"))] = everyone - kept_out
    assert held == told


def test_only_commands_that_fit_models_load_learners() -> None:
    graph = grimp.build_graph("mainstay", include_external_packages=True, cache_dir=None)
    found = []
    for module in graph.modules:
        if module.startswith(("mainstay.workflows.", "mainstay.interfaces.")) and not FIT_MODELS & {*module.split(".")}:
            for learner in {"sklearn", "skops"} & graph.modules:
                found += [graph.find_shortest_chain(module, learner)]
    assert not [chain for chain in found if chain]
