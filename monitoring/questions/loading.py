"""Loading what questions think about: series in the steps of a chart, whole spans, people, gaps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias, TypeVar

from monitoring.analysis.figure import Gap
from monitoring.analysis.series import (
    Keep,
    chart_width,
    gaps,
    label,
    outside,
    regroup,
    stored_width,
    telling_width,
)
from monitoring.analysis.series import only as having
from monitoring.interfaces import Clock, People, Store
from monitoring.model import DAY, HOUR, MINUTE, Instant, Told
from monitoring.rollup import Series
from monitoring.window import Scope, Window, step_start

Thought = TypeVar("Thought")
By: TypeAlias = Collection[str] | None
"""Names of the labels to keep apart: the fewer, the sooner it is loaded. None: all of them."""
Only: TypeAlias = Mapping[str, str] | None
"""Labels with the values that are meant."""


class Loading:
    """Reads the store for one window after the other; what takes long is thought in a thread of its own."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self._thread: ThreadPoolExecutor | None = None

    def close(self) -> None:
        """Let go of the thread."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    async def aside(self, think: Callable[[], Thought]) -> Thought:
        """Think in a thread of our own: merging a month of steps would hold the host's event loop."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="monitoring-questions")

        return await asyncio.get_running_loop().run_in_executor(self._thread, think)

    async def series(
        self,
        metric: str,
        window: Window,
        width: int,
        by: By = None,
        wider: int | None = None,
        *,
        only: Only = None,
        sketch: bool = True,
    ) -> Series:
        return await self.store.series(metric, window.start, window.end, width, by, only, wider, sketch=sketch)

    async def whole(
        self, metric: str, window: Window, by: By = None, *, only: Only = None, sketch: bool = True
    ) -> Series:
        return await self.series(metric, window, 0, by, only=only, sketch=sketch)

    async def steps(
        self,
        metric: str,
        window: Window,
        by: By = None,
        *,
        coarse: bool = False,
        only: Only = None,
        sketch: bool = True,
    ) -> Series:
        """A chart's steps; coarse ones are read from days where a window has many."""
        width = DAY if coarse and window.length > 8 * DAY else stored_width(window, self.clock.now())
        return await self.series(metric, window, width, by, chart_width(window), only=only, sketch=sketch)

    async def telling(self, metric: str, window: Window, keep: Keep, by: By = None, *, only: Only = None) -> Series:
        """A chart's steps, wide enough that they can tell a P95."""
        stored = stored_width(window, self.clock.now())
        series = await self.series(metric, window, stored, by, chart_width(window), only=only)
        return await self.aside(lambda: regroup(series, max(telling_width(window, series, keep), stored), window.zone))

    async def bars(
        self, metric: str, window: Window, by: By = None, *, width: int | None = None, sketch: bool = True
    ) -> Series:
        """Bars of a chart: hours in windows of up to two days, else days; made of steps that begin in the window."""
        stored = stored_width(window, self.clock.now())
        return await self.series(metric, window, stored, by, width or bar_width(window), sketch=sketch)

    async def people(self, window: Window, scope: Scope) -> Mapping[str, People]:
        return await self.store.people(window.start, window.end, scope.guild_id)

    async def gaps(self, window: Window, first_at: Instant | None) -> tuple[Gap, ...]:
        width = stored_width(window, self.clock.now())
        alive = await self.store.series("gauge", window.start, window.end, width, only={"name": "alive"}, sketch=False)
        return await self.aside(lambda: gaps(alive, window, first_at))

    async def unheard(self, window: Window, first_at: Instant | None) -> tuple[Gap, ...]:
        """Gaps of which not even the history was read: for what is counted of messages."""
        dark = await self.gaps(window, first_at)
        read = await self.store.load("backfill", key="spans") if dark else []
        spans = read[0].body.get("spans") if read else None
        return outside(dark, [(start, end) for start, end in spans]) if isinstance(spans, list) else dark

    async def growth(self, name: str, end: Instant, scope: Scope, first_at: Instant | None) -> tuple[int, int] | None:
        """Distinct users of 30 days and of the 30 before; None without 60 days of records."""
        if first_at is None or first_at > end - 60 * DAY:
            return None

        now = await self.store.people(end - 30 * DAY, end, scope.guild_id)
        before = await self.store.people(end - 60 * DAY, end - 30 * DAY, scope.guild_id)
        return now.get(name, People()).users, before.get(name, People()).users

    async def told_bonds(self, end: Instant) -> list[Told]:
        """All that the host told of how personas stand until then: affinities, then stages, oldest first."""
        return [*await self.store.told(0, end, "affinity"), *await self.store.told(0, end, "stage")]

    async def told_growth(self, name: str, window: Window, scope: Scope) -> list[Told]:
        """What the host told of a persona's growth in a window, and the last of each kind before; oldest first.

        Of a guild: what was told of it, or of none.
        """
        ever = await self.store.series("evolution", 0, window.end, 0, ("persona", "what"))
        kinds = ever.total(label("evolution", "what", having("evolution", persona=name)))
        starts = {"milestone": window.start, "trait": 0, "level": window.start}
        guilds = None if scope.guild_id is None else (0, scope.guild_id)
        found: list[Told] = []
        for kind in kinds.keys() & starts.keys():
            found += await self._told_of(kind, name, guilds, starts[kind], window.end)

        for kind in kinds.keys() & {"level", "xp"}:
            found += await self._last_told(kind, name, guilds, 0, window.start)

        if "xp" in kinds:
            # It may be told with every answer: only its first and last value are asked for.
            last = await self._last_told("xp", name, guilds, window.start, window.end)
            known = any(one.what == "xp" for one in found)
            found += last if known else await self._told_of("xp", name, guilds, window.start, window.end)

        return sorted(found, key=lambda one: one.at)

    async def _told_of(
        self, what: str, name: str, guilds: tuple[int, ...] | None, start: Instant, end: Instant
    ) -> list[Told]:
        rows = await self.store.told(start, end, what)
        return [one for one in rows if one.persona == name and (guilds is None or one.guild_id in guilds)]

    async def _last_told(
        self, what: str, name: str, guilds: tuple[int, ...] | None, start: Instant, end: Instant
    ) -> list[Told]:
        """The last telling in [start, end), if there is one; looked for backwards in ever longer spans."""
        length = HOUR
        while end > start:
            begin = max(start, end - length)
            rows = await self._told_of(what, name, guilds, begin, end)
            if rows:
                return rows[-1:]

            end, length = begin, 4 * length

        return []

    async def last_answer(self, window: Window, persona: str, scope: Scope) -> Instant | None:
        """The start of the last hour with an answer, looking back to a week before the window."""
        keep = having("response", persona=persona or None, guild=guild_label(scope))
        earliest, end, length = window.start - 7 * DAY, window.end, DAY
        # Backwards, since mostly it is one of the last hours: all those of a month would be thousands of sketches.
        while end > earliest:
            start = max(earliest, step_start(end - length, HOUR, window.zone))
            hours = await self.store.series("response", start, end, HOUR, of(scope, "persona"), sketch=False)
            steps = zip(hours.starts, hours.steps, strict=True)
            marks = [at for at, step in steps if any(keep(labels) for labels in step)]
            if marks:
                return max(marks)

            end, length = start, 2 * length

        return None


def of(scope: Scope, *labels: str) -> tuple[str, ...]:
    """The labels that a question is about: these, and the guild where it is about one."""
    return labels if scope.guild_id is None else (*labels, "guild")


def guild_label(scope: Scope) -> str | None:
    """The label value of the scope's guild."""
    return None if scope.guild_id is None else str(scope.guild_id)


def bar_width(window: Window) -> int:
    """The width of bars in charts: hours in windows of up to two days, else days."""
    return HOUR if window.length <= 2 * DAY + HOUR else DAY


def short_bar_width(window: Window) -> int:
    """The same, but five minutes within an hour and fifteen within six: one bar would say nothing."""
    if window.length <= HOUR + MINUTE:
        return 5 * MINUTE

    return 15 * MINUTE if window.length <= 6 * HOUR + MINUTE else bar_width(window)
