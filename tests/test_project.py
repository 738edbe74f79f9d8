"""What the project promises about itself: light, complete, readable, and never reading what can run."""

import ast
import json
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import mainstay

CHECKOUT = Path(__file__).parents[1]
PACKAGE = Path(mainstay.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = [module.name for module in pkgutil.walk_packages([str(PACKAGE)], "mainstay.")]

MOST_LINES = 400
MOST_FUNCTION_LINES = 50
MOST_DISTRIBUTIONS = 80
HEAVY = {
    "altair",
    "deltalake",
    "jinja2",
    "numpy",
    "polars",
    "rich",
    "scipy",
    "skops",
    "sklearn",
    "starlette",
    "uvicorn",
}
RUNS_WHEN_READ = {"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DRAWERS = {"utils", "util", "helpers", "common", "manager", "legacy", "misc"}


def short(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def run_python(code: str, *arguments: str) -> str:
    """What a fresh interpreter prints for this code; its own errors fail the test."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_after(code: str) -> set[str]:
    """Names of all modules a fresh interpreter holds after running this code."""
    printed = run_python(code + "\nimport json, sys\nprint('\\n' + json.dumps(sorted(sys.modules)))")
    return set(json.loads(printed.splitlines()[-1]))


def public(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Every public function and class of a module."""
    for node in tree(path).body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            yield node


def n_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def imported(path: Path) -> Iterator[str]:
    """The first part of every module a file imports, wherever in the file it does so."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def test_every_module_imports_and_none_touches_the_network() -> None:
    code = """
import importlib, sys
reached = []
sys.addaudithook(lambda event, _: reached.append(event) if event.startswith(("socket.", "urllib.")) else None)
for name in sys.argv[1:]:
    importlib.import_module(name)
reached = [event for event in reached if event != "socket.__new__"]
assert not reached, f"importing mainstay reached for the network: {reached}"
"""
    run_python(code, *MODULES)


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_after("import mainstay") & HEAVY


def test_help_loads_nothing_heavy() -> None:
    code = """
import sys
from mainstay.__main__ import main
sys.argv = ["mainstay", "--help"]
try:
    main()
except SystemExit as done:
    assert not done.code, done.code
"""
    assert not loaded_after(code) & HEAVY


def test_a_serving_worker_loads_no_frames_learners_or_database_kits() -> None:
    parts = [name for name in MODULES if name.startswith(("mainstay.serving", "mainstay.interfaces.http"))]
    code = f"import importlib\nfor name in {parts!r}: importlib.import_module(name)"
    assert not loaded_after(code) & {"altair", "deltalake", "polars", "scipy", "skops", "sklearn", "sqlalchemy"}


def test_every_module_says_what_it_is_for() -> None:
    assert not [short(path) for path in FILES if not ast.get_docstring(tree(path))]


def test_no_file_is_a_drawer_for_odds_and_ends() -> None:
    assert not [short(path) for path in FILES if DRAWERS & {path.stem, *path.relative_to(PACKAGE).parent.parts}]


def test_what_is_public_says_what_it_does() -> None:
    silent = [f"{short(path)}: {node.name}" for path in FILES for node in public(path) if not ast.get_docstring(node)]
    assert not silent


def test_files_stay_short() -> None:
    assert not [short(path) for path in FILES if len(path.read_text().splitlines()) > MOST_LINES]


def test_functions_stay_short() -> None:
    functions = [(path, node) for path in FILES for node in ast.walk(tree(path)) if isinstance(node, FUNCTIONS)]
    assert not [f"{short(path)}: {node.name}" for path, node in functions if n_lines(node) > MOST_FUNCTION_LINES]


def test_nothing_is_imported_that_runs_code_when_read() -> None:
    assert not {(short(path), name) for path in FILES for name in imported(path) if name in RUNS_WHEN_READ}


def runtime_closure() -> set[str]:
    """Names of all distributions a plain install may bring on any platform, from the lock file."""
    locked = tomllib.loads((CHECKOUT / "uv.lock").read_text())["package"]
    wants = {package["name"]: [wanted["name"] for wanted in package.get("dependencies", [])] for package in locked}
    reached: set[str] = set()
    waiting = ["mainstay"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += wants[name]
    return reached - {"mainstay"}


def test_a_plain_install_brings_few_distributions() -> None:
    assert len(runtime_closure()) < MOST_DISTRIBUTIONS


def test_the_package_declares_its_licence_types_and_pythons() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in (CHECKOUT / "LICENSE").read_text()
    assert (PACKAGE / "py.typed").exists()
    named = {text.rsplit(" ", 1)[-1] for text in project["classifiers"] if "Python :: 3." in text}
    assert named == {"3.11", "3.12", "3.13"}
    assert project["requires-python"] == ">=3.11,<3.14"


def test_the_changelog_tells_of_this_version() -> None:
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (CHECKOUT / "CHANGELOG.md").read_text()


def test_texts_have_one_apostrophe() -> None:
    typographic = re.compile(r"\w\u2019\w")
    read = (path for end in ("py", "j2", "js", "jinja") for path in sorted(PACKAGE.rglob(f"*.{end}")))
    assert [short(path) for path in read if typographic.search(path.read_text())] == []
