"""The outermost edge: every error becomes a few plain lines and an exit code, never a traceback."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Sequence

import click

from mainstay.domain.errors import MainstayError

DEBUG = "MAINSTAY_TRACEBACK"  # set to see the traceback of a fault of our own
INTERRUPTED = 130  # what shells report for Ctrl-C
MORE_MEMORY = "Use fewer rows (mainstay train --rows N), or a machine with more memory."


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """Run a command and return its exit code: 0 done, 1 the answer is no, 2 asked wrongly."""
    wants_json = "--json" in arguments
    try:
        result = command.main(args=list(arguments), prog_name="mainstay", standalone_mode=False)
    except MainstayError as error:
        return _tell(error.what, error.remedy, code=error.exit_code, wants_json=wants_json)
    except click.ClickException as error:
        usage = error.ctx.get_usage() if isinstance(error, click.UsageError) and error.ctx else ""
        return _tell(error.format_message(), usage, code=2, wants_json=wants_json)
    except (KeyboardInterrupt, click.Abort):
        return _tell("Interrupted: nothing half-done was kept.", "", code=INTERRUPTED, wants_json=wants_json)
    except MemoryError:
        return _tell("the memory is used up: nothing half-done was kept", MORE_MEMORY, code=2, wants_json=wants_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the outermost edge
        return _own_fault(error, wants_json=wants_json)
    return result if isinstance(result, int) else 0


def _own_fault(error: Exception, *, wants_json: bool) -> int:
    if os.environ.get(DEBUG):
        traceback.print_exc()
    last = traceback.extract_tb(error.__traceback__)[-1]
    what = f"Mainstay itself failed: {type(error).__name__} in {os.path.basename(last.filename)}:{last.lineno}"
    return _tell(what, f"Run it again with {DEBUG}=1 to see where, and report it.", code=1, wants_json=wants_json)


def _tell(what: str, remedy: str, *, code: int, wants_json: bool) -> int:
    click.echo(f"Error: {what}", err=True)
    if remedy:
        click.echo(remedy, err=True)
    if wants_json:
        click.echo(json.dumps({"error": {"what": what, "remedy": remedy}}, ensure_ascii=False))
    return code
