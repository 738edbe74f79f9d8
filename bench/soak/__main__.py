"""The service soaked: callers, harm, then quiet; at the end what was acknowledged must be in the journal exactly once.

`make soak` takes twenty minutes: harm for three fifths of it, then load alone, in which the workers' memory must stay
flat. `make soak ARGS="--minutes 1"` does every harm once, and cannot tell much of the memory. Exits 1 where something
was lost, doubled, answered otherwise or with a 5xx other than 503, or where memory grows.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from kit.applicants import TARGET, applicants
from kit.show import machine
from kit.weight import own_mb
from kit.worlds import prepare
from soak.callers import Heard, calling
from soak.harms import Place, harms, stepped_clock
from soak.service import WORKER, Service
from soak.truth import Growth, Kept, growth, kept

HARM_SHARE = 0.6
BETWEEN_S = 2.0
DISK_MB = 2000
N_CALLERS = 4
N_SAMPLES = 200  # of each worker's memory
N_ROWS = 2000


@contextmanager
def disk() -> Iterator[tuple[Path, bool]]:
    """A folder on a small disk of its own where one may be mounted, else any; and whether it is."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "soak", name]
        is_mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        try:
            yield Path(name), is_mounted
        finally:
            if is_mounted:
                subprocess.run(["umount", name], check=False)


def soaked(service: Service, place: Place, *, minutes: float, seed: int) -> tuple[Heard, Counter[str], list[Growth]]:
    """Call, harm, then watch the memory; what was heard, what was done, and how each worker grew."""
    rows = applicants("line", n_rows=N_ROWS, seed=seed).drop(TARGET).to_dicts()
    chance, begun, done = random.Random(seed), time.monotonic(), Counter[str]()
    service.until_well()
    possible = harms(place)
    with calling(service.port, rows, n_callers=N_CALLERS, seed=seed) as heard:
        while time.monotonic() < begun + HARM_SHARE * 60 * minutes or done.total() < len(possible):
            harm = possible[done.total() % len(possible)]
            harm(service, place, chance)
            service.until_well()
            done[str(harm.__doc__)] += 1
            time.sleep(BETWEEN_S)
        print(f"-- {len(heard.answers):,} decisions acknowledged under harm; now load alone", flush=True)
        grown = _watched(service, seconds=(1 - HARM_SHARE) * 60 * minutes)
    return heard, done, grown


def _watched(service: Service, *, seconds: float) -> list[Growth]:
    samples: Mapping[int, list[tuple[float, float]]] = defaultdict(list)
    begun = time.monotonic()
    while (now := time.monotonic() - begun) < seconds:
        for pid in service.pids(WORKER):
            with suppress(OSError):
                samples[pid].append((now, own_mb(pid)))
        time.sleep(seconds / N_SAMPLES)
    warm = [[each for each in of if each[0] > seconds / 5] for of in samples.values()]
    found = [growth(*zip(*of, strict=True)) for of in warm if of]
    return [each for each in found if each is not None]


def wrong(heard: Heard, found: Kept, grown: list[Growth]) -> list[str]:
    """Everything that must not be."""
    bad = {f"{n} × {status}": n for status, n in heard.statuses.items() if status not in (200, 429, 503)}
    counted = {
        "acknowledged and not in the journal": found.missing,
        "twice in the journal": found.twice,
        "otherwise in the journal": found.otherwise,
        "journalled as conflicts": found.conflicts,
        **heard.wrong,
    }
    grows = [f"memory grows {each.mb_an_hour:.1f} MB an hour" for each in grown if each.said == "grows"]
    return [*bad, *(f"{n} {what}" for what, n in counted.items() if n), *grows]


def main() -> int:
    """Soak, look, and say it in one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with disk() as (root, is_mounted), tempfile.TemporaryDirectory() as beside:
        world = prepare(root / "project", "line", n_rows=5000)
        clock = Path(beside) / "clock"
        env = stepped_clock(clock)
        place = Place(world.folder, is_mounted, clock if env else None)
        service = Service(world.folder, Path(beside) / "log", env or {})
        try:
            heard, done, grown = soaked(service, place, minutes=asked.minutes, seed=asked.seed)
            service.stop()
        finally:
            service.end()
        for what, n in done.items():
            print(f"-- {n} × {what}", flush=True)
        found = kept(world.folder, heard.answers)
    return _told(heard, found, grown, asked.minutes)


def _told(heard: Heard, found: Kept, grown: list[Growth], minutes: float) -> int:
    print(f"-- statuses {dict(heard.statuses)}, {heard.n_unreached} without a reply; {machine()}")
    print(f"-- the journal holds {found.n_rows:,} decisions and {found.repeats:,} repeats")
    for each in grown:
        print(f"-- a worker: {each.mb_an_hour:+.1f} MB an hour ({each.low:+.1f} to {each.high:+.1f}): {each.said}")
    bad = wrong(heard, found, grown)
    memory = ", ".join(sorted({each.said for each in grown})) or "not measured"
    verdict = f"WRONG: {'; '.join(bad)}" if bad else "each once in the journal, no 5xx but 503"
    print(
        f"Soaked for {minutes:g} minutes: {len(heard.answers):,} decisions acknowledged, {verdict}; memory: {memory}."
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
