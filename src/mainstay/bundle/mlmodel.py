"""What makes a bundle an MLflow model folder: `MLmodel`, the environment, and the code that scores without Mainstay.

The code is our own, word for word, moved into a package `mainstay_model`: what scores there is what scores here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mainstay.domain.errors import BundleError

PACKAGE = "mainstay_model"
PYTHON_ENVIRONMENT = "python_env.yaml"

# Every module that travels, as named within `mainstay`; each needs the standard library, numpy and others of these.
CODE_MODULES = (
    "domain.date_text",
    "domain.deciding",
    "domain.errors",
    "domain.expression",
    "domain.kind",
    "domain.moments",
    "domain.number_text",
    "domain.outcome",
    "domain.reading",
    "domain.terms",
    "domain.wall_clock",
    "serving.exact",
    "serving.plan_forest",
    "serving.plan_inputs",
    "serving.plan_lines",
    "serving.plan_math",
    "serving.plan_walk",
    "serving.portable",
    "serving.rule",
)
LOADER = "portable"
OURS = re.compile(r"\bmainstay\.(?:domain|serving)\b")


def code_files(sources: Mapping[str, str]) -> dict[str, bytes]:
    """Return the files under `code/`, from the text of each of `CODE_MODULES`.

    Raises `BundleError` if one is missing.
    """
    lacking = [name for name in CODE_MODULES if name not in sources]
    if lacking:
        raise BundleError(f"the code of a bundle lacks {', '.join(lacking)}")
    files = {"__init__": '"""The code that a Mainstay bundle is scored with."""\n'}
    files |= {name.rpartition(".")[2]: OURS.sub(PACKAGE, sources[name]) for name in CODE_MODULES}
    return {f"code/{PACKAGE}/{name}.py": text.encode() for name, text in files.items()}


def ml_model(python_version: str) -> bytes:
    """Return the `MLmodel` file: which module of `code/` loads the folder, and where the environment is written."""
    lines = (
        "flavors:",
        "  python_function:",
        "    code: code",
        "    data: .",
        "    env:",
        f"      virtualenv: {PYTHON_ENVIRONMENT}",
        f"    loader_module: {PACKAGE}.{LOADER}",
        f"    python_version: {python_version}",
    )
    return _text(lines)


def python_environment(python_version: str, requirements: Sequence[str]) -> bytes:
    """Return MLflow's description of an environment that can score: Python, and numpy as it is pinned."""
    numpy = [line for line in requirements if line.startswith("numpy==")]
    dependencies = (f"- {line}" for line in (*numpy, "tzdata", "mlflow"))
    return _text((f"python: {python_version}", "dependencies:", *dependencies))


def _text(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
