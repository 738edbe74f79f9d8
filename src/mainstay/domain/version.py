"""The name of a version, such as `credit/3`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mainstay.domain.errors import Asked

MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@dataclass(frozen=True, slots=True, order=True)
class VersionName:
    """A model's name and a version's number, counted from 1."""

    model: str
    number: int

    def __str__(self) -> str:
        return f"{self.model}/{self.number}"


def parse_version(text: str, *, model: str | None = None) -> VersionName:
    """Read `credit/3`, or `3` where the model is known.

    >>> str(parse_version("3", model="credit"))
    'credit/3'
    """
    name, _, number = text.rpartition("/")
    name = name or (model or "")
    if not number.isdecimal() or int(number) < 1 or not MODEL_NAME.fullmatch(name):
        raise Asked(f"{text!r} is not a version", remedy="Write model/number, such as credit/3.")
    return VersionName(name, int(number))
