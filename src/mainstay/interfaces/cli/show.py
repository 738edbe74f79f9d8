"""How results are shown: one JSON document on standard output, or an answer, a small table and the next step."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from mainstay.domain.finding import NOT_APPLICABLE, Signal
from mainstay.interfaces.cli.plain import plain

PIPED_WIDTH = 140  # characters of a line when nobody is looking at a screen
SHAPES = {"pass": "●", "warn": "▲", "fail": "■", "unknown": "○", NOT_APPLICABLE: "–"}


def print_json(document: Any) -> None:
    """Print one JSON document; NaN and infinity become null."""
    click.echo(json.dumps(_finite(document), ensure_ascii=False, indent=2, default=str))


def answer(text: str) -> None:
    """Print the answer: plain sentences on standard output."""
    click.echo(plain(text))


def next_step(text: str) -> None:
    """Print what to type next."""
    click.echo(f"\nNext: {plain(text)}")


def note(text: str) -> None:
    """Print a remark on standard error, so that results can be piped."""
    click.echo(plain(text), err=True)


def formulas(columns: Sequence[str], out: str) -> None:
    """Say which columns of a CSV file a spreadsheet would run, if any."""
    if columns:
        named = ", ".join(repr(name) for name in columns)
        what = f"A spreadsheet takes texts of {out} for formulas (column {named}): they stand there as they came"
        note(sentences(what, "Import such columns as text"))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> None:
    """Print a table without boxes; the first `left` columns are texts, the rest right-aligned numbers."""
    drawn = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    for i, heading in enumerate(headings):
        drawn.add_column(plain(heading), justify="left" if i < left else "right", overflow="fold")
    for row in rows:
        drawn.add_row(*map(plain, row))
    Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH).print(drawn, markup=False)


def progress(quiet: bool = False) -> Callable[[str, float], None]:
    """Return a callback (what, share done) that shows progress on standard error, a line per step when piped."""
    last = [""]

    def show(what: str, share: float) -> None:
        if quiet:
            return
        if sys.stderr.isatty():
            filled = round(24 * min(1.0, max(0.0, share)))
            click.echo(f"\r{'━' * filled}{'·' * (24 - filled)} {100 * share:3.0f}%  {what:<52.52}", err=True, nl=False)
            if share >= 1:
                click.echo("", err=True)
        elif what != last[0]:
            click.echo(f"{100 * share:3.0f}%  {what}", err=True)
            last[0] = what

    return show


def money(value: float | None, currency: str) -> str:
    """Write money rounded to what is known: three significant digits, thousands apart.

    >>> money(4518.4, "TWD"), money(-0.1234, "USD")
    ('TWD 4,518', 'USD -0.123')
    """
    if value is None or not math.isfinite(value):
        return "unknown"
    return f"{currency} {_rounded(value)}".strip()


def between(low: float | None, high: float | None) -> str:
    """Write an interval, or 'unknown' where there is none.

    >>> between(1700, 2212)
    '1,700 to 2,212'
    """
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return "unknown"
    return f"{_rounded(low)} to {_rounded(high)}"


def sentences(*parts: str) -> str:
    """Join parts as sentences, each with its full stop; empty ones are left out.

    >>> sentences("3% are new", "Look at the source.")
    '3% are new. Look at the source.'
    """
    return " ".join(part if part[-1] in ".!?…" else f"{part}." for part in (p.strip() for p in parts) if part)


def verdict(word: str) -> str:
    """Write a verdict as a shape and a word.

    >>> verdict("warn")
    '▲ warn'
    """
    return f"{SHAPES.get(word, '?')} {word}"


def _rounded(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:,.{min(digits, 6)}f}"


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value


def signal_lines(signals: Sequence[Signal]) -> list[str]:
    """Write signals for people: what, since when, why, what to do; a blank line before each."""
    lines = []
    for signal in signals:
        finding = signal.finding
        about = f" {', '.join(finding.subjects)}" if finding.subjects else ""
        state = "" if signal.status == "open" else f" ({signal.status})"
        lines += [
            "",
            f"{verdict(finding.verdict.value)}  {signal.id}  {finding.code}{about}, since {signal.since[:10]}{state}",
            f"  {sentences(finding.because)}",
            f"  {sentences(f'Likely cause: {signal.cause}', finding.remedy)}",
        ]
    return lines
