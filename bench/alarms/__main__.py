"""`make alarms`: false alarms on clean streams, against the brief's promise.

Figures are kept in build/alarms line by line, so that a run may stop and go on; `write` sums them up in
docs/alarms.json.
"""

from __future__ import annotations

import argparse
import json

from alarms import clean
from alarms.figures import clean_figures
from alarms.kept import keep, lines
from kit.environments import CHECKOUT

N_STREAMS = 200
PARTS = ("clean", "write")
BOTH = "both"
PLACE = CHECKOUT / "docs" / "alarms.json"


def write() -> None:
    """Sum up what was kept."""
    PLACE.write_text(json.dumps({"clean": clean_figures(lines("clean"))}, indent=1) + "\n")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="alarms", description=__doc__)
    parser.add_argument("part", choices=(*PARTS, BOTH), nargs="?", default=BOTH)
    parser.add_argument("--streams", type=int, default=N_STREAMS)
    asked = parser.parse_args()
    parts = PARTS if asked.part == BOTH else (asked.part,)
    if "clean" in parts:
        keep("clean", clean.run, clean.grid(asked.streams))
    if "write" in parts:
        write()


if __name__ == "__main__":
    main()
