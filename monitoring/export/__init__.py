"""Exports: every figure of a window as a file, streamed in blocks, the same bytes for whoever asks.

The store is asked for a few steps at a time and let go of in between, so that neither a long export nor somebody who
reads it slowly keeps anything from being written.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial

from monitoring.analysis.users import LEAST_PEOPLE
from monitoring.errors import UnknownName
from monitoring.export.question import Question
from monitoring.export.reading import Reading, metrics_of, spans
from monitoring.export.rows import OF_USERS, Row
from monitoring.export.text import FORMS, Form, Told
from monitoring.finding import Tell, tell_nobody
from monitoring.metrics import METRICS, MISSING
from monitoring.model import Instant
from monitoring.quantities import did_you_mean
from monitoring.questions import Questions
from monitoring.store.segments import DAY_DAYS, HOUR_DAYS, MINUTE_HOURS, Kept, kept_at
from monitoring.window import Window


class Export:
    """Makes exports. Raises StoreError, and UnknownName for a service of which nothing was recorded in the window."""

    def __init__(self, load: Questions) -> None:
        self._load = load

    async def chunks(self, asked: Question, tell: Tell = tell_nobody) -> AsyncGenerator[bytes, None]:
        """The file, block by block; the first one comes when it is known that there will be one."""
        now = self._load.clock.now()
        kept = kept_at(now, asked.zone, minute_hours=MINUTE_HOURS, hour_days=HOUR_DAYS, day_days=DAY_DAYS)
        metrics, form = metrics_of(asked), FORMS[asked.form]()
        told = await self._told(asked, kept, metrics, now)
        reading = Reading(self._load, asked, now, await self._few(asked, kept, metrics))
        yield form.begin(told).encode()
        turns: list[Sequence[str]] = [(metric,) for metric in metrics] if form.by_metric else [metrics]
        for number, turn in enumerate(turns):
            async with aclosing(reading.parts(turn, spans(asked, kept))) as parts:
                async for part, rows in parts:
                    share = (part.end - asked.since) / (asked.until - asked.since)
                    tell("writing", (number + share) / len(turns))
                    if text := await self._load.aside(partial(_text, form, rows, now)):
                        yield text

        yield form.end().encode()

    async def _told(self, asked: Question, kept: Kept, metrics: Sequence[str], now: Instant) -> Told:
        """What is known before the first row. Raises UnknownName."""
        load, guild = self._load, asked.scope.guild_id
        window = Window(min(max(asked.since, kept.days), now), min(asked.until, now), asked.zone)
        if asked.services:
            await self._know(asked.services, metrics, window)

        drop = (await load.whole("drop", window, ("reason",))).total(lambda labels: labels[1])
        return Told(
            since=asked.since,
            until=asked.until,
            zone=asked.zone,
            step=asked.step,
            guild=None if guild is None else str(guild),
            services=asked.services,
            metrics=tuple(metrics),
            gaps=await load.gaps(window, load.now().first_at),
            drops={reason: rollup.count for reason, rollup in drop.items() if reason in MISSING},
        )

    async def _know(self, services: Sequence[str], metrics: Sequence[str], window: Window) -> None:
        known: set[str] = set()
        for metric in metrics:
            place = METRICS[metric].labels.index("service")
            series = await self._load.whole(metric, window, ("service",))
            known |= {labels[place] for step in series.steps for labels in step}

        for name in services:
            if name not in known:
                said = f"There is no service {name} in this window{did_you_mean(name, known)}"
                raise UnknownName(said if said.endswith("?") else f"{said}.")

    async def _few(self, asked: Question, kept: Kept, metrics: Sequence[str]) -> frozenset[str]:
        """Guilds of which fewer than three people were there."""
        if asked.step == "day":
            return frozenset()

        start, guilds, store = max(asked.since, kept.days), set[str](), self._load.store
        for metric in OF_USERS.keys() & set(metrics):
            place = METRICS[metric].labels.index("guild")
            series = await store.series(metric, start, asked.until, 0, ("guild",))
            guilds |= {labels[place] for step in series.steps for labels in step if labels[place].isdecimal()}

        only, few = asked.scope.guild_id, set[str]()
        for guild in guilds if only is None else guilds & {str(only)}:
            people = (await store.people(start, asked.until, int(guild))).get("")
            if people is None or people.users < LEAST_PEOPLE:
                few.add(guild)

        return frozenset(few)


def _text(form: Form, rows: list[Row], now: Instant) -> bytes:
    """The rows as they are written. Lets go of them, so that whoever reads slowly keeps only the text waiting."""
    text = form.rows([row for row in rows if row.end <= now] if form.by_metric else rows).encode()
    rows.clear()
    return text
