"""What notices say in plain words: what, so what, what to do, when; inert whatever the names."""

from __future__ import annotations

import pytest

from cogs._embeds import STRIPE
from monitoring.incident import Notice
from monitoring.notify.discord_webhook import COLOURS
from monitoring.notify.news import is_told, news_of, plain

from .receiver import ALL, NOON, ZONE, late, message, opening, recovery


def test_an_opening_says_what_so_what_and_what_to_do() -> None:
    """Title with the value, the limit and since when, the rule's advice, its runbook, and the time of the event."""
    news = news_of(opening(), ZONE)
    assert news.title == "🟥 Open, critical: P95 response 8.3 s"
    assert news.lines == ("Limit 5.0 s. Since 12:00.",)
    assert news.advice == "Look at /why, then at the model's queue."
    assert news.runbook == "https://wiki.example.com/slow"
    assert news.when == "11 Mar, 12:00 CET"
    assert (news.state, news.status, news.severity, news.about) == ("critical", "open", "critical", "p95_response")


def test_a_recovery_says_how_long_and_how_bad_it_was() -> None:
    """Without advice: there is nothing to do any more."""
    news = news_of(recovery(), ZONE)
    assert news.title == "🟢 Resolved: P95 response"
    assert news.lines == ("Lasted 12\u00a0min, 12:00 to 12:12, up to 9.1 s.",)
    assert (news.state, news.status, news.advice, news.runbook) == ("good", "resolved", "", "")
    closed = news_of(recovery(changes=["closed"], reason="the rule was removed"), ZONE)
    assert closed.title == "⚪ Closed: P95 response"
    assert closed.lines[-1] == "the rule was removed"


@pytest.mark.parametrize(
    ("change", "begins"),
    [
        ("reopened", "🟥 Open again: "),
        ("escalated", "🟥 Critical now: "),
        ("unheeded", "🟥 Nobody has acknowledged: "),
        ("flapping", "🔁 Flapping: "),
        ("silence_ended", "🟥 Still open after its silence: "),
        ("cause_ended", "🟥 Still open though its cause is over: "),
        ("quiet_over", "🟥 Still open after quiet hours: "),
    ],
)
def test_each_turn_of_an_incident_has_its_word(change: str, begins: str) -> None:
    """The newest thing that somebody should know comes first."""
    assert news_of(opening(changes=[change]), ZONE).title.startswith(begins)


def test_late_news_have_a_line_each_and_count_the_rest() -> None:
    """Twenty-five lines at most."""
    news = news_of(late(25, 10), ZONE)
    assert news.title == "🔌 35 incidents came and went"
    assert len(news.lines) == 27
    assert news.lines[1] == "Incident 0, 12:00 to 12:01"
    assert news.lines[-1] == "and 10 more"
    assert news_of(late(1), ZONE).lines[0].startswith("It came and went while nothing could be sent here for 1")


def test_a_message_is_its_sentence() -> None:
    """The first one is the title."""
    news = news_of(message("The store is full. Make room."), ZONE)
    assert (news.title, news.lines) == ("🔌 The store is full", ("Make room.",))


def test_mere_edits_are_nothing_to_tell_and_recoveries_always_are() -> None:
    """Places that cannot edit would repeat themselves; but nobody is left with an incident that never ends."""
    assert is_told(opening())
    assert not is_told(opening(minor=True))
    assert not is_told(opening(quiet=True))
    assert is_told(recovery(minor=True, quiet=True))


def test_names_are_inert() -> None:
    """No line break, no control or direction character in any text, so that no header and no line can be forged."""
    for notice in ALL:
        news = news_of(notice, ZONE)
        texts = [news.title, *news.lines, *(value for _, value in news.fields), news.advice, news.about]
        texts += [value for value in news.details.values() if isinstance(value, str)]
        assert not [text for text in texts if set(text) & set("\r\n\u202e")], notice


def test_discords_markup_is_taken_off() -> None:
    """Bold, code, escapes and times."""
    words = rf"**Mira** is \*slow\* since <t:{NOON // 1000}:t>, see `/why`"
    assert plain(words, ZONE) == "Mira is *slow* since 12:00, see /why"


def test_an_unknown_kind_is_told_by_what_its_body_says() -> None:
    """News of a newer version of the store are not lost."""
    news = news_of(Notice("k", "eclipse", NOON, "s", "x", "n", {"text": "The sun is gone"}), ZONE)
    assert news.title == "The sun is gone"


def test_colours_are_those_of_the_bot() -> None:
    """One look everywhere."""
    assert {name: STRIPE[name] for name in COLOURS} == COLOURS


def test_several_incidents_in_one_message_have_a_line_each() -> None:
    """At the opening, and at the end of them all."""
    rows = [{"number": n, "text": f"Open: thing {n}"} for n in range(3)]
    news = news_of(opening(members=rows), ZONE)
    assert news.title == "🟥 3 incidents at once"
    assert news.lines == ("Open: thing 0", "Open: thing 1", "Open: thing 2")
    assert news_of(recovery(members=rows), ZONE).title == "🟢 Resolved: all 3 incidents"


def test_why_it_is_back_and_what_is_quiet_because_of_it_is_said() -> None:
    """A line each."""
    news = news_of(opening(why="quiet hours over, and this is still broken", symptoms=["Errors", "Mean"]), ZONE)
    assert news.lines[1:] == ("Quiet hours over, and this is still broken", "Quiet because of it: Errors, Mean.")
