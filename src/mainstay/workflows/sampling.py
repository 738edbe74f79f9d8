"""Sampling rows of the newest periods from the journal, for what counts cannot tell."""

from __future__ import annotations

import polars as pl

from mainstay.monitoring.bins import Floats
from mainstay.monitoring.joint import MOST_SAMPLED, sample, sampled_inputs, stretches_wanted
from mainstay.monitoring.look import Look
from mainstay.monitoring.periods import to_moment
from mainstay.workflows.counting import Stretch, Watched

MORE = 1.5  # times the rows that are wanted are read, so that by chance there are never too few


def samples(watched: Watched, version: int, seen: Look, *, is_told: bool) -> dict[int, Floats]:
    """Return a sample of each stretch that is judged by rows, by number; what was drawn before is not read again."""
    wanted = stretches_wanted(seen, is_told=is_told)
    keys = {t: (version, int(seen.done.starts[t]), int(seen.done.rows[t])) for t in wanted}
    missing = [t for t, key in keys.items() if key not in watched.samples]
    drawn = _drawn(watched, version, seen, missing) if missing else {}
    kept: dict[Stretch, Floats] = {key: watched.samples[key] for t, key in keys.items() if t not in drawn}
    kept |= {keys[t]: rows for t, rows in drawn.items()}
    watched.samples = kept
    return {t: kept[key] for t, key in keys.items()}


def _drawn(watched: Watched, version: int, seen: Look, missing: list[int]) -> dict[int, Floats]:
    """Read what is missing at once, from the first such stretch to the last."""
    kept, done = watched.kept(version), seen.done
    columns = {name: kept.columns[name] for name in sampled_inputs(kept.measure, kept.schema)}
    rows = watched.journal.sampled(
        version,
        MORE * MOST_SAMPLED / max(int(done.rows[missing].min()), 1),
        since=to_moment(int(done.starts[missing[0]])),
        until=to_moment(int(done.ends[missing[-1]])),
        columns=["at", "id_hash", *columns.values()],
    )
    spans = {t: (to_moment(int(done.starts[t])), to_moment(int(done.ends[t]))) for t in missing}
    own = {t: rows.filter((pl.col("at") >= start) & (pl.col("at") < end)) for t, (start, end) in spans.items()}
    return {t: sample(some, kept.reference, columns) for t, some in own.items()}
