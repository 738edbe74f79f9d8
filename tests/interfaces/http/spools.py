"""What lies in the spool of a home, read as the ingester reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from mainstay.store.home import open_home
from mainstay.store.spool_reading import read_batches, segments, slots


def lines(folder: Path, stream: str = "decisions") -> list[dict[str, Any]]:
    """Every whole line of a stream, in no particular order."""
    found: list[dict[str, Any]] = []
    for slot in slots(open_home(folder).spool_root, "credit", stream):
        for segment in segments(slot):
            offset = 0
            while offset < segment.size:
                batches = read_batches(segment, offset, limit=1 << 20)
                for batch in batches.batches:
                    found += [msgspec.json.decode(line) for line in batch.splitlines()]
                if not batches.batches and batches.end == offset:
                    break
                offset = batches.end
    return found


def journalled(folder: Path) -> list[str]:
    """The ids of every decision in the spool."""
    return [line["id"] for line in lines(folder)]
