"""What a long training shows while it works: a table of candidates on a terminal, plain lines where it is piped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from mainstay.domain.progress import News, Standing

BAR = 24  # characters
MOST_DONE = 0.99  # before everything is
PER_SECOND = 4  # pictures: more cost time that fitting could use


@dataclass(slots=True)
class Board:
    """The latest of what was said. By the clock `seconds` it began at `began_s`, and is to be done at `ends_s`."""

    seconds: Callable[[], float]
    began_s: float
    ends_s: float | None
    text: str = ""
    share: float = 0.0
    standings: tuple[Standing, ...] = field(default=())

    def hear(self, text: str, share: float) -> None:
        """Take in what is being done."""
        self.text, self.share = text, share

    def hear_news(self, news: News) -> None:
        """Take in how candidates stand."""
        self.standings = news.standings or self.standings

    def done(self) -> float:
        """Return the share that is done: of the time, where there is a limit."""
        if self.ends_s is None or self.share >= 1:
            return min(max(self.share, 0.0), 1.0)
        return min(max((self.seconds() - self.began_s) / (self.ends_s - self.began_s), 0.0), MOST_DONE)

    def left(self) -> str:
        """Return the time left, empty without a limit."""
        if self.ends_s is None:
            return ""
        left = max(round(self.ends_s - self.seconds()), 0)
        return f"{left // 60}:{left % 60:02d} left"

    def __rich__(self) -> Group:
        filled = round(BAR * self.done())
        line = f"{'━' * filled}{'·' * (BAR - filled)} {100 * self.done():3.0f}%  {self.text}  {self.left()}"
        return Group(Text(line), *([_table(self.standings)] if self.standings else []))


@contextmanager
def shown(*, seconds: Callable[[], float], ends_s: float | None) -> Iterator[Board]:
    """Show what the board hears, on standard error, until everything is done."""
    if not sys.stderr.isatty():
        yield _Lines(seconds, seconds(), ends_s)
        return
    board = Board(seconds, seconds(), ends_s)
    with Live(board, console=Console(stderr=True), refresh_per_second=PER_SECOND, transient=True):
        yield board


@dataclass(slots=True)
class _Lines(Board):
    """The same as plain lines: one for each thing that is done, and one for each better candidate."""

    best: float | None = None

    def hear(self, text: str, share: float) -> None:
        """Take in what is being done, and print it once."""
        said, self.text, self.share = self.text, text, share
        if text != said:
            click.echo(f"{100 * self.done():3.0f}%  {text}{self._left()}", err=True)

    def hear_news(self, news: News) -> None:
        """Take in how candidates stand, and print who leads where that is new."""
        self.standings = news.standings or self.standings
        leader = next((each for each in self.standings if each.leads), None)
        if leader is not None and leader.loss != self.best:
            self.best = leader.loss
            best = f"best so far: {leader.title}, {leader.loss_name} {_number(leader.loss)}"
            click.echo(f"{100 * self.done():3.0f}%  {best}", err=True)

    def _left(self) -> str:
        left = self.left()
        return f" ({left})" if left else ""


def _table(standings: tuple[Standing, ...]) -> Table:
    drawn = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    for i, heading in enumerate(("candidate", "tries", f"{standings[0].loss_name} so far", "seconds")):
        drawn.add_column(heading, justify="left" if i == 0 else "right")
    for each in standings:
        mark = "→ " if each.leads else "  "
        drawn.add_row(Text(f"{mark}{each.title}"), str(each.n_tries), _number(each.loss), f"{each.seconds:.1f}")
    return drawn


def _number(loss: float | None) -> str:
    return "–" if loss is None else f"{loss:.4g}"
