"""Whether callers will be let in tomorrow: keys that end soon, that nobody uses, or that are all gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.moments import span
from mainstay.store.home import Home
from mainstay.workflows.doctor.site import Site
from mainstay.workflows.keys import Listed, list_keys

SOON = timedelta(days=14)  # long enough to give a caller another key and see it used
UNUSED = timedelta(days=30)  # what calls once a month has called by then
CODE = "doctor-keys"


def keys(home: Home, site: Site) -> Iterator[Finding]:
    """Whether keys end soon without another to take over, and whether each is used."""
    listed = list_keys(home, at=site.at)
    active = [each for each in listed if each.status == "active"]
    odd = [*_ending(active, site.at), *_unused(active, site.at)]
    yield from odd
    if listed and not active:
        remedy = "mainstay keys add NAME --scopes decide,outcomes,actions"
        because = "Every key was revoked or has expired: nobody can call."
        yield Finding(code=CODE, verdict=Verdict.WARN, because=because, remedy=remedy)
    elif not odd:
        said = f"{len(active)} key{'s hold' if len(active) != 1 else ' holds'}." if active else "No key was made yet."
        yield Finding(code=CODE, verdict=Verdict.PASS, because=said)


def _ending(active: Sequence[Listed], at: datetime) -> Iterator[Finding]:
    lasting = {each.key.caller for each in active if not _ends_within(each, at)}
    for each in active:
        if _ends_within(each, at) and each.key.caller not in lasting:
            left = datetime.fromisoformat(each.key.expires_at or "") - at
            yield Finding(
                code=CODE,
                verdict=Verdict.WARN,
                because=f"The key {each.key.id} ends in {span(left)}, and {each.key.caller} has no other that lasts.",
                measured=left / timedelta(days=1),
                limit=SOON / timedelta(days=1),
                subjects=(each.key.id,),
                remedy=f"Give {each.key.caller} another: mainstay keys add {each.key.caller}",
            )


def _unused(active: Sequence[Listed], at: datetime) -> Iterator[Finding]:
    for each in active:
        since = each.used_at or datetime.fromisoformat(each.key.added_at)
        if at - since > UNUSED:
            how = "was used last" if each.used_at else "was never used on this machine, and was made"
            yield Finding(
                code=CODE,
                verdict=Verdict.WARN,
                because=f"The key {each.key.id} {how} {span(at - since)} ago.",
                measured=(at - since) / timedelta(days=1),
                limit=UNUSED / timedelta(days=1),
                subjects=(each.key.id,),
                remedy=f"If nobody needs it: mainstay keys revoke {each.key.id}",
            )


def _ends_within(each: Listed, at: datetime) -> bool:
    return each.key.expires_at is not None and datetime.fromisoformat(each.key.expires_at) - at < SOON


KEYS = ((CODE, keys),)
