"""The palette can be read by everybody: the two roles that pictures rest on are told apart by the colour-blind."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mainstay.report.theme import DARK, LIGHT
from mainstay.stats.arrays import FloatArray

# Machado, Oliveira & Fernandes 2009, severity 1.0: what linear RGB becomes for each kind of colour blindness.
KINDS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(colour: str) -> FloatArray:
    share = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb: FloatArray) -> FloatArray:
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ np.clip(rgb, 0, 1) / WHITE, 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_ours_and_the_other_are_told_apart_by_the_colour_blind(mode: dict[str, str], kind: str) -> None:
    seen = {role: lab(np.array(KINDS[kind]) @ linear(mode[role])) for role in ("ours", "other", "paper")}
    for one, two in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[two]) > 20, (one, two)
