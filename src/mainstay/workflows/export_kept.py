"""The parities of exports that are kept: read by whoever shows one, without what exports."""

from __future__ import annotations

import msgspec

from mainstay.domain.canonical import digest
from mainstay.domain.errors import BundleError
from mainstay.domain.event import Act
from mainstay.domain.parity import Parity
from mainstay.domain.version import VersionName
from mainstay.store.home import Home


def exported_parity(home: Home, version: VersionName) -> Parity | None:
    """Return the parity of the newest export of a version; None where it was never exported.

    Raises `BundleError` where the file was changed after the ledger told its digest.
    """
    events = home.ledger.events(version.model)
    of_it = [each for each in events if each.act == Act.EXPORTED and each.body["version"] == version.number]
    if not of_it:
        return None
    name = of_it[-1].body["artifact"]
    raw = home.artifacts.artifact(version.model, version.number, name)
    if digest(raw) != of_it[-1].body["digest"]:
        what = f"{name} of {version} was changed: its digest is not the one the ledger tells"
        raise BundleError(what, remedy=f"Restore it from a backup, or export again: mainstay export {version}")
    return msgspec.json.decode(raw, type=Parity)
