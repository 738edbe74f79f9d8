"""`mainstay keys`: make, list and revoke the keys that callers of the service need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mainstay.domain.key import parse_rate, parse_scopes
from mainstay.domain.moments import iso, parse_duration
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json, table
from mainstay.interfaces.cli.who import actor
from mainstay.workflows.keys import Listed, Wanted, add_key, list_keys, revoke_keys
from mainstay.workflows.place import find_home, now


@click.group()
def keys() -> None:
    """Make, list and revoke the keys that callers of the service need."""


@keys.command()
@click.argument("name")
@click.option("--scopes", default=None, help="Some of decide, outcomes, actions, explain, metrics, read; with commas.")
@click.option("--model", "models", multiple=True, help="A model that it opens, again for more; all if left out.")
@click.option("--rate", default=None, metavar="N/UNIT", help="The most requests, such as 100/s, 6000/m or 50000/h.")
@click.option("--expires", default=None, metavar="TIME", help="How long it holds, such as 90d; until revoked if not.")
@options.project
@options.as_json
def add(  # noqa: PLR0913, PLR0917 - one parameter per option
    name: str,
    scopes: str | None,
    models: tuple[str, ...],
    rate: str | None,
    expires: str | None,
    project: str,
    as_json: bool,
) -> None:
    """Make a key for a caller, and show it this once.

    NAME says who calls, such as web-shop; ids of decisions are kept apart by it. Of a caller who has a key already, the
    new one opens the same unless said otherwise, and both hold until the older is revoked.
    """
    wanted = Wanted(
        scopes=parse_scopes(scopes) if scopes is not None else None,
        models=models or None,
        rate=parse_rate(rate) if rate is not None else None,
        lasts=parse_duration(expires) if expires is not None else None,
    )
    made = add_key(find_home(Path(project)), name, wanted, actor=actor(), at=now())
    listed = Listed(made.key, "active", None)
    if as_json:
        print_json(_json(listed) | {"key": made.text})
        return
    answer(f"{made.key.id} opens {_opens(listed)}. The key, shown this once:\n\n  {made.text}\n")
    answer("Send it with each request: Authorization: Bearer KEY. A service that runs knows it within a second.")
    older = f"mainstay keys revoke {name} --older, once nobody uses the old one"
    next_step(older if made.key.number > 1 else "mainstay keys list")


@keys.command("list")
@click.option("--all", "everything", is_flag=True, help="Revoked and expired ones too.")
@options.project
@options.as_json
def list_(everything: bool, project: str, as_json: bool) -> None:
    """List keys: what each opens, until when, when it was last used."""
    at = now()
    listed = list_keys(find_home(Path(project)), at=at)
    shown = [each for each in listed if everything or each.status == "active"]
    if as_json:
        print_json([_json(each) for each in shown])
        return
    if not shown:
        answer("No key is active: nobody can call." if listed else "No key yet: whoever is on this machine can call.")
        next_step("mainstay keys add NAME --scopes decide,outcomes,actions")
        return
    headings = ("key", "status", "opens", "models", "at most", "until", "last used", "added by")
    table(headings, [_row(each) for each in shown], left=len(headings))
    next_step("mainstay keys revoke NAME, of those that nobody needs")


@keys.command()
@click.argument("name")
@click.option("--older", is_flag=True, help="Leave the newest.")
@click.option("--why", default="", help="The reason, kept in the history.")
@options.project
@options.as_json
def revoke(name: str, older: bool, why: str, project: str, as_json: bool) -> None:
    """Revoke a key (web-shop.1) or all of a caller (web-shop), for ever."""
    home = find_home(Path(project))
    revoked = revoke_keys(home, name, actor=actor(), at=now(), older=older, why=why)
    if as_json:
        print_json({"revoked": [key.id for key in revoked]})
        return
    said = ", ".join(key.id for key in revoked)
    answer(f"Revoked: {said}. A service that runs refuses it within a second." if revoked else "Nothing to revoke.")
    next_step("mainstay keys list")


def _opens(each: Listed) -> str:
    key = each.key
    models = f" of {', '.join(key.models)}" if key.models else ""
    until = f", until {key.expires_at[:16].replace('T', ' ')} UTC" if key.expires_at else ""
    return f"{', '.join(key.scopes)}{models}{f', at most {key.rate}' if key.rate else ''}{until}"


def _row(each: Listed) -> tuple[str, ...]:
    key = each.key
    return (
        key.id,
        each.status,
        ", ".join(key.scopes),
        ", ".join(key.models) or "all",
        str(key.rate) if key.rate else "–",
        key.expires_at[:10] if key.expires_at else "–",
        iso(each.used_at)[:16].replace("T", " ") if each.used_at else "never",
        key.added_by,
    )


def _json(each: Listed) -> dict[str, Any]:
    key = each.key
    return {
        "id": key.id,
        "caller": key.caller,
        "status": each.status,
        "scopes": list(key.scopes),
        "models": list(key.models),
        "rate": str(key.rate) if key.rate else None,
        "expires_at": key.expires_at,
        "added_at": key.added_at,
        "added_by": key.added_by,
        "revoked_at": key.revoked_at,
        "revoked_by": key.revoked_by,
        "used_at": iso(each.used_at) if each.used_at else None,
    }
