"""Every check there is, in the order in which an exam asks."""

from __future__ import annotations

from mainstay.checks.check import Check
from mainstay.checks.purpose import PURPOSE
from mainstay.checks.trained import TRAINED

EVERY: tuple[Check, ...] = (*PURPOSE, *TRAINED)
