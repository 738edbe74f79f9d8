"""What the process of a project's own checks does when it is asked: read the file, take the exam, ask a function."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import ModuleType

from mainstay.bundle.own_code import load_code
from mainstay.checks.examined import Examined
from mainstay.checks.own import FILE, Own, asked, question
from mainstay.domain.errors import Asked, MainstayError
from mainstay.domain.own_checks import Answered, Ask, Question, Questions, Read, Reply, Request, Take, Taken
from mainstay.domain.recipe import Trouble
from mainstay.workflows.handed import taken


@dataclass(slots=True)
class Holds:
    """What the process holds: the functions of the file by name, and what they are asked about."""

    functions: dict[str, Own] = field(default_factory=dict)
    exam: Examined | None = None


def answer(holds: Holds, request: Request) -> Iterator[Reply]:
    """Yield the reply to a request; what goes wrong is a reply, too."""
    try:
        yield _answer(holds, request)
    except MainstayError as error:
        yield Trouble(error.what, error.remedy)


def _answer(holds: Holds, request: Request) -> Reply:
    match request:
        case Read(text):
            holds.functions = dict(_functions(load_code(text, file=FILE)))
            return Questions(tuple(Question(name, question(name, each)) for name, each in holds.functions.items()))
        case Take():
            holds.exam = taken(request)
            return Taken()
        case Ask(name, said):
            assert holds.exam is not None  # it is taken before anything is asked
            return Answered(name, asked(name, holds.functions[name], replace(holds.exam, said=said)))


def _functions(module: ModuleType) -> Iterator[tuple[str, Own]]:
    """The public functions that were written in a module, not those that it imports."""
    for name, each in vars(module).items():
        if name.startswith("_") or not inspect.isfunction(each) or each.__module__ != module.__name__:
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
