"""Addresses of databases in a brief: told apart from paths, and never with a password in them."""

from __future__ import annotations

import re

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
PASSWORD = re.compile(r"://[^/?#@:]*:(?P<said>[^/?#]*)@")
SECRET_OPTION = re.compile(r"[?&;](password|pwd|sslpassword|token)=(?P<said>[^&;]*)", re.IGNORECASE)


def is_address(source: str) -> bool:
    """Say whether a source is a database's address, or one variable that holds it.

    >>> is_address("postgresql://host/db"), is_address("${DATABASE_URL}"), is_address("rows.csv")
    (True, True, False)
    """
    return ADDRESS.match(source) is not None or VARIABLE.fullmatch(source) is not None


def holds_password(source: str) -> bool:
    """Say whether an address holds a password itself, and not the name of a variable that does.

    >>> holds_password("postgresql://anna:secret@host/db"), holds_password("postgresql://anna:${PGPASSWORD}@host/db")
    (True, False)
    """
    found = [match["said"] for pattern in (PASSWORD, SECRET_OPTION) for match in pattern.finditer(source)]
    return any(said and not VARIABLE.fullmatch(said) for said in found)
