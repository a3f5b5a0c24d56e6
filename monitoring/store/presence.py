"""Distinct users, counted exactly from who was there in which hour."""

from __future__ import annotations

import json

from monitoring.interfaces import People
from monitoring.model import DAY, HOUR, Instant
from monitoring.store.connection import Connection
from monitoring.window import next_step, step_start

_PEOPLE = """
WITH day (number, begins, ends) AS (
  SELECT j.key, json_extract(j.value, '$[0]'), json_extract(j.value, '$[1]') FROM json_each(:days) j
), seen AS (
  SELECT p.persona, p.user, count(DISTINCT day.number) AS days
  FROM day CROSS JOIN presence p ON p.hour >= day.begins AND p.hour < day.ends
  WHERE :guild IS NULL OR p.guild = :guild
  GROUP BY p.persona, p.user
)
SELECT coalesce(name.text, ''), count(*), sum(seen.days >= 2), sum(NOT EXISTS (
  SELECT 1 FROM presence e WHERE e.user = seen.user AND e.persona = seen.persona AND e.hour < :begins
    AND (:guild IS NULL OR e.guild = :guild)
))
FROM seen LEFT JOIN name ON name.id = seen.persona
GROUP BY seen.persona
"""


async def people(db: Connection, start: Instant, end: Instant, guild_id: int | None, zone: str) -> dict[str, People]:
    """Distinct users by persona in the hours that [start, end) touches; days are those of the zone.

    New means: not there before, as far back as presences are kept.
    """
    begins = start - HOUR + 1
    rows = await db.execute_fetchall(
        _PEOPLE, {"days": json.dumps(_days(begins, end, zone)), "guild": guild_id, "begins": begins}
    )

    return {persona: People(users, repeat, new) for persona, users, repeat, new in rows}


def _days(begins: Instant, end: Instant, zone: str) -> list[tuple[Instant, Instant]]:
    """The parts of local days that lie in [begins, end), oldest first."""
    days = []
    at = begins
    while at < end:
        following = next_step(step_start(at, DAY, zone), DAY, zone)
        days.append((at, min(following, end)))
        at = following

    return days
