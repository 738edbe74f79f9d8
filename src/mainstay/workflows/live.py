"""Acts on what is live: deploy and roll back. Each is one event; nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from mainstay.bundle.inspect import Contents, inspect
from mainstay.domain.brief import parse_brief
from mainstay.domain.errors import BundleError, Busy, NotFound, Refused
from mainstay.domain.event import Act
from mainstay.domain.life import Life, VersionLife
from mainstay.domain.version import VersionName
from mainstay.store.home import Home

NOT_AN_APPROVER = "not an approver"
Deed: TypeAlias = tuple[Act, dict[str, object]]
ATTEMPTS = 5  # another act may come between reading and writing; each try starts from the newest state


def deploy(
    home: Home, version: VersionName, *, actor: str, at: datetime, override: bool = False, why: str = ""
) -> Life:
    """Make a version live; raises `Refused` when its gates failed and nobody overrides with a reason.

    An actor whom the version's brief does not name among its approvers, if it names any, is refused likewise.
    Deploying what is live already changes nothing. The bundle is verified before anything is written.
    """

    def decide(life: Life) -> Deed | None:
        chosen = known(life, version)
        if life.live == version.number:
            return None
        _pass_gates(version, chosen, override=override, why=why)
        approvers = parse_brief(prove(home, version, chosen).brief).lifecycle.approvers
        _pass_approvers(version, approvers, actor, override=override, why=why)
        return Act.DEPLOYED, _deployed(chosen, why, stranger=bool(approvers) and actor not in approvers)

    return act_on_newest(home, version.model, decide, actor=actor, at=at)


def rollback(home: Home, model: str, *, actor: str, at: datetime, why: str = "") -> Life:
    """Go back to the version that was live before; raises `Refused` when there is none.

    Rolling back again walks further back. The target's bundle is verified first.
    """

    def decide(life: Life) -> Deed:
        if not life.before:
            there = f"See `mainstay versions`; deploy one: mainstay deploy {model}/N."
            remedy = there if life.versions else "Train first: mainstay train"
            raise Refused(f"{model} has no earlier live version", remedy=remedy)
        target = VersionName(model, life.before[-1])
        prove(home, target, known(life, target))
        return Act.ROLLED_BACK, {"version": target.number, "from_version": life.live, "steps": 1, "why": why}

    return act_on_newest(home, model, decide, actor=actor, at=at)


def act_on_newest(home: Home, model: str, decide: Callable[[Life], Deed | None], *, actor: str, at: datetime) -> Life:
    """Append what `decide` makes of the newest state, and return the state after it; None leaves all as it is.

    Where somebody else acted in between, it decides again. Raises `Busy` where somebody always does.
    """
    for _ in range(ATTEMPTS):
        life = home.ledger.life(model)
        deed = decide(life)
        if deed is None:
            return life
        act, body = deed
        try:
            home.ledger.append(model, act, body, actor=actor, at=at, expect_seq=life.seq)
        except Busy:
            continue
        return home.ledger.life(model)
    raise Busy(f"{model} is being changed by somebody else", remedy="Try again in a moment.")


def prove(home: Home, version: VersionName, chosen: VersionLife) -> Contents:
    """Return a version's bundle, verified: whole, and the one the ledger knows; raises `BundleError` or `Refused`."""
    contents = inspect(home.artifacts.version_files(version.model, version.number))
    if contents.digest != chosen.bundle_digest:
        raise Refused(
            f"the bundle of {version} is not the one that was trained: its digest differs from the ledger's",
            remedy="Restore it from a backup, or train again.",
        )
    return contents


def words_changed(home: Home, model: str, before: int | None, now: int) -> str | None:
    """Say how a version decides in other words than the one that was live before; None where callers see no other.

    A bundle that is gone or torn tells nothing: whether the words changed is then not said.
    """
    if before is None or before == now:
        return None
    then, since = _words(home, model, before), _words(home, model, now)
    if then is None or since is None or then == since:
        return None
    return f"{model}/{now} answers {since} where {model}/{before} answered {then}: tell those who call."


def _words(home: Home, model: str, number: int) -> str | None:
    try:
        plan = inspect(home.artifacts.version_files(model, number)).plan
    except (BundleError, NotFound):
        return None
    if plan.classes:
        return "/".join(plan.actions or plan.classes)
    return f"{plan.when_high}/{plan.when_low}" if plan.threshold is not None else "no word"


def known(life: Life, version: VersionName) -> VersionLife:
    """Return a version as the ledger knows it; raises `NotFound`."""
    chosen = life.version(version.number)
    if chosen is None:
        there = ", ".join(f"{life.model}/{v.number}" for v in life.versions[-5:]) or "none yet: mainstay train"
        raise NotFound(f"there is no version {version}", remedy=f"Versions: {there}.")
    return chosen


def _pass_gates(version: VersionName, chosen: VersionLife, *, override: bool, why: str) -> None:
    if not chosen.failed_gates:
        return
    if not override and chosen.awaits_exam:
        what = f"{version} was not examined, and its gates ask for {', '.join(chosen.failed_gates)}"
        raise Refused(what, remedy=f"Examine it: mainstay check {version}")
    if not override:
        raise Refused(
            f"{version} failed its gates: {', '.join(chosen.failed_gates)}",
            remedy=f"See `mainstay report {version}`, or take it on yourself: deploy {version} --override --why …",
        )
    _require_reason(version, why)


def _pass_approvers(version: VersionName, approvers: tuple[str, ...], actor: str, *, override: bool, why: str) -> None:
    if not approvers or actor in approvers:
        return
    if not override:
        raise Refused(
            f"{actor} is {NOT_AN_APPROVER} of {version}; its brief names {', '.join(approvers)}",
            remedy=f"Ask one of them, or take it on yourself: deploy {version} --override --why …",
        )
    _require_reason(version, why)


def _deployed(chosen: VersionLife, why: str, *, stranger: bool) -> dict[str, object]:
    failed = list(chosen.failed_gates)
    body = {"version": chosen.number, "override": bool(failed) or stranger, "why": why, "failed_gates": failed}
    return body | {"overridden": [NOT_AN_APPROVER]} if stranger else body


def _require_reason(version: VersionName, why: str) -> None:
    if not why.strip():
        raise Refused("an override needs a reason", remedy=f"mainstay deploy {version} --override --why 'your reason'")
