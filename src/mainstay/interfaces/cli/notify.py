"""`mainstay notify`: who is told of signals, what waits, and whether an address takes a message."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from mainstay.domain.brief import Brief
from mainstay.domain.brief.notify import NotifyPart
from mainstay.domain.errors import Asked
from mainstay.domain.notice import Notice, Outbox
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json, sentences, table
from mainstay.interfaces.notify.deliver import deliver
from mainstay.workflows.notify import HOW, Tested, brief_in_force, outbox_of, prove_addresses
from mainstay.workflows.place import home_and_model, now


@click.command()
@click.argument("name", required=False)
@click.option("--test", is_flag=True, help="Send a test message to NAME, or to all, and say who took it.")
@options.model
@options.project
@options.as_json
def notify(name: str | None, test: bool, model_name: str | None, project: str, as_json: bool) -> int:
    """Say who is told of signals and what waits, or send a test message."""
    home, model = home_and_model(Path(project), model_name)
    if test:
        return _test(prove_addresses(home, model, name, at=now(), deliver=deliver), as_json=as_json)
    if name is not None:
        raise Asked(f"what about {name}?", remedy=f"Send it a test message: mainstay notify {name} --test")
    brief, outbox = brief_in_force(home, model), outbox_of(home, model)
    if as_json:
        print_json({"model": model, "told": _told_json(brief, outbox), "waiting": _waiting_json(outbox)})
        return 0
    _show(brief, outbox)
    return 0


def _test(tested: Sequence[Tested], *, as_json: bool) -> int:
    failed = [each for each in tested if each.why]
    if as_json:
        print_json([{"name": each.target, "taken": not each.why, "why": each.why or None} for each in tested])
        return 1 if failed else 0
    for each in tested:
        answer(sentences(each.why, each.remedy) if each.why else f"{each.target} took the message.")
    next_step("mainstay notify --test, once that is mended" if failed else "mainstay watch --every 5m, which tells")
    return 1 if failed else 0


def _show(brief: Brief | None, outbox: Outbox) -> None:
    if brief is None or not brief.notify:
        answer("Nobody is told of signals.")
        next_step(HOW)
        return
    headings = ("who", "at least", "of", "when", "waiting", "trouble")
    rows = [_row(name, part, name in brief.told, outbox) for name, part in brief.notify.items()]
    table(headings, rows, left=len(headings))
    next_step("mainstay notify --test")


def _row(name: str, part: NotifyPart, is_told: bool, outbox: Outbox) -> tuple[str, ...]:
    mine = [notice for notice in outbox.waiting if notice.target == name]
    problem = next((notice.problem for notice in mine if notice.problem), "")
    about = f"what {part.owner} answers for" if part.owner else "everything"
    return (
        name,
        part.severity,
        about if is_told else "nothing: see [watch] notify",
        _when(part),
        str(len(mine)),
        problem,
    )


def _when(part: NotifyPart) -> str:
    if part.digest is not None:
        return f"{part.digest} at {part.digest_at}"
    return f"at once, but {part.quiet} only fail" if part.quiet else "at once"


def _told_json(brief: Brief | None, outbox: Outbox) -> list[dict[str, Any]]:
    if brief is None:
        return []
    return [
        {
            "name": name,
            "severity": part.severity,
            "owner": part.owner or None,
            "digest": part.digest,
            "quiet": part.quiet,
            "told": name in brief.told,
            "waiting": sum(notice.target == name for notice in outbox.waiting),
        }
        for name, part in brief.notify.items()
    ]


def _waiting_json(outbox: Outbox) -> list[dict[str, Any]]:
    return [_notice_json(notice) for notice in outbox.waiting]


def _notice_json(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "to": notice.target,
        "signal": notice.signal,
        "topic": notice.topic.value,
        "due_at": notice.due_at,
        "attempts": notice.attempts,
        "problem": notice.problem or None,
    }
