"""Cause first: what outcomes seem to say of the model is laid at the door of what had failed when it began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from mainstay.domain.finding import Judged, Verdict
from mainstay.monitoring.look import DATA_PIPE, LABEL_PIPE, MODEL, SYSTEM, WORLD, Judgement

OF_OUTCOMES = ("F32-", "F33-outcome-gap")
ORDER = (LABEL_PIPE, DATA_PIPE, MODEL, SYSTEM)  # of two that failed, the one nearer to the outcomes is named


def with_earlier_causes(judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """Return the judgements; a finding about outcomes whose cause would be the world names what failed before it.

    Only a failure (not a warning) that was there when it began, in the rows that it is about, is taken for its cause.
    """
    failed = [each for judgement in judgements for each in judgement.judged if _may_cause(each)]
    if not failed:
        return tuple(judgements)
    return tuple(replace(one, judged=tuple(_caused(each, failed) for each in one.judged)) for one in judgements)


def _may_cause(said: Judged) -> bool:
    return (
        said.finding.verdict is Verdict.FAIL and said.cause in ORDER and not said.finding.code.startswith(OF_OUTCOMES)
    )


def _caused(said: Judged, failed: Sequence[Judged]) -> Judged:
    if said.cause != WORLD or not said.finding.code.startswith(OF_OUTCOMES):
        return said
    early = [each for each in failed if each.start <= said.start < each.end]
    if not early:
        return said
    first = min(early, key=lambda each: (ORDER.index(each.cause), each.start))
    because = f"{said.finding.because}; {first.finding.code} was there when it began: {first.finding.because}"
    finding = msgspec.structs.replace(said.finding, because=because)
    return msgspec.structs.replace(said, finding=finding, cause=first.cause)
