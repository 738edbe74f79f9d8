"""One target, fuzzed: `python -m fuzz.child NAME SECONDS FOLDER`. Needs atheris, which knows what code bytes reach."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mainstay"]):
    from fuzz.targets import TARGETS, attempt, void

SLOWEST_S, MOST_MB, LONGEST = 10, 2048, 16_384


def main() -> None:
    """Fuzz until the time is over, or something is found; libFuzzer ends the process."""
    name, seconds, place = sys.argv[1:]
    target, folder = TARGETS[name], Path(place)
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = {
        "max_total_time": seconds,
        "timeout": SLOWEST_S,
        "rss_limit_mb": MOST_MB,
        "max_len": LONGEST,
        "artifact_prefix": f"{folder}/found-",
        "print_final_stats": 1,
        "verbosity": 1,
    }
    atheris.Setup(
        [sys.argv[0], *(f"-{word}={value}" for word, value in words.items()), str(corpus)], attempting(target)
    )
    atheris.Fuzz()


def attempting(target: object) -> object:
    """Return the function that libFuzzer calls."""
    return lambda data: void(attempt(target, data))


if __name__ == "__main__":
    main()
