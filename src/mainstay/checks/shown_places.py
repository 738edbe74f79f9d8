"""Segments, stretches of time and rules that were found, as a report draws them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mainstay.checks.examined import Examined
from mainstay.checks.gains import LEAST_ROWS, Gains, gains_of
from mainstay.checks.places import Place
from mainstay.checks.segments import PERIODS, SEGMENTS, places_by, stretches
from mainstay.checks.shown_numbers import estimate, short
from mainstay.checks.slices import SLICES
from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.shown import PlaceShown, PlacesShown, RuleShown

LEVEL = 0.95


def places_shown(exam: Examined, findings: Sequence[Finding]) -> PlacesShown | None:
    """Return where the version gains how much; None without rows whose gain is a number."""
    gains = gains_of(exam)
    if not gains.rows.size:
        return None
    by_day, when = stretches(exam, gains)
    everywhere = np.ones(gains.rows.size, dtype=np.bool_)
    return PlacesShown(
        over=gains.over,
        unit=gains.unit,
        is_money=gains.is_money,
        whole=estimate(gains.among(everywhere, level=LEVEL)),
        segments={
            column: _shown(gains, list(places_by(exam, gains, column)), _failed(SEGMENTS, findings))
            for column in exam.brief.data.segments
        },
        periods=_shown(by_day, when, _failed(PERIODS, findings)),
        rules=tuple(_rule(each) for each in findings if each.code == SLICES and each.verdict is Verdict.FAIL),
        is_searched=any(each.code == SLICES and each.verdict is not Verdict.UNKNOWN for each in findings),
    )


def _failed(code: str, findings: Sequence[Finding]) -> set[tuple[str, ...]]:
    return {each.subjects for each in findings if each.code == code and each.verdict is Verdict.FAIL}


def _shown(gains: Gains, places: Sequence[Place], failed: set[tuple[str, ...]]) -> tuple[PlaceShown, ...]:
    return tuple(_place(gains, place, is_worse=place.subjects in failed) for place in places)


def _place(gains: Gains, place: Place, *, is_worse: bool) -> PlaceShown:
    found = estimate(gains.among(place.members, level=LEVEL)) if place.n >= LEAST_ROWS else None
    total = None if found is None else short(found.value * place.n * gains.stands_for)
    n = round(place.n * gains.stands_for)
    return PlaceShown(name=" and ".join(place.subjects), n=n, gain=found, total=total, is_worse=is_worse)


def _rule(found: Finding) -> RuleShown:
    gain = None if found.measured is None else Estimate(found.measured, found.low, found.high)
    return RuleShown(conditions=found.subjects, says=found.because, gain=gain)
