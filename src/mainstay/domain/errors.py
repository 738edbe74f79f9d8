"""Every error Mainstay raises on purpose.

```
MainstayError
├── Asked            asked wrongly: exit 2
│   ├── BriefError       mainstay.toml: file, line, what came, what is wanted
│   ├── DataError        a table or a column cannot be used
│   ├── ExpressionError  a value, rule or segment expression cannot be read
│   ├── RecipeError      a recipe of one's own cannot live here
│   └── NotFound         a model, version or home that is not there
├── Refused          the answer is 'no': exit 1 (a gate, a check, a role)
├── BundleError      a bundle is changed, torn or not to be trusted
├── Undelivered      an address did not take a message
└── StoreError       ledger, journal, spool or disk
    ├── LedgerBroken     the chain does not verify
    └── Busy             somebody else holds what is needed; try again
```
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class MainstayError(Exception):
    """Something a person can mend: what was wrong, and in `remedy` what to do next."""

    exit_code = 2

    def __init__(self, what: str, *, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what}\n{self.remedy}" if self.remedy else self.what


class Asked(MainstayError):
    """The request itself cannot be carried out as asked."""


class BriefError(Asked):
    """The brief is wrong: each problem names its line, what came and what is wanted."""


class DataError(Asked):
    """A table, a column or a value in it cannot be used."""


class ExpressionError(Asked):
    """An expression over columns cannot be read or evaluated."""


class RecipeError(Asked):
    """A recipe of one's own throws, hangs, or breaks a rule that it must keep."""


class NotFound(Asked):
    """A model, a version, a file or a home that is not there."""


class Refused(MainstayError):
    """Understood, and the answer is no: a gate failed or a role is missing."""

    exit_code = 1


class BundleError(MainstayError):
    """A bundle was changed, is incomplete or holds something that is not trusted."""

    exit_code = 1


class Undelivered(MainstayError):
    """An address did not take a message; nothing of the address itself is said, since it may be a secret."""

    exit_code = 1


class StoreError(MainstayError):
    """The ledger, the journal, the spool or the disk cannot do what was asked."""

    exit_code = 1


class LedgerBroken(StoreError):
    """The hash chain of the ledger does not verify."""


class Busy(StoreError):
    """Another process holds what is needed."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a short hint that names the nearest known word, or lists the first few.

    >>> did_you_mean("incme", ["age", "income"])
    "Did you mean 'income'?"
    >>> did_you_mean("zzz", ["age", "income"])
    'Known: age, income'
    """
    words = list(known)
    lowered = {w.lower(): w for w in words}
    near = get_close_matches(name.lower(), lowered, n=1)
    if near:
        return f"Did you mean {lowered[near[0]]!r}?"
    shown = ", ".join(words[:12])
    return f"Known: {shown}{', …' if len(words) > 12 else ''}"
