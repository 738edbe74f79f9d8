"""Why a cause is named: what it is about such a finding that points there rather than elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from mainstay.domain.finding import Signal
from mainstay.monitoring.look import DATA_PIPE, LABEL_PIPE, MODEL, OWN_CAMPAIGN, SYSTEM, WORLD

OF_CODE: Mapping[tuple[str, str], str] = {
    ("F28-volume", WORLD): "callers ask more than they did, and are answered: the service is well",
    ("F33-selection-gap", WORLD): "what groups send has moved apart, or the model meets one as it never did",
    ("F33-outcome-gap", WORLD): "what came of one group's decisions has moved, as that of others has not",
    ("F40-no-control", OWN_CAMPAIGN): "acting on decisions may change what comes of them, and nobody is left alone",
    ("F41-overruled", WORLD): "people know or want something that the model was never told",
    ("F41-review-due", WORLD): "time has passed: nobody has asked yet whether the model is still wanted",
    ("F41-not-acted-on", SYSTEM): "decisions are made, and those who act on them are reached less, or no longer say so",
    ("F29-input-drift", DATA_PIPE): "many inputs moved in the same period: one source does that, people do not",
    ("F29-input-drift", WORLD): "few inputs moved, and among values that training knew: so do people and markets",
    ("F15-unseen-category", WORLD): "the rows are whole and the level is spelled like none before: something is new",
    (
        "F09-season-unseen",
        WORLD,
    ): "the reference ends before this time of the year came, so that nothing is known of it",
    ("F32-performance-fell", WORLD): "outcomes turned out otherwise than such rows' did: what inputs mean has changed",
    ("F32-calibration-moved", WORLD): "outcomes are more or fewer than such scores had: their base rate has changed",
}
OF_CAUSE: Mapping[str, str] = {
    SYSTEM: "it is about whether the service is asked and answers, whatever the rows say",
    DATA_PIPE: "values are absent, of another form or beyond what was possible: sources and transports do that",
    LABEL_PIPE: "it is about whether outcomes come, and when, whatever they say",
    MODEL: "it is about the model's own making: the rows are as they were",
    OWN_CAMPAIGN: "what outcomes say moved where the model decides, and not where today's rule does: acting does that",
    WORLD: "rows are whole and well formed, and what they tell has changed",
}


def why_cause(signal: Signal) -> str:
    """Return why a signal's likely cause is named, as a clause; nothing where no cause is.

    >>> from mainstay.domain.finding import Finding, Verdict
    >>> silent = Finding(code="F28-silence", verdict=Verdict.FAIL, because="")
    >>> why_cause(Signal(id="1", finding=silent, since="", cause=SYSTEM))
    'it is about whether the service is asked and answers, whatever the rows say'
    """
    return OF_CODE.get((signal.finding.code, signal.cause), OF_CAUSE.get(signal.cause, ""))
