"""Views of people, as counts: who was there and came back, how they talk, what they use."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from monitoring.analysis.audience import Audience
from monitoring.analysis.channels import Channels
from monitoring.analysis.conversations import Conversations
from monitoring.analysis.scenarios import Scenarios
from monitoring.cli.figures import bar, figures, named, spark, under, window_words
from monitoring.cli.tables import table
from monitoring.phrasing import NONE, count, duration, more, points, share

MOST_CHANNELS = 10


def users(value: Audience, zone: str) -> RenderableType:
    """Who was there, who came back, and how they were served."""
    day, week, month = value.active
    returns = [(f"after {one.after} d", share(one.share), f"of {count(one.people)}") for one in value.returns]
    new = count(value.new) if value.new is not None else NONE
    return Group(
        under(
            "Users",
            figures(
                [
                    ("Users", value.users, count, more),
                    ("Engagement", value.engagement.score, _whole, more),
                    ("Satisfaction", value.satisfaction, _of_five, None),
                    ("In voice", value.voice, duration, more),
                ]
            ),
            note=window_words(value.window),
        ),
        Text(f"active: {value.active_now} now, {count(day)} in 24 h, {count(week)} in 7 d, {count(month)} in 30 d"),
        Text(f"new: {new}", style="dim"),
        under("Came back", table(("", ">", ""), returns, "Too little is known of days.")),
    )


def conversations(value: Conversations, zone: str) -> RenderableType:
    """How users and personas talk."""
    shown = figures(
        [
            ("Conversations", value.count, count, more),
            ("Messages", value.length, _one, more),
            ("Last", value.duration, duration, more),
            ("Follow-up", value.follow_up, share, lambda a, b: points(a, b, up="more", down="fewer")),
        ]
    )
    return Group(under("Conversations", shown, note=window_words(value.window)), spark(value.days))


def channels(value: Channels, zone: str) -> RenderableType:
    """Channels by their ids, busiest first: names are only known to the bot."""
    rows = [
        (named(one.name or one.channel), count(one.messages.value), bar(one.share), share(one.personas))
        for one in value.rows[:MOST_CHANNELS]
    ]
    heads = ("channel", ">messages", "share", ">by personas")
    return under("Channels", table(heads, rows, "Nobody wrote in this window."), note=window_words(value.window))


def scenarios(value: Scenarios, zone: str) -> RenderableType:
    """Scenarios begun and finished."""
    rows = [
        (named(one.name), count(one.starts), count(one.completed), share(one.completion), duration(one.length))
        for one in value.rows
    ]
    heads = ("scenario", ">begun", ">finished", ">share", ">took")
    return under("Scenarios", table(heads, rows, "No scenario was begun."), note=window_words(value.window))


def _whole(value: float | None) -> str:
    return NONE if value is None else f"{value:.0f}"


def _one(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f}"


def _of_five(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f} of 5"
