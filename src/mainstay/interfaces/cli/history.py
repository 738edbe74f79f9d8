"""`mainstay history`: what happened, who was live when, and whether anybody changed the record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from mainstay.domain.event import Event
from mainstay.domain.moments import iso, parse_moment
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json, table
from mainstay.workflows.history import Past, broken, past
from mainstay.workflows.place import home_and_model

LONGEST = 100
DIGEST_DIGITS = len("sha256:") + 12
SAYS: Mapping[str, str] = {
    "version": "{model}/{value}",
    "from_version": "was {model}/{value}",
    "failed_gates": "fails {value}",
    "caller": "{value}",
    "number": "key {value}",
    "signal": "{value}",
    "id": "{value}",
    "why": "{value}",
    "because": "{value}",
    "name": "{value}",
    "holdout": "{value}",
    "look": "look {value}",
    "n_rows": "{value} rows",
    "rows": "{value} rows",
    "decisions": "{value} decisions",
    "snapshot": "{value}",
    "artifact": "{value}",
    "backup": "{value}",
    "brief_digest": "{value}",
}  # what tells an event from the next of its kind, in this order


@click.command()
@click.option("--verify", is_flag=True, help="Check that no event was altered, removed or reordered.")
@options.at
@options.model
@options.project
@options.as_json
def history(verify: bool, at_text: str | None, model_name: str | None, project: str, as_json: bool) -> int:
    """Show what happened, or verify that nobody changed it."""
    if verify:
        return _verify(project, as_json=as_json)
    home, model = home_and_model(Path(project), model_name)
    at = parse_moment(at_text) if at_text else None
    seen = past(home, model, at=at)
    if as_json:
        print_json(
            {"model": model, "at": at and iso(at), "live": _live(seen), "events": [_event_json(e) for e in seen.events]}
        )
        return 0
    table(("when", "who", "what", ""), [_row(model, e) for e in seen.events], left=4)
    answer(f"\n{_live_sentence(seen, at)}")
    next_step("mainstay history --verify")
    return 0


def _verify(project: str, *, as_json: bool) -> int:
    breaks = broken(Path(project))
    if as_json:
        print_json({"whole": not breaks, "breaks": [{"model": b.model, "seq": b.seq, "what": b.what} for b in breaks]})
    elif not breaks:
        answer("The history is whole: every event is as it was written.")
    else:
        answer("The history was changed:")
        for each in breaks[:20]:
            answer(f"  {each.model or 'ledger'} event {each.seq}: {each.what}")
        next_step("mainstay restore, from a backup made before; and ask who could write to the home.")
    return 1 if breaks else 0


def _live(seen: Past) -> dict[str, Any] | None:
    life = seen.life
    if life.live is None:
        return None
    return {"version": f"{life.model}/{life.live}", "since": life.live_since, "by": life.live_by}


def _live_sentence(seen: Past, at: datetime | None) -> str:
    life, when = seen.life, f"At {iso(at)[:16].replace('T', ' ')} UTC" if at else "Now"
    if life.live is None:
        return f"{when}, no version of {life.model} is live."
    since = (life.live_since or "")[:16].replace("T", " ")
    return f"{when}, {life.model}/{life.live} is live, since {since} UTC, by {life.live_by}."


def _event_json(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "act": event.act,
        "body": event.body,
        "hash": event.hash,
    }


def _row(model: str, event: Event) -> tuple[str, str, str, str]:
    said = [_said(model, key, event.body[key]) for key in SAYS if event.body.get(key)]
    return event.at[:16].replace("T", " "), event.actor, event.act, ", ".join(filter(None, said))[:LONGEST]


def _said(model: str, key: str, value: Any) -> str:
    if key == "signal":
        finding = value["finding"]
        value = " ".join((value["id"], finding["code"], *finding.get("subjects", ())[:1]))
    elif key in ("rows", "n_rows", "decisions"):
        if not isinstance(value, int):  # of a look the digest of the rows that judged
            return ""
        value = f"{value:,}"
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    elif str(value).startswith("sha256:"):
        value = str(value)[:DIGEST_DIGITS]
    return SAYS[key].format(model=model, value=value)
