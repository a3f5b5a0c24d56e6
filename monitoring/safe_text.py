"""Names that strangers chose, made inert: no ping, no markup, no reordering, no pile of marks."""

from __future__ import annotations

import re
import unicodedata

_MARKDOWN = re.compile(r"([\\*_~`|>\[\]()#])")
_MENTION = re.compile(r"@(?=everyone|here)|<(?=[@#:/ait])", re.IGNORECASE)
_AUTOLINK = re.compile(r"(?<=[a-zA-Z])://")
_WORD_JOINER = "\u2060"


def plain_text(name: str, limit: int = 32) -> str:
    """A name for charts and code blocks: NFC, one line, no control or bidi characters, at most two marks in a row.

    Cut to `limit` characters with an ellipsis; never empty ("?" instead).
    """
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", str(name)[: limit * 8]):
        category = unicodedata.category(character)
        if category.startswith("M"):
            marks += 1
            if marks > 2 or not kept:
                continue
        elif category in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
            # U+200D joins emoji families; it is harmless between symbols and keeps them whole.
            if character != "\u200d" or not kept or unicodedata.category(kept[-1]) not in {"So", "Sk", "Mn"}:
                character = " " if category in {"Cc", "Zl", "Zp"} else ""
        else:
            marks = 0

        kept.append(character)

    text = " ".join("".join(kept).split())
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"

    return text or "?"


def safe_text(name: str, limit: int = 32) -> str:
    """A name for Discord text outside code blocks: as `plain_text`, and with Markdown, mentions and links inert."""
    text = _MARKDOWN.sub(r"\\\1", plain_text(name, limit))
    text = _MENTION.sub(lambda found: found.group(0) + _WORD_JOINER, text)

    return _AUTOLINK.sub(":\u2060//", text)


def code_text(name: str, limit: int = 32) -> str:
    """A name for inside backticks: as `plain_text`, with backticks replaced by their look-alike."""
    return plain_text(name, limit).replace("`", "ˋ")
