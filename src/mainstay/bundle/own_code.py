"""Reading a recipe of one's own: the text of one file becomes a module, under a name that its digest makes its own.

The only place where code is run that is not Mainstay's: a recipe's, which its author asked for; where it is fitted, and
where a bundle of this home holds a class of one's own that cannot be a plan.
"""

from __future__ import annotations

import inspect
import linecache
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from mainstay.domain.canonical import digest
from mainstay.domain.errors import RecipeError
from mainstay.domain.recipe import COMPLEXITIES, FUNCTION

PREFIX = "mainstay_recipe_"
WANTED = f"Write one function: def {FUNCTION}(context): return an estimator, or the text of a rule."
AGAIN = "Mend it, and try it: mainstay check --recipe"  # where nothing better can be said
FRAMES = ("pandas", "polars")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe as read. `make(context)` gives an estimator or a rule; `file` names it in messages."""

    make: Callable[[Any], Any]
    file: str
    frame: str | None
    complexity: str
    title: str


def module_name(text: str) -> str:
    """Return the name of a recipe's module: no two texts share one.

    >>> module_name("")[:20]
    'mainstay_recipe_e3b0'
    """
    return PREFIX + digest(text.encode()).removeprefix("sha256:")[:16]


def load_code(text: str, *, file: str) -> ModuleType:
    """Run a recipe's text as a module and return it; raises `RecipeError` with the line that is wrong."""
    name = module_name(text)
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = file
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    sys.modules[name] = module  # its classes are looked for there
    try:
        with spoken(file, "when it is read"):
            exec(compile(text, file, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - see the module
    except RecipeError:
        del sys.modules[name]
        raise
    return module


def load_recipe(text: str, *, file: str) -> Recipe:
    """Return the recipe in a text; raises `RecipeError` where it is none."""
    module = load_code(text, file=file)
    make = getattr(module, FUNCTION, None)
    if not callable(make):
        raise RecipeError(f"{file} has no function {FUNCTION!r}", remedy=WANTED)
    try:
        inspect.signature(make).bind(None)
    except TypeError as error:
        what = f"{file}:{_line_of(make)}: {FUNCTION}{inspect.signature(make)} does not take one argument"
        raise RecipeError(what, remedy=WANTED) from error
    frame, complexity = getattr(module, "FRAME", None), getattr(module, "COMPLEXITY", COMPLEXITIES[-1])
    if frame not in (None, *FRAMES):
        raise RecipeError(f"{file}: FRAME is {frame!r}", remedy=f"Wanted one of: {', '.join(FRAMES)}.")
    if complexity not in COMPLEXITIES:
        raise RecipeError(f"{file}: COMPLEXITY is {complexity!r}", remedy=f"Wanted one of: {', '.join(COMPLEXITIES)}.")
    return Recipe(make, file, frame, complexity, str(getattr(module, "TITLE", "own recipe"))[:60])


class spoken:  # noqa: N801 - reads as a sentence: with spoken(file, "when it is fitted")
    """Turn what a recipe throws within into a `RecipeError` that names its line, what came, and what is wanted.

    A `SystemExit` counts as thrown; our own errors and an interruption pass.
    """

    def __init__(self, file: str, when: str) -> None:
        self.file, self.when = file, when

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        """Raise `RecipeError` instead of what came."""
        if error is None or isinstance(error, RecipeError | KeyboardInterrupt | GeneratorExit):
            return
        raise RecipeError(f"{_place(self.file, error)}: {_said(error)}, {self.when}", remedy=_remedy(error)) from error


def _place(file: str, error: BaseException) -> str:
    """Return `recipe.py:12`: the last of its own lines that led to an error."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return f"{file}:{error.lineno}"
    own = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"{file}:{own[-1]}" if own else file


def _said(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"it needs the package {error.name.partition('.')[0]!r}, which is not installed here"
    if isinstance(error, SystemExit):
        return f"it asks Python to exit ({error.code})"
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg}"
    first = str(error).strip().partition("\n")[0][:300]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


# What libraries say of columns that they cannot take, and what to write instead.
KNOWN = (
    (
        "could not convert string to float",
        "The model takes numbers only, and a column holds texts: encode it first, with OneHotEncoder(handle_unknown="
        "'ignore') on context.categories, or pass on context.numbers alone. docs/recipes.md has it written out.",
    ),
    (
        "contains NaN",
        "The model takes no gaps, and a column has some: fill them first, make_pipeline(SimpleImputer(), model), or "
        "use one that reads NaN, such as HistGradientBoostingClassifier.",
    ),
)


def _remedy(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        name = error.name.partition(".")[0]
        return f"Install it (pip install {name}); a recipe is one file, and imports installed packages only."
    return next((remedy for said, remedy in KNOWN if said in str(error)), AGAIN)


def _line_of(function: Any) -> int:
    return int(getattr(getattr(function, "__code__", None), "co_firstlineno", 1))
