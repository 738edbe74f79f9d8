"""The table of commands. A command's module, and with it every heavy library, is loaded only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from mainstay.domain.errors import Asked, did_you_mean
from mainstay.interfaces.cli.edge import (
    ENDED,
    INTERRUPTED,
    address_limit,
    hold_streams,
    interrupt_once,
    leave_now,
    require_addresses,
    require_folder,
    run,
)

# name: (module under mainstay.interfaces.cli, what it does); a test holds the sentences to the docstrings.
COMMANDS = {
    "init": ("init", "Read a table and draft a brief for it."),
    "train": ("train", "Search, fit, calibrate, judge and keep a version."),
    "check": ("check", "Examine a version, or say whether a recipe can live here."),
    "expect": ("expect", "Propose what every version must do, from the data and a version."),
    "report": ("report", "Write the report of a version, compare two, or show how the live one stands."),
    "export": ("export", "Write a version as ONNX, or a dashboard and alert rules of the service."),
    "bundle": ("bundle", "Prove that a bundle is what it was, here or anywhere."),
    "versions": ("versions", "List versions with their worth."),
    "holdouts": ("holdouts", "Say which rows are sealed for judging, and how many looks they have left."),
    "deploy": ("deploy", "Make a version live, or a shadow."),
    "rollback": ("rollback", "Go back to the version that was live before."),
    "history": ("history", "Show what happened, or verify that nobody changed it."),
    "ledger": ("ledger", "Say where the history is kept, or move it into PostgreSQL."),
    "serve": ("serve", "Answer decisions over HTTP."),
    "predict": ("predict", "Answer every row of a table with a version."),
    "explain": ("explain", "Say why a version decides a row so, and which training rows are like it."),
    "keys": ("keys", "Make, list and revoke the keys that callers of the service need."),
    "client": ("client", "Write a client of a model in another language."),
    "outcomes": ("outcomes", "Import what really happened, from a table."),
    "actions": ("actions", "Import what was done with decisions, from a table."),
    "journal": ("journal", "Bring a log of decisions that were made elsewhere into the journal."),
    "watch": ("watch", "Ingest, count, judge, and raise signals."),
    "signals": ("signals", "Show open signals, or what callers send that is not as it should be."),
    "notify": ("notify", "Say who is told of signals and what waits, or send a test message."),
    "status": ("status", "Say what is live, what it is worth and what is waited for."),
    "review": ("review", "Name the rows worth labelling next."),
    "replay": ("replay", "Live through a past table as if it were happening."),
    "doctor": ("doctor", "Examine environment, store, spool, disk and clock."),
    "backup": ("backup", "Copy the whole home into one file, while serving."),
    "restore": ("backup", "Bring a home back from a backup."),
    "demo": ("demo", "Tell the whole story on simulated data with known truth."),
}
READ_TABLES = (
    "init",
    "train",
    "check",
    "export",
    "predict",
    "explain",
    "outcomes",
    "actions",
    "journal",
    "watch",
    "review",
    "replay",
    "demo",
)


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that `--help` is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of a model's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module and return the command; None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        require_folder()
        if cmd_name in READ_TABLES:
            require_addresses(address_limit())
        module = import_module(f"mainstay.interfaces.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command meant by the first word; raises `Asked` with the nearest name if there is none."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            remedy = f"{did_you_mean(name, COMMANDS)} See all: mainstay --help"
            raise Asked(f"there is no command {name!r}", remedy=remedy)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="mainstay", message="%(package)s %(version)s")
def mainstay() -> None:
    """Take a tabular model from a notebook to a decision service that a business trusts.

    A first life: mainstay demo. Your own table: mainstay init FOLDER --data FILE --target COLUMN.
    """


def main() -> None:
    """Run the command line and exit with 0 (done), 1 (the answer is no), 2 (asked wrongly), 130 or 143 (ended)."""
    hold_streams()
    interrupt_once()
    code = run(mainstay, sys.argv[1:])
    if code in (INTERRUPTED, ENDED):
        leave_now(code)
    sys.exit(code)
