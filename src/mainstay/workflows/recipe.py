"""A project's recipe, opened in a process of its own: what it says of itself, and whether it keeps the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from mainstay.domain.errors import RecipeError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.plan import Raw
from mainstay.domain.recipe import (
    RECIPE,
    RECIPE_CODE,
    Begun,
    Examine,
    Examined,
    Found,
    Open,
    Opened,
    Reply,
    Request,
    Rows,
    Trouble,
    context_of,
)
from mainstay.domain.recipe_columns import raw_columns
from mainstay.domain.recipe_rules import ALL, READ, RULES, WAITS
from mainstay.store.recipes import RecipeProcess, recipe_process, recipe_text, write_rows
from mainstay.training.prepared import Prepared
from mainstay.workflows.recipe_rule import rule_findings, rule_of

OPEN_WITHIN_S = 120.0  # reading a recipe imports its libraries, cold from a disk
RULE_WITHIN_S = 120.0  # a rule fits a few times on at most 500 rows
MOST_ROWS = 500  # that a recipe is examined on

OnRule = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class OwnRecipe:
    """A recipe whose process runs. `columns` are what it gets."""

    process: RecipeProcess
    text: str
    opened: Opened
    columns: tuple[Raw, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A recipe as it stands on disk: the name of its file, and its text."""

    name: str
    text: str


def source_of(folder: Path, file: Path | None = None) -> Source | None:
    """Return the recipe of a project's folder (or a file), None where there is none; raises `NotFound`."""
    found = recipe_text(folder, file)
    return None if found is None else Source(*found)


def kept_source(files: Mapping[str, bytes]) -> Source | None:
    """Return the recipe that a bundle's files hold, None where its model came from no recipe."""
    return Source(RECIPE, files[RECIPE_CODE].decode()) if RECIPE_CODE in files else None


def ask(process: RecipeProcess, request: Request, *, within_s: float) -> Reply:
    """Ask for one reply; raises `RecipeError` for trouble, and where none comes in time."""
    reply = next(process.ask(request, within_s=within_s))
    if isinstance(reply, Trouble):
        raise RecipeError(reply.what, remedy=reply.remedy)
    return reply


@contextmanager
def opened(source: Source, prepared: Prepared, *, within_s: float = OPEN_WITHIN_S) -> Iterator[OwnRecipe]:
    """Run a recipe in a process of its own for as long as the block; raises `RecipeError` where it cannot be read."""
    columns = raw_columns(prepared.schema.fields)
    context = context_of(
        columns,
        task=prepared.task.value,
        classes=prepared.schema.classes,
        n_rows=int(prepared.training.size),
        seed=prepared.seed,
    )
    with recipe_process(source.name) as process:
        reply = ask(process, Open(source.text, source.name, context, columns), within_s=within_s)
        assert isinstance(reply, Opened)
        yield OwnRecipe(process, source.text, reply, columns)


def examined(
    source: Source, prepared: Prepared, *, on_rule: OnRule, within_s: float = RULE_WITHIN_S, codes: Sequence[str] = ALL
) -> tuple[Finding, ...]:
    """Examine a recipe on some training rows and return what each rule found, in their order.

    Where it hangs for `within_s` or its process dies, the rule it was at is broken and those after it are unknown.
    """
    on_rule(READ)
    try:
        with opened(source, prepared) as own:
            return looked_at(own, prepared, on_rule=on_rule, within_s=within_s, codes=codes)
    except RecipeError as error:
        return _in_order([_broken(READ, error)], codes)


def looked_at(
    own: OwnRecipe, prepared: Prepared, *, on_rule: OnRule, within_s: float = RULE_WITHIN_S, codes: Sequence[str] = ALL
) -> tuple[Finding, ...]:
    """As `examined`, of a recipe that is open; of one that returned a rule there is nothing more to examine."""
    if own.opened.rule is not None:
        return (_read(own.opened), *rule_findings(rule_of(own.opened.rule, prepared.schema), prepared))
    wanted = [code for code in codes if code != READ]
    found = _looked(own.process, prepared, wanted, on_rule=on_rule, within_s=within_s)
    return _in_order([_read(own.opened), *found], codes)


def _in_order(found: Sequence[Finding], codes: Sequence[str]) -> tuple[Finding, ...]:
    """Return what was found in the order of the rules, with `unknown` for what was not reached."""
    by_code = {finding.code: finding for finding in found}
    return tuple(by_code.get(rule.code, _not_reached(rule.code)) for rule in RULES if rule.code in (READ, *codes))


def _looked(
    process: RecipeProcess, prepared: Prepared, codes: Sequence[str], *, on_rule: OnRule, within_s: float
) -> Iterator[Finding]:
    at = ""
    try:
        for reply in process.ask(Examine(sample(process.folder, prepared), tuple(codes)), within_s=within_s):
            match reply:
                case Begun(at):
                    on_rule(at)
                case Found(finding):
                    yield finding
                case Trouble(what, remedy):
                    raise RecipeError(what, remedy=remedy)
                case Examined():
                    return
    except RecipeError as error:
        yield _broken(at, error)


def sample(folder: Path, prepared: Prepared) -> Rows:
    """Write some training rows for a process, spread over all of them so that every outcome is among them."""
    rows = prepared.training
    if rows.size > MOST_ROWS:
        order = np.lexsort((np.arange(rows.size), prepared.outcomes[rows]))
        rows = rows[np.sort(order[np.linspace(0, rows.size - 1, MOST_ROWS).astype(np.int64)])]
    weights = None if prepared.weights is None else prepared.weights[rows]
    used = pl.DataFrame([prepared.used[name] for name in prepared.schema.names])
    return rows_for(folder, used[rows], prepared.outcomes[rows], weights)


def rows_for(folder: Path, used: pl.DataFrame, outcomes: np.ndarray, weights: np.ndarray | None = None) -> Rows:
    """Write rows where the process of a recipe can read them, in place of those before."""
    path = folder / "rows.arrow"
    write_rows(used, path)
    given = b"" if weights is None else weights.astype(np.float64).tobytes()
    return Rows(str(path), outcomes.astype(np.float64).tobytes(), given)


def _read(found: Opened) -> Finding:
    what = f"it returns the rule {found.rule!r}" if found.rule else f"it is read, and gets {found.frame} frames"
    return Finding(code=READ, verdict=Verdict.PASS, because=what)


def _broken(code: str, error: RecipeError) -> Finding:
    return Finding(code=code, verdict=Verdict.FAIL, because=error.what, remedy=error.remedy)


def _not_reached(code: str) -> Finding:
    return Finding(code=code, verdict=Verdict.UNKNOWN, because=WAITS)
