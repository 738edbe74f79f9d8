"""One of several classes against all others: what is asked of two outcomes can then be asked of each class."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mainstay.checks.examined import Examined
from mainstay.domain.task import Task
from mainstay.stats.arrays import IntArray


@dataclass(frozen=True, slots=True)
class OneClass:
    """A version as it tells one class from all others; `name` is that of the class in quotes, empty of two outcomes."""

    exam: Examined
    name: str = ""


def each_class(exam: Examined) -> tuple[OneClass, ...]:
    """Return a version once for each of several classes, as it decides for or against it; else the version itself."""
    if exam.task is not Task.MULTICLASS:
        return (OneClass(exam),)
    decided = _classes_decided(exam)
    return tuple(_against_others(exam, place, decided) for place in range(exam.scores.shape[1]))


def class_name(exam: Examined, place: int) -> str:
    """Return the name of a class in quotes, or its number where the schema names none."""
    return repr(exam.schema.classes[place]) if place < len(exam.schema.classes) else f"class {place}"


def _against_others(exam: Examined, place: int, decided: IntArray) -> OneClass:
    """Money stays with all classes together: what one of them is worth, no value table says."""
    seen = replace(
        exam,
        task=Task.BINARY,
        outcomes=(exam.outcomes == place).astype(np.float64),
        scores=exam.scores[:, place],
        decided=(decided == place).astype(np.int64),
        worth=None,
        today=None,
    )
    return OneClass(seen, class_name(exam, place))


def _classes_decided(exam: Examined) -> IntArray:
    """The class that each row is decided to be; where actions go by other names, the likeliest."""
    actions, classes = exam.plan.actions, exam.schema.classes
    if actions and set(actions) <= set(classes):
        places = np.array([classes.index(action) for action in actions], dtype=np.int64)
        return np.take(places, exam.decided.astype(np.int64))
    likeliest: IntArray = np.argmax(exam.scores, axis=1)
    return likeliest
