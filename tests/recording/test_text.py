"""The facts of a text, the names in it, its mood and its topic words."""

from __future__ import annotations

import random
import re

import emoji
import pytest
from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer

from monitoring.interfaces import Batch
from monitoring.recording.deltas import _UNHEARD
from monitoring.recording.names import display, fold, is_named
from monitoring.recording.sentiment import Sentiment, looks_english, mood_of
from monitoring.recording.text import Words, count_emoji, facts_of, is_question, plain
from monitoring.recording.topics import Topics, topic_words
from tests.recording.stage import Stage, when


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("really?", True),
        ("本当に？", True),
        ("see https://a.example/x?y=1", False),
        ("seen https://a.example/x?", True),
        ("see <https://a.example/?q=2> ok", False),
        ("no", False),
    ],
)
def test_questions_are_question_marks_outside_links(text: str, expected: bool) -> None:
    """Half and full width; a mark after a link ends a question."""
    assert is_question(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain :) text", 0),
        ("👍🏽 ok ❤️", 2),
        ("👨‍👩‍👧‍👦", 1),
        ("<:luna:123> and <a:wave:45>", 2),
        ("äöü – … 日本", 0),
        ("1️⃣", 1),
    ],
)
def test_emoji(text: str, expected: int) -> None:
    """Unicode's as people see them, Discord's own too."""
    assert count_emoji(text) == expected


def test_length_is_code_points_and_words_are_between_spaces() -> None:
    """ "héllo 😀 you" has 11 code points and three words."""
    facts = facts_of("héllo 😀 you", mentions=2)
    assert (facts.length, facts.words, facts.emoji, facts.mentions) == (11, 3, 1, 2)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Hey LUNA!", "luna", True),
        ("luna's cat", "luna", True),
        ("lunatic", "luna", False),
        ("lunatic luna", "luna", True),
        ("moon_luna", "luna", False),
        ("ルナさん、おはよう", "ルナ", True),
        ("the STRASSE", "straße", True),
        ("cafe\u0301 time", "caf\u00e9", True),
        ("dear mister moon, hi", "Mister Moon", True),
    ],
)
def test_names_are_whole_words_in_any_case(text: str, name: str, expected: bool) -> None:
    """Where a script has no spaces between words, any place will do."""
    assert is_named(fold(text), fold(display(name))) is expected


def test_words_are_found_in_ascii_as_in_any_other_text() -> None:
    """Cut by a table for speed, they are what the expression finds."""
    rng, joints = random.Random(5), ("'’-", "'’")
    for _ in range(3_000):
        text = "".join(rng.choices("abcdefABC09_ -'’\n\t.,é?\x1f\x7f-'", k=rng.randint(0, 30)))
        text = text.encode("ascii", "ignore").decode() if rng.random() < 0.7 else text
        for marks in joints:
            expected = re.findall(rf"[^\W\d_]+(?:[{marks}][^\W\d_]+)*", text)
            assert Words(marks).of(text) == expected, text


def test_emoji_are_counted_as_the_library_does() -> None:
    """Alone, in rows and joined."""
    rng = random.Random(6)
    parts = ["😂", "❤️", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "1️⃣", "©", "…", "é", "日本", "a", " ", "7", "\u200d", "\ufe0f"]
    for _ in range(3_000):
        text = "".join(rng.choices(parts, k=rng.randint(0, 8)))
        assert count_emoji(text) == emoji.emoji_count(text), text


def test_names_in_links_and_emoji_are_not_said() -> None:
    """Markup is no text."""
    assert "luna" not in plain("https://luna.example/a <:luna:123> <@55> <#5> </luna:9>")
    assert plain("a < b and b > a") == "a < b and b > a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I love this, thank you so much!", "positive"),
        ("this is terrible and I hate it", "negative"),
        ("The train leaves at nine", "neutral"),
        ("Das ist ganz wunderbar und super", None),
        ("no me gusta nada", None),
        ("今日はとても楽しい", None),
        ("bonjour, comment ça va", None),
        ("", None),
    ],
)
def test_sentiment_of_english_only(text: str, expected: str | None) -> None:
    """What the library does not know is n/a, not neutral."""
    score = Sentiment().of(text)
    assert (None if score is None else mood_of(score)) == expected


def test_sentiment_looks_at_300_characters() -> None:
    """What comes after is not read."""
    assert Sentiment().of("the train is here. ".ljust(300, "x") + " I hate it") == 0


def test_bands_of_mood() -> None:
    """Positive from 0.05, negative from −0.05."""
    assert [mood_of(score) for score in (0.05, 0.049, -0.049, -0.05)] == ["positive", "neutral", "neutral", "negative"]
    assert looks_english("👍")


def test_topic_words_are_neither_stop_words_nor_names_nor_links() -> None:
    """What is left is what a text is about."""
    text = plain("Hey Luna, the dragons and the castle! `code here` https://x.example/y <@1> Dragons 42")
    assert topic_words(text, {"luna", "hey"}) == ("dragons", "castle")


def test_topics_wait_for_three_people_and_are_then_exact() -> None:
    """Nothing is written for two; the third brings the counts of before, each under its minute."""
    topics, batch = Topics(), Batch()
    for at, person in ((0, "a"), (70, "b"), (75, "b"), (80, ""), (140, "c"), (200, "a")):
        topics.take(batch, when(at), "Luna", "10", ("dragon",), person)
        assert bool(batch.deltas) == (at >= 140)

    counts = {minute: table[("Luna", "10", "dragon")].count for (_, minute), table in batch.deltas.items()}
    assert list(counts.values()) == [1, 3, 1, 1]


def test_f3_a_word_that_waits_all_day_holds_little_and_loses_nothing() -> None:
    """Said by personas each minute and taken up by nobody, it is filed by the hour; its counts are whole in the end."""
    topics, batch = Topics(), Batch()
    for minute in range(12 * 60):
        topics.take(batch, when(minute * 60), "Luna", "10", ("dragon",), "")

    (day,) = topics._days.values()
    assert all(len(waiting.minutes) <= 2 * (12 + 12) for waiting in day.waiting.values())
    for person in "abc":
        topics.take(batch, when(12 * 3_600), "Luna", "10", ("dragon",), person)

    assert sum(table[("Luna", "10", "dragon")].count for table in batch.deltas.values()) == 12 * 60 + 3


def test_what_is_counted_for_the_store_alone_is_asked_of_by_no_rule() -> None:
    """Details and topics of many messages pass by the ring."""
    assert {"detail", "topic", "banter_topic"} <= _UNHEARD


def test_topics_begin_anew_each_local_day() -> None:
    """Two people of yesterday and one of today are not three."""
    topics, batch = Topics("Europe/Berlin"), Batch()
    for day, person in ((0, "a"), (0, "b"), (86_400, "c")):
        topics.take(batch, when(day), "Luna", "10", ("dragon",), person)

    assert batch.deltas == {}


def test_topics_of_a_persona_are_its_words_and_those_it_answered() -> None:
    """Three people who were answered with a word, or used it themselves, share it."""
    stage = Stage()
    for n, (user, question, answer) in enumerate(
        [("ann", "what dragons?", "red ones"), ("ben", "hello", "dragons!"), ("cleo", "hm", "dragons again")]
    ):
        stage.user(n * 30, question, by=user)
        stage.persona(n * 30 + 5, answer)

    assert stage.counts("topic") == {("Luna", "dragons"): (3, 0)}


def test_sentiment_is_what_the_library_says() -> None:
    """Asked word by word for speed, VADER still gives the very same score."""
    rng = random.Random(7)
    analyzer, sentiment = SentimentIntensityAnalyzer(), Sentiment()
    words = [*rng.sample(sorted(analyzer.lexicon), 150), *sorted(BOOSTER_DICT), *sorted(NEGATE)]
    words += ["the", "you", "this", "kind", "of", "least", "at", "no", "No", "or", "nor", "never", "so", "but"] * 5
    words += ["BUT", "GREAT", "bad", "sort", "doubt", "isn't", "to", "a", *" ".join(SPECIAL_CASES).split()] * 3
    words += ["yeah right", "without doubt", "kiss of death", "😀", "😀❤️", "so😡", "👍🏽", "é"]
    # In most texts, few words change what another one is worth: each of those few must be known for it.
    plain = words[:150] + ["river", "stone", "we", "it", "is", "this", "so", "the", "walk"] * 40
    compared = 0
    for number in range(4_000):
        some = rng.choices(plain if number % 2 else words, k=rng.randint(1, 14))
        text = " ".join(some) + rng.choice(["", "!", "!!", "??", "???", " but"])
        score = sentiment.of(text)
        if score is not None and len(text) <= 300 and "<" not in text:
            compared += 1
            assert score == analyzer.polarity_scores(text.strip())["compound"], text

    assert compared > 2_000
