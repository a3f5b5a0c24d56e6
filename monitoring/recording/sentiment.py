"""The mood of a text, by VADER (Hutto & Gilbert, ICWSM 2014): −1…1, or None where it does not know the language."""

from __future__ import annotations

import math
import re
import string
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from monitoring.recording.stopwords import stop_words
from monitoring.recording.text import Words

LOOKED_AT = 300
"""Characters of a text that are looked at."""
POSITIVE = 0.05
_REMEMBERED = 4_096
_WORDS = Words("'’")
_NOISE = re.compile(r"https?://\S+|<a?:\w+:\d+>|<[@#&!]+\d+>")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ASCII_SHARE = 0.9
_PUNCTUATION = string.punctuation
_SPREAD = 15
"""VADER's α, by which a sum of valences becomes −1…1."""


class _Analyzer(Protocol):
    lexicon: dict[str, float]
    emojis: dict[str, str]
    lexicon_full_filepath: str
    emoji_full_filepath: str

    def sentiment_valence(
        self, valence: float, sentitext: _Around, item: str, i: int, sentiments: list[float]
    ) -> list[float]: ...

    def _punctuation_emphasis(self, text: str) -> float: ...

    def _but_check(self, words_and_emoticons: list[str], sentiments: list[float]) -> list[float]: ...


def mood_of(score: float) -> str:
    """positive from 0.05, negative to −0.05, neutral between."""
    if score >= POSITIVE:
        return "positive"

    return "negative" if score <= -POSITIVE else "neutral"


class Sentiment:
    """Scores texts; the library is loaded with the first one. Remembers scores by a hash, never a text."""

    def __init__(self) -> None:
        self._scores: dict[int, float | None] = {}

    def of(self, text: str) -> float | None:
        """The compound score of the first 300 characters; None if they do not look English or are empty."""
        text = text[:LOOKED_AT]
        key = hash(text)
        if key in self._scores:
            return self._scores[key]

        if len(self._scores) >= _REMEMBERED:
            self._scores.clear()

        score = self._scores[key] = _score(text)
        return score


def looks_english(text: str) -> bool:
    """Whether VADER's English word list may be trusted with a text; a test of the words, which costs microseconds.

    At least nine in ten letters are ASCII, and more words are known from English (its stop words and VADER's lexicon)
    than are stop words of other languages; words that both know ("no", "a", "me") say nothing, unless there is nothing
    else. A text without any letter, such as emoji alone, belongs to every language.
    """
    words = _WORDS.of(text.replace("’", "'").casefold())
    if not words:
        return True

    letters = "".join(words)
    if not letters.isascii() and sum(char.isascii() for char in letters) < _ASCII_SHARE * len(letters):
        return False

    (english, foreign), lexicon = stop_words(), _analyzer().lexicon
    # Not as sets made beforehand, which would be another megabyte.
    ours = len([word for word in words if word not in foreign and (word in english or word in lexicon)])
    theirs = len([word for word in words if word in foreign and word not in english])
    if ours or theirs:
        return ours > theirs

    return all(word in english for word in words)


def load() -> None:
    """Read the lexicon and the stop words now (some twenty milliseconds), before somebody waits for them."""
    _analyzer()
    stop_words()


@cache
def _analyzer() -> _Analyzer:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer: _Analyzer = SentimentIntensityAnalyzer()
    # It keeps the text of its two files (a megabyte), under names that say paths, and looks at them no more.
    analyzer.lexicon_full_filepath = analyzer.emoji_full_filepath = ""
    return analyzer


@cache
def _boosters() -> frozenset[str]:
    """Words that only strengthen or weaken others ("very", "hardly")."""
    from vaderSentiment.vaderSentiment import BOOSTER_DICT

    return frozenset(BOOSTER_DICT)


@cache
def _modifiers() -> frozenset[str]:
    """Words without which none of VADER's rules changes the valence of a word near them: boosters, negations, idioms.

    Each idiom has a word that is none of those few that are in every text. "This" right before a word strengthens it,
    since VADER's rule of "never so, never this" is also true without "never".
    """
    from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES

    phrases = {word for phrase in (*BOOSTER_DICT, *SPECIAL_CASES) for word in phrase.split()}
    return frozenset((phrases - {"the", "of", "to", "for", "a"}) | {*NEGATE, "no", "least", "kind", "this"})


def _score(text: str) -> float | None:
    text = _NOISE.sub(" ", text) if "<" in text or "://" in text else text
    text = text.strip()
    if not text or not looks_english(text):
        return None

    analyzer = _analyzer()
    if not text.isascii():
        text = _NOT_ASCII.sub(_described, text).strip()

    return _compound(analyzer, text)


def _described(match: re.Match[str]) -> str:
    """An emoji in words, apart from the word before, as VADER puts it; any other character as it is."""
    description = _analyzer().emojis.get(match[0])
    if description is None:
        return match[0]

    apart = match.start() > 0 and match.string[match.start() - 1] != " "
    return f" {description}" if apart else description


@dataclass(slots=True)
class _Around:
    """As much of VADER's SentiText as its rules for one word look at."""

    words_and_emoticons: list[str]
    is_cap_diff: bool


def _compound(analyzer: _Analyzer, text: str) -> float:
    """What `polarity_scores` says of a text without emoji, in a third of the time (a test compares them).

    Only words of the lexicon have a valence; VADER's rules for one look three words back and two ahead. So the rules
    are asked only where one of those words may change anything, and are given those words only.
    """
    # Without punctuation around it, unless it may be an emoticon: as VADER does it.
    words = [bare if len(bare := word.strip(_PUNCTUATION)) > 2 else word for word in text.split()]
    lowers = list(map(str.lower, words))
    sentiments = [analyzer.lexicon.get(lower, 0.0) for lower in lowers]
    if not any(sentiments):
        return 0.0

    mixed = 0 < sum(map(str.isupper, words)) < len(words)
    modifiers = _modifiers()
    if "n't" in text.lower():
        # Whatever ends so is a negation.
        modifiers = modifiers.union([lower for lower in lowers if "n't" in lower])

    for i, valence in enumerate(sentiments):
        if not valence:
            continue

        near = slice(max(0, i - 3), i + 3)
        if (mixed and words[i].isupper()) or not modifiers.isdisjoint(lowers[near]):
            if lowers[i] in _boosters() or lowers[i : i + 2] == ["kind", "of"]:
                sentiments[i] = 0.0
            else:
                around = _Around(words[near], mixed)
                sentiments[i] = analyzer.sentiment_valence(0, around, words[i], min(i, 3), [])[0]

    if "but" in lowers:
        sentiments = analyzer._but_check(words, sentiments)

    total = float(sum(sentiments))
    if total:
        total += math.copysign(analyzer._punctuation_emphasis(text), total)

    return round(total / math.sqrt(total * total + _SPREAD), 4)
