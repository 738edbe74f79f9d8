"""A recipe of one's own: what it is told, what it says of itself, and what passes to and from the process it runs in.

A recipe is somebody's code: it runs in a process of its own, so that whatever it does (hang, print, fork, exit, fill
the memory) is seen and said, and nothing else is touched by it.
"""

from __future__ import annotations

import msgspec

from mainstay.domain.finding import Finding
from mainstay.domain.plan import Model, Raw

RECIPE = "recipe.py"
RECIPE_CODE = "code/recipe.py"  # in a bundle: the recipe that its model came from, where there is one
FUNCTION = "recipe"

# The simplest first: what a recipe may say it is as simple as. One that says nothing is the most complex of all.
COMPLEXITIES = ("rule", "linear", "boosting", "own")


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a recipe is told: the task, the names of its columns by kind, and what keeps it the same every time.

    `task` is `binary`, `multiclass` or `regression`; `classes` the outcomes' names (an outcome is its place there).
    """

    task: str
    classes: tuple[str, ...]
    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    dates: tuple[str, ...]
    texts: tuple[str, ...]
    n_rows: int
    seed: int
    n_threads: int = 1


def context_of(columns: tuple[Raw, ...], *, task: str, classes: tuple[str, ...], n_rows: int, seed: int) -> Context:
    """Return what a recipe is told of these columns.

    >>> context_of((Raw("age", "number"),), task="binary", classes=(), n_rows=9, seed=1).numbers
    ('age',)
    """
    named = {
        kind: tuple(c.field for c in columns if c.kind == kind) for kind in ("number", "category", "moment", "text")
    }
    return Context(
        task=task,
        classes=classes,
        numbers=named["number"],
        categories=named["category"],
        dates=named["moment"],
        texts=named["text"],
        n_rows=n_rows,
        seed=seed,
    )


class Rows(msgspec.Struct, frozen=True):
    """Rows for a recipe: a file of used columns (Arrow), their outcomes and weights as float64 bytes."""

    file: str
    outcomes: bytes = b""
    weights: bytes = b""


class Open(msgspec.Struct, frozen=True, tag="open"):
    """Read the recipe and call it once. `file` is its name in messages."""

    text: str
    file: str
    context: Context
    columns: tuple[Raw, ...]


class Learn(msgspec.Struct, frozen=True, tag="learn"):
    """Fit it on rows and keep the result under a number."""

    number: int
    rows: Rows


class Say(msgspec.Struct, frozen=True, tag="say"):
    """Score rows with what was fitted."""

    number: int
    rows: Rows


class Hand(msgspec.Struct, frozen=True, tag="hand"):
    """Hand over what was fitted in a form that can be kept; without `packed` only say what packages there are."""

    number: int
    packed: bool


class Forget(msgspec.Struct, frozen=True, tag="forget"):
    """Forget what was fitted, if it is still there."""

    number: int


class Examine(msgspec.Struct, frozen=True, tag="examine"):
    """Examine the recipe by these rules, on rows."""

    rows: Rows
    codes: tuple[str, ...]


Request = Open | Learn | Say | Hand | Forget | Examine


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """What a recipe says of itself; `rule` is the expression it returned instead of an estimator."""

    frame: str
    complexity: str
    title: str
    rule: str | None = None


class Learnt(msgspec.Struct, frozen=True, tag="learnt"):
    """What was fitted: as models of a plan where it can be one (`why` not, where it cannot)."""

    estimator: str
    models: tuple[Model, ...] = ()
    link: str = ""
    why: str = ""


class Scores(msgspec.Struct, frozen=True, tag="scores"):
    """Scores in the link of a plan, as float64 bytes; `n_columns` is 0 where each row has one number."""

    values: bytes
    n_columns: int = 0


class Handed(msgspec.Struct, frozen=True, tag="handed"):
    """The bytes of `model.skops` and types of one's own in it; the versions of packages that the recipe brought.

    `resident_mb` are the megabytes that its process holds.
    """

    skops: bytes = b""
    types: tuple[str, ...] = ()
    distributions: dict[str, str] = {}
    resident_mb: float = 0.0


class Begun(msgspec.Struct, frozen=True, tag="begun"):
    """An examination has come to this rule."""

    code: str


class Found(msgspec.Struct, frozen=True, tag="found"):
    """What a rule found."""

    finding: Finding


class Examined(msgspec.Struct, frozen=True, tag="examined"):
    """The examination is over."""


class Trouble(msgspec.Struct, frozen=True, tag="trouble"):
    """What went wrong, said as an error says it."""

    what: str
    remedy: str


Reply = Opened | Learnt | Scores | Handed | Begun | Found | Examined | Trouble
