"""Canonical bytes and digests: what is hashed must not depend on dict order, locale or float formatting."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from typing import Any


def canonical(value: Any) -> bytes:
    """Return canonical JSON bytes (edition 1): sorted keys, no spaces, UTF-8, shortest round-trip floats.

    Raises `ValueError` for NaN or infinity and `TypeError` for what JSON cannot hold. Edition 1 writes -0.0 as 0.0.

    >>> canonical({"b": 1.0, "a": [True, None]})
    b'{"a":[true,null],"b":1.0}'
    """
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", errors="surrogatepass")


def digest(data: bytes) -> str:
    """Return `sha256:` and the hex digest of the bytes.

    >>> digest(b"")[:14]
    'sha256:e3b0c44'
    """
    return "sha256:" + hashlib.sha256(data).hexdigest()


def keyed(secret: bytes, text: str) -> str:
    """Return a keyed hash (128 bits, hex) of a personal identifier, for places that must not hold the identifier."""
    return hmac.new(secret, text.encode("utf-8", errors="surrogatepass"), hashlib.sha256).hexdigest()[:32]


def share_of(text: str) -> float:
    """Map a text to a number in [0, 1), evenly and for ever the same; used for sticky assignment and folds.

    >>> 0 <= share_of("anna") < 1
    True
    """
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).digest()[:7]) / 2**56


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("canonical form holds no NaN and no infinity")
        return value + 0.0
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
