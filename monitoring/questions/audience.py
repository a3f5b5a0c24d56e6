"""Questions about people: who is there, where they write, what they use, how they talk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from monitoring.analysis.audience import Audience, Crowd, audience, complete_days
from monitoring.analysis.channels import Channels, channels
from monitoring.analysis.commands import Commands, commands
from monitoring.analysis.conversations import Conversations, conversations
from monitoring.analysis.person import Personal, personal
from monitoring.analysis.scenarios import Scenarios, scenarios
from monitoring.model import DAY, HOUR
from monitoring.questions import Questions
from monitoring.questions.loading import guild_label, of
from monitoring.window import Scope, Window

KEPT_DAYS = 90
"""How long it is kept who was there in which hour: as long as rollups by the hour."""


class AudiencePage:
    """Loads what people did and lets `analysis` think of it. `hashed` gives the keyed hash of a user's id."""

    def __init__(self, load: Questions, hashed: Callable[[int], str], *, raw_days: int) -> None:
        self._load = load
        self._hashed = hashed
        self._raw_days = raw_days

    async def users(self, window: Window, scope: Scope) -> Audience:
        """Who was there, who came back, and how they were served."""
        load, store, now = self._load, self._load.store, self._load.now()
        kept = Window(min(window.start, window.end - KEPT_DAYS * DAY), window.end, window.zone)
        edges = complete_days(window)
        week = Window(edges[0], edges[-1], window.zone)
        crowd = Crowd(
            attendance=await store.attendance(kept.start, kept.end, scope.guild_id),
            attendance_before=await store.attendance(window.before.start, window.before.end, scope.guild_id),
            kept=KEPT_DAYS * DAY,
            active_now=now.active.get(scope.guild_id, 0),
            message_hours=await load.bars("message", window, of(scope, "author"), width=HOUR),
            message=await load.whole("message", window, of(scope, "author")),
            message_before=await load.whole("message", window.before, of(scope, "author")),
            answered=await load.whole("answered", window, of(scope)),
            answered_before=await load.whole("answered", window.before, of(scope)),
            message_days=await load.series("message", week, DAY, of(scope, "author")),
            answered_days=await load.series("answered", week, DAY, of(scope)),
            satisfaction=await load.whole("satisfaction", window, of(scope)),
            satisfaction_before=await load.whole("satisfaction", window.before, of(scope)),
            quality=await load.whole("quality", window, of(scope, "quality")),
            voice=await load.whole("voice", window, of(scope)),
            voice_before=await load.whole("voice", window.before, of(scope)),
            gaps=await load.unheard(kept, now.first_at),
            first_at=now.first_at,
        )

        return await load.aside(lambda: audience(window, crowd, guild=guild_label(scope)))

    async def channels(self, window: Window, scope: Scope) -> Channels:
        """Where was written, by channel id."""
        load, first_at = self._load, self._load.now().first_at
        by = of(scope, "author", "channel")
        now, before = await load.whole("message", window, by), await load.whole("message", window.before, by)
        gaps = await load.unheard(window, first_at)
        return await load.aside(
            lambda: channels(window, now, before, gaps, guild=guild_label(scope), first_at=first_at)
        )

    async def commands(self, window: Window, scope: Scope, offered: Mapping[str, Collection[str]]) -> Commands:
        """Which commands were used; `offered`: the names of those there are, by kind."""
        load, first_at = self._load, self._load.now().first_at
        by = of(scope, "command", "kind")
        now, before = await load.whole("command", window, by), await load.whole("command", window.before, by)
        gaps = await load.gaps(window, first_at)
        return await load.aside(
            lambda: commands(window, now, before, offered, gaps, guild=guild_label(scope), first_at=first_at)
        )

    async def conversations(self, window: Window, scope: Scope) -> Conversations:
        """How users and personas talked; who did so again only where raw messages go back to the window's start."""
        load, now = self._load, self._load.now()
        by = of(scope, "what")
        people = None
        if window.start >= load.clock.now() - self._raw_days * DAY - HOUR:
            people = await load.store.conversing(window.start, window.end, scope.guild_id)

        return conversations(
            window,
            await load.bars("conversation", window, by),
            await load.whole("conversation", window.before, by),
            await load.unheard(window, now.first_at),
            guild=guild_label(scope),
            first_at=now.first_at,
            going_on=now.conversations if scope.guild_id is None else None,
            people=people,
        )

    async def scenarios(self, window: Window, scope: Scope) -> Scenarios:
        """Which scenarios were begun and finished."""
        load, first_at = self._load, self._load.now().first_at
        by = of(scope, "scenario", "outcome")
        return scenarios(
            window,
            await load.whole("scenario", window, by),
            await load.whole("scenario", window.before, by),
            await load.unheard(window, first_at),
            guild=guild_label(scope),
            first_at=first_at,
        )

    async def person(self, user_id: int, window: Window) -> Personal:
        """What is known of one person, in all guilds; to be shown to nobody else."""
        start = min(window.start, window.end - KEPT_DAYS * DAY)
        record = await self._load.store.person(self._hashed(user_id), start, window.end)
        return personal(window, record, raw_days=self._raw_days, hour_days=KEPT_DAYS)
