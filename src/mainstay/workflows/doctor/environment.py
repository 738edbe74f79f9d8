"""Whether this Python, its libraries and its cores are what Mainstay was built for."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from mainstay.domain.finding import Finding, Verdict
from mainstay.store.machine import cores_allowed, n_cores

PACKAGE = "mainstay"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")


def python() -> Iterator[Finding]:
    """Whether Python is of a version that is supported and tested."""
    wanted, here = _declared("Requires-Python"), platform.python_version()
    if wanted is None:
        yield _unknown("doctor-python")
        return
    fits = SpecifierSet(wanted).contains(here, prereleases=True)
    yield Finding(
        code="doctor-python",
        verdict=Verdict.PASS if fits else Verdict.FAIL,
        because=f"{PACKAGE.capitalize()} {metadata.version(PACKAGE)} on Python {here} ({sys.executable}), "
        f"which must be {wanted}.",
        remedy="" if fits else f"Install Mainstay with a Python {wanted}: python3.12 -m pip install mainstay",
    )


def libraries() -> Iterator[Finding]:
    """Whether every library is there, in a version within our bounds."""
    try:
        needed = [Requirement(line) for line in metadata.requires(PACKAGE) or ()]
    except metadata.PackageNotFoundError:
        yield _unknown("doctor-libraries")
        return
    needed = [each for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]
    wrong = [finding for each in needed if (finding := _unfit(each)) is not None]
    yield from wrong
    if not wrong:
        here = ", ".join(f"{each.name} {metadata.version(each.name)}" for each in needed)
        said = f"All {len(needed)} libraries are within our bounds: {here}."
        yield Finding(code="doctor-libraries", verdict=Verdict.PASS, because=said)


def cores() -> Iterator[Finding]:
    """Whether libraries that start a thread per core would start more than there is room for."""
    here, allowed = n_cores(), cores_allowed()
    bound = {name: os.environ[name] for name in THREADS if name in os.environ}
    crowded = allowed is not None and allowed < here and "OMP_NUM_THREADS" not in bound
    share = f", of which this container may use {allowed:g}" if allowed is not None else ""
    said = "".join(f", {name}={value}" for name, value in bound.items())
    wanted = max(1, round(allowed or here))
    yield Finding(
        code="doctor-cores",
        verdict=Verdict.WARN if crowded else Verdict.PASS,
        because=f"{here} core{'s' * (here != 1)} ({platform.machine()}){share}{said}.",
        measured=float(here),
        limit=allowed,
        remedy=f"export OMP_NUM_THREADS={wanted} POLARS_MAX_THREADS={wanted}" if crowded else "",
    )


def _unfit(wanted: Requirement) -> Finding | None:
    try:
        here = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        because = f"{wanted.name} is not installed; wanted is {wanted.specifier}."
    else:
        if wanted.specifier.contains(here, prereleases=True):
            return None
        because = f"{wanted.name} is {here}; wanted is {wanted.specifier}."
    return Finding(
        code="doctor-libraries",
        verdict=Verdict.FAIL,
        because=because,
        subjects=(wanted.name,),
        remedy=f'{sys.executable} -m pip install "{wanted.name}{wanted.specifier}"',
    )


def _declared(field: str) -> str | None:
    try:
        said = metadata.metadata(PACKAGE)[field]
    except (metadata.PackageNotFoundError, KeyError):
        return None
    return str(said) if said else None


def _unknown(code: str) -> Finding:
    return Finding(
        code=code,
        verdict=Verdict.UNKNOWN,
        because=f"{PACKAGE} runs without being installed, so that its bounds cannot be read.",
        remedy="pip install .",
    )


ENVIRONMENT = (("doctor-python", python), ("doctor-libraries", libraries), ("doctor-cores", cores))
