"""What a recipe of one's own made, as a bundle takes it: models of a plan, and where needed the packed estimator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mainstay.bundle.inspect import MODEL
from mainstay.domain.plan import Model
from mainstay.domain.recipe import RECIPE_CODE


@dataclass(frozen=True, slots=True)
class OwnMade:
    """Models in the order of a plan's, their link, the recipe's text, and the bytes of `model.skops` (empty: none).

    `distributions` are the versions, by name, of the packages that the recipe brought; `resident_mb` the megabytes that
    a process held which had fitted it.
    """

    models: tuple[Model, ...]
    link: str
    text: str
    skops: bytes = b""
    distributions: Mapping[str, str] = field(default_factory=dict)
    resident_mb: float = 0.0


def own_files(made: OwnMade) -> Mapping[str, bytes]:
    """Return the files of a bundle that come from a recipe: its text always, and a packed estimator."""
    packed = {MODEL: made.skops} if made.skops else {}
    return {RECIPE_CODE: made.text.encode(), **packed}
