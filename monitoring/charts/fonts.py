"""Which fonts the charts are set in, and how a name is written that no font has the glyphs for."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

_CJK = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans CJK KR",
    "Noto Sans CJK TC",
    "Source Han Sans",
    "WenQuanYi Zen Hei",
)
_ROBOTO = ("Roboto-Regular.ttf", "Roboto-Bold.ttf")
_LEFT_TO_RIGHT = "\u200e"
_MOST_WIDTHS = 4_000
_WIDTHS: dict[tuple[str, float, bool], float] = {}
NARROW = 0.88
"""What sizes are multiplied with where Roboto is missing: DejaVu Sans is so much wider."""


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """The families to draw with, in the order they are looked through; those that come as packages are registered."""
    found = []
    roboto = [path for name in _ROBOTO if (path := _packaged("font_roboto", f"files/{name}")) is not None]
    for path in roboto:
        font_manager.fontManager.addfont(str(path))

    if roboto or _installed("Roboto"):
        found.append("Roboto")

    found.append("DejaVu Sans")
    cjk = _packaged("notojp_matplotlib", "fonts/NotoSansCJKjp-Regular.otf")
    if cjk is not None and not _installed(_CJK[0]):
        font_manager.fontManager.addfont(str(cjk))

    found.extend([name for name in _CJK if _installed(name)][:1])
    return tuple(found)


@lru_cache(maxsize=512)
def font(text: str, size: float, *, bold: bool) -> font_manager.FontProperties:
    """What to set a text in, `size` in pixels: one family where it has every glyph, as a row of them costs at each use.

    Not to be changed: it is shared.
    """
    alone = text.isascii() or all(_first().get_char_index(ord(character)) for character in text)
    named = families()[:1] if alone else families()
    return font_manager.FontProperties(family=list(named), size=size * scale(), weight="bold" if bold else "normal")


def width_of(text: str, size: float, renderer: Any, *, bold: bool) -> float:
    """The width of a text in pixels.

    Remembered: names, units and ticks are measured over and over, while a place is looked for and in the next picture.
    """
    width = _WIDTHS.get((text, size, bold))
    if width is None:
        width = float(renderer.get_text_width_height_descent(text, font(text, size, bold=bold), False)[0])
        if len(_WIDTHS) >= _MOST_WIDTHS:
            _WIDTHS.clear()

        _WIDTHS[text, size, bold] = width

    return width


def scale() -> float:
    """What sizes of text are multiplied with."""
    return 1.0 if families()[0] == "Roboto" else NARROW


def drawable(text: str) -> str:
    """The text with every character that no font has written otherwise: an emoji as `:frog:`, anything else as `·`."""
    if text.isascii():
        return text

    out: list[str] = []
    for character in text:
        category = unicodedata.category(character)
        if category in {"Cf", "Sk"} and not _has_glyph(character):
            continue  # joiners and skin tones say nothing without the emoji they belong to

        if character == "\ufe0f" or (category.startswith("M") and not _has_glyph(character)):
            continue

        if _has_glyph(character):
            out.append(character)
        else:
            out.append(_written(character) if category == "So" else "·")

    return _leftwards("".join(out))


def _leftwards(text: str) -> str:
    """A sentence that begins with an Arabic or Hebrew name still reads from the left: a mark without width says so."""
    strong = [kind for character in text if (kind := unicodedata.bidirectional(character)) in {"L", "R", "AL"}]
    return _LEFT_TO_RIGHT + text if strong[:1] in (["R"], ["AL"]) and "L" in strong else text


def _written(symbol: str) -> str:
    """A symbol by its Unicode name, as it would be typed in Discord: "🐸" → ":frog:"."""
    name = unicodedata.name(symbol, "")
    if not name:
        return "·"

    if name.startswith("REGIONAL INDICATOR"):
        return name[-1]

    for tail in (" FACE", " SYMBOL", " SIGN"):
        name = name.removesuffix(tail)

    words = name.lower().replace("-", " ").split()
    return f":{'_'.join(words[:2])}:"


@lru_cache(maxsize=4096)
def _has_glyph(character: str) -> bool:
    return character.isspace() or any(face.get_char_index(ord(character)) for face in _faces())


@lru_cache(maxsize=1)
def _first() -> FT2Font:
    return font_manager.get_font(font_manager.findfont(font_manager.FontProperties(family=families()[0])))


@lru_cache(maxsize=1)
def _faces() -> tuple[FT2Font, ...]:
    paths = [font_manager.findfont(font_manager.FontProperties(family=name)) for name in families()]
    return tuple(font_manager.get_font(path) for path in paths)


def _installed(family: str) -> bool:
    return any(entry.name == family for entry in font_manager.fontManager.ttflist)


def _packaged(package: str, file: str) -> Path | None:
    """A font file of a package, without importing the package: some change matplotlib's settings when imported."""
    spec = find_spec(package)
    for place in (spec.submodule_search_locations if spec is not None else None) or ():
        path = Path(place) / file
        if path.exists():
            return path

    return None
