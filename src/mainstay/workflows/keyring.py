"""The keys as a worker holds them: found by their hash in a microsecond, read anew when the ledger has grown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mainstay.domain.key import Key
from mainstay.store.home import Home
from mainstay.store.key_use import note_use
from mainstay.store.secret import key_digest

LONGEST_KEY = 200  # bytes; ours are 46
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
NEVER_US = 1 << 62


@dataclass(frozen=True, slots=True)
class Grant:
    """A key as it is asked about: until when it holds (UTC microseconds; 0: it is revoked), what it opens, its place.

    `place` is its number among all keys, the same in every worker; empty `models` are all.
    """

    key: Key
    id: str
    until_us: int
    scopes: frozenset[str]
    models: frozenset[str]
    place: int


@dataclass(frozen=True, slots=True)
class Keyring:
    """Every key that was ever added, by its hash: revoked and expired ones too, so that none is found quicker.

    Where there ever was a key, one is asked for: revoking the last must not open the door.
    """

    by_digest: Mapping[bytes, Grant] = field(default_factory=dict)
    secret: bytes = field(default=b"", repr=False)

    @property
    def required(self) -> bool:
        """Whether callers need a key."""
        return bool(self.by_digest)

    def find(self, presented: bytes) -> Grant | None:
        """Return what a caller presents as a key opens, or opened once; None for what was never one.

        Keys are compared by a hash that a caller cannot compute, so how long it takes says nothing about any.
        """
        return self.by_digest.get(key_digest(self.secret, presented[:LONGEST_KEY]))


def read_keyring(home: Home) -> Keyring:
    """Return the keys as the ledger says now; raises `StoreError`. Safe in a thread."""
    keys = home.ledger.all_keys()
    return Keyring({bytes.fromhex(key.digest): _grant(key, place) for place, key in enumerate(keys)}, home.secret)


def note_uses(home: Home, used: set[str]) -> None:
    """Note which keys were used, and forget them."""
    for key in tuple(used):
        note_use(home, key)
    used.clear()


def _grant(key: Key, place: int) -> Grant:
    return Grant(key, key.id, _until_us(key), frozenset(key.scopes), frozenset(key.models), place)


def _until_us(key: Key) -> int:
    if key.revoked_at is not None:
        return 0
    if key.expires_at is None:
        return NEVER_US
    return (datetime.fromisoformat(key.expires_at) - EPOCH) // timedelta(microseconds=1)
