"""`/stats users` as an embed: who is there, who comes back, and how they are served."""

from __future__ import annotations

import discord

from monitoring.analysis.audience import Audience, Engagement
from monitoring.analysis.figure import Gap
from monitoring.analysis.retention import Return
from monitoring.phrasing import NB, NONE, count, duration, more, points, share
from monitoring.safe_text import safe_text

from ._embeds import embed, no_data_embed
from ._format import against, dots, lines, span, unmonitored
from ._report_embeds import DAYS

LEAST = 3
"""People below whom a share says nothing."""
MANY, FEW = 0.3, 0.1
"""Shares of the new that come back the next day: from the first on many do, below the second few."""


def users_embed(value: Audience) -> discord.Embed:
    """Active, new and returning users, retention, engagement, satisfaction, voice."""
    if not value.users.value and not value.users.before:
        return no_data_embed(value.window, value.first_at)

    day, week, month = value.active
    return embed(
        _title(value),
        lines(_new(value), _answered(value.engagement)),
        inline=[
            ("Active now", f"**{count(value.active_now)}**\nin 5{NB}min"),
            ("24 hours", f"**{count(day)}**\n{count(week)} in 7{NB}d"),
            ("30 days", f"**{count(month)}**\n{_stickiness(day, month)}"),
        ],
        fields=[
            ("New users who came back", _returns(value.returns)),
            ("How they were served", _served(value)),
            ("Busiest hours", dots(*(f"{DAYS[day][:3]} {hour:02}:00" for day, hour in value.busiest))),
            ("Quietest hours", _calm(value)),
            ("Voice", _voice(value)),
        ],
        footer=dots(
            span(value.window),
            f"n {count(value.users.value)}",
            unmonitored(_gaps(value), value.window.zone) or against(value.window),
        ),
    )


def _title(value: Audience) -> str:
    change = more(value.users.value, value.users.before)
    if "as usual" in change:
        start = "As many users as usual"
    elif change:
        way = "up" if "▲" in change else "down"
        start = f"Users are {way} {change.strip('▲▼ ').removesuffix(' more').removesuffix(' less')}"
    else:
        users = int(value.users.value or 0)
        start = f"{count(users)} user{'s' if users != 1 else ''} in this window"

    rate = _rate(value.returns[0]) if value.returns else None
    if rate is None or (FEW <= rate < MANY):
        return start

    return f"{start}, and new ones come back" if rate >= MANY else f"{start}, but few new ones come back"


def _new(value: Audience) -> str:
    if value.new is None or value.returning is None:
        return f"**{count(value.users.value)}** users in this window."

    return f"**{count(value.users.value)}** users: {count(value.new)} new, {count(value.returning)} came again."


def _answered(value: Engagement) -> str:
    score = value.score
    if score.value is None:
        return ""

    trend = f", {value.trend} over 7{NB}d" if value.trend else ""
    before = None if score.before is None else score.before / 100
    change = points(score.value / 100, before, up="more", down="fewer")
    return dots(f"**{score.value:.0f}** of 100 messages get an answer{trend}", change)


def _stickiness(day: int, month: int) -> str:
    """How many of a month's users were there in the last day."""
    return f"{share(day / month)} in 24{NB}h" if month else ""


def _gaps(value: Audience) -> list[Gap]:
    """Of what was not monitored, the window's part: the cohorts go back further."""
    start = value.window.start
    return [Gap(max(gap.start, start), gap.end) for gap in value.gaps if gap.end > start]


def _rate(one: Return) -> float | None:
    return one.share if one.people >= LEAST else None


def _returns(returns: tuple[Return, ...]) -> str:
    told = [
        f"{one.after}{NB}d **{share(rate)}** of {count(one.people)}" if (rate := _rate(one)) is not None else ""
        for one in returns
    ]
    missing = [f"{one.after}{NB}d {NONE}" for one in returns if _rate(one) is None]
    return dots(*told, *missing) if any(told) else ""


def _served(value: Audience) -> str:
    votes = value.satisfaction
    liked = f"satisfaction **{votes.value:.1f}** of 5, {count(votes.n)} votes" if votes.value is not None else ""
    qualities = [f"{safe_text(quality.name)} **{quality.mean:.2f}**" for quality in value.qualities]
    return lines(liked, dots(*qualities))


def _calm(value: Audience) -> str:
    if set(value.quietest) & set(value.busiest):
        return ""

    return dots(*(f"{DAYS[day][:3]} {hour:02}:00" for day, hour in value.quietest))


def _voice(value: Audience) -> str:
    if value.voice.value is None:
        return ""

    return dots(f"**{duration(value.voice.value)}** together", more(value.voice.value, value.voice.before))
