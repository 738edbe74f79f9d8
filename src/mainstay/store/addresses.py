"""What a database's address says once the environment has filled it in, and how to speak of it without its password.

An address names variables of the environment, `postgresql://${PGUSER}:${PGPASSWORD}@host/db`, or leaves user, password,
host and port to the variables that PostgreSQL's own tools read. Standard library only: a serving worker needs it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from mainstay.domain.address import VARIABLE, is_address
from mainstay.domain.errors import Asked, NotFound

LIBPQ = ("postgresql", "postgres", "redshift")
MAX_SAID = 300  # characters of what a database said


def filled_parts(address: str, variables: Mapping[str, str]) -> SplitResult:
    """Return the parts of an address with what the environment adds; they hold the password.

    Raises `NotFound` for a variable that is not set, `Asked` where it names no database.
    """
    filled = _filled(address, variables)
    if not is_address(filled):
        what = f"{address} does not name a database: its value has no scheme such as postgresql://"
        raise Asked(what, remedy="Set it to an address such as postgresql://user:password@host/db.")
    parts = urlsplit(filled)
    return _completed(parts, variables) if parts.scheme in LIBPQ else parts


def place_of(parts: SplitResult) -> str:
    """Return where a database is, for people: without user, password and options."""
    return f"{parts.scheme}://{unquote(parts.hostname or '')}{parts.path}"


def without_secrets(said: str, parts: SplitResult, variables: Mapping[str, str]) -> str:
    """Return the first line of what a database said, without any form of the password."""
    secrets = {parts.password or "", unquote(parts.password or ""), variables.get("PGPASSWORD", "")}
    line = next((line for line in said.splitlines() if line.strip()), "it did not say why")
    for secret in sorted(secrets - {""}, key=len, reverse=True):
        line = line.replace(secret, "…")
    return re.sub(r"://[^@\s/]*@", "://", line)[:MAX_SAID]


def _filled(address: str, variables: Mapping[str, str]) -> str:
    """Put the values of variables into an address, written as an address needs them; a whole address as it is."""
    names = VARIABLE.findall(address)
    unset = [name for name in dict.fromkeys(names) if not variables.get(name)]
    if unset:
        what = f"the address of the database needs {', '.join(unset)}, which the environment does not set"
        raise NotFound(what, remedy=f"Set it before the command: export {unset[0]}=…")
    if VARIABLE.fullmatch(address):
        return variables[names[0]]
    return VARIABLE.sub(lambda found: quote(variables[found[1]], safe=""), address)


def _completed(parts: SplitResult, variables: Mapping[str, str]) -> SplitResult:
    """Fill what a PostgreSQL address leaves out from the variables that PostgreSQL's own tools read."""
    options = parse_qs(parts.query)
    host = parts.hostname or (options.get("host") or [variables.get("PGHOST", "localhost")])[0]
    user = unquote(parts.username or "") or variables.get("PGUSER", "")
    password = unquote(parts.password or "") or variables.get("PGPASSWORD", "")
    port = parts.port or int((options.get("port") or [variables.get("PGPORT", "5432")])[0])
    said = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    kept = "&".join(each for each in parts.query.split("&") if not re.match(r"(host|port)=", each))
    path = parts.path if len(parts.path) > 1 else "/" + quote(variables.get("PGDATABASE", user), safe="")
    place = quote(unquote(host), safe=":") if "/" in unquote(host) else host
    netloc = f"{said}@" * bool(said) + (f"[{place}]" if ":" in place else place) + f":{port}"
    return parts._replace(netloc=netloc, path=path, query=kept)
