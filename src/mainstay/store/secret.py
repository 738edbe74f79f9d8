"""The home's secret: 32 random bytes, made once, that key the hashes of entities, seals and callers' keys."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from mainstay.domain.errors import StoreError
from mainstay.store.files import disk_faults, put_file_once

N_BYTES = 32
KEY_PREFIX = "mk_"  # so that programs that look for leaked secrets can know one
RESTORE = "Restore it from a backup (mainstay restore FILE FOLDER): without it nothing kept here can be recognised."


def read_secret(path: Path) -> bytes | None:
    """Return the secret, or None if there is none; raises `StoreError` if it is torn."""
    with disk_faults("reading the secret"):
        try:
            secret = path.read_bytes()
        except FileNotFoundError:
            return None
    if len(secret) != N_BYTES:
        raise StoreError(f"{path} holds {len(secret)} bytes, not {N_BYTES}", remedy=RESTORE)
    return secret


def make_secret(path: Path) -> bytes:
    """Make the secret unless another process was first, and return it."""
    put_file_once(path, secrets.token_bytes(N_BYTES), mode=0o600)
    secret = read_secret(path)
    if secret is None:
        raise StoreError(f"{path} was removed while it was made", remedy="Try again.")
    return secret


def make_key() -> str:
    """Return a new key for a caller: 256 random bits, as text."""
    return KEY_PREFIX + secrets.token_urlsafe(N_BYTES)


def key_digest(secret: bytes, key: bytes) -> bytes:
    """Return the hash under which a caller's key is known; without the home's secret nobody can compute one.

    BLAKE2b has a key of its own and takes a third of the time of an HMAC: every request needs it.
    """
    return hashlib.blake2b(key, key=secret, person=b"mainstay-key-1", digest_size=32).digest()
