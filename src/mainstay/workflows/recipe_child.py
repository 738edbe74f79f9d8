"""What the process of a recipe does when it is asked: read it, fit it, score with it, hand it over, examine it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from mainstay.bundle.own_model import LINKS, FloatArray, raw_scores
from mainstay.bundle.packed import pack_estimator
from mainstay.data.money import columns_of
from mainstay.domain.errors import MainstayError
from mainstay.domain.recipe import (
    Examine,
    Forget,
    Hand,
    Handed,
    Learn,
    Learnt,
    Open,
    Reply,
    Request,
    Rows,
    Say,
    Scores,
    Trouble,
)
from mainstay.store.recipes import read_rows
from mainstay.workflows.conformance.examine import examine
from mainstay.workflows.recipe_bench import Bench, Kept, Taught, learn, open_recipe
from mainstay.workflows.recipe_witness import resident_mb


def answer(bench: Bench, request: Request) -> Iterator[Reply]:
    """Yield the replies to a request; what goes wrong is a reply, too."""
    try:
        with threadpool_limits(limits=1):
            yield from _answer(bench, request)
    except MainstayError as error:
        yield Trouble(error.what, error.remedy)


def _answer(bench: Bench, request: Request) -> Iterator[Reply]:
    match request:
        case Open():
            yield open_recipe(bench, request)
        case Learn(number, rows):
            yield _learnt(bench, number, learn(bench, _taught(rows)))
        case Say(number, rows):
            used = read_rows(Path(rows.file))
            yield _scores(raw_scores(bench.kept[number].model, columns_of(used), used.height))
        case Hand(number, packed):
            yield _handed(bench, number) if packed else Handed(distributions=_brought(bench))
        case Forget(number):
            bench.kept.pop(number, None)
            yield Handed()
        case Examine(rows, codes):
            yield from examine(bench, _taught(rows), codes)


def _handed(bench: Bench, number: int) -> Handed:
    model = bench.kept[number].model
    skops, types = pack_estimator(model.estimator, text=bench.text, file=model.file)
    return Handed(skops, types, _brought(bench), resident_mb())


def _brought(bench: Bench) -> dict[str, str]:
    """Return the versions of the packages that were imported since the recipe was read, and of its frames."""
    roots = {name.partition(".")[0] for name in sys.modules} - bench.before | {bench.frame}
    known = packages_distributions()
    return {name: version(name) for root in roots for name in known.get(root, ()) if name != "mainstay"}


def _taught(rows: Rows) -> Taught:
    weights = np.frombuffer(rows.weights)
    return Taught(read_rows(Path(rows.file)), np.frombuffer(rows.outcomes), weights if weights.size else None)


def _learnt(bench: Bench, number: int, kept: Kept) -> Learnt:
    """Say what was fitted; only what is no plan must be kept here."""
    name = type(kept.model.estimator).__name__
    if kept.plan.compiled is not None:
        return Learnt(name, kept.plan.compiled.models, kept.plan.compiled.link)
    bench.kept[number] = kept
    return Learnt(name, link=LINKS[kept.model.task], why=kept.plan.why)


def _scores(values: FloatArray) -> Scores:
    return Scores(values.astype(np.float64).tobytes(), 0 if values.ndim == 1 else values.shape[1])
