"""Asking `checks.py` beside the brief, in a process of its own: a project's own checks come from nowhere else.

What one of them does to its process (ends it, hangs it, fills it) is that check's finding; the next one gets a new
process. What they print goes to standard error, in the end.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from mainstay.checks.check import Check
from mainstay.checks.examined import Examined
from mainstay.checks.own import FILE, absent_check, broken, own_check
from mainstay.domain.errors import Asked, RecipeError
from mainstay.domain.finding import Finding
from mainstay.domain.gates import OWN
from mainstay.domain.own_checks import Answered, Ask, Questions, Read, Reply, Request, Take
from mainstay.domain.recipe import Trouble
from mainstay.domain.version import VersionName
from mainstay.store.own_process import OwnProcess, Written, own_process
from mainstay.store.project import Project, read_own_checks
from mainstay.workflows.handed import hand

ENTRY = "mainstay.interfaces.own_checks_child"
READ_WITHIN_S = 120.0  # reading the file imports its libraries, cold from a disk; taking what is examined reads rows
ASK_WITHIN_S = 120.0  # as a rule of a recipe has
MOST_BYTES = 1 << 24  # of an answer
MEND = f"Mend {FILE} beside the brief."

_says: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


@dataclass(slots=True)
class Asking:
    """The process that is asked, None until there is one; `why_not` is why there can be none. `rows` is a folder."""

    project: Project
    version: VersionName
    at: datetime
    text: str
    rows: Path
    within_s: float
    process: OwnProcess[Reply] | None = None
    has_exam: bool = False
    why_not: str = ""
    ends: ExitStack = field(default_factory=ExitStack)


@contextmanager
def own_checks(
    project: Project, version: VersionName, *, at: datetime, within_s: float = ASK_WITHIN_S
) -> Iterator[tuple[Check, ...]]:
    """Open a project's `checks.py` and give its checks, in the order of the file; none without one.

    Every public function that is written there is one, and has `within_s` seconds to answer. A gate of the brief that
    names one which is not there is a check that fails. Raises `Asked` for a file that cannot be read, or a function
    that does not take one exam.
    """
    text = read_own_checks(project.folder)
    if text is None:
        yield _absent(project, ())
        return
    with TemporaryDirectory(prefix="mainstay-exam-", ignore_cleanup_errors=True) as rows:
        asking = Asking(project, version, at, text, Path(rows), within_s)
        try:
            asked = _started(asking).every
            found = tuple(own_check(each.name, each.asks, partial(_look, asking, each.name)) for each in asked)
            yield (*found, *_absent(project, found))
        finally:
            _end(asking)


def _absent(project: Project, found: tuple[Check, ...]) -> tuple[Check, ...]:
    gates = [gate for gate in project.brief.gates if gate.startswith(f"{OWN}-")]
    absent = [gate for gate in gates if not any(f"{check.code}-".startswith(f"{gate}-") for check in found)]
    return tuple(map(absent_check, absent))


def _started(asking: Asking) -> Questions:
    """Start a process that has read the file; raises `Asked`."""
    written = Written(FILE, ENTRY, _says, MEND, cwd=asking.project.folder, most_bytes=MOST_BYTES)
    asking.process, asking.has_exam = asking.ends.enter_context(own_process(written)), False
    try:
        read = _asked(asking.process, Read(asking.text), within_s=READ_WITHIN_S)
    except RecipeError as error:
        raise Asked(error.what, remedy=MEND) from error
    if not isinstance(read, Questions):
        raise Asked(f"{FILE} writes into its answers when it is read", remedy=MEND)
    return read


def _look(asking: Asking, name: str, exam: Examined) -> tuple[Finding, ...]:
    if asking.why_not:
        return (broken(name, asking.why_not),)
    try:
        process = _ready(asking, exam)
    except Asked as error:  # it was read before: what it does now, it does again and again
        asking.why_not = error.what
        _end(asking)
        return (broken(name, error.what),)
    try:
        said = _asked(process, Ask(name, exam.said), within_s=asking.within_s)
    except RecipeError as error:
        _end(asking)
        return (broken(name, error.what),)
    if isinstance(said, Answered) and said.name == name:
        return said.found
    _end(asking)
    return (broken(name, f"{name} writes into the answers of {FILE}"),)


def _ready(asking: Asking, exam: Examined) -> OwnProcess[Reply]:
    if asking.process is None:
        _started(asking)
    assert asking.process is not None
    if not asking.has_exam:
        if not any(asking.rows.iterdir()):
            hand(exam, asking.rows)
        folder, version = asking.project.folder.absolute(), asking.version
        take = Take(str(asking.rows), str(folder), version.model, version.number, asking.at)
        _asked(asking.process, take, within_s=READ_WITHIN_S)
        asking.has_exam = True
    return asking.process


def _asked(process: OwnProcess[Reply], request: Request, *, within_s: float) -> Reply:
    reply = next(process.ask(request, within_s=within_s))
    if isinstance(reply, Trouble):
        raise RecipeError(reply.what, remedy=reply.remedy)
    return reply


def _end(asking: Asking) -> None:
    """End the process, and pass on what it printed."""
    if asking.process is not None and (printed := asking.process.printed()):
        sys.stderr.write(f"{printed}\n")
    asking.ends.close()
    asking.process = None
