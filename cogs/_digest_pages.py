"""A digest as a message: embed, picture, and the buttons that lead on from it."""

from __future__ import annotations

import datetime as dates
from typing import Any, ClassVar

import discord
from discord import ButtonStyle
from discord.ui import View

from monitoring.analysis.why_findings import named
from monitoring.digest.dates import day_window, week_window
from monitoring.digest.day import Digest
from monitoring.digest.week import Week
from monitoring.errors import UnknownName
from monitoring.model import Band
from monitoring.monitor import Monitor
from monitoring.picture import Picture
from monitoring.window import Window

from ._answer import Reply, answer
from ._digest_embed import digest_embed
from ._full_report import full
from ._permissions import scope_of
from ._rule_forms import TryLimit
from ._views import Press, persistent, view
from ._weekly_embed import weekly_embed
from ._why_embed import why_embed
from ._why_pages import guilds_of, picture_of

Anything = discord.Interaction[Any]
ABOUT = r"mon:digest:(?P<kind>day|week):(?P<date>\d{4}-\d\d-\d\d)"


def pictured(value: Digest | Week) -> bool:
    """Whether a picture belongs to it: a quiet day takes two lines, and of nothing there is nothing to draw."""
    if isinstance(value, Digest) and value.quiet:
        return False

    return bool(value.overview.messages.value or value.overview.mean.n)


def digest_reply(
    monitor: Monitor, value: Digest | Week, picture: Picture | None = None, *, late: bool = False
) -> Reply:
    """The whole message of a digest."""
    if isinstance(value, Week):
        return Reply(weekly_embed(value, late=late, link=monitor.message_link), picture, _week_view(value))

    return Reply(
        digest_embed(value, late=late, link=monitor.message_link), picture, None if value.quiet else _day_view(value)
    )


def _day_view(digest: Digest) -> View:
    return view(_report("day", digest.date), _why(digest))


def _week_view(week: Week) -> View:
    """The proposal comes first: it is what there is to do."""
    better = week.proposal
    if better is None:
        return view(_report("week", week.date))

    custom_id = f"mon:rule:{better.rule}:try:{better.limit:.9g}"
    attempt = TryLimit(custom_id, label=f"Try {better.text}", style=ButtonStyle.primary)
    return view(attempt, _report("week", week.date, style=ButtonStyle.secondary))


def _report(kind: str, date: str, *, style: ButtonStyle = ButtonStyle.primary) -> DigestReport:
    return DigestReport(f"mon:digest:{kind}:{date}:report", label="Full report", style=style)


def _why(digest: Digest) -> DigestWhy | None:
    """The way to the causes of what got worse, if anything did."""
    overview = digest.overview
    for figure, found, label in (("p95", overview.p95, "Why slower"), ("errors", overview.errors, "Why failures")):
        worse = found.before is not None and found.value is not None and found.value > found.before
        if worse and found.band in (Band.WARNING, Band.CRITICAL):
            return DigestWhy(f"mon:digest:day:{digest.date}:why:{figure}", label=label)

    return None


@persistent
class DigestReport(Press, template=ABOUT + ":report"):
    """Everything about the day or week as one PDF, for the one who asks."""

    policy: ClassVar[str] = "digest:report"

    async def callback(self, interaction: Anything) -> None:
        """Draw it."""

        async def make(monitor: Monitor) -> Reply:
            return await full(monitor, interaction, self.parts["kind"], _window(monitor, self.parts))

        await answer(interaction, self.policy, make, ephemeral=True)


@persistent
class DigestWhy(Press, template=ABOUT + r":why:(?P<figure>p95|errors)"):
    """Why the day was slower, or failed more, than the one before; for the one who asks."""

    policy: ClassVar[str] = "digest:why"

    async def callback(self, interaction: Anything) -> None:
        """Show the causes."""

        async def make(monitor: Monitor) -> Reply:
            over = _window(monitor, self.parts)
            value = await monitor.insight.why(self.parts["figure"], over, scope_of(interaction, monitor))
            value = named(value, guilds_of(interaction, monitor))
            return Reply(why_embed(value), await picture_of(monitor, value))

        await answer(interaction, self.policy, make, ephemeral=True)


def _window(monitor: Monitor, parts: dict[str, str]) -> Window:
    """The window that a button's id names. Raises UnknownName for what is no date."""
    try:
        date = dates.date.fromisoformat(parts["date"])
        return (week_window if parts["kind"] == "week" else day_window)(date, monitor.zone)
    except (ValueError, OverflowError) as error:
        raise UnknownName(parts["date"]) from error
