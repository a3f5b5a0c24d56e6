"""`/alerts history`: what was broken, for how long, and who did what about it; page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import discord
from discord import SelectOption

from monitoring.alerting.judge import value_words
from monitoring.errors import UnknownName
from monitoring.incident import Incident, Stage
from monitoring.model import DAY, SECOND
from monitoring.monitor import Monitor
from monitoring.phrasing import duration
from monitoring.safe_text import plain_text, safe_text

from ._alerts_embed import emoji_of
from ._answer import Reply, answer
from ._embeds import embed
from ._format import bold, dots, lines, stamp
from ._incident_pages import details_reply
from ._links import links_of
from ._views import Choice, Press, persistent, view

Anything = discord.Interaction[Any]
POLICY = "alerts:history"
PAGE = 6
EVERY_RULE = "-"
DEEDS = ("acknowledged", "silenced", "silence ended", "silence ended early", "maintenance ended early", "closed")
"""Steps of an incident's course that somebody did."""


async def history_page(monitor: Monitor, guild_id: int, days: int, rule: str, page: int = 0) -> Reply:
    """The incidents of the last days, newest first. Raises UnknownName for a rule that there never was."""
    now = monitor.clock.now()
    everything = await monitor.incidents(open_only=False)
    if rule and rule not in {one.name for one in monitor.rules.all()} | {one.rule for one in everything}:
        raise UnknownName(rule)

    found = [one for one in everything if one.since >= now - days * DAY and rule in ("", one.rule)]
    found.sort(key=lambda one: -one.number)
    last = max(len(found) - 1, 0) // PAGE
    page = min(page, last)
    links = links_of(everything, guild_id)
    shown = found[page * PAGE : (page + 1) * PAGE]
    base = f"mon:history:{days}:{rule or EVERY_RULE}"
    below = view(
        _menu(shown),
        HistoryPage(f"{base}:{page - 1}", label="Newer") if page else None,
        HistoryPage(f"{base}:{page + 1}", label="Older") if page < last else None,
    )
    return Reply(history_embed(found, shown, links, days, rule, (page, last), now), view=below)


def history_embed(
    found: Sequence[Incident],
    shown: Sequence[Incident],
    links: Mapping[int, str],
    days: int,
    rule: str,
    place: tuple[int, int],
    now: int,
) -> discord.Embed:
    """One page; the title counts all of them."""
    during = f"in {days} days" if days > 1 else "in 24 hours"
    of = f" of {plain_text(rule, 40)}" if rule else ""
    if not found:
        return embed(f"No incident{of} {during}", "What opens is listed here for as long as it is kept.")

    broken = sum(((one.resolved_at or now) - one.since) / SECOND for one in found)
    n = len(found)
    return embed(
        f"{n} incident{'s' if n > 1 else ''}{of} {during}, {duration(broken)} in all",
        "\n\n".join(_row(one, links.get(one.number, ""), now) for one in shown),
        footer=dots(f"page {place[0] + 1} of {place[1] + 1}" if place[1] else "", "newest first"),
    )


def _row(incident: Incident, link: str, now: int) -> str:
    peak = value_words(incident.peak, incident.unit)
    name = f"incident {incident.number}"
    over = incident.resolved_at
    lasted = duration(((over or now) - incident.since) / SECOND)
    first = dots(
        f"{emoji_of(incident, now)} {bold(incident.title or incident.rule, 48)}",
        f"up to {peak}" if peak else "",
        lasted if over is not None else f"open for {lasted}",
    )
    second = dots(stamp(incident.since, "f"), f"[{name}]({link})" if link else name)
    return lines(first, second, _deeds(incident))


def _deeds(incident: Incident) -> str:
    """Who did what, with how long after the opening."""
    began = incident.opened_at or incident.since
    found = [(at, words) for at, words in incident.history if words.partition(",")[0].startswith(DEEDS)]
    told = [f"{_deed(words)} after {duration(max(at - began, 0) / SECOND)}" for at, words in found[:3]]
    if not told and incident.stage is Stage.RESOLVED:
        return "nobody had to act"

    return dots(*told, f"{len(found) - 3} more steps" if len(found) > 3 else "")


def _deed(words: str) -> str:
    """A step of the course as people say it: "acknowledged by olivia"."""
    what, _, who = words.partition(", ")
    link = ":" if what == "closed" else " by"
    return safe_text(f"{what}{link} {who}" if who else what, 80)


def _menu(shown: Sequence[Incident]) -> LookAtIncident | None:
    options = [
        SelectOption(
            label=plain_text(f"Incident {one.number}", 100),
            value=str(one.number),
            description=plain_text(one.title or one.rule, 100),
        )
        for one in shown
    ]
    return LookAtIncident("mon:history:look", placeholder="Look at one", options=options) if options else None


@persistent
class HistoryPage(Press, template=r"mon:history:(?P<days>\d{1,3}):(?P<rule>[\w-]{1,40}):(?P<page>\d{1,4})"):
    """Turns the page."""

    policy: ClassVar[str] = POLICY

    async def callback(self, interaction: Anything) -> None:
        """Put it in place of the other."""
        days, page, rule = int(self.parts["days"]), int(self.parts["page"]), self.parts["rule"]
        named = "" if rule == EVERY_RULE else rule
        await answer(
            interaction,
            self.policy,
            lambda monitor: history_page(monitor, interaction.guild_id or 0, days, named, page),
            edit=True,
            chart=False,
        )


@persistent
class LookAtIncident(Choice, template=r"mon:history:look"):
    """Shows the details of one to the one who asks."""

    policy: ClassVar[str] = "incident:details"

    async def callback(self, interaction: Anything) -> None:
        """The list stays."""

        async def make(monitor: Monitor) -> Reply:
            if not self.chosen.isdigit():
                raise UnknownName(self.chosen)

            return await details_reply(monitor, int(self.chosen))

        await answer(interaction, self.policy, make, ephemeral=True, chart=False)
