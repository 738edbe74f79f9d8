"""Whether what callers brought is safe: the journal's tables open, the spool can be written and is emptied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from polars.exceptions import PanicException, PolarsError

from mainstay.domain.errors import StoreError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.moments import span
from mainstay.store.home import Home
from mainstay.store.journal import Journal
from mainstay.store.machine import disk_clock_ahead_s
from mainstay.store.tables import CELLS, JUDGEMENTS, STREAMS
from mainstay.store.tally import n_rows
from mainstay.store.waiting_room import Spooled, spooled
from mainstay.workflows.doctor.site import Site

OVERDUE = timedelta(minutes=10)  # the service moves the spool every minute
INGEST = "mainstay watch --once"
RESTORE = "mainstay restore FILE FOLDER"
TABLES = (*STREAMS, CELLS.name, JUDGEMENTS.name)


def journal(home: Home, site: Site) -> Iterator[Finding]:
    """Whether every table of the journal opens, with all of its files."""
    for model in home.ledger.models():
        kept = Journal(home, model)
        counts: dict[str, int] = {}
        for name in TABLES:
            try:
                counts[name] = n_rows(kept, name)
            except (StoreError, PolarsError, PanicException, OSError) as error:
                yield _broken_table(model, name, error)
        if len(counts) == len(TABLES):
            held = ", ".join(f"{counts[name]:,} {name}" for name in ("decisions", "actions", "outcomes"))
            yield Finding(code="doctor-journal", verdict=Verdict.PASS, because=f"{model}: {held}.", subjects=(model,))


def unreadable(home: Home, site: Site) -> Iterator[Finding]:
    """Whether lines of the spool had to be set apart because they could not be read."""
    for model in home.ledger.models():
        folder = Journal(home, model).folder / "unreadable"
        apart = sorted(folder.glob("*.ndjson")) if folder.is_dir() else []
        if apart:
            because = f"{model}: lines that could not be read were set apart, in {len(apart)} files in {folder}."
            yield Finding(
                code="doctor-unreadable",
                verdict=Verdict.WARN,
                because=because,
                subjects=(model,),
                measured=float(len(apart)),
                limit=0.0,
                remedy=f"Look at them, and report where they came from: less {folder}/*.ndjson",
            )


def spool(home: Home, site: Site) -> Iterator[Finding]:
    """Whether the spool can be written, is emptied in time, and has nothing torn in it."""
    if home.spool_root.is_dir():
        disk_clock_ahead_s(home.spool_root)
    for model in home.ledger.models():
        waits = spooled(home, model)
        if waits.slots:
            yield _waiting(model, waits, site)
        if waits.torn:
            yield _torn(model, waits)


def _broken_table(model: str, name: str, error: BaseException) -> Finding:
    said = error.what if isinstance(error, StoreError) else (str(error).splitlines() or [repr(error)])[0][:300]
    return Finding(
        code="doctor-journal",
        verdict=Verdict.FAIL,
        because=f"{model}: the table of {name} does not open: {said}",
        subjects=(model,),
        remedy=RESTORE,
    )


def _waiting(model: str, waits: Spooled, site: Site) -> Finding:
    age = site.at - waits.oldest_at if waits.oldest_at is not None else timedelta()
    late = age > OVERDUE
    held = f"{waits.rows:,} rows ({waits.n_bytes / 1e6:,.1f} MB) wait in {waits.slots} slots"
    since = f", the oldest for {span(age)}: nobody moves them into the journal" if late else ""
    return Finding(
        code="doctor-spool",
        verdict=Verdict.WARN if late else Verdict.PASS,
        because=f"{model}: {held}{since}.",
        subjects=(model,),
        measured=age.total_seconds(),
        limit=OVERDUE.total_seconds(),
        remedy=f"{INGEST} --model {model}" if late else "",
    )


def _torn(model: str, waits: Spooled) -> Finding:
    because = f"{model}: {waits.torn} torn batches in the spool: a writer died or its disk was full. None was answered."
    return Finding(
        code="doctor-torn",
        verdict=Verdict.WARN,
        because=because,
        subjects=(model,),
        measured=float(waits.torn),
        limit=0.0,
        remedy=f"{INGEST} --model {model}",
    )


TRAFFIC = (("doctor-journal", journal), ("doctor-unreadable", unreadable), ("doctor-spool", spool))
