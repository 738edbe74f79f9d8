"""Whether what is kept is what was written: the ledger's chains and every version's bundle."""

from __future__ import annotations

from collections.abc import Iterator
from time import sleep

from mainstay.bundle.inspect import inspect
from mainstay.domain.errors import MainstayError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.life import VersionLife
from mainstay.store.home import Home
from mainstay.store.machine import writers_of
from mainstay.workflows.doctor.site import Site, sentence

SHOWN = 5
HELD_TOO_LONG_S = 1.0  # an append takes a millisecond
RESTORE = "mainstay restore FILE FOLDER"


def ledger(home: Home, site: Site) -> Iterator[Finding]:
    """Whether the history is as it was written."""
    breaks = home.ledger.verify()
    if not breaks:
        n_events = sum(home.ledger.life(model).seq for model in home.ledger.models())
        yield Finding(
            code="doctor-ledger", verdict=Verdict.PASS, because=f"All {n_events} events are as they were written."
        )
    for each in breaks[:SHOWN]:
        place = f"the history was changed: {each.model} event {each.seq}: " if each.model else ""
        more = f" ({len(breaks)} faults in all)" if len(breaks) > 1 else ""
        yield Finding(
            code="doctor-ledger",
            verdict=Verdict.FAIL,
            because=sentence(f"{place}{each.what}{more}"),
            subjects=(each.model,) if each.model else (),
            remedy=f"Find out who could write here, then go back to a backup: {RESTORE}",
        )


def ledger_held(home: Home, site: Site) -> Iterator[Finding]:
    """Whether a process holds the ledger for so long that nobody else can write."""
    locked = home.ledger.path.with_name(f"{home.ledger.path.name}-shm")  # where SQLite's log of changes is locked
    held = writers_of(locked)
    if held:
        sleep(HELD_TOO_LONG_S)
        held &= writers_of(locked)
    for process in sorted(held):
        yield Finding(
            code="doctor-ledger-held",
            verdict=Verdict.WARN,
            because=f"Process {process} holds the ledger: nobody else can write until it lets go or ends.",
            remedy=f"See what it does: ps -o pid,user,etime,args -p {process}",
        )
    if not held:
        yield Finding(code="doctor-ledger-held", verdict=Verdict.PASS, because="Nobody holds the ledger.")


def bundles(home: Home, site: Site) -> Iterator[Finding]:
    """Whether every version in the ledger has its bundle, whole and unchanged."""
    known = [(model, version) for model in home.ledger.models() for version in home.ledger.life(model).versions]
    wrong = [finding for model, version in known if (finding := _changed(home, model, version)) is not None]
    yield from wrong
    if not wrong:
        said = f"{len(known)} version{'s' * (len(known) != 1)}, whole and unchanged." if known else "No version yet."
        yield Finding(code="doctor-bundles", verdict=Verdict.PASS, because=said)


def _changed(home: Home, model: str, version: VersionLife) -> Finding | None:
    name, remedy = f"{model}/{version.number}", RESTORE
    try:
        contents = inspect(home.artifacts.version_files(model, version.number))
    except MainstayError as error:
        because = f"{name}: {error.what}"
    else:
        if contents.digest == version.bundle_digest:
            return None
        because = f"{name} is a whole bundle, but not the one that the ledger knows"
    if home.ledger.life(model).live == version.number:
        remedy = f"{RESTORE}; until then go back: mainstay rollback"
    return Finding(
        code="doctor-bundles", verdict=Verdict.FAIL, because=sentence(because), subjects=(name,), remedy=remedy
    )


RECORDS = (("doctor-ledger", ledger), ("doctor-ledger-held", ledger_held), ("doctor-bundles", bundles))
