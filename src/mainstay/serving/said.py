"""What the model says of rows, and what today's rule says, whatever the task: scores and decisions before an answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import msgspec
import numpy as np

from mainstay.domain.deciding import decisions
from mainstay.domain.expression import columns_of
from mainstay.domain.outcome import amount_of
from mainstay.serving.rule import rule_values
from mainstay.serving.seen import Seen, Used, Values, seen_of
from mainstay.serving.service import BY_RULE, MODEL_FAILURES, Service, scores_seen

Shown: TypeAlias = float | dict[str, float] | None


class Said(msgspec.Struct, frozen=True, gc=False):
    """What is said of one row: a score (of several classes that of the likeliest, and all `scores`) and a decision."""

    score: float | None
    decision: str | None
    scores: tuple[float, ...] = ()


NOTHING = Said(None, None)


def said(service: Service, rows: Sequence[Used]) -> list[Said]:
    """Return what the model says of used rows, at least one, in order; as `said_of`."""
    return said_of(service, seen_of(rows))


def said_of(service: Service, seen: Seen) -> list[Said]:
    """Return what the model says of used rows, in order; `NOTHING` where it failed on a row.

    Several classes: the action worth most is decided, or the likeliest class; where a worth cannot be told because a
    value is missing, and no other can, nothing is decided.
    """
    scores = scores_seen(service, seen)
    if service.several:
        return _of_classes(service, [each if isinstance(each, tuple) else () for each in scores], seen)
    return _of_numbers(service, scores)  # type: ignore[arg-type]  # one number a row


def ruled(service: Service, seen: Seen) -> list[Said]:
    """Return what today's rule says of used rows, in order: a decision, or where amounts are foretold an amount.

    Where it cannot tell (missing), or there is none, it is low for two outcomes, and `NOTHING` for all others.
    """
    rule = service.rule
    if rule is None:
        return [NOTHING if service.several or service.foretells_amounts else Said(None, service.when_low)] * len(
            seen.rows
        )
    columns = _columns(seen, columns_of(rule))
    words = service.decides if service.several else ()
    told = {"expression": rule, "texts": service.rule_texts, "words": words}
    values = np.asarray(rule_values(told, columns, len(seen.rows)), dtype=np.float64)
    if service.several:
        return [NOTHING if row[0] != row[0] else Said(None, words[row.index(1.0)]) for row in values.tolist()]
    if service.foretells_amounts:
        return _of_numbers(service, values.tolist())
    high = [bool(value) and not math.isnan(value) for value in values.tolist()]
    return [Said(None, service.when_high if each else service.when_low) for each in high]


def fallen_back(service: Service, by_rule: Said) -> Said:
    """Return what the brief's fallback says where the model failed; `NOTHING` where it names none that can tell."""
    fallback = service.words.decision.fallback
    if fallback is None:
        return NOTHING
    if fallback == BY_RULE:
        return by_rule
    amount = amount_of(fallback) if service.foretells_amounts else None
    return Said(None, fallback) if amount is None else _of_numbers(service, [amount])[0]


def shown(service: Service, what: Said) -> Shown:
    """Return a score as callers see it: of several classes the score of each, by name."""
    return dict(zip(service.plan.classes, what.scores, strict=True)) if what.scores else what.score


def _of_numbers(service: Service, scores: Sequence[float]) -> list[Said]:
    threshold, high, low, isfinite = service.plan.threshold, service.when_high, service.when_low, math.isfinite
    if threshold is None:
        return [Said(score, None) if isfinite(score) else NOTHING for score in scores]
    return [Said(score, high if score >= threshold else low) if isfinite(score) else NOTHING for score in scores]


def _of_classes(service: Service, scores: Sequence[tuple[float, ...]], seen: Seen) -> list[Said]:
    known = [place for place, each in enumerate(scores) if each and all(map(math.isfinite, each))]
    found = [NOTHING] * len(scores)
    for place, decision in zip(known, _decided(service, scores, seen, known), strict=True):
        found[place] = Said(max(scores[place]), decision, scores[place])
    return found


def _decided(
    service: Service, scores: Sequence[tuple[float, ...]], seen: Seen, known: Sequence[int]
) -> list[str | None]:
    """What the plan decides for the rows that have scores; a row whose worths fail does not take others with it."""
    if not known:
        return []
    columns = _columns(Seen(seen.names, [seen.rows[place] for place in known]), service.worth_columns)
    try:
        return decisions(service.deciding, np.array([scores[place] for place in known]), columns)
    except MODEL_FAILURES:
        return [None] if len(known) == 1 else [_decided(service, scores, seen, [place])[0] for place in known]


def _columns(seen: Seen, names: Sequence[str]) -> dict[str, Values]:
    columns = seen.columns() if names else {}
    return {name: columns[name] for name in names}
