"""What to do instead of deploying, where a version is not surely worth more than what is there without it."""

from __future__ import annotations

from mainstay.domain.evaluation import Summary, read_summary
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.life import VersionLife

TODAY, BLIND = "today", ("base_rate", "mean")
EVERYONE = ("all_high", "all_low")
ASKED = ("F10-too-strong", "F10-part-of-target")
UNPRICED = "F03-money-not-stated"
AGAIN = "bring more rows, labels or other columns, then mainstay train"


def instead_of_deploying(summary: Summary) -> str:
    """Return the next step, a clause, where deploying is not it; empty where the version is worth deploying.

    A version is not where a person has not said when its best column is known, where the rule or a constant won, where
    it decides every case alike, where it is not surely better than today's rule or than no look at a case, and where a
    check failed.
    """
    if unsaid := unsaid_of(summary):
        return f"say in mainstay.toml when {' and '.join(unsaid)} can be known (known_at), then mainstay train"
    winner = next((one.name for one in summary.candidates if one.chosen), "")
    if winner == TODAY:
        return f"keep today's rule, which won: no version is needed; to try again, {AGAIN}"
    if winner in BLIND:
        return f"change nothing: nothing that was learned beats the same answer for everyone; {AGAIN}"
    if decides_alike(summary):
        return f"change nothing: the threshold decides every case alike; {AGAIN}"
    failed = [finding.code for finding in summary.findings if finding.verdict is Verdict.FAIL]
    return _unsure(summary) or (f"mend what failed ({', '.join(failed)}), then mainstay train" if failed else "")


def unsaid_of(summary: Summary) -> tuple[str, ...]:
    """Return the columns that tell too much for a brief that does not say when they are known."""
    asked = (finding for finding in summary.findings if finding.code in ASKED)
    return tuple(dict.fromkeys(name for finding in asked for name in finding.subjects))


def toward_deploying(name: str, version: VersionLife) -> str:
    """Return the next step of a version that its gates let through: what to do instead, else its exam, else deploying.

    An exam comes before anybody signs, whether or not a gate asks for one.
    """
    instead = instead_of_deploying(read_summary(version.summary))
    return instead or (f"mainstay deploy {name}" if version.is_examined else f"mainstay check {name}")


def decides_alike(summary: Summary) -> bool:
    """Say whether the threshold left no choice on the holdout: no score reached it, or each did."""
    share = summary.share_high
    return summary.task == "binary" and share is not None and share.value in (0.0, 1.0)


def _unsure(summary: Summary) -> str:
    beaten = {finding.code: finding for finding in summary.findings}
    rule = beaten.get("F05-beats-today")
    if rule is not None and rule.verdict is not Verdict.PASS:
        how = "which does better" if rule.verdict is Verdict.FAIL else "until more rows show that this is better"
        return f"keep today's rule, {how}; {AGAIN}"
    if any(_is_open(beaten.get(f"F05-beats-{name.replace('_', '-')}")) for name in BLIND) or _everyone_near(summary):
        return f"change nothing yet: it is not surely better than the same answer for everyone; {AGAIN}"
    return ""


def _is_open(finding: Finding | None) -> bool:
    return finding is not None and finding.verdict is not Verdict.PASS


def _everyone_near(summary: Summary) -> bool:
    ahead = (one.winner_ahead for one in summary.candidates if one.name in EVERYONE)
    return any(each is not None and each.low is not None and each.low <= 0 for each in ahead)
