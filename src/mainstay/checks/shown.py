"""What a report draws of an exam, as plain data: the numbers behind the findings, for whoever was not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from mainstay.checks.examined import Examined
from mainstay.checks.importance import importances
from mainstay.checks.ml_test_score import ml_test_score
from mainstay.checks.shown_effects import effects_shown
from mainstay.checks.shown_groups import groups_shown
from mainstay.checks.shown_numbers import estimate
from mainstay.checks.shown_places import places_shown
from mainstay.domain.finding import Finding
from mainstay.domain.shown import InputShown, MetShown, Shown

MOST_INPUTS = 60  # in the table; of more, nobody reads the last
T = TypeVar("T")


def shown_of(exam: Examined, findings: Sequence[Finding]) -> Shown:
    """Return what a report draws of an exam that found these; a part that breaks is left out, the findings stand."""
    inputs = _whole(lambda: tuple(_inputs(exam))) or ()
    names = [each.name for each in inputs]
    return Shown(
        inputs=inputs[:MOST_INPUTS],
        n_inputs=len(exam.inputs),
        effects=_whole(lambda: effects_shown(exam, names)) or (),
        places=_whole(lambda: places_shown(exam, findings)),
        groups=_whole(lambda: groups_shown(exam, findings)) or (),
        tests=tuple(_tests(exam, findings)),
    )


def _whole(look: Callable[[], T]) -> T | None:
    try:
        return look()
    except Exception:  # noqa: BLE001 - a table too odd to draw must not cost the findings
        return None


def _inputs(exam: Examined) -> Iterator[InputShown]:
    for each in importances(exam):
        share = estimate(each.share)
        if share is not None:
            yield InputShown(name=each.name, share=share, money=estimate(each.money))


def _tests(exam: Examined, findings: Sequence[Finding]) -> Iterator[MetShown]:
    for met in ml_test_score(findings, exam):
        test, lacks = met.test, met.test.raised_by if met.points < 1 else ""
        yield MetShown(section=test.section, asks=test.asks, by=test.by, points=met.points, raised_by=lacks)
