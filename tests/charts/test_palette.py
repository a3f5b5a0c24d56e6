"""Colours that people with each kind of colour blindness tell apart, and that stand out from the ground.

Distances are CAM02-UCS (Luo, Cui, Li 2006) of what Machado, Oliveira and Fernandes (2009) simulate at full severity.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from monitoring.charts.theme import DARK, LIGHT, Theme, blend, contrast, ink

EYES = {
    "typical": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
CAT02 = np.array([[0.7328, 0.4296, -0.1624], [-0.7036, 1.6975, 0.0061], [0.0030, 0.0136, 0.9834]])
HPE = np.array([[0.38971, 0.68898, -0.07868], [-0.22981, 1.18340, 0.04641], [0.0, 0.0, 1.0]])
WHITE = np.array([95.047, 100.0, 108.883])
ADAPTING = 64 / np.pi / 5
"""Luminance of the field that eyes adapt to, cd/m²: an office with a screen."""


def linear(colour: str) -> np.ndarray:
    """A colour as linear sRGB."""
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def ucs(rgb: np.ndarray) -> np.ndarray:
    """J', a', b' of linear sRGB in CAM02-UCS, average surround."""
    k = 1 / (5 * ADAPTING + 1)
    level = 0.2 * k**4 * 5 * ADAPTING + 0.1 * (1 - k**4) ** 2 * (5 * ADAPTING) ** (1 / 3)
    degree = 1 - np.exp((-ADAPTING - 42) / 92) / 3.6
    n = 0.2
    nbb, z = 0.725 * n**-0.2, 1.48 + np.sqrt(n)

    def response(xyz: np.ndarray) -> np.ndarray:
        white = CAT02 @ WHITE
        adapted = (degree * 100 / white + 1 - degree) * (CAT02 @ xyz)
        cone = HPE @ np.linalg.solve(CAT02, adapted)
        power = (level * np.abs(cone) / 100) ** 0.42
        return np.sign(cone) * 400 * power / (power + 27.13) + 0.1

    r, g, b = response(TO_XYZ @ rgb * 100)
    rw, gw, bw = response(WHITE)
    a, bb = r - 12 * g / 11 + b / 11, (r + g - 2 * b) / 9
    lightness = 100 * ((2 * r + g + b / 20 - 0.305) / (2 * rw + gw + bw / 20 - 0.305)) ** (0.69 * z)
    hue = np.arctan2(bb, a)
    eccentricity = (np.cos(hue + 2) + 3.8) / 4
    t = 50000 / 13 * nbb * eccentricity * np.hypot(a, bb) / (r + g + 1.05 * b)
    colourfulness = t**0.9 * np.sqrt(lightness / 100) * (1.64 - 0.29**n) ** 0.73 * level**0.25
    m = np.log(1 + 0.0228 * colourfulness) / 0.0228
    return np.array([1.7 * lightness / (1 + 0.007 * lightness), m * np.cos(hue), m * np.sin(hue)])


def seen(colour: str, eyes: str) -> np.ndarray:
    """A colour as it is seen, in CAM02-UCS."""
    return ucs(np.clip(EYES[eyes] @ linear(colour), 0, 1))


def least(colours: tuple[str, ...], eyes: str) -> float:
    """The smallest distance between any two."""
    found = [seen(colour, eyes) for colour in colours]
    return float(min(np.linalg.norm(a - b) for a, b in itertools.combinations(found, 2)))


def states(theme: Theme) -> tuple[str, ...]:
    """The five colours of states."""
    return theme.good, theme.warning, theme.critical, theme.unknown, theme.acknowledged


def test_measure_agrees_with_the_published_table() -> None:
    """The formulas here give what another implementation measured, to a tenth."""
    assert least(states(DARK), "typical") == pytest.approx(24.0, abs=0.15)
    assert least(states(DARK), "deutan") == pytest.approx(17.6, abs=0.15)
    assert least(states(LIGHT), "tritan") == pytest.approx(17.5, abs=0.15)
    assert least(DARK.personas, "protan") == pytest.approx(11.6, abs=0.15)


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_colours_differ_for_all_eyes(theme: Theme, eyes: str) -> None:
    """States and personas are clearly different side by side for everybody; the six first of each even more so."""
    assert least(states(theme), eyes) >= 15
    assert least(theme.personas[:6], eyes) >= 14
    assert least(theme.personas, eyes) >= 10


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_contrast(theme: Theme) -> None:
    """Words reach 4.5 to 1 on the ground, marks 3 to 1."""
    for words in (theme.text, theme.soft, theme.mute, theme.accent):
        assert contrast(words, theme.bg) >= 4.5

    for mark in (*states(theme), *theme.personas, theme.accent_dim, theme.other):
        assert contrast(mark, theme.bg) >= 2.95


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_maps_are_monotone(theme: Theme, eyes: str) -> None:
    """More is always lighter (or darker) on the sequential map; the diverging one turns once, in the middle."""
    up = 1 if theme is DARK else -1
    lightness = [float(seen(colour, eyes)[0]) for colour in theme.sequential]
    assert all(up * (b - a) > 0 for a, b in itertools.pairwise(lightness))

    turning = [float(seen(colour, eyes)[0]) for colour in theme.diverging]
    assert all(up * (a - b) > 0 for a, b in itertools.pairwise(turning[:3]))
    assert all(up * (b - a) > 0 for a, b in itertools.pairwise(turning[2:]))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_ink_reads_on_every_fill(theme: Theme) -> None:
    """Figures on cells and segments reach 4 to 1 on whatever colour lies below them."""
    fills = [blend(theme.sequential, k / 20) for k in range(21)] + [theme.affinity(k * 5) for k in range(21)]
    assert min(contrast(ink(fill), fill) for fill in [*fills, *theme.personas]) >= 4
