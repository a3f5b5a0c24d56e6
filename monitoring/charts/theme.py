"""Colours, marks and sizes of the charts. Pixels of a picture that is 1200 wide; no matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.model import Health

WIDTH = 1200
LEFT, RIGHT = 48, 1152
MARGIN_TOP = 40
TITLE, FIGURE, LABEL, LEAST = 50, 66, 38, 36
"""Sizes of text: titles, key figures, labels and ticks, and the least that is allowed."""

SHAPES = ("o", "D", "^", "s", "v", "P", "X", "*", "p", "h")
"""One marker for each persona slot, beside its colour."""

STATE_SHAPES = {"good": "o", "warning": "D", "critical": "s", "unknown": "o"}
HEALTH_STATES = {
    Health.HEALTHY: "good",
    Health.DEGRADED: "warning",
    Health.UNHEALTHY: "critical",
    Health.UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True)
class Theme:
    """The tokens of one theme; personas by slot, maps from low to high."""

    name: str
    bg: str
    panel: str
    gap: str
    hatch: str
    grid: str
    rule: str
    text: str
    soft: str
    mute: str
    accent: str
    accent_dim: str
    other: str
    good: str
    warning: str
    critical: str
    unknown: str
    acknowledged: str
    personas: tuple[str, ...]
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]

    def colour(self, token: str) -> str:
        """The colour of a token; a colour itself passes through."""
        return token if token.startswith("#") else str(getattr(self, token))

    def persona(self, slot: int) -> str:
        """The colour of a persona's slot (1-based); `other` from the eleventh on."""
        return self.personas[slot - 1] if 1 <= slot <= len(self.personas) else self.other

    def part(self, index: int) -> str:
        """The colour of the n-th part (0-based) of a whole: the accent, three well apart from it, then `other`."""
        parts = (self.accent, self.personas[1], self.personas[2], self.personas[7])
        return parts[index] if index < len(parts) else self.other

    def affinity(self, value: float) -> str:
        """The colour of an affinity 0-100."""
        return blend(self.diverging, value / 100)


def shape(slot: int) -> str:
    """The marker of a persona's slot (1-based); a circle where it has none."""
    return SHAPES[slot - 1] if 1 <= slot <= len(SHAPES) else "o"


def blend(stops: Sequence[str], share: float) -> str:
    """The colour at `share` (0..1, held within) of the way through evenly spaced stops."""
    place = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    index = min(int(place), len(stops) - 2)
    rest = place - index
    low, high = _channels(stops[index]), _channels(stops[index + 1])

    return "#" + "".join(f"{round(a + (b - a) * rest):02x}" for a, b in zip(low, high, strict=True))


def luminance(colour: str) -> float:
    """Relative luminance 0..1 as WCAG 2 defines it."""
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Contrast ratio 1..21 as WCAG 2 defines it."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def ink(fill: str) -> str:
    """Black or white, whichever reads better on this fill."""
    return max(("#111214", "#ffffff"), key=lambda tone: contrast(tone, fill))


def _colours(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


DARK = Theme(
    name="dark",
    bg="#2b2d31",
    panel="#35373c",
    gap="#3a3d43",
    hatch="#4c5058",
    grid="#3f4248",
    rule="#5c6069",
    text="#f2f3f5",
    soft="#c4c9d1",
    mute="#a3a8b1",
    accent="#6ab2f6",
    accent_dim="#4f7ba6",
    other="#767b86",
    good="#35d0a5",
    warning="#ffd95e",
    critical="#ee4b46",
    unknown="#8b8f9b",
    acknowledged="#7090ff",
    personas=_colours("#6ab2f6 #e5a92e #8af0d6 #de4a98 #f8f2a2 #8672f6 #b46a60 #c6d8f5 #949430 #b9b1a5"),
    sequential=_colours("#33363c #2b4d72 #2f77b4 #62aee8 #b9dcf8 #f4faff"),
    diverging=_colours("#f2a154 #a8744a #54565d #4b7fb0 #72bbff"),
)

LIGHT = Theme(
    name="light",
    bg="#f2f3f5",
    panel="#e6e8ec",
    gap="#e2e4e8",
    hatch="#c9ccd2",
    grid="#d9dbe0",
    rule="#a5a9b2",
    text="#17181c",
    soft="#3a3e46",
    mute="#555a64",
    accent="#2a5bd7",
    accent_dim="#6b88de",
    other="#838892",
    good="#14906b",
    warning="#956800",
    critical="#9c0d36",
    unknown="#6c6f86",
    acknowledged="#4a3fc6",
    personas=_colours("#616ce0 #855903 #1b605e #ce2b8a #9e8c41 #301995 #7b343a #3497bb #3f4700 #736756"),
    sequential=_colours("#e4e7ec #b5d0ef #74a7e0 #3a76c6 #1d4a94 #0e2552"),
    diverging=_colours("#a34f00 #d39a66 #cfd1d6 #7fa8dc #1d5fc0"),
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
