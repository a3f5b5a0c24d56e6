"""Who is told instead, where a target does not take what must be heard: fallbacks, and word of broken targets."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from monitoring.alerting.waiting import Row, Waiting
from monitoring.errors import StoreError, UnknownName
from monitoring.incident import Incident, Notice
from monitoring.interfaces import Clock, Notifier
from monitoring.model import SECOND, Severity

log = logging.getLogger(__name__)

SOON = 30.0
"""Seconds after which a critical notice that still waits goes to the fallbacks too."""
LAST = "console"
"""The last resort: it reaches only who looks."""


class Incidents(Protocol):
    """What is asked of the watch."""

    async def get(self, number: int) -> Incident: ...

    async def also_tell(self, number: int, targets: Sequence[str]) -> Incident: ...


class Fallback:
    """Sees to it that what one target does not take is told by another. `broken`: targets that refused for good."""

    def __init__(
        self,
        waiting: Waiting,
        notifiers: Mapping[str, Notifier],
        clock: Clock,
        nonce: Callable[[], str],
        incidents: Incidents | None,
        noted: Callable[[str, str], None],
    ) -> None:
        self.broken: dict[str, str] = {}
        self._waiting = waiting
        self._notifiers = notifiers
        self._clock = clock
        self._nonce = nonce
        self._incidents = incidents
        self._noted = noted
        self._since: dict[str, float] = {}
        self._asked: dict[str, tuple[str, ...]] = {}
        self._hears: dict[str, str] = {}

    async def look(self, rows: Sequence[Row]) -> None:
        """Let the fallbacks hear of critical openings that waited too long, and of any that a broken target holds."""
        steady, now = self._clock.monotonic(), self._clock.now()
        keys = {row.notice.key for row in rows}
        self._since = {key: self._since.get(key, steady) for key in keys}
        self._asked = {key: places for key, places in self._asked.items() if key in keys}
        over = {(row.notice.subject, row.notice.target) for row in rows if row.notice.kind == "recovery"}
        for notice in (row.notice for row in rows):
            if not _opens(notice) or (notice.subject, notice.target) in over or self._is_fallback(notice.target):
                continue

            # The wall clock knows of a time before a restart, the other one of a clock that was set back.
            waited = max((now - notice.at) / SECOND, steady - self._since[notice.key])
            critical = notice.body.get("severity") == Severity.CRITICAL
            if waited >= SOON and (critical or notice.target in self.broken):
                await self._open(notice)

    async def refused(self, row: Row, why: str) -> None:
        """The row's target refused it for good: it is broken, and others are told that, and the notice."""
        target = row.notice.target
        await self._break(target, why)
        if _opens(row.notice):
            await self._open(row.notice)
        elif not (row.notice.body.get("minor") or row.notice.body.get("quiet")) or row.notice.kind == "recovery":
            await self._copy(row.notice)

    async def reached(self, target: str) -> None:
        """The target took something: it is well, and who heard otherwise hears that."""
        if self.broken.pop(target, None) is None:
            return

        log.warning("%s takes notices again", target)
        self._noted(target, "")
        other = self._hears.pop(target, None)
        if other is not None:
            await self._say(other, f"Notices reach {target} again.", target)

    async def _break(self, target: str, why: str) -> None:
        if target in self.broken:
            return

        log.error("%s refuses notices: %s", target, why)
        self.broken[target] = why
        self._noted(target, why)
        ranked = sorted(self._others(target), key=lambda name: (self._is_fallback(name), name == LAST))
        if ranked:
            self._hears[target] = ranked[0]
            await self._say(ranked[0], f"Notices no longer reach {target}: {why}", target)

    async def _say(self, target: str, text: str, about: str) -> None:
        nonce, now = self._nonce(), self._clock.now()
        subject = f"broken {about}"
        key = f"message {now:015}/{target}/{nonce}"
        await self._waiting.add(Notice(key, "message", now, subject, target, nonce, {"text": text}))

    async def _open(self, notice: Notice) -> None:
        """Tell the fallbacks that the incident is open; who heard of it already is not told again."""
        places = tuple(self._places(notice.target))
        if self._incidents is None or not places or self._asked.get(notice.key) == places:
            return

        try:
            await self._incidents.also_tell(int(str(notice.body["number"])), places)
            self._asked[notice.key] = places
        except (StoreError, UnknownName, ValueError) as error:
            log.warning("the fallbacks could not be told of %s: %s", notice.subject, error)

    async def _copy(self, notice: Notice) -> None:
        """The same notice for the fallbacks that have none of their own."""
        have = await self._have(notice)
        for place in self._places(notice.target):
            if place not in have:
                key = f"{notice.key}>{place}"
                await self._waiting.add(
                    replace(notice, key=key, target=place, nonce=self._nonce(), attempts=0, version=0)
                )

    async def _have(self, notice: Notice) -> Sequence[str]:
        """Who has a notice of that recovery already."""
        if notice.kind != "recovery" or self._incidents is None:
            return ()

        try:
            return (await self._incidents.get(int(str(notice.body["number"])))).targets
        except (StoreError, UnknownName, ValueError):
            return ()

    def _places(self, target: str) -> list[str]:
        return [name for name in self._others(target) if self._is_fallback(name)]

    def _others(self, target: str) -> list[str]:
        return [name for name in self._notifiers if name != target and name not in self.broken]

    def _is_fallback(self, name: str) -> bool:
        return getattr(self._notifiers.get(name), "kind", "always") == "fallback"


def _opens(notice: Notice) -> bool:
    """Whether it tells that an incident opened, or something as weighty while it is open."""
    body = notice.body
    return notice.kind == "incident" and "number" in body and not (body.get("minor") or body.get("quiet"))
