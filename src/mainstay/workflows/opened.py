"""What an exam is told of a bundle's inside: the numbers in its plan, the types it constructs, what it is pinned to."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import polars as pl

from mainstay.bundle.inspect import ENVIRONMENT, MODEL, Contents
from mainstay.bundle.skops_file import TRUSTED, untrusted_types
from mainstay.bundle.trusted import TRUSTED_PACKED
from mainstay.checks.examined import Kept, Opened
from mainstay.domain.plan import Input, Plan
from mainstay.serving.packed_score import is_packed
from mainstay.serving.plan_inputs import reader, with_shared
from mainstay.serving.plan_math import prepare, raw_scores
from mainstay.serving.rule import rule_values
from mainstay.stats.arrays import FloatArray
from mainstay.store.environment import licences


def opened(plan: Plan) -> Opened | None:
    """Return ways into a plan that is written as data; None for a packed one."""
    if is_packed(plan):
        return None
    ready = prepare(msgspec.to_builtins(plan))

    def raw(used: pl.DataFrame) -> FloatArray:
        return raw_scores(ready, columns_of(used), evaluate=rule_values)

    def read(used: pl.DataFrame, source: Input) -> FloatArray:
        columns = with_shared(ready.shared, columns_of(used), used.height)
        return np.asarray(reader(msgspec.to_builtins(source))(columns, used.height), dtype=np.float64)

    return Opened(raw, read)


def kept(contents: Contents) -> Kept:
    """Return what a bundle holds beside its plan."""
    model, pinned = contents.files.get(MODEL), _pinned(contents)
    known = (*TRUSTED, *TRUSTED_PACKED)
    return Kept(
        types=() if model is None else untrusted_types(model, trusted=()),
        untrusted=() if model is None else untrusted_types(model, trusted=known),
        pinned=pinned,
        licences=licences(pinned),
        files=tuple(contents.files),
    )


def columns_of(used: pl.DataFrame) -> Mapping[str, list[object]]:
    """Return used rows as plain columns, as a plan reads them."""
    return {name: used[name].to_list() for name in used.columns}


def _pinned(contents: Contents) -> dict[str, str]:
    found: dict[str, str] = msgspec.json.decode(contents.files[ENVIRONMENT]).get("distributions", {})
    return found
