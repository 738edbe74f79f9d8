"""Serving: what a worker holds, how it follows the ledger, and how it answers.

An answer is only returned once what must be journalled is in the spool; a `StoreError` means that nothing was answered.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from mainstay.domain.errors import NotFound, StoreError, did_you_mean
from mainstay.domain.limits import LIMITS, Limits
from mainstay.domain.traffic import Action, InputFault, Outcome
from mainstay.serving.answer import ID_CONFLICT, NO_ANSWER
from mainstay.serving.body import (
    DecideBody,
    Explain,
    OtherVersion,
    Unacceptable,
    read_actions,
    read_outcomes,
    require_rows,
)
from mainstay.serving.call import Call
from mainstay.serving.decide import Decided, decide, tried
from mainstay.serving.intake import Intake, Told, outcomes_wanted, take_actions, take_outcomes
from mainstay.serving.posted import Form, Posted, read_posted
from mainstay.serving.service import BY_RULE, Service
from mainstay.store.backlog import journal_age_s, waiting_bytes
from mainstay.store.clock import now_us, ticks_us
from mainstay.store.files import put_file, temporary_folder
from mainstay.store.home import Home, open_home
from mainstay.store.ledger_watch import LedgerWatch
from mainstay.store.spool import Spool
from mainstay.store.spool_lines import lines_of
from mainstay.store.starts import note_start
from mainstay.workflows.keyring import Grant, Keyring, note_uses, read_keyring
from mainstay.workflows.known_ids import KnownIds, open_known_ids
from mainstay.workflows.route import NO_ROUTES, Routes, follow, load_service, model_states

__all__ = [
    "BY_RULE",
    "ID_CONFLICT",
    "NO_ANSWER",
    "CountsUnread",
    "Decided",
    "Desk",
    "Form",
    "Grant",
    "Intake",
    "Keyring",
    "NotServed",
    "OtherVersion",
    "Posted",
    "Routes",
    "Service",
    "Unacceptable",
    "answer",
    "answer_posted",
    "answer_rows",
    "backlog",
    "close_desk",
    "disk_problem",
    "explain",
    "ledger_moved",
    "load_service",
    "model_states",
    "note_unfit",
    "note_uses",
    "now_us",
    "open_desk",
    "outcomes_wanted",
    "read_keyring",
    "read_routes",
    "served",
    "tell_actions",
    "tell_outcomes",
    "ticks_us",
    "write_faults",
]

PROBE = bytes(65_536)  # a disk that takes this takes the next few answers
MAX_FAULT_KINDS = 10_000  # kinds of input faults held at once; what comes beyond is not counted until the next writing

FaultKind = tuple[str, str, int, str, str, bool]  # model, key, version, field, code, refused

ReadItems = Callable[[bytes, Limits], list[Any]]


class NotServed(StoreError):
    """A model that is known but cannot be answered for now."""


@dataclass
class Desk:
    """What one worker holds: the versions that answer, its spools, what it answered lately, faults not yet written."""

    home: Home
    watch: LedgerWatch
    routes: Routes = NO_ROUTES
    repeats: KnownIds = field(default_factory=partial(KnownIds, None))
    spools: dict[tuple[str, str], Spool] = field(default_factory=dict)
    faults: Counter[FaultKind] = field(default_factory=Counter)
    limits: Limits = LIMITS
    ledger_problem: str | None = None
    keyring: Keyring = field(default_factory=Keyring)
    keys_used: set[str] = field(default_factory=set)


def open_desk(folder: Path, limits: Limits = LIMITS) -> Desk:
    """Open the home of a project's folder for serving, and load what is live; raises `NotFound` or `StoreError`."""
    home = open_home(folder, create=False)
    desk = Desk(home, LedgerWatch(home.ledger.place), repeats=open_known_ids(home), limits=limits)
    desk.watch.changed()
    note_start(home.root)
    desk.keyring = read_keyring(home)
    desk.routes = read_routes(home, NO_ROUTES)
    return desk


def close_desk(desk: Desk) -> None:
    """Write what is left and let go of everything."""
    try:
        write_faults(desk)
    finally:
        note_uses(desk.home, desk.keys_used)
        for spool in desk.spools.values():
            spool.close()
        desk.repeats.close()
        desk.watch.close()


def ledger_moved(desk: Desk) -> bool:
    """Say whether anything was appended to the ledger since the last call; costs microseconds."""
    return desk.watch.changed()


def read_routes(home: Home, before: Routes) -> Routes:
    """Return what is live now; versions that were live before are not loaded again. Safe in a thread."""
    return follow(home, before)


def served(desk: Desk, model: str) -> Service:
    """Return what answers for a model; raises `NotFound` for an unknown one, `NotServed` where nothing is live."""
    service = desk.routes.services.get(model)
    if service is not None:
        return service
    if model in desk.routes.models:
        why = desk.routes.problems.get(model, f"no version of {model} is deployed")
        raise NotServed(why, remedy=f"Deploy one: mainstay deploy {model}/N.")
    known = desk.routes.models
    remedy = did_you_mean(model[:100], known) if known else "Nothing is trained here yet: mainstay train."
    raise NotFound(f"there is no model {model[:100]!r} here", remedy=remedy)


def answer(desk: Desk, model: str, body: bytes, *, key: str = "", started_us: int | None = None) -> Decided:
    """Decide the rows of a body of JSON as `answer_posted` does."""
    return answer_posted(desk, model, Posted(body), key=key, started_us=started_us)


def answer_posted(desk: Desk, model: str, posted: Posted, *, key: str = "", started_us: int | None = None) -> Decided:
    """Decide the rows of a request's body and journal the decisions; raises `Unacceptable`, `NotFound`, `StoreError`.

    `started_us` is a moment of `ticks_us`, from which latency is counted. What cannot be read is an input fault.
    """
    service = served(desk, model)
    return answer_rows(desk, service, _asked(desk, service, posted, key), key=key, started_us=started_us)


def explain(desk: Desk, model: str, posted: Posted, *, key: str = "", started_us: int | None = None) -> Decided:
    """Answer a request's rows with reasons and what would change them, and keep nothing; raises as `answer` does."""
    service = served(desk, model)
    asked = _asked(desk, service, posted, key)
    asked.dry_run, asked.explain = True, asked.explain or Explain(instead=True)
    return answer_rows(desk, service, asked, key=key, started_us=started_us)


def answer_rows(
    desk: Desk, service: Service, body: DecideBody, *, key: str = "", started_us: int | None = None
) -> Decided:
    """Decide rows, in whatever form they came, and journal the decisions; raises `OtherVersion`, `StoreError`.

    Of a dry run nothing is journalled or remembered. Callers' own ids are kept from other workers meanwhile.
    """
    require_rows(len(body.rows), desk.limits)
    if body.expected_version is not None:
        _require_version(service, body.expected_version)
    call = Call(
        key=key,
        at_us=now_us(),
        started_us=ticks_us() if started_us is None else started_us,
        clock_us=ticks_us,
        entropy=os.urandom,
        secret=desk.home.secret,
        limits=desk.limits,
    )

    if body.dry_run:
        return tried(decide(service, body, call, desk.repeats))
    if body.ids is None:
        return _journalled(desk, service, body, call)
    with desk.repeats.held(service.model, key, body.ids):
        return _journalled(desk, service, body, call)


def tell_outcomes(desk: Desk, model: str, body: bytes, *, key: str = "") -> Intake[Outcome]:
    """Journal the outcomes of a request's body; raises `Unacceptable`, `NotFound` or `StoreError`."""
    service = served(desk, model)
    items = _items(desk, service, read_outcomes, body, key)
    intake = take_outcomes(items, service, Told(key, now_us()))
    _keep(desk, service, "outcomes", intake, key)
    return intake


def tell_actions(desk: Desk, model: str, body: bytes, *, key: str = "") -> Intake[Action]:
    """Journal the actions of a request's body; raises `Unacceptable`, `NotFound` or `StoreError`."""
    service = served(desk, model)
    items = _items(desk, service, read_actions, body, key)
    intake = take_actions(items, service, Told(key, now_us()))
    _keep(desk, service, "actions", intake, key)
    return intake


def note_unfit(desk: Desk, model: str, code: str, *, key: str = "") -> None:
    """Count a body that was refused before it could be read, where it was for a model that answers."""
    service = desk.routes.services.get(model)
    if service is not None:
        _count_body(desk, service, code, key)


def write_faults(desk: Desk) -> None:
    """Write the input faults counted since the last call, folded by kind; raises `StoreError` and keeps them then."""
    by_model: dict[str, list[InputFault]] = {}
    at_us = now_us()
    for (model, key, version, name, code, refused), n in desk.faults.items():
        fault = InputFault(at_us=at_us, key=key, version=version, field=name, code=code, n=n, refused=refused)
        by_model.setdefault(model, []).append(fault)
    for model, faults in by_model.items():
        service = desk.routes.services.get(model)
        _spool_of(desk, model, "faults", fsync=service is not None and _fsync(service)).write(lines_of(faults))
        for kind in [kind for kind in desk.faults if kind[0] == model]:
            del desk.faults[kind]


def disk_problem(home: Home) -> str | None:
    """Try to write beside the spool; return what is wrong, or None. Safe in a thread."""
    try:
        home.spool_root.mkdir(parents=True, exist_ok=True)
        with temporary_folder(home.spool_root / "probe") as folder:
            put_file(folder / "probe", PROBE)
    except StoreError as error:
        return error.what
    except OSError as error:
        return f"the spool cannot be written: {error.strerror}"
    return None


def _journalled(desk: Desk, service: Service, body: DecideBody, call: Call) -> Decided:
    decided = decide(service, body, call, desk.repeats)
    if decided.decisions:
        _spool(desk, service, "decisions").write(lines_of(decided.decisions))
    for own_id, given in decided.given:
        desk.repeats.add(service.model, call.key, own_id, given)
    for fault in decided.faults:
        _count_fault(desk, service.model, fault)
    return decided


def _require_version(service: Service, expected: int | str) -> None:
    if str(expected) not in (str(service.version), f"{service.model}/{service.version}"):
        raise OtherVersion(service.model, service.version)


def backlog(desk: Desk) -> tuple[int, dict[str, float]]:
    """Return the bytes in the spool, and the seconds since each model's decisions last reached the journal."""
    ages_s = {model: journal_age_s(desk.home, model) for model in desk.routes.models}
    return waiting_bytes(desk.home), {model: age_s for model, age_s in ages_s.items() if age_s is not None}


class CountsUnread:
    """Counts a body that cannot be read as an input fault, and lets its `Unacceptable` pass on."""

    __slots__ = ("_desk", "_key", "_service")

    def __init__(self, desk: Desk, service: Service, key: str) -> None:
        self._desk, self._service, self._key = desk, service, key

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, Unacceptable):
            _count_body(self._desk, self._service, error.code, self._key)


def _asked(desk: Desk, service: Service, posted: Posted, key: str) -> DecideBody:
    with CountsUnread(desk, service, key):
        return read_posted(posted, service.index, desk.limits)


def _items(desk: Desk, service: Service, read: ReadItems, body: bytes, key: str) -> list[Any]:
    with CountsUnread(desk, service, key):
        return read(body, desk.limits)


def _keep(desk: Desk, service: Service, stream: str, intake: Intake[Any], key: str) -> None:
    """Journal what was told, and count what was odd about it."""
    if intake.taken:
        _spool(desk, service, stream).write(lines_of(intake.taken))
    kinds = Counter((warned.field, warned.code, False) for _, warned in intake.warnings)
    kinds.update((fault.field or "", fault.code, True) for fault in intake.faults)
    for (name, code, refused), n in kinds.items():
        _count_fault(desk, service.model, _fault(service, key, name, code, n=n, refused=refused))


def _count_body(desk: Desk, service: Service, code: str, key: str) -> None:
    """Count a body that could not be read as an input fault of no field."""
    _count_fault(desk, service.model, _fault(service, key, "", code, n=1, refused=True))


def _fault(service: Service, key: str, name: str, code: str, *, n: int, refused: bool) -> InputFault:
    return InputFault(at_us=now_us(), key=key, version=service.version, field=name, code=code, n=n, refused=refused)


def _spool(desk: Desk, service: Service, stream: str) -> Spool:
    return _spool_of(desk, service.model, stream, fsync=_fsync(service))


def _spool_of(desk: Desk, model: str, stream: str, *, fsync: bool) -> Spool:
    spool = desk.spools.get((model, stream))
    if spool is None:
        spool = desk.spools[model, stream] = Spool(desk.home.spool_root, model, stream, fsync=fsync)
    return spool


def _fsync(service: Service) -> bool:
    return service.words.store.fsync == "batch"


def _count_fault(desk: Desk, model: str, fault: InputFault) -> None:
    kind = (model, fault.key, fault.version, fault.field, fault.code, fault.refused)
    if kind in desk.faults or len(desk.faults) < MAX_FAULT_KINDS:
        desk.faults[kind] += fault.n
