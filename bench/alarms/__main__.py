"""`make alarms`: false alarms on clean streams, then how late planted changes are seen, beside other tools.

Figures are kept in build/alarms line by line, so that a run may stop and go on; `--write` makes docs/alarms.json.
"""

from __future__ import annotations

import argparse

from alarms import clean
from alarms.kept import keep

N_STREAMS = 200


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="alarms", description=__doc__)
    parser.add_argument("part", choices=("clean",))
    parser.add_argument("--streams", type=int, default=N_STREAMS)
    asked = parser.parse_args()
    if asked.part == "clean":
        keep("clean", clean.run, clean.grid(asked.streams))


if __name__ == "__main__":
    main()
