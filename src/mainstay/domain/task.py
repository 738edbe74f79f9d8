"""What kind of outcome a model foretells."""

from __future__ import annotations

from enum import StrEnum


class Task(StrEnum):
    """Two outcomes (a probability), several classes (a probability each), or an amount (a number)."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"
