"""What a variable of the brief stands for: a value of the environment, or of a file that the environment names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mainstay.domain.address import VARIABLE
from mainstay.domain.errors import Undelivered


def filled(reference: str, variables: Mapping[str, str]) -> str:
    """Return the secret that `${NAME}` stands for: the value of NAME, or the text of the file that NAME_FILE names.

    Raises `Undelivered` where neither is set, or the file cannot be read; what it holds is never said.

    >>> filled("${OPS}", {"OPS": " https://hooks.example/1 "})
    'https://hooks.example/1'
    """
    match = VARIABLE.fullmatch(reference)
    name = match[1] if match else reference
    value, file = variables.get(name, "").strip(), variables.get(f"{name}_FILE", "")
    if not value and file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            what = f"the file that {name}_FILE names cannot be read"
            raise Undelivered(what, remedy=f"See that it is there and a text: ls -l ${name}_FILE") from error
    if not value:
        what = f"neither {name} nor {name}_FILE is set in the environment"
        raise Undelivered(what, remedy=f"Set it where mainstay watch runs: export {name}=…")
    return value


def scheme_of(address: str) -> str:
    """Return how an address begins, which is no secret; nothing of one that has no scheme.

    >>> scheme_of("slack://token-a/token-b"), scheme_of("token-a")
    ('slack://', 'an address without a scheme')
    """
    scheme, found, _ = address.partition("://")
    return f"{scheme[:20]}://" if found else "an address without a scheme"
