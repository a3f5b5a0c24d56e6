"""Where people write, and what they use."""

from __future__ import annotations

from monitoring.analysis.channels import ChannelRow, channels
from monitoring.analysis.commands import commands
from monitoring.analysis.figure import Figure
from monitoring.model import HOUR
from tests.analysis.tables import empty, many, one, times, window

ASKED = window("2026-03-11 00:00", "2026-03-12 00:00")
LONG_AGO = ASKED.start - 99 * 24 * HOUR
NOW = one(
    "message",
    {
        ("user", "", "1", "10"): many(30),
        ("persona", "Mira", "1", "10"): many(10),
        ("user", "", "1", "11"): many(5),
        ("user", "", "2", "20"): many(50),
        ("other", "other", "other", "other"): many(5),
    },
)
BEFORE = one("message", {("user", "", "1", "10"): many(20), ("user", "", "1", "12"): many(7)})
USES = one(
    "command",
    {
        ("weather", "slash", "1"): times(1, 2, 3, failed=1),
        ("roll", "prefix", "1"): times(*[0.1] * 20),
        ("vote", "component", "2"): times(0.5),
    },
)
OFFERED = {"slash": ["weather", "quiz start", "help"], "prefix": ["roll", "old"], "context_menu": ["Report"]}


def test_busiest_channel_comes_first() -> None:
    """Of a hundred messages; what had no room among the channels comes last."""
    found = channels(ASKED, NOW, BEFORE, first_at=LONG_AGO)

    assert found.messages == Figure(100.0, 27.0, 100)
    assert found.rows == (
        ChannelRow("20", Figure(50.0, None, 50), 0.5, 0.0),
        ChannelRow("10", Figure(40.0, 20.0, 40), 0.4, 0.25),
        ChannelRow("11", Figure(5.0, None, 5), 0.05, 0.0),
        ChannelRow("other", Figure(5.0, None, 5), 0.05, 0.0),
    )


def test_guild_sees_its_own_channels() -> None:
    """Shares are of its own messages."""
    found = channels(ASKED, NOW, BEFORE, guild="1", first_at=LONG_AGO)

    assert [(row.channel, round(row.share, 3)) for row in found.rows] == [("10", 0.889), ("11", 0.111)]


def test_names_are_given_by_who_knows_them() -> None:
    """What Discord does not know any more stays without one."""
    assert [row.name for row in channels(ASKED, NOW, BEFORE).named({"10": "tavern"}).rows] == ["", "tavern", "", ""]


def test_window_before_the_first_record_is_no_yardstick() -> None:
    """Neither for the whole nor for a channel."""
    found = channels(ASKED, NOW, BEFORE, first_at=ASKED.start)

    assert found.messages.before is None
    assert {row.messages.before for row in found.rows} == {None}


def test_silence_has_no_channel() -> None:
    """Nothing is divided by nothing."""
    assert channels(ASKED, empty("message"), empty("message")).rows == ()


def test_commands_are_counted_with_their_failures() -> None:
    """Four uses of one, one of which failed; twenty make a P95."""
    found = commands(ASKED, USES, one("command", {("roll", "prefix", "1"): many(5)}), OFFERED, first_at=LONG_AGO)
    roll, weather, vote = found.rows

    assert (found.used, found.failures) == (Figure(25.0, 5.0, 25), Figure(0.04, 0.0, 25))
    assert (roll.name, roll.timing.n, roll.share, roll.before) == ("roll", 20, 0.8, 5)
    assert roll.timing.p95 is not None
    assert (weather.timing.failures, weather.timing.mean, weather.timing.p95, weather.before) == (1, 2.0, None, 0)
    assert (vote.kind, vote.before) == ("component", 0)
    assert found.kinds == (("slash", 4), ("prefix", 20), ("component", 1))


def test_what_is_offered_and_not_used_is_told() -> None:
    """By kind, in order of names."""
    found = commands(ASKED, USES, empty("command"), OFFERED)

    assert found.unused == (("slash", "help"), ("slash", "quiz start"), ("prefix", "old"), ("context_menu", "Report"))


def test_use_in_another_guild_is_none_here() -> None:
    """A guild's own uses only."""
    found = commands(ASKED, USES, empty("command"), {"slash": ["weather"]}, guild="2")

    assert found.used.value == 1
    assert found.unused == (("slash", "weather"),)


def test_a_hybrid_used_by_its_prefix_is_used() -> None:
    """Offered as a slash command too, it is one command."""
    assert commands(ASKED, USES, empty("command"), {"slash": ["roll"]}).unused == ()
