"""Writing values and names as TOML, whatever characters they hold."""

from __future__ import annotations

import json
import re

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def literal(value: str | bool | float) -> str:
    r"""Write a value as TOML; whole floats as integers.

    >>> print(literal('a "b"\n'), literal(True), literal(1.0))
    "a \"b\"\n" true 1
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def key(name: str) -> str:
    """Write a name as a TOML key, quoted where it must be.

    >>> key("age"), key("income (EUR)")
    ('age', '"income (EUR)"')
    """
    return name if BARE_KEY.fullmatch(name) else literal(name)


def array(values: list[str]) -> str:
    """Write texts as a TOML array on one line.

    >>> array(["a", "b"])
    '["a", "b"]'
    """
    return f"[{', '.join(literal(value) for value in values)}]"
