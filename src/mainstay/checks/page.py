"""The reference page of the exam: every check with its question, threshold, remedy and source, from them alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from mainstay.checks.check import Check, Section
from mainstay.checks.every import EVERY


class Planted(TypedDict):
    """A fault, the code that should find it, all that spoke, and all that spoke of its clean twin."""

    fault: str
    by: str
    spoke: list[str]
    twin: list[str]


class Clean(TypedDict):
    """How many clean tables gave how many findings, and which codes failed or warned falsely."""

    tables: int
    asked: int
    failed: list[str]
    warned: list[str]


class FoundByPeer(TypedDict):
    """A fault, the peer's checks that spoke of it, and others that spoke there and not on its clean twin."""

    fault: str
    by: list[str]
    others: list[str]


class Peer(TypedDict):
    """A peer on the same faults. Of the clean twins: how often it judged, how often it could not, and who spoke up."""

    peer: str
    version: str
    faults: list[FoundByPeer]
    twins: int
    asked: int
    silent: int
    spoke: dict[str, int]


class Confusion(TypedDict):
    """What `docs/confusion.json` holds."""

    faults: list[Planted]
    clean: Clean


INTRO = """\
# The exam

`mainstay check` asks a version every question below before people rely on it. Each answer is a [finding](signals.md):
`pass`, `warn`, `fail`, or `unknown` where there is too little to tell, which is never a pass. A question that has no
meaning for such a task or table (the noise of labels where amounts are foretold, texts in another case where there are
no texts) is unknown too, with `"applies": false`: people read 'not applicable', and it is no open question.

```sh
mainstay check                      # the newest version, every question
mainstay check credit/3 --only F10  # some of them
mainstay check --json               # for scripts
```

It exits 1 when a check fails that the brief makes a gate: `gates = ["targets", "F02-calibration", "F10"]`, on the
first lines of `mainstay.toml`, names codes or their first words; `"targets"`, the default, stands for whatever
`[targets]` sets: `F04-target`, and `F16-service` for speed, memory and size. A whole exam is kept beside the bundle and
told to the ledger. A version whose gates ask for checks below, as such a target does, is not deployed before an exam
passed them, unless somebody overrides with a reason; of several exams the newest counts. `--only` keeps nothing.

The rows that judged the version are asked again: that is no new look at the holdout. Large tables are asked by a fair
draw where more rows would tell nothing else, always the same one for a version; a finding then says of how many rows.

## Your own questions

Every public function of a `checks.py` beside the brief is asked too, after all others. It takes the exam
(`mainstay.checks.examined.Examined`: the rows as they came, outcomes, scores, decisions, money, who was held out, and
ways to ask more) and gives a bool, a sentence that says what is wrong (an empty one: nothing), a `Finding`, or several
of these. Its docstring is the question, its name the code: `F00-own-…`, which `gates` and `--only` take like any other.

```python
import numpy as np


def few_are_declined(exam):
    "Are at most 30% declined?"
    share = float(np.mean(exam.decided[exam.holdout]))
    return "" if share <= 0.3 else f"{share:.0%} of the holdout are declined"


def knows_every_region(exam) -> bool:
    return exam.table["region"].n_unique() == 14
```

A name that begins with `_` helps others and is not asked. The file is run as it stands, in the project you name and
nowhere else: a bundle never brings one. It runs in a process of its own, whose folder is the project's, with one thread
and within a limit of memory, as [recipes](recipes.md) do. So a function that throws, ends its process, is killed, takes
more than two minutes or gives something else is its own finding (unknown, with its line where there is one), and the
others go on in a new process; what they print goes to standard error in the end. The limit of time is `ASK_WITHIN_S` in
`mainstay.workflows.own_checks`, beside those of recipes in `mainstay.workflows.recipe`. A file that cannot be read ends
the command (exit 2). A gate without its function fails, and so does one whose function gave no answer. The process
keeps a slip from doing harm; it is no prison for hostile code.
"""

PLANTED = """## Planted faults, and who spoke

One fault at a time in an honest version, with columns called `c1`, `c2`, …; all checks of data are asked of faults in
data, all of skill, place and groups of faults in scores, all bends of faults in the service. Made by
`docs/confusion.py`; a test plants each again.
"""
BESIDE = """## The same faults, given to Deepchecks and skore

Rows to learn from and rows to test on were written to files, each fault and its clean twin: the same table without it.
Each peer examined a model of those rows, in an environment of its own: {peers}. Of faults in data
the model is histogram boosting behind an ordinal encoder, fitted on them; of faults in scores or in the service it
answers just those scores, or just so. Moments were named to both, the row number to Deepchecks as its index; of skore
tips count as well as issues; all else is as it comes. A fault is found where a check that concerns it, read generously,
spoke up or named a column, and did not on the clean twin; by Mainstay where the check that should find it did. Made by
`bench/faults.py`, which says which check concerns what.

These are faults that this exam was written to find, and its column is the table above: read the other columns for what
a peer sees of them, not as a ranking. Not all could be asked of them. Neither can be told what is known later, who is
protected or which segments matter, and neither asks a service: of `known_at` nothing stands in the rows, and no check
of theirs sends rows that a caller bends. A population sample has no place either; it was handed to them as the rows to
test on. One clean twin has moments and a random split, of which both speak rightly.
"""
REAL = """## On real tables

`mainstay init`, `mainstay train` and `mainstay check` on public tables, as drafted but for what is said here. With all
columns renamed `c1`, `c2`, … the same columns are found.
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
NOT_FOUND = "–"
HEADING = "| check | asks | fails or warns | then | source |\n|---|---|---|---|---|"


def checks_page(confusion: Confusion, peers: Sequence[Peer], real: Sequence[Mapping[str, str]]) -> str:
    """Return the reference page of every check, as Markdown.

    `confusion` is what `docs/confusion.json` holds, `peers` and `real` what the two files beside it do.
    """
    return "\n".join([INTRO, *_sections(), *_planted(confusion), *_beside(confusion, peers), *_real(real)])


def _planted(confusion: Confusion) -> Iterator[str]:
    clean = confusion["clean"]
    yield f"{PLANTED}\n| planted | should be found by | spoke |\n|---|---|---|"
    for each in confusion["faults"]:
        spoke = ", ".join(f"`{code}`" for code in sorted(each["spoke"], key=lambda code: code != each["by"]))
        yield f"| {each['fault']} | `{each['by']}` | {spoke} |"
    failed, warned = (", ".join(f"`{code}`" for code in clean[key]) or "none" for key in ("failed", "warned"))
    yield f"\n{clean['tables']} clean tables gave {clean['asked']} findings."
    yield f"Failed falsely: {failed}; warned: {warned}.\n"


def _beside(confusion: Confusion, peers: Sequence[Peer]) -> Iterator[str]:
    names = [f"{peer['peer'].capitalize() if peer['peer'] != 'skore' else 'skore'} {peer['version']}" for peer in peers]
    yield BESIDE.format(peers=" and ".join(names))
    yield f"| planted | Mainstay | {' | '.join(names)} |\n|---|---|{'---|' * len(peers)}"
    for planted, *found in zip(confusion["faults"], *(peer["faults"] for peer in peers), strict=True):
        told = (", ".join(each["by"]) or NOT_FOUND for each in found)
        yield f"| {planted['fault']} | {_by_us(planted)} | {' | '.join(told)} |"
    ours = [_by_us(planted) != NOT_FOUND for planted in confusion["faults"]]
    loud = ", ".join(sorted({f"`{code}`" for planted in confusion["faults"] for code in planted["twin"]}))
    yield f"\nMainstay found {sum(ours)} of {len(ours)}. It spoke up on the clean twins: {loud or 'never'}.\n"
    for name, peer in zip(names, peers, strict=True):
        loud = ", ".join(f"{check} ({n})" for check, n in sorted(peer["spoke"].items(), key=lambda each: -each[1]))
        n_found = sum(bool(each["by"]) for each in peer["faults"])
        yield (
            f"{name} found {n_found} of {len(peer['faults'])}. Of its answers on the {peer['twins']} clean twins "
            f"{peer['asked']} judged and {peer['silent']} could not or do not; it spoke up: {loud or 'never'}.\n"
        )


def _by_us(planted: Planted) -> str:
    found = planted["by"] in planted["spoke"] and planted["by"] not in planted["twin"]
    return f"`{planted['by']}`" if found else NOT_FOUND


def _real(real: Sequence[Mapping[str, str]]) -> Iterator[str]:
    yield f"{REAL}\n| table | found | also |\n|---|---|---|"
    for each in real:
        yield f"| {each['table']} | {each['found']} | {each['also']} |"
    yield ""


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
