"""Pairs of inputs that matter together: found where they help a linear model, and only there."""

from __future__ import annotations

from mainstay.training.encode import Learned
from mainstay.training.encode_pairs import Pair
from mainstay.training.learner import Lesson

MAX_PAIRS = 8


def find_pairs(lesson: Lesson, learned: Learned) -> tuple[Pair, ...]:
    """Return the pairs of inputs (their names) that improve a linear model of the lesson, at most eight.

    Hand them to `learn_inputs` as `pairs`: what a pair needs to know is learned there from each lesson's own rows.
    """
    return ()
