"""The facts of a text: what may be known of it once the text itself is dropped."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from typing import NamedTuple

import emoji

_LINK = re.compile(r"https?://\S*[^\s?？!.,;:)>\]}\"']", re.IGNORECASE)
"""A link, without the punctuation that may follow it: the "?" after a link ends a question."""
_MARKUP = re.compile(r"<(?:a?:\w+:\d+|(?:@[!&]?|#)\d+|/[^>\n]{1,100}:\d+|t:-?\d+(?::\w)?|id:\w+)>")
_CUSTOM_EMOJI = re.compile(r"<a?:\w+:\d+>")
_MENTION = re.compile(r"<@[!&]?(\d+)>")
_MAYBE_EMOJI = re.compile("[©®\u203c-\u3299\U0001f000-\U0001faff]")
"""Every emoji holds one of these: a cheap test that spares most texts the library."""
_EMOJI_RUN = re.compile(r"[0-9#*]?[^\x00-\x7f]+")
"""Where emoji can be: of ASCII, only what is on a key cap begins one. Spares the library most of a text."""


def cutter(kept: str) -> Callable[[str], list[str]]:
    """Cuts ASCII texts, as most are, at whatever is not `kept`: in a third of the time of an expression."""
    gaps = bytes(n if chr(n) in kept else ord(" ") for n in range(256))

    def pieces(text: str) -> list[str]:
        return text.encode().translate(gaps).decode().split()

    return pieces


class Words:
    """Finds the words of texts: letters, with any of `joints` between them ("'", "’", "-")."""

    def __init__(self, joints: str) -> None:
        self._word = re.compile(rf"[^\W\d_]+(?:[{joints}][^\W\d_]+)*")
        self._cut = cutter(string.ascii_letters + joints)

    def of(self, text: str) -> list[str]:
        """All words in their order."""
        if not text.isascii():
            return self._word.findall(text)

        pieces = self._cut(text)
        if "'" not in text and "-" not in text:
            return pieces

        words: list[str] = []
        for piece in pieces:
            if piece.isalpha():
                words.append(piece)
            else:
                words += self._word.findall(piece)

        return words


class Facts(NamedTuple):
    """What is kept of a text. `length` in code points, `words` as people put spaces; emoji and mentions are totals."""

    length: int = 0
    words: int = 0
    question: bool = False
    emoji: int = 0
    mentions: int = 0


def facts_of(text: str, mentions: int = 0) -> Facts:
    """The facts of a text whose persona prefix is removed; `mentions` are those Discord told, reply pings left out."""
    # Most texts have neither, which is seen here without another call.
    question = ("?" in text or "？" in text) and is_question(text)
    emoji = 0 if text.isascii() and "<" not in text else count_emoji(text)
    return Facts(len(text), len(text.split()), question, emoji, mentions)


def is_question(text: str) -> bool:
    """Whether it holds "?" or "？" outside links."""
    rest = _LINK.sub(" ", text) if "://" in text else text
    return "?" in rest or "？" in rest


def count_emoji(text: str) -> int:
    """How many emoji it holds, Discord's custom ones (`<:name:id>`) among them."""
    custom = len(_CUSTOM_EMOJI.findall(text)) if "<" in text else 0
    if text.isascii() or not _MAYBE_EMOJI.search(text):
        return custom

    # Mostly one stands alone, which a look into the library's table tells.
    return custom + sum([emoji.is_emoji(run) or emoji.emoji_count(run) for run in _EMOJI_RUN.findall(text)])


def plain(text: str) -> str:
    """The text without links and Discord's markup, in which names and words are looked for."""
    if "<" in text:
        text = _MARKUP.sub(" ", text)

    return _LINK.sub(" ", text) if "://" in text else text


def count_mentions(text: str) -> int:
    """How many different users and roles a text mentions, where only the text is known (an edit)."""
    return len(set(_MENTION.findall(text))) if "<@" in text else 0
