"""The outermost edge: every error becomes a few plain lines and an exit code, never a traceback."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

import click

from mainstay.domain.errors import Asked, MainstayError
from mainstay.interfaces.cli.plain import plain

DEBUG = "MAINSTAY_TRACEBACK"  # set to see the traceback of a fault of our own, and what libraries warn of
INTERRUPTED = 130  # what shells report for Ctrl-C
ENDED = 143  # what shells report for SIGTERM
PASSED_OVER = 1  # of several Ctrl-C in a row
UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # of standard output: files have names
USED_UP = "the memory is used up: nothing half-done was kept"
STANDARD_ERROR = 2
LEAST_ADDRESSES = 1_450_000_000  # bytes, measured on two cores; most of them are never filled
CAUSES = 10  # errors behind an error that are looked at
SAID_OF_MEMORY = (
    "failed to map segment",
    "cannot allocate memory",
    "cannot apply additional memory protection",
    "memory allocation of",
    "out of memory",
    "can't start new thread",
    "resource temporarily unavailable",  # of a thread that could not be started
)
MORE_MEMORY = "Use fewer rows (mainstay train --rows N), or a machine with more memory."


class Ended(KeyboardInterrupt):
    """Somebody wants this process to end, as SIGTERM says it: what it holds is let go of as after a Ctrl-C."""


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """Run a command and return its exit code: 0 done, 1 the answer is no, 2 asked wrongly."""
    wants_json = "--json" in arguments
    if not os.environ.get(DEBUG):
        warnings.simplefilter("ignore")  # libraries talk to programmers; what matters to a person is a finding
    try:
        result = command.main(args=list(arguments), prog_name="mainstay", standalone_mode=False)
    except MainstayError as error:
        return _tell(error.what, error.remedy, code=error.exit_code, wants_json=wants_json)
    except click.ClickException as error:
        usage = error.ctx.get_usage() if isinstance(error, click.UsageError) and error.ctx else ""
        return _tell(error.format_message(), usage, code=2, wants_json=wants_json)
    except (KeyboardInterrupt, click.Abort) as error:
        is_ended = isinstance(error.__cause__ if isinstance(error, click.Abort) else error, Ended)
        what = f"{'Ended from outside' if is_ended else 'Interrupted'}: nothing half-done was kept."
        return _tell(what, "", code=ENDED if is_ended else INTERRUPTED, wants_json=wants_json)
    except MemoryError:
        return _tell(USED_UP, MORE_MEMORY, code=2, wants_json=wants_json)
    except BrokenPipeError:
        _say_no_more()
        return 1
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 - the outermost edge; a panic of Polars is no Exception
        return _unforeseen(error, wants_json=wants_json)
    return result if isinstance(result, int) else 0


def is_of_memory(error: BaseException) -> bool:
    """Say whether an error, or one that led to it, is a library's way of saying that memory has run out.

    >>> is_of_memory(ImportError("libopenblas.so: failed to map segment from shared object"))
    True
    """
    seen: BaseException | None = error
    for _ in range(CAUSES):
        if seen is None:
            break
        if isinstance(seen, MemoryError) or any(said in str(seen).lower() for said in SAID_OF_MEMORY):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def require_addresses(limit: int | None) -> None:
    """Refuse a command that reads tables under a limit (bytes of addresses) that its libraries cannot start in.

    They would not say so but wait forever for threads of their own. Raises `Asked`.

    >>> require_addresses(None)
    """
    if limit is not None and limit < LEAST_ADDRESSES:
        what = f"this shell allows {limit / 1e6:,.0f} MB of memory (ulimit -v), and reading tables takes at least "
        raise Asked(f"{what}{LEAST_ADDRESSES / 1e6:,.0f} MB", remedy="Raise it: ulimit -v unlimited.")


def require_folder() -> None:
    """Refuse a command from a folder that was deleted meanwhile: no path in it can be told. Raises `Asked`."""
    try:
        os.getcwd()
    except FileNotFoundError as error:
        raise Asked("the folder you are in is no longer there", remedy="Go to one that is: cd FOLDER.") from error


def hold_streams() -> None:
    """Open standard input, output and error where they are closed: a file opened next would take their place."""
    with suppress(OSError):
        while (number := os.open(os.devnull, os.O_RDWR)) <= STANDARD_ERROR:
            os.set_inheritable(number, True)
        os.close(number)
    sys.stdin = sys.stdin or open(0, closefd=False, encoding="utf-8")  # noqa: SIM115 - they stay open to the end
    sys.stdout = sys.stdout or open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False, encoding="utf-8")  # noqa: SIM115


def address_limit() -> int | None:
    """Return the bytes of addresses that this process may hold; None where nothing limits them."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def interrupt_once() -> None:
    """Let Ctrl-C interrupt, pass over one that comes while an earlier one is cleaned up after, and leave at the next.

    What keeps going after a Ctrl-C, as a search that keeps its best, is interrupted by the second like by a first.
    Where interruptions are passed over already, as in the background of a shell, nothing changes.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return
    passed_over: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        if not isinstance(sys.exc_info()[1], KeyboardInterrupt):
            raise KeyboardInterrupt
        passed_over.append(number)
        if len(passed_over) > PASSED_OVER:
            os._exit(INTERRUPTED)

    signal.signal(signal.SIGINT, hear)


@contextmanager
def ends_in_order() -> Iterator[None]:
    """Let SIGTERM end what is done in the block as Ctrl-C does, so that no folder or process of it is left behind.

    One that comes while it is cleaned up after changes nothing. Where SIGTERM is passed over already, it stays so.
    """
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def hear(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Ended

    signal.signal(signal.SIGTERM, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def leave_now(code: int = INTERRUPTED) -> None:
    """End this process as interrupted without waiting for fits in other threads: whatever is kept, is kept whole.

    A Ctrl-C while Python takes itself down would end it by a signal instead.
    """
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _unforeseen(error: BaseException, *, wants_json: bool) -> int:
    if is_of_memory(error):
        return _tell(USED_UP, MORE_MEMORY, code=2, wants_json=wants_json)
    if isinstance(error, OSError) and error.errno in UNWRITABLE and error.filename is None:
        _say_no_more()
        what = f"what the command says cannot be written ({os.strerror(error.errno)})"
        return _tell(what, "Make room, or send its output elsewhere.", code=1, wants_json=False)
    return _own_fault(error, wants_json=wants_json)


def _say_no_more() -> None:
    """Let what standard output still holds go nowhere, so that leaving does not fail at it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _own_fault(error: BaseException, *, wants_json: bool) -> int:
    if os.environ.get(DEBUG):
        traceback.print_exc()
    last = traceback.extract_tb(error.__traceback__)[-1]
    what = f"Mainstay itself failed: {type(error).__name__} in {os.path.basename(last.filename)}:{last.lineno}"
    return _tell(what, f"Run it again with {DEBUG}=1 to see where, and report it.", code=1, wants_json=wants_json)


def _tell(what: str, remedy: str, *, code: int, wants_json: bool) -> int:
    click.echo(f"Error: {plain(what)}", err=True)
    if remedy:
        click.echo(plain(remedy), err=True)
    if wants_json:
        try:
            click.echo(json.dumps({"error": {"what": what, "remedy": remedy}}, ensure_ascii=False))
        except OSError:  # nobody reads it, or there is no room: standard error has said it
            _say_no_more()
    return code
