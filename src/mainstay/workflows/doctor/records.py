"""Whether what is kept is what was written: the ledger's chains, every version's bundle, the sealed holdouts."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from time import sleep

from mainstay.bundle.inspect import inspect
from mainstay.domain.errors import MainstayError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.holdout import Holdout
from mainstay.domain.life import VersionLife
from mainstay.store.home import Home
from mainstay.store.machine import file_system
from mainstay.store.seals import account_of, get_seal, unknown_seals
from mainstay.workflows.doctor.site import Site, sentence

SHOWN = 5
HELD_TOO_LONG_S = 1.0  # an append takes a millisecond
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "ceph-fuse", "glusterfs", "sshfs", "s3fs"})
RESTORE = "mainstay restore FILE FOLDER"


def ledger(home: Home, site: Site) -> Iterator[Finding]:
    """Whether the history is as it was written."""
    breaks = home.ledger.verify()
    if not breaks:
        n_events = sum(len(home.ledger.events(chain)) for chain in home.ledger.chains())
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
    held = home.ledger.place.holders()
    if held:
        sleep(HELD_TOO_LONG_S)
        held &= home.ledger.place.holders()
    for holder in sorted(held, key=lambda each: each.name):
        yield Finding(
            code="doctor-ledger-held",
            verdict=Verdict.WARN,
            because=f"{holder.name} holds the ledger: nobody else can write until it lets go or ends.",
            remedy=f"See what it does: {holder.remedy}",
        )
    if not held:
        yield Finding(code="doctor-ledger-held", verdict=Verdict.PASS, because="Nobody holds the ledger.")


def ledger_place(home: Home, site: Site) -> Iterator[Finding]:
    """Whether the ledger is a file on another machine's disk, where two machines that write can tear it."""
    kind = file_system(home.root) if home.address is None else ""
    is_far = kind.removeprefix("fuse.") in NETWORK
    said = "The ledger is a file on a disk of this machine." if home.address is None else "The ledger is in a database."
    yield Finding(
        code="doctor-ledger-place",
        verdict=Verdict.WARN if is_far else Verdict.PASS,
        because=f"The ledger is a SQLite file on {kind}, another machine's disk: two machines that write can tear it."
        if is_far
        else said,
        remedy="mainstay ledger --move 'postgresql://${PGUSER}:${PGPASSWORD}@host/database'" if is_far else "",
    )


def bundles(home: Home, site: Site) -> Iterator[Finding]:
    """Whether every version in the ledger has its bundle, whole and unchanged."""
    known = [(model, version) for model in home.ledger.models() for version in home.ledger.life(model).versions]
    wrong = [finding for model, version in known if (finding := _changed(home, model, version)) is not None]
    yield from wrong
    if not known:
        yield Finding(
            code="doctor-bundles", verdict=Verdict.UNKNOWN, because="No version yet.", remedy="mainstay train"
        )
    elif not wrong:
        said = f"{len(known)} version{'s' * (len(known) != 1)}, whole and unchanged."
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


def holdouts(home: Home, site: Site) -> Iterator[Finding]:
    """Whether every sealed holdout in the ledger has its keys, unchanged, and no file is there that no event names."""
    known = account_of(home).holdouts
    wrong = [error for each in known if (error := _sealed_wrongly(home, each)) is not None]
    for error in wrong:
        yield Finding(code="doctor-holdouts", verdict=Verdict.FAIL, because=sentence(error.what), remedy=RESTORE)
    unnamed = unknown_seals(home, known)
    for path in unnamed[:SHOWN]:
        yield Finding(
            code="doctor-holdouts",
            verdict=Verdict.WARN,
            because=f"{path.name} holds keys that no event names: a training that was interrupted left it.",
            remedy=f"rm {shlex.quote(str(path))}",
        )
    if not wrong and not unnamed:
        said = f"{len(known)} holdout{'s' * (len(known) != 1)}, sealed as told." if known else "No row is sealed yet."
        yield Finding(code="doctor-holdouts", verdict=Verdict.PASS, because=said)


def _sealed_wrongly(home: Home, holdout: Holdout) -> MainstayError | None:
    try:
        get_seal(home, holdout)
    except MainstayError as error:
        return error
    return None


def unfinished(home: Home, site: Site) -> Iterator[Finding]:
    """Whether folders of versions are there that no event names."""
    left = [path for path in home.artifacts.folders() if not _is_version(home, path)]
    for path in left[:SHOWN]:
        yield Finding(
            code="doctor-unfinished",
            verdict=Verdict.WARN,
            because=f"artifacts/{path.parent.name}/{path.name} is no version: a training that was interrupted left it.",
            remedy=f"Unless a training runs now: rm -r {shlex.quote(str(path))}",
        )
    if not left:
        yield Finding(code="doctor-unfinished", verdict=Verdict.PASS, because="No training left anything half-done.")


def _is_version(home: Home, path: Path) -> bool:
    return path.name.isdecimal() and home.ledger.life(path.parent.name).version(int(path.name)) is not None


RECORDS = (
    ("doctor-ledger", ledger),
    ("doctor-ledger-held", ledger_held),
    ("doctor-ledger-place", ledger_place),
    ("doctor-bundles", bundles),
    ("doctor-holdouts", holdouts),
    ("doctor-unfinished", unfinished),
)
