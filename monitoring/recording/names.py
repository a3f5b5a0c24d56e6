"""Finding a name in a text: whole words, any case (docs/figures.md)."""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 100
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x9FFF),  # Han
    (0xAC00, 0xD7AF),  # Hangul, whose particles cling to the name
    (0x20000, 0x3FFFF),  # more Han
)


def display(name: str) -> str:
    """A name as it is shown: trimmed, NFC, at most 100 characters."""
    return unicodedata.normalize("NFC", name).strip()[:LONGEST_NAME].rstrip()


def fold(name: str) -> str:
    """A name or text as it is compared."""
    return name.casefold() if name.isascii() else unicodedata.normalize("NFC", name.casefold())


def is_named(text: str, name: str) -> bool:
    """Whether a folded text holds a folded name as whole words.

    In scripts that put no space between words, any place will do.
    """
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not (at > 0 and _joined(text[at - 1], name[0])) and not (end < len(text) and _joined(name[-1], text[end])):
            return True

        at = text.find(name, at + 1)

    return False


def _joined(left: str, right: str) -> bool:
    return _in_word(left) and _in_word(right)


def _in_word(char: str) -> bool:
    if not (char.isalnum() or char == "_"):
        return False

    code = ord(char)
    return code < 0x0E00 or not any(low <= code <= high for low, high in _UNSPACED)
