"""What a field can hold, and the words that mean missing. Needs nothing, because this text also travels in bundles."""

from __future__ import annotations

from enum import StrEnum

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})  # compared stripped and lower-case


class Kind(StrEnum):
    """What a field holds. Numbers are float64; categories and booleans are text levels; dates are UTC seconds."""

    NUMBER = "number"
    CATEGORY = "category"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    TEXT = "text"
