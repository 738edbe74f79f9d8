"""What this process runs on: the installed distributions that Mainstay needs, the machine, and our own source texts."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from importlib.resources import files

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def distributions(root: str = "mainstay") -> dict[str, str]:
    """Return name and version of every installed distribution that `root` needs here, itself included."""
    found: dict[str, str] = {}
    waiting = [root]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
        waiting += [need.name for text in requires(name) or () if _needed(need := Requirement(text))]
    return dict(sorted(found.items()))


def licences(names: Iterable[str]) -> dict[str, str]:
    """Return what each installed distribution says of its licence, empty where it says nothing; none that is absent.

    An expression (PEP 639) counts first, then what it is classified as, then its own line, of which the first counts.
    """
    found = {}
    for name in names:
        try:
            facts = metadata(name)
        except PackageNotFoundError:
            continue
        classified = [each for each in facts.get_all("Classifier") or () if each.startswith("License ::")]
        said = (facts.get_all("License-Expression") or [""])[0] or " AND ".join(
            each.rpartition(" :: ")[2] for each in classified
        )
        own = ((facts.get_all("License") or [""])[0] or "").strip().splitlines()
        found[name] = said or (own[0] if own else "")
    return found


def machine() -> dict[str, str]:
    """Return facts that may matter for the last bit of a number."""
    return {"system": platform.system(), "processor": platform.machine()}


def python_version() -> str:
    """Return the version of Python, such as `3.11.7`."""
    return platform.python_version()


def sources(modules: Iterable[str]) -> dict[str, str]:
    """Return the text of modules of this package, named as within it, such as `serving.rule`."""
    root = files("mainstay")
    return {name: root.joinpath(f"{name.replace('.', '/')}.py").read_text("utf-8") for name in modules}


def _needed(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})
