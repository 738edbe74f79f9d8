"""Who is told of signals: `[notify.NAME]`, one table for each address."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mainstay.domain.address import VARIABLE
from mainstay.domain.brief.kinds import Zone, named
from mainstay.domain.brief.parts import Part

CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
HOURS = re.compile(rf"({CLOCK.pattern})\s*-\s*({CLOCK.pattern})")


def _secret(text: str) -> str:
    if not VARIABLE.fullmatch(text):  # what came is not repeated: it may be the secret itself
        raise ValueError('an address or key may be a secret: write the name of a variable, such as "${OPS_ADDRESS}"')
    return text


def _clock(text: str) -> str:
    if not CLOCK.fullmatch(text):
        raise ValueError(f"{text[:20]!r} is no time of day: write it such as 08:00")
    return text


def _hours(text: str) -> str:
    match = HOURS.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:20]!r} are no hours of a day: write them such as 22:00-07:00")
    if match[1] == match[4]:
        raise ValueError(f"{text!r} begins when it ends: write hours such as 22:00-07:00")
    return text


Secret = Annotated[str, AfterValidator(_secret), named("variable", pattern=f"^{VARIABLE.pattern}$")]
Clock = Annotated[str, AfterValidator(_clock), named("time of day", pattern=f"^{CLOCK.pattern}$")]
Hours = Annotated[str, AfterValidator(_hours), named("hours", pattern=f"^{HOURS.pattern}$")]


class NotifyPart(Part):
    """One address that is told of signals, of which, and when."""

    to: Secret = Field(
        description="The variable of the environment that holds the address: of a webhook (`https://…`), or of e-mail, "
        "Slack, Teams, PagerDuty and others as Apprise writes it."
    )
    signed_with: Secret | None = Field(
        None, description="The variable that holds the key by which a webhook's messages are signed."
    )
    severity: Literal["fail", "warn", "unknown"] = Field("warn", description="The least that it is told of.")
    owner: str = Field(
        "",
        description="Only signals about inputs whose `owner` this is; of the model's owner, about the rest.",
    )
    digest: Literal["daily", "weekly"] | None = Field(
        None, description="Tell everything in one message a day or a week (on Monday); each at once if left out."
    )
    digest_at: Clock = Field("08:00", description="When a digest is sent.")
    quiet: Hours | None = Field(
        None, description="Hours in which only what fails is told, such as 22:00-07:00; the rest waits until they end."
    )
    time_zone: Zone | None = Field(None, description="The zone of these hours; that of [data] if left out.")

    @model_validator(mode="after")
    def _one_rhythm(self) -> Self:
        if self.digest is not None and self.quiet is not None:
            raise ValueError("a digest has its hour, digest_at: drop quiet")
        return self


def read_clock(text: str) -> time:
    """Read a time of day as the brief writes it.

    >>> read_clock("08:30").hour
    8
    """
    return time.fromisoformat(text)


def read_hours(text: str) -> tuple[time, time]:
    """Read hours of a day as the brief writes them: from, and until.

    >>> [each.hour for each in read_hours("22:00-07:00")]
    [22, 7]
    """
    first, _, last = text.partition("-")
    return time.fromisoformat(first.strip()), time.fromisoformat(last.strip())
