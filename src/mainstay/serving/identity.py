"""Ids of decisions: reading those that callers send, and making them where they send none."""

from __future__ import annotations

MAX_ID = 200  # characters: longer than any UUID, order number or composite key; short enough for an index
VARIANT = "89ab"  # hexadecimal digits that begin with the bits 10
ENTROPY_PER_ID = 8  # bytes: 62 random bits, so that a foreign id cannot be guessed


def read_id(raw: object) -> str | None:
    """Return an id as text, None for one to be made; raises `ValueError` for what cannot be an id.

    >>> read_id(17), read_id("a-1"), read_id(None)
    ('17', 'a-1', None)
    """
    if raw is None:
        return None
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 1 << 63:
        return str(raw)
    if not isinstance(raw, str) or not raw.strip() or len(raw) > MAX_ID:
        raise ValueError(f"a text of 1 to {MAX_ID} characters, a whole number, or null to have one made")
    return raw


def make_id(at_us: int, number: int, entropy: bytes) -> str:
    """Make a version 7 UUID (RFC 9562): sortable by millisecond, then by row number, and unguessable.

    `at_us` are UTC microseconds, `number` is the row's place in its request, `entropy` holds 8 random bytes.

    >>> make_id(1_700_000_000_000_000, 1, bytes(8))
    '018bcfe5-6800-7001-8000-000000000000'
    """
    at_ms, chance = f"{at_us // 1000 & 0xFFFF_FFFF_FFFF:012x}", entropy.hex()
    variant = VARIANT[entropy[0] >> 6]
    return f"{at_ms[:8]}-{at_ms[8:]}-7{number & 0xFFF:03x}-{variant}{chance[1:4]}-{chance[4:]}"
