"""Everything that is no webhook: e-mail, Slack, Teams, PagerDuty and a hundred more, through Apprise (`[notify]`).

Loaded by name, where an address asks for it: whoever tells by webhook alone needs no Apprise.
"""

from __future__ import annotations

import apprise

from mainstay.domain.errors import Undelivered
from mainstay.domain.finding import Verdict
from mainstay.domain.notice import Letter, Topic
from mainstay.interfaces.notify.addresses import scheme_of
from mainstay.interfaces.notify.words import text, title

# PagerDuty and its like open an incident by 'failure' and resolve it by 'success'
GRAVE = {Verdict.FAIL: apprise.NotifyType.FAILURE, Verdict.WARN: apprise.NotifyType.WARNING}


def post(address: str, letter: Letter) -> None:
    """Send a letter to an address that Apprise understands; raises `Undelivered`."""
    there = apprise.Apprise()
    if not there.add(address):
        what = f"Apprise does not understand the address ({scheme_of(address)})"
        raise Undelivered(what, remedy="See how it is written: https://github.com/caronc/apprise/wiki")
    said = text(letter)
    taken = there.notify(
        body=said, title=title(letter), notify_type=_kind(letter), body_format=apprise.NotifyFormat.TEXT
    )
    if not taken:
        what = f"{scheme_of(address)} did not take the message"
        raise Undelivered(what, remedy="See that the address in the variable is right, and that it can be reached.")


def _kind(letter: Letter) -> apprise.NotifyType:
    verdicts = [told.standing.signal.finding.verdict for told in letter.about if told.topic is not Topic.CLOSED]
    if not verdicts:
        return apprise.NotifyType.INFO if letter.topic is Topic.TEST else apprise.NotifyType.SUCCESS
    return next((GRAVE[each] for each in (Verdict.FAIL, Verdict.WARN) if each in verdicts), apprise.NotifyType.INFO)
