"""The decision in the reader's words: 'declined', 'approving every case', 'cases with target = 1'."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mainstay.domain.brief import Brief

# Only words that are surely verbs are bent; any other word is quoted as the brief has it.
IRREGULAR = {
    "admit": ("admitted", "admitting"),
    "buy": ("bought", "buying"),
    "cancel": ("cancelled", "cancelling"),
    "defer": ("deferred", "deferring"),
    "do": ("done", "doing"),
    "give": ("given", "giving"),
    "hold": ("held", "holding"),
    "keep": ("kept", "keeping"),
    "leave": ("left", "leaving"),
    "pay": ("paid", "paying"),
    "ring": ("rung", "ringing"),
    "sell": ("sold", "selling"),
    "send": ("sent", "sending"),
    "skip": ("skipped", "skipping"),
    "stop": ("stopped", "stopping"),
    "ship": ("shipped", "shipping"),
    "drop": ("dropped", "dropping"),
    "flag": ("flagged", "flagging"),
    "tell": ("told", "telling"),
    "write": ("written", "writing"),
}
REGULAR = re.compile(
    "accept|alert|allow|answer|approve|ask|assign|audit|block|book|call|charge|check|contact|decline|delay|deliver|"
    "deny|discard|dispatch|email|escalate|examine|exclude|filter|grant|ignore|inspect|invite|investigate|mail|maintain|"
    "market|offer|open|order|pass|phone|postpone|promote|quarantine|reject|release|remind|remove|renew|repair|replace|"
    "retain|review|screen|suspend|target|treat|upgrade|verify|visit|warn"
)
HARD = "\u00a0"  # a space at which no line breaks
LONGEST_WORD = 60  # characters of a name or word of the brief within a sentence; the small print has all of it
LONGEST_MEANING = 40  # characters; a longer meaning is an explanation, not a name


@dataclass(frozen=True, slots=True)
class Action:
    """One side of the decision: `word` as in the brief, `done` of the cases decided so, `always` for all of them."""

    word: str
    done: str
    always: str


@dataclass(frozen=True, slots=True)
class Words:
    """What the page calls things. `event` is the sought outcome, `cases` the cases that have it.

    `currencies` are those of the further value tables, by their names.
    """

    high: Action
    low: Action
    event: str
    cases: str
    currencies: Mapping[str, str] = field(default_factory=dict)


def words_of(brief: Brief) -> Words:
    """The brief's own words for its decision and for the outcome that counts as positive."""
    event = _event(brief)
    named = brief.fields.get(brief.data.target)
    cases = f"{event} cases" if named and event == named.meaning else f"cases with {event}"
    high, low = (action_of(side) for side in (brief.decision.when_high, brief.decision.when_low))
    currencies = {name: view.currency or brief.value.currency for name, view in brief.value.views.items()}
    return Words(high, low, event, cases, currencies)


def action_of(word: str) -> Action:
    """The forms of one decision word; what is not surely a verb is quoted.

    >>> action_of("decline").done, action_of("send offer").always
    ('declined', 'sending offer in every case')
    >>> action_of("yes")
    Action(word='yes', done='decided “yes”', always='deciding “yes” in every case')
    """
    word = cut(word)
    verb, _, rest = word.strip().replace("_", " ").partition(" ")
    forms = _forms(verb.lower())
    if forms is None:
        return Action(word, f"decided “{word}”", f"deciding “{word}” in every case")
    done, doing = (f"{form} {rest}".strip() for form in forms)
    return Action(word, done, f"{doing} in every case" if rest else f"{doing} every case")


def _forms(verb: str) -> tuple[str, str] | None:
    """Past participle and gerund of a verb that is known, else None."""
    if not REGULAR.fullmatch(verb):
        return IRREGULAR.get(verb)
    if verb.endswith("e"):
        return verb + "d", verb[:-1] + "ing"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied", verb + "ing"
    return verb + "ed", verb + "ing"


def target_words(brief: Brief) -> str:
    """What the target is called: its meaning where that is short, else its name."""
    field = brief.fields.get(brief.data.target)
    return field.meaning if field and 0 < len(field.meaning) <= LONGEST_MEANING else cut(brief.data.target)


def _event(brief: Brief) -> str:
    target, positive = cut(brief.data.target), brief.data.positive
    field = brief.fields.get(brief.data.target)
    if field and 0 < len(field.meaning) <= LONGEST_MEANING:
        return field.meaning
    return target if positive is None else f"{target} = {cut(_plain(positive))}".replace(" = ", f"{HARD}={HARD}")


def cut(text: str) -> str:
    """Cut a long text short, so that no word runs out of its place."""
    return text if len(text) <= LONGEST_WORD else text[: LONGEST_WORD - 1] + "…"


def _plain(label: str | int | float | bool) -> str:
    return f"{label:g}" if isinstance(label, float) else str(label)
