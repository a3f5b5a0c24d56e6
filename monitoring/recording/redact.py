"""What a failure said, fit to be kept: 200 characters with nothing in them that is secret or tells of a person.

First what is known to be secret or personal by its look or by what stands before it, then whatever is no plain word or
short number. Where it is unsure it takes out too much: what is kept is a help, not a record.
"""

from __future__ import annotations

import re

from monitoring.recording.failure import unwrap
from monitoring.recording.raised import message_of, status_of

_READ = 1_000
"""Characters of a text that are looked at, since taking out makes it shorter."""
LONGEST = 200
"""Characters that are kept."""
_LONGEST_TOKEN = 100
"""Characters without a space between them; what is longer is no text."""
_LONGEST_WORD = 30
"""Letters of a word at most: what is longer is a key or a hash."""

_SECRETS = (
    r"(?:\b|_)(?:pass(?:word|wd|phrase)?|pwd|secret|token(?!s)|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|key|pin|"
    r"credentials?)"
)
_PERSONS = r"(?:\b|_)(?:auth|authorization|cookie|session|signature|sig|dsn|user(?:[-_ ]?name)?|login|e?mail)"
_SAID_OF_SECRETS = (
    r"invalid|expired|missing|required|wrong|not|too|incorrect|empty|revoked|unknown|null|none|disabled|malformed|no|a"
)
_PRIVATE_KEY = re.compile(r"-----BEGIN .*?(?:-----END [A-Z ]*-----|\Z)", re.DOTALL)
_QUOTED = re.compile(
    r"(?<!\w)[bru]{0,2}'.*'(?!\w)|(?<!\w)[bru]{0,2}'(?=\S).*|\".*\"|\".*|`.*`|`.*|"
    r"[“„‟‘].*[”“‟’]|[“„‟‘].*|[«‹].*[»›]|[«‹].*|[「『].*[」』]|[「『].*"
)
"""From a quote that opens to the last one that closes: a quoted text may itself hold quotes and apostrophes."""
_CLOSING = tuple(
    (re.compile(opening), re.compile(closing))
    for opening, closing in (
        (r"(?<!\w)'", r"'(?!\w)"),
        ('"', '"'),
        ("`", "`"),
        ("[“„‟‘]", "[”“‟’]"),
        ("[«‹]", "[»›]"),
        ("[「『]", "[」』]"),
    )
)
"""Quotes of each kind: one that opens inside another kind may close after it."""
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://\S+", re.IGNORECASE), "[url]"),
    (re.compile(r"<(?:@[!&]?|#|a?:\w+:|t:)-?\d+(?::\w)?>"), "[id]"),
    (re.compile(r"\b(?:sk|pk|rk|org|proj|hf|gsk|gh[pousr]|github_pat|xox[abeprs]|glpat|r8)[-_]\S{8,}"), "[secret]"),
    (re.compile(r"\b(?:AKIA|ASIA|AIza|ya29\.|eyJ)\S{8,}"), "[secret]"),
    (re.compile(r"\b(?:bearer|basic|digest|bot|apikey)\s+(?=\S*\d|\S{16,})\S+", re.IGNORECASE), "[secret]"),
    (re.compile(rf"{_SECRETS}\w*\s*[=:]\s*\S+", re.IGNORECASE), "[secret]"),
    (re.compile(rf"{_SECRETS}\w*\s+(?:is|was)\s+(?!(?:{_SAID_OF_SECRETS})[.,;:)]?(?:\s|$))\S+", re.IGNORECASE),
     "[secret]"),
    (re.compile(rf"{_PERSONS}\w*\s*[=:]\s*\S+", re.IGNORECASE), "[secret]"),
    (re.compile(r"[^\s@,;<>()]+@[^\s@,;<>()]+"), "[mail]"),
    (re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d+)?(?::\d+)?"), "[ip]"),
    (re.compile(r"(?<![\w:])\[?(?:[0-9a-f]{0,4}:){2,7}[0-9a-f.]{0,15}\]?(?:%\w+)?(?::\d+)?", re.IGNORECASE), "[ip]"),
    (re.compile(r"\b[A-Za-z]:\\\S*|(?<!\w)[~.]{0,2}[/\\]\S+"), "[path]"),
    # Phone and card numbers come in groups.
    (re.compile(r"\+?\d(?:[ .()-]?\d){6,}"), "[id]"),
    (re.compile(r"\b0x[0-9a-f]+\b", re.IGNORECASE), "[id]"),
)  # fmt: skip
_TOKEN = re.compile(r"[^\s,;()\[\]{}<>=!?\"'`|]+")
_HUMP = re.compile(r"(?<=[a-z])[A-Z]")
_PLACEHOLDERS = frozenset({"secret", "url", "id", "quoted", "mail", "ip", "path"})
_BREAKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_UNSEEN = re.compile(r"[\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
"""What would split a secret so that it is not known, or turn around how the text is read."""


def detail_of(exception: BaseException) -> str:
    """What went wrong and what it said about it, redacted: at most 200 characters; "" if it cannot be looked at."""
    try:
        inner = unwrap(exception)
        said, status = redacted(message_of(inner)), status_of(inner)
        name = type(inner).__name__[:60] + (f" {status}" if status is not None else "")
        return f"{name}: {said}"[:LONGEST] if said else name
    except Exception:
        # Foreign exceptions may do anything when they are looked at.
        return ""


def redacted(text: str) -> str:
    """The text on one line without secrets, addresses, ids, paths and what stands between quotes; ≤ 200 characters."""
    if len(text) >= _READ:
        # The half of a secret that was cut does not look like one.
        text = text[:_READ].rpartition(" ")[0]

    text = _BREAKS.sub(" ", _UNSEEN.sub("", _PRIVATE_KEY.sub("[secret]", text)))
    text = _unquoted(text)
    # No rule then takes more time than this number squared, whoever wrote the text.
    text = " ".join(word if len(word) <= _LONGEST_TOKEN else "[id]" for word in text.split(" "))
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)

    text = _TOKEN.sub(_plain, text).strip()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _unquoted(text: str) -> str:
    parts, at = list[str](), 0
    while (found := _QUOTED.search(text, at)) is not None:
        end = found.end()
        while (further := _closed_after(text, found.start(), end)) > end:
            end = further

        parts += [text[at : found.start()], "[quoted]"]
        at = end

    return "".join(parts) + text[at:]


def _closed_after(text: str, start: int, end: int) -> int:
    """Where the last quote closes that opens in a part of a text; its end, if none of them does."""
    ends = [end]
    for opening, closing in _CLOSING:
        if opening.search(text, start, end):
            ends += [one.end() for one in closing.finditer(text, end)]

    return max(ends)


def _plain(found: re.Match[str]) -> str:
    """The word itself, if each of its parts is a word or a short number; paths and keys are neither."""
    word = found[0]
    if word in _PLACEHOLDERS:
        return word

    if "/" in word or "\\" in word:
        sides = re.split(r"[/\\]", word)
        return word if len(sides) == 2 and all(len(side) <= 3 for side in sides) else "[path]"

    parts = re.split(r"[^\w]|_", word)
    return word if len(word) <= 60 and all(_is_plain(part) for part in parts) else "[id]"


def _is_plain(part: str) -> bool:
    """A word, a number of up to six digits, or a short name with a number in it: `gpt`, `4o`, `llama3`."""
    digits = sum(map(str.isdigit, part))
    if digits == len(part):
        return digits <= 6

    if digits:
        return len(part) <= 8 and digits <= 3

    # Names of types have longer syllables than keys.
    humps = len(_HUMP.findall(part))
    return len(part) <= _LONGEST_WORD and (len(part) < 10 or humps <= len(part) / 5)
