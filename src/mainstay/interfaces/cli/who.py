"""Who is acting on this machine."""

from __future__ import annotations

import getpass


def actor() -> str:
    """Return the name of the user of this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
