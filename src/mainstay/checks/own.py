"""Checks of a project's own: plain functions that take the exam, as they stand in `checks.py` beside the brief."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import msgspec
import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.examined import Examined
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.gates import OWN

Own: TypeAlias = Callable[[Examined], object]
FILE = "checks.py"
WANTED = "a bool, a sentence that says what is wrong, a Finding, or several of these"


def own_check(name: str, function: Own) -> Check:
    """Return the check that a function of `checks.py` is: its docstring asks, its name is the code.

    >>> own_check("knows_everybody", lambda exam: True).code
    'F00-own-knows-everybody'
    """
    lines = (inspect.getdoc(function) or "").strip().splitlines()
    asks = lines[0].strip() if lines else f"Does {name} hold?"
    remedy = f"{FILE} says what {name} wants: mend the version, or the check and say why."
    code = own_code(name)
    return Check(
        code=code,
        section=Section.OWN,
        asks=asks,
        limit=f"As {name} in {FILE} says.",
        remedy=remedy,
        look=lambda exam: _asked(code, name, function, exam),
    )


def own_code(name: str) -> str:
    """Return the code of the findings of a function of `checks.py`.

    >>> own_code("no_gap")
    'F00-own-no-gap'
    """
    return f"{OWN}-{name.strip('_').replace('_', '-')}"


def absent_check(gate: str) -> Check:
    """Return the check that stands for one that the brief makes a gate and `checks.py` does not have: it fails."""
    because = f"the brief makes it a gate, and {FILE} has no such function"
    found = Finding(code=gate, verdict=Verdict.FAIL, because=because)
    return Check(
        code=gate,
        section=Section.OWN,
        asks=f"Is {gate} asked?",
        limit=f"{FILE} has the function.",
        remedy=f"Write it into {FILE} beside the brief, or take the gate out of the brief.",
        look=lambda exam: (found,),
    )


def _asked(code: str, name: str, function: Own, exam: Examined) -> list[Finding]:
    """Ask a function; whatever it throws is its own finding, and none of the table's values are in it."""
    try:
        return list(_findings(code, function(exam)))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - somebody else's function may throw anything
        because = f"{name} broke at {FILE}:{_line(error)} ({type(error).__name__}) and says nothing"
        return [Finding(code=code, verdict=Verdict.UNKNOWN, because=because, remedy=f"Mend {name} in {FILE}.")]


def _line(error: BaseException) -> int:
    """The last line of `checks.py` on the way to an error; 0 where none is."""
    lines = [frame.lineno or 0 for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    return lines[-1] if lines else 0


def _findings(code: str, given: object) -> Iterator[Finding]:
    if isinstance(given, Finding):
        found = msgspec.convert(msgspec.to_builtins(given), Finding)  # a struct takes any values when it is made
        is_its = f"{found.code}-".startswith(f"{code}-")
        yield found if is_its else msgspec.structs.replace(found, code=code)
    elif isinstance(given, (bool, np.bool_)):
        because = "it holds" if given else "it does not hold"
        yield Finding(code=code, verdict=Verdict.PASS if given else Verdict.FAIL, because=because)
    elif isinstance(given, str):
        said = given.strip()
        yield Finding(code=code, verdict=Verdict.FAIL if said else Verdict.PASS, because=said or "it holds")
    elif isinstance(given, Iterable) and not isinstance(given, (bytes, dict, np.ndarray)):
        for each in given:
            yield from _findings(code, each)
    else:
        because = f"it gives {type(given).__name__}; wanted is {WANTED}"
        yield Finding(code=code, verdict=Verdict.UNKNOWN, because=because, remedy=f"Let it return {WANTED}.")
