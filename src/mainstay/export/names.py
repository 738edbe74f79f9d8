"""Names of columns and models as other languages can write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

WORD = re.compile(r"[A-Za-z0-9]+")
# Words of Java or Go that no name may be, and methods that every Java object has; TypeScript and Python quote columns.
WORDS = """
abstract assert boolean break byte case catch chan char class const continue default defer do double else enum extends
fallthrough final finally float for func go goto if implements import instanceof int interface long map native new
package private protected public range record return select short static strictfp struct super switch synchronized this
throw throws transient try type var void volatile while yield true false null put values
toString hashCode equals getClass notify notifyAll wait clone finalize
"""
RESERVED = frozenset(WORDS.split())
MEMBERS = frozenset({"Row", "Known", "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ToString"})

Style = Callable[[str], str]


def pascal(text: str) -> str:
    """Return a name with capitals at its words.

    >>> pascal("credit-default"), pascal("PAY_0"), pascal("1st visit")
    ('CreditDefault', 'Pay0', 'N1stVisit')
    """
    words = [word if any(map(str.islower, word)) else word.lower() for word in WORD.findall(text)]
    name = "".join(word[:1].upper() + word[1:] for word in words) or "Column"
    return f"N{name}" if name[0].isdigit() else name


def camel(text: str) -> str:
    """Return a name that begins small.

    >>> camel("PAY_0"), camel("class"), camel("é")
    ('pay0', 'class_', 'column')
    """
    name = pascal(text)
    name = name[:1].lower() + name[1:]
    return f"{name}_" if name in RESERVED else name


def member(text: str) -> str:
    """Return a name with capitals that no C# row has already.

    >>> member("get type"), member("row")
    ('GetType_', 'Row_')
    """
    name = pascal(text)
    return f"{name}_" if name in MEMBERS else name


def distinct(texts: Iterable[str], style: Style) -> dict[str, str]:
    """Return a name for each text, no two the same.

    >>> distinct(["pay-0", "PAY_0"], camel)
    {'pay-0': 'pay0', 'PAY_0': 'pay0X2'}
    """
    named: dict[str, str] = {}
    for text in texts:
        name, n = style(text), 2
        while name in named.values():
            name, n = f"{style(text)}X{n}", n + 1
        named[text] = name
    return named
