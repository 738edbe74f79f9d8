"""Who gets the model and who, as a control, gets today's rule: sticky, and not to be chosen by a caller."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.domain.canonical import keyed, share_of
from mainstay.domain.traffic import FELL_BACK

CHAMPION = "champion"
CONTROL = "control"
FALLBACK = FELL_BACK


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm and the probability with which this entity came into it."""

    name: str
    share: float


ALL_CHAMPION = Arm(CHAMPION, 1.0)


def assign(entity: str, *, model: str, control_share: float, secret: bytes) -> Arm:
    """Return the arm of an entity (without one: of the row's id).

    The same entity always gets the same arm of a model; raising `control_share` (0..1) only adds entities to the
    control. The hash is keyed with the home's secret, so that nobody outside can tell or choose an arm.

    >>> assign("anna", model="credit", control_share=0.0, secret=b"s").name
    'champion'
    """
    if control_share <= 0:
        return ALL_CHAMPION
    if share_of(keyed(secret, f"arm:{model}:{entity}")) < control_share:
        return Arm(CONTROL, control_share)
    return Arm(CHAMPION, 1.0 - control_share)
