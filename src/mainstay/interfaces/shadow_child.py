"""The child that scores shadows once: `python -m mainstay.interfaces.shadow_child FOLDER`.

A process of its own, at the lowest priority: a shadow that is slow, hangs or dies takes nothing of the live version's
with it, neither its answers nor their way into the journal.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from mainstay.domain.errors import MainstayError
from mainstay.workflows.place import now
from mainstay.workflows.shadow import open_shadows, score_shadow

LOWEST = 19

log = logging.getLogger("mainstay.shadow")


def run(folder: Path) -> int:
    """Score what is new of every shadow; one that cannot is told of, and is not the others' trouble."""
    os.nice(LOWEST)
    home, models = open_shadows(folder)
    troubled = 0
    for model in models:
        try:
            score_shadow(home, model, at=now())
        except MainstayError as error:
            log.error("the shadow of %s is not scored: %s", model, error.what)
            troubled += 1
    return 1 if troubled else 0


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    sys.exit(run(Path(sys.argv[1])))
