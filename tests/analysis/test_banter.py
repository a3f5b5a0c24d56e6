"""How personas banter: counts, who starts, who is ignored, days without monitoring."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitoring.analysis.banter import BanterDay, Ignored, Talks, banter, topics
from monitoring.analysis.figure import Figure, Gap, Named
from monitoring.analysis.series import only
from monitoring.model import DAY
from monitoring.rollup import Rollup
from tests.analysis.tables import at, empty, many, one, series, times, window

START = at("2026-03-09 00:00")
ASKED = window("2026-03-09 00:00", "2026-03-12 00:00")
NOTHING = Talks(
    exchange=empty("exchange"),
    exchange_before=empty("exchange"),
    outcome=empty("exchange_outcome"),
    outcome_before=empty("exchange_outcome"),
    ignored=empty("ignored"),
    message=empty("message"),
    banter=empty("banter"),
    topic=empty("topic"),
    first_at=START - 30 * DAY,
)


def turns(*lengths: int) -> Rollup:
    """Exchanges of so many turns."""
    return times(*lengths)


TALKS = replace(
    NOTHING,
    exchange=series(
        "exchange",
        START,
        DAY,
        {("Mira", "Rex", "1"): turns(2, 4), ("Rex", "Mira", "1"): turns(3)},
        {},
        {("Mira", "Mira", "2"): turns(7)},
    ),
    exchange_before=one("exchange", {("Mira", "Rex", "1"): turns(2, 2)}),
    outcome=series("exchange_outcome", START, DAY, {("1",): many(3, failures=1)}, {}, {("2",): many(1, failures=1)}),
    outcome_before=one("exchange_outcome", {("1",): many(2, failures=1)}),
    message=one("message", {("persona", "Mira", "1", "9"): many(50), ("user", "", "1", "9"): many(80)}),
    banter=one("banter", {("Mira", "1"): many(12), ("Rex", "1"): many(8)}),
    slots={"Mira": 1},
)


def test_exchanges_are_counted_with_their_length() -> None:
    """Four exchanges of 2, 4, 3 and 7 turns: 4 in the mean, 7 at most; 20 of 50 persona messages were inside."""
    found = banter(ASKED, TALKS)

    assert found.exchanges == Figure(4.0, 2.0, 4)
    assert (found.mean_turns, found.longest) == (4.0, 7)
    assert (found.messages, found.message_share) == (20, 0.4)


def test_starting_and_ending_are_two_things() -> None:
    """Mira started three of four exchanges and ended two."""
    found = banter(ASKED, TALKS)

    assert found.starters == (Named("Mira", 3, 0.75, 1), Named("Rex", 1, 0.25, 0))
    assert found.enders == (Named("Mira", 2, 0.5, 1), Named("Rex", 2, 0.5, 0))


def test_users_joined_after_two_of_four() -> None:
    """Of the decided exchanges; before it was one of two."""
    assert banter(ASKED, TALKS).joined == Figure(0.5, 0.5, 4)


def test_days_show_how_many_users_joined() -> None:
    """Two of three on the first day, none of one on the third, silence between."""
    assert banter(ASKED, TALKS).days == (
        BanterDay(START, 3, 2),
        BanterDay(START + DAY, 0, 0),
        BanterDay(START + 2 * DAY, 1, 0),
    )


def test_guild_sees_its_own_banter() -> None:
    """One exchange in the second guild, which nobody joined."""
    found = banter(ASKED, TALKS, guild="2")

    assert (found.exchanges.value, found.joined.value, found.messages) == (1.0, 0.0, 0)


def test_nothing_said_is_not_known_to_be_joined() -> None:
    """Without exchanges there is no length, no share and nobody who starts."""
    found = banter(ASKED, NOTHING)

    assert (found.exchanges.value, found.mean_turns, found.longest) == (0.0, None, None)
    assert (found.joined.value, found.message_share, found.starters) == (None, None, ())


def test_days_without_monitoring_are_dark() -> None:
    """Before the first record and in a gap nothing is known; a quiet day is none."""
    days = series("exchange", START, DAY, {}, {}, {})
    first = replace(TALKS, exchange=days, first_at=START + DAY)
    off = replace(TALKS, exchange=days, gaps=(Gap(START + 2 * DAY, START + 3 * DAY),))

    assert [day.exchanges for day in banter(ASKED, first).days] == [None, 0, 0]
    assert [day.exchanges for day in banter(ASKED, off).days] == [0, 0, None]


def test_window_before_that_recording_began_in_is_no_yardstick() -> None:
    """Otherwise every first week would be a boom of banter."""
    assert banter(ASKED, replace(TALKS, first_at=START - DAY)).exchanges.before is None


def test_most_ignored_needs_ten_openings() -> None:
    """Nine openings say nothing, even if all of them met silence; equals go by name."""
    ignored = one(
        "ignored",
        {
            ("Zed", "1"): many(9, failures=9),
            ("Rex", "1"): many(6, failures=3),
            ("Rex", "2"): many(4, failures=2),
            ("Mira", "1"): many(20, failures=2),
            ("Ada", "1"): many(10, failures=1),
        },
    )

    assert banter(ASKED, replace(TALKS, ignored=ignored)).ignored == (
        Ignored("Rex", 0, 10, 5),
        Ignored("Ada", 0, 10, 1),
        Ignored("Mira", 1, 20, 2),
    )


@pytest.mark.parametrize(("most", "words"), [(2, ["dragons", "tea"]), (5, ["dragons", "tea", "chess"])])
def test_topics_are_the_most_frequent_words(most: int, words: list[str]) -> None:
    """Of all guilds together; what found no room has no word."""
    table = {
        ("Mira", "1", "tea"): many(4),
        ("Mira", "1", "dragons"): many(3),
        ("Rex", "2", "dragons"): many(3),
        ("Rex", "1", "chess"): many(1),
        ("other", "other", "other"): many(99),
    }

    assert [word for word, _ in topics(one("topic", table), only("topic"), most=most)] == words
