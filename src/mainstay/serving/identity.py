"""Ids of decisions: reading those that callers send, and making them where they send none."""

from __future__ import annotations

MAX_ID = 200  # characters: longer than any UUID, order number or composite key; short enough for an index
VARIANTS = bytes(0x80 | byte & 0x3F for byte in range(256))  # a byte with the bits 10 first
PLACES = "".join(f"{number:03x}-" for number in range(4096))
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


def make_ids(at_us: int, n: int, entropy: bytes) -> list[str]:
    """Make version 7 UUIDs (RFC 9562) for the n rows of a request: sortable by millisecond, then by row, unguessable.

    `at_us` are UTC microseconds, `entropy` holds 8 random bytes for each.

    >>> make_ids(1_700_000_000_000_000, 2, bytes(16))
    ['018bcfe5-6800-7000-8000-000000000000', '018bcfe5-6800-7001-8000-000000000000']
    """
    at_ms, varied = f"{at_us // 1000 & 0xFFFF_FFFF_FFFF:012x}", bytearray(entropy)
    varied[::ENTROPY_PER_ID] = varied[::ENTROPY_PER_ID].translate(VARIANTS)
    begin, chance = f"{at_ms[:8]}-{at_ms[8:]}-7", varied.hex()
    return [
        f"{begin}{PLACES[(place := at // 4 & 0x3FFF) : place + 4]}{chance[at : at + 4]}-{chance[at + 4 : at + 16]}"
        for at in range(0, 2 * ENTROPY_PER_ID * n, 2 * ENTROPY_PER_ID)
    ]
