"""Digests in time: sees that each local date and each week is told exactly once (F9), at the times that are set."""

from __future__ import annotations

import datetime as dates
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from monitoring.alerting.documents import DIGEST, insertion
from monitoring.alerting.notices import announcement, digest_notice
from monitoring.digest.dates import ahead, due, first_full_day, is_late, last_complete_day, newest_over, next_at, spent
from monitoring.digest.day import Digest
from monitoring.digest.plain import digest_text
from monitoring.digest.timetable import Timetable, changed, timetable_of
from monitoring.digest.week import Week
from monitoring.interfaces import Clock, Store
from monitoring.model import Instant
from monitoring.questions.digest import Editions
from monitoring.rows import Change, Document
from monitoring.settings import Settings

SCOPE, WEEK_SCOPE = "bot", "bot/week"
"""Digests are about the whole bot; marks of weeks lie beside those of days, under their last date."""
SETTING = "digest_schedule"
DAILY, WEEKLY = "daily", "weekly"
KINDS = (DAILY, WEEKLY)


@dataclass(frozen=True, slots=True)
class Times:
    """The timetable in force, and when the next ones go out (None: they are off)."""

    table: Timetable
    zone: str
    daily: Instant | None
    weekly: Instant | None


def timetable_by(settings: Settings) -> Timetable:
    """When digests go out, until somebody says otherwise at run time."""
    return Timetable(
        daily_time=settings.digest_time,
        weekly=settings.weekly_digest_day,
        weekly_time=settings.weekly_digest_time,
    )


class Digests:
    """Puts digests into the outbox when they are due, and makes them when they are told."""

    def __init__(
        self,
        store: Store,
        editions: Editions,
        *,
        clock: Clock,
        zone: str,
        standard: Timetable,
        targets: Callable[[], Sequence[str]],
        first_at: Callable[[], Instant | None],
    ) -> None:
        self._store = store
        self._editions = editions
        self._clock = clock
        self._zone = zone
        self._standard = standard
        self._targets = targets
        self._first_at = first_at
        self._settled: dict[str, dates.date] = {}
        """By scope the newest date that is known to be told, so that its marks are not read every few seconds."""

    def move(self, zone: str) -> None:
        """Count days in another zone from now on."""
        self._zone = zone

    # --- what they tell

    async def day(self, date: str | None = None, *, late: bool = False) -> Digest:
        """The digest of a local date; without one, of the last complete day. ValueError for what is no date."""
        return await self._editions.day(date or last_complete_day(self._clock.now(), self._zone), late=late)

    async def week(self, date: str | None = None, *, late: bool = False) -> Week:
        """The digest of the week that ends with a local date; without one, of the last whole week."""
        return await self._editions.week(date or await self._last_week(), late=late)

    async def of_notice(self, body: Mapping[str, object]) -> Digest | Week:
        """What a notice of kind digest is about."""
        make: Callable[..., Awaitable[Digest | Week]] = self.week if body.get("scope") == WEEK_SCOPE else self.day
        return await make(str(body["date"]), late=bool(body.get("late")))

    async def in_words(self, body: Mapping[str, object]) -> str:
        """The same as plain text, for places without embeds."""
        return digest_text(await self.of_notice(body))

    # --- when

    async def send_due(self) -> bool:
        """Put what is due into the outbox, each with its mark in the same transaction; whether there was anything."""
        first_at, targets = self._first_at(), list(self._targets())
        if first_at is None or not targets:
            return False

        table = await self.timetable()
        sent = False
        if table.daily:
            sent = await self._send(SCOPE, table.daily_time, None, table.daily_since, first_at, targets)

        if table.weekday is not None:
            weekly = await self._send(
                WEEK_SCOPE, table.weekly_time, table.weekday, table.weekly_since, first_at, targets
            )
            sent = sent or weekly

        return sent

    async def _send(
        self, scope: str, at: str, weekday: int | None, since: Instant, first_at: Instant, targets: Sequence[str]
    ) -> bool:
        now, zone = self._clock.now(), self._zone
        first = first_full_day(first_at, zone)
        wanted = due((), now, zone, at, first, weekday=weekday, since=since)
        if wanted is None or wanted == self._settled.get(scope):
            return False

        marks = {str(d.body["date"]): d for d in await self._store.load(DIGEST) if d.body.get("scope") == scope}
        day = due(marks, now, zone, at, first, weekday=weekday, since=since)
        if day is None:
            self._settled[scope] = wanted
            return False

        dropped = ahead(marks, now, zone)
        dropped |= spent(marks.keys() - dropped)
        stale: list[Document] = [marks[mark] for mark in sorted(dropped)]
        late = is_late(day, now, zone, at)
        return await self._store.save(announcement(scope, day.isoformat(), now, targets, late=late, stale=stale))

    async def send_now(self, kind: str = DAILY) -> None:
        """Put the digest of the last complete day or week into the outbox, whatever was sent before."""
        now, targets = self._clock.now(), self._targets()
        weekly = kind == WEEKLY
        date = await self._last_week() if weekly else last_complete_day(now, self._zone)
        scope = WEEK_SCOPE if weekly else SCOPE
        await self._store.save([insertion(digest_notice(scope, date, now, target)) for target in targets])

    async def _last_week(self) -> str:
        """The last date of the newest whole week of the timetable; Sunday where none is set."""
        table = await self.timetable()
        return newest_over(self._clock.now(), self._zone, "00:00", table.weekday or 0).isoformat()

    # --- the timetable

    async def timetable(self) -> Timetable:
        """The times in force: what was set at run time, else as in the settings."""
        found = await self._store.load("setting", key=SETTING)
        return timetable_of(found[0].body.get("value") if found else None, self._standard)

    async def times(self) -> Times:
        """The timetable, and when the next digests go out."""
        table, now = await self.timetable(), self._clock.now()
        return Times(
            table,
            self._zone,
            next_at(now, self._zone, table.daily_time) if table.daily else None,
            next_at(now, self._zone, table.weekly_time, table.weekday) if table.weekday is not None else None,
        )

    async def change(
        self, *, daily: bool | None = None, daily_time: str = "", weekly: str = "", weekly_time: str = ""
    ) -> Times:
        """Remember other times, which hold at once. ValueError says in words what makes no sense."""
        saved = False
        while not saved:
            found = await self._store.load("setting", key=SETTING)
            before = timetable_of(found[0].body.get("value") if found else None, self._standard)
            table = changed(
                before,
                self._clock.now(),
                daily=daily,
                daily_time=daily_time,
                weekly=weekly,
                weekly_time=weekly_time,
            )
            document = Document("setting", SETTING, found[0].version if found else 0, {"value": table.document()})
            saved = await self._store.save([Change(document)])

        return await self.times()
