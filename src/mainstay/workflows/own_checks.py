"""Reading `checks.py` beside the brief: the only place where a project's own checks come from, never a bundle."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

from mainstay.checks.check import Check
from mainstay.checks.examined import Examined
from mainstay.checks.own import FILE, Own, absent_check, own_check
from mainstay.domain.errors import Asked
from mainstay.domain.finding import Finding
from mainstay.domain.gates import OWN
from mainstay.store.aside import aside
from mainstay.store.project import Project, read_own_checks

MODULE = "mainstay_own_checks"


def own_checks(project: Project) -> tuple[Check, ...]:
    """Return the checks of a project's `checks.py`, in the order of the file; none without one.

    Every public function that is written there is one. A gate of the brief that names one which is not there is a check
    that fails. Raises `Asked` for a file that cannot be read, or a function that does not take one exam.
    """
    text = read_own_checks(project.folder)
    found = () if text is None else tuple(_beside(own_check(name, each)) for name, each in _functions(_module(text)))
    codes = [check.code for check in found]
    gates = [gate for gate in project.brief.gates if gate.startswith(f"{OWN}-")]
    absent = [gate for gate in gates if not any(f"{code}-".startswith(f"{gate}-") for code in codes)]
    return (*found, *map(absent_check, absent))


def _beside(check: Check) -> Check:
    """A check that prints beside the answer, never into it."""

    def look(exam: Examined) -> tuple[Finding, ...]:
        with aside():
            return tuple(check.look(exam))

    return replace(check, look=look)


def _module(text: str) -> ModuleType:
    module = ModuleType(MODULE)
    sys.modules[MODULE] = module  # dataclasses look their module up there
    try:
        with aside():
            exec(compile(text, FILE, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - the project's own file
    except SyntaxError as error:
        what = f"{FILE}:{error.lineno or 0} cannot be read: {error.msg}"
        raise Asked(what, remedy=f"Mend {FILE} beside the brief.") from error
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
        what = f"{FILE}:{lines[-1] if lines else 0} breaks when it is read: {type(error).__name__}: {error}"
        raise Asked(what, remedy=f"Mend {FILE} beside the brief.") from error
    return module


def _functions(module: ModuleType) -> Iterator[tuple[str, Own]]:
    """The public functions that were written in a module, not those that it imports."""
    for name, each in vars(module).items():
        if name.startswith("_") or not inspect.isfunction(each) or each.__module__ != MODULE:
            continue
        if not _takes_one(each):
            what = f"{name} in {FILE} does not take one argument, the exam"
            raise Asked(what, remedy=f"Write def {name}(exam), or call it _{name} where it only helps others.")
        yield name, each


def _takes_one(function: Own) -> bool:
    try:
        inspect.signature(function).bind(object())
    except TypeError:
        return False
    return True
