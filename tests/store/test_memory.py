"""Memory that was let go of goes back to the system, and nothing else changes."""

from __future__ import annotations

import pytest

from mainstay.store import memory


def test_giving_back_harms_nothing() -> None:
    kept = bytearray(b"kept") * 1000
    memory.give_back()
    assert bytes(kept) == b"kept" * 1000


def test_elsewhere_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.sys, "platform", "win32")
    monkeypatch.setattr(memory.ctypes, "CDLL", None)
    memory.give_back()
