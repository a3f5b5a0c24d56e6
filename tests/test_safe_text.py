"""Names that strangers chose are made inert."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from monitoring.safe_text import code_text, plain_text, safe_text


def test_markdown_is_escaped() -> None:
    """A name cannot make itself bold, a spoiler, or a link."""
    assert safe_text("dagoth_ur") == r"dagoth\_ur"
    assert safe_text("**x**") == r"\*\*x\*\*"
    assert "](" not in safe_text("[a](https://evil.example)")


def test_mentions_are_broken() -> None:
    """Nobody is pinged by a name."""
    for name in ("@everyone", "@here", "<@123>", "<@&123>", "<#5>", "<t:0:R>", "<id:home>", "<a:x:1>"):
        text = safe_text(name)
        assert "@everyone" not in text
        assert "@here" not in text
        assert "<@" not in text
        assert "<#" not in text
        assert "<t" not in text
        assert "<i" not in text


def test_a_pile_of_marks_is_cut_to_two() -> None:
    """Three hundred combining marks become two."""
    text = plain_text("a" + "\u0301\u0323" * 150)
    assert sum(unicodedata.combining(c) > 0 for c in unicodedata.normalize("NFD", text)) <= 3


def test_direction_cannot_be_turned() -> None:
    """Bidi overrides are gone, and so are line breaks."""
    assert plain_text("a\u202eb\u2066c\nd") == "abc d"


def test_a_name_is_never_empty() -> None:
    """Whatever is left of it, something is shown."""
    assert plain_text("\u200b\u202e") == "?"
    assert plain_text("") == "?"


def test_a_long_name_is_cut_with_a_mark() -> None:
    """200 characters become 32."""
    assert plain_text("x" * 200) == "x" * 31 + "…"


def test_code_cannot_be_left() -> None:
    """Backticks are replaced."""
    assert "`" not in code_text("a`b```c")


@given(st.text(max_size=300))
def test_any_text_is_one_short_line(name: str) -> None:
    """At most 32 characters, no control characters, no ping."""
    text = plain_text(name)
    assert 0 < len(text) <= 32
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text)
    assert "@everyone" not in safe_text(name)
