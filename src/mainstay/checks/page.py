"""The reference page of the exam: every check with its question, threshold, remedy and source, from them alone."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.check import Check, Section
from mainstay.checks.every import EVERY

INTRO = """\
# The exam

`mainstay check` asks a version every question below before people rely on it. Each answer is a [finding](signals.md):
`pass`, `warn`, `fail`, or `unknown` where there is too little to tell, which is never a pass.

```sh
mainstay check                      # the newest version, every question
mainstay check credit/3 --only F10  # some of them
mainstay check --json               # for scripts
```

It exits 1 when a check fails that the brief makes a gate: `gates = ["targets", "F02-calibration", "F10"]`, on the
first lines of `mainstay.toml`, names codes or their first words. A whole exam is kept beside the bundle and told to the
ledger. A version whose gates ask for checks below is not deployed before an exam passed them, unless somebody overrides
with a reason; of several exams the newest counts. `--only` keeps nothing.

The rows that judged the version are asked again: that is no new look at the holdout.
"""

SAID = {
    Section.PURPOSE: "Does anybody know what it is for?",
    Section.SKILL: "Is it good, and good where nobody chose it?",
    Section.DATA: "Can its rows be trusted?",
    Section.LOCALITY: "Is it bad somewhere, though good on average?",
    Section.ROBUSTNESS: "Does it stand what callers send?",
    Section.GROUPS: "Whom does it treat worse?",
    Section.EXPLANATION: "Can an answer be explained?",
    Section.SERVICE: "Is it fast, small and the same every time?",
    Section.JUDGEABLE: "Will anybody be able to tell whether it works?",
    Section.UPKEEP: "Will it be kept true?",
    Section.OWN: "Your own questions",
}
HEADING = "| check | asks | fails or warns | then | source |\n|---|---|---|---|---|"


def checks_page() -> str:
    """Return the reference page of every check, as Markdown.

    >>> "`F01-owned`" in checks_page()
    True
    """
    return "\n".join([INTRO, *_sections()])


def _sections() -> Iterator[str]:
    for section in Section:
        asked = [check for check in EVERY if check.section is section]
        if asked:
            yield f"## {SAID[section]}\n\n{HEADING}"
            yield from map(_row, asked)
            yield ""


def _row(check: Check) -> str:
    cells = (f"`{check.code}`", check.asks, check.limit, check.remedy, check.source or "–")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
