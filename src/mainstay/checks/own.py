"""Checks of a project's own: plain functions that take the exam, as they stand in `checks.py` beside the brief."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeAlias

import msgspec
import numpy as np

from mainstay.checks.check import Check, Look, Section
from mainstay.checks.examined import Examined
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.gates import OWN

Own: TypeAlias = Callable[[Examined], object]
FILE = "checks.py"
MOST_FINDINGS = 1000  # of one function: nobody reads more
WANTED = "a bool, a sentence that says what is wrong, a Finding, or several of these"


def own_check(name: str, asks: str, look: Look) -> Check:
    """Return the check that a function of `checks.py` is: its name is the code, and `look` asks it where it runs.

    >>> own_check("knows_everybody", "Is everybody known?", lambda exam: ()).code
    'F00-own-knows-everybody'
    """
    return Check(
        code=own_code(name),
        section=Section.OWN,
        asks=asks,
        limit=f"As {name} in {FILE} says.",
        remedy=f"{FILE} says what {name} wants: mend the version, or the check and say why.",
        look=look,
    )


def question(name: str, function: Own) -> str:
    """Return what a function asks: the first line of its docstring.

    >>> question("is_so", lambda exam: True)
    'Does is_so hold?'
    """
    lines = (inspect.getdoc(function) or "").strip().splitlines()
    return lines[0].strip() if lines else f"Does {name} hold?"


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


def asked(name: str, function: Own, exam: Examined) -> tuple[Finding, ...]:
    """Ask a function; whatever it throws is its own finding, and none of the table's values are in it."""
    try:
        found = tuple(islice(_findings(own_code(name), function(exam)), MOST_FINDINGS + 1))
        msgspec.msgpack.encode(found)  # what cannot be told is its fault, too
    except BaseException as error:  # noqa: BLE001 - somebody else's function may throw anything
        return (broken(name, f"{name} broke at {FILE}:{_line(error)} ({type(error).__name__}) and says nothing"),)
    if len(found) > MOST_FINDINGS:
        return (broken(name, f"{name} gives more than {MOST_FINDINGS:,} findings"),)
    return found


def broken(name: str, because: str) -> Finding:
    """Return the finding of a function that gave no answer.

    >>> broken("is_so", "is_so hangs").verdict.value
    'unknown'
    """
    return Finding(code=own_code(name), verdict=Verdict.UNKNOWN, because=because, remedy=f"Mend {name} in {FILE}.")


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
