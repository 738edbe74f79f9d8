"""A letter in words, for people who read it on a telephone: what, since when, why, the next step."""

from __future__ import annotations

from mainstay.domain.finding import Verdict
from mainstay.domain.notice import Letter, Told, Topic

HAPPENED = {
    Topic.OPENED: "",
    Topic.WORSENED: "worse: ",
    Topic.STILL_OPEN: "still open: ",
    Topic.CLOSED: "over: ",
}
SHAPES = {Verdict.FAIL: "■", Verdict.WARN: "▲", Verdict.UNKNOWN: "○", Verdict.PASS: "●"}
MOST_SUBJECTS = 3  # named in a title
ASKED = "mainstay notify --test"


def title(letter: Letter) -> str:
    """Return the line that people see first."""
    place = letter.version or letter.model
    if letter.topic is Topic.TEST:
        return f"{place}: a test, nothing happened"
    if letter.topic is Topic.DIGEST:
        n_open = sum(each.topic is not Topic.CLOSED for each in letter.about)
        over = len(letter.about) - n_open
        said = [f"{n_open} open"] * bool(n_open) + [f"{over} over"] * bool(over)
        return f"{place}: signals, {' and '.join(said)}"
    (told,) = letter.about
    return f"{_shape(told)} {place}: {HAPPENED[told.topic]}{_what(told)}"


def text(letter: Letter) -> str:
    """Return what people read then."""
    if letter.topic is Topic.TEST:
        return f"Somebody asked {ASKED} whether messages of the watch reach you. They do."
    if letter.topic is Topic.DIGEST:
        return "\n\n".join(f"{_shape(t)} {HAPPENED[t.topic]}{_what(t)}\n{_said(t, letter.model)}" for t in letter.about)
    return _said(letter.about[0], letter.model)


def _what(told: Told) -> str:
    finding = told.standing.signal.finding
    named = ", ".join(finding.subjects[:MOST_SUBJECTS])
    more = len(finding.subjects) - MOST_SUBJECTS
    return f"{finding.code} {named}{f' and {more} more' if more > 0 else ''}".rstrip()


def _said(told: Told, model: str) -> str:
    signal = told.standing.signal
    finding = signal.finding
    step = [] if told.topic is Topic.CLOSED else [finding.remedy]
    lines = [
        finding.because,
        f"Since {signal.since[:16].replace('T', ' ')} UTC. Likely cause: {signal.cause or 'not known'}.",
        *step,
        f"mainstay signals show {signal.id} --model {model}",
    ]
    return "\n".join(line for line in lines if line)


def _shape(told: Told) -> str:
    return SHAPES[Verdict.PASS if told.topic is Topic.CLOSED else told.standing.signal.finding.verdict]
