"""`mainstay signals`: what is open, since when, why, and what to do; and what people say of it."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.domain.attention import Standing
from mainstay.domain.errors import Asked
from mainstay.domain.moments import DURATION, parse_duration
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.inputs import input_json, show_inputs
from mainstay.interfaces.cli.one_signal import shown_json, shown_lines, standing_json, word_of
from mainstay.interfaces.cli.show import answer, next_step, print_json, signal_lines
from mainstay.interfaces.cli.traced import traced_json, traced_lines
from mainstay.interfaces.cli.who import actor
from mainstay.workflows.inputs import odd_inputs, spooled_rows
from mainstay.workflows.place import home_and_model, moment, now
from mainstay.workflows.signals import Reason, acknowledge, mute, show, unmute
from mainstay.workflows.trace import trace

ACK_HOLDS = "30d"  # longer than a mending takes; who has forgotten it by then is told again


@click.group(invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option("--inputs", is_flag=True, help="What callers send that is not as it should be, instead.")
@click.option("--within", default="30d", show_default=True, metavar="TIME", help="Of inputs: how far to look back.")
@options.model
@options.project
@options.as_json
@click.pass_context
def signals(  # noqa: PLR0913, PLR0917 - one parameter per option
    context: click.Context,
    everything: bool,
    inputs: bool,
    within: str,
    model_name: str | None,
    project: str,
    as_json: bool,
) -> None:
    """Show open signals, or what callers send that is not as it should be."""
    if context.invoked_subcommand is not None:
        return
    if inputs:
        _inputs(Path(project), model_name, within, as_json=as_json)
        return
    home, model = home_and_model(Path(project), model_name)
    standings = home.ledger.life(model).standings(now())
    shown = [each for each in standings if everything or each.state != "closed"]
    if as_json:
        print_json([standing_json(each) for each in shown])
        return
    if not shown:
        answer("No open signal.")
    for each in shown:
        for line in signal_lines([each.as_signal]):
            answer(line)
        if said := word_of(each):
            answer(f"  {said}")
    next_step(f"mainstay signals show {shown[-1].signal.id}" if shown else "mainstay watch, to look again now.")


@signals.command("show")
@click.argument("number")
@click.option("--ids", is_flag=True, help="Name the decisions, too.")
@click.option("--trace", "traced", is_flag=True, help="Follow a gap between groups to rows, labels and inputs.")
@options.at
@options.model
@options.project
@options.as_json
def show_(  # noqa: PLR0913, PLR0917 - one parameter per option
    number: str,
    ids: bool,
    traced: bool,
    at_text: str | None,
    model_name: str | None,
    project: str,
    as_json: bool,
) -> None:
    """Show one signal whole: against what, how it went, whom it hit, why, and what to do."""
    home, model = home_and_model(Path(project), model_name)
    shown = show(home, model, number, at=moment(at_text))
    followed = trace(home, model, number, at=moment(at_text)) if traced else None
    if as_json:
        more = {"trace": traced_json(followed)} if followed is not None else {}
        print_json(shown_json(shown, with_ids=ids) | more)
        return
    for line in (*shown_lines(shown, with_ids=ids), *(() if followed is None else traced_lines(followed))):
        answer(line)
    is_open = shown.standing.state == "open"
    then = f'mainstay signals ack {number} --why "…", once somebody has it in hand.'
    next_step(then if is_open else "mainstay signals")


@signals.command()
@click.argument("number")
@click.option("--why", required=True, help="What is being done about it, kept in the history.")
@click.option("--until", default=ACK_HOLDS, show_default=True, metavar="TIME", help="A moment, or how long it holds.")
@options.model
@options.project
@options.as_json
def ack(number: str, why: str, until: str, model_name: str | None, project: str, as_json: bool) -> None:
    """Say that somebody has a signal in hand: nobody is told of it again, unless it gets worse or is over."""
    home, model = home_and_model(Path(project), model_name)
    stands = acknowledge(home, model, number, _reason(why, until), actor=actor(), at=now())
    _said([stands], f"Signal {number} is acknowledged", as_json=as_json)


@signals.command("mute")
@click.argument("what")
@click.option("--why", required=True, help="The reason, kept in the history.")
@click.option("--until", required=True, metavar="TIME", help="A moment, or for how long, such as 14d.")
@options.model
@options.project
@options.as_json
def mute_(what: str, why: str, until: str, model_name: str | None, project: str, as_json: bool) -> None:
    """Tell nobody of a signal, a code or an input for a while; it is still judged and shown.

    WHAT is a signal's number, a code such as F29-input-drift, or an input. A signal that gets worse is told of anyway.
    """
    home, model = home_and_model(Path(project), model_name)
    covered = mute(home, model, what, _reason(why, until), actor=actor(), at=now())
    _said(covered, f"{what} is muted", as_json=as_json)


@signals.command("unmute")
@click.argument("what")
@click.option("--why", default="", help="The reason, kept in the history.")
@options.model
@options.project
@options.as_json
def unmute_(what: str, why: str, model_name: str | None, project: str, as_json: bool) -> None:
    """Take a mute back."""
    home, model = home_and_model(Path(project), model_name)
    unmute(home, model, what, why=why, actor=actor(), at=now())
    if as_json:
        print_json({"unmuted": what})
        return
    answer(f"{what} is no longer muted.")
    next_step("mainstay signals")


def _inputs(project: Path, model_name: str | None, within: str, *, as_json: bool) -> None:
    home, model = home_and_model(project, model_name)
    since = now() - parse_duration(within)
    found = odd_inputs(home, model, since=since)
    if as_json:
        print_json([input_json(each) for each in found])
    else:
        show_inputs(found, since=since, n_waiting=spooled_rows(home, model))


def _reason(why: str, until: str) -> Reason:
    """Read until when something holds: a moment, or how long from now."""
    try:
        return Reason(why, now() + parse_duration(until) if DURATION.fullmatch(until.strip()) else moment(until))
    except OverflowError as error:
        raise Asked(f"{until[:40]!r} is too long", remedy="Name a moment, or a time such as 14d.") from error


def _said(standings: list[Standing] | tuple[Standing, ...], what: str, *, as_json: bool) -> None:
    if as_json:
        print_json([standing_json(each) for each in standings])
        return
    answer(f"{what}; it covers {len(standings)} open signal{'s' * (len(standings) != 1)} now.")
    for each in standings:
        if said := word_of(each):
            answer(f"  {each.signal.id}  {each.signal.finding.code}: {said}")
    next_step("mainstay signals")
