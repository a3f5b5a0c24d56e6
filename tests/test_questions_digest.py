"""What a digest is loaded from: the day, the same weekday of four weeks before, the week and its incidents."""

from __future__ import annotations

import datetime as dates
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitoring.alerting.documents import incident_document
from monitoring.incident import Incident, Stage
from monitoring.model import DAY, HOUR, MINUTE, SECOND, Instant, MessageSeen, Sample, Seen, Severity
from monitoring.monitor import Monitor
from monitoring.rows import Change
from monitoring.settings import load_settings

WEDNESDAY = "2026-03-11"
MIDNIGHT = round(dates.datetime(2026, 3, 11, tzinfo=dates.UTC).timestamp() * 1000)
WEEKS = {0: 40, 1: 10, 2: 12, 3: 90, 4: 14}
"""Messages of that day, and of the same weekday so many weeks before."""
DARK = 3
"""The week in which nothing was monitored, so that its many messages are no habit."""


class Morning:
    """Nine o'clock of the day after."""

    def now(self) -> Instant:
        """The instant."""
        return MIDNIGHT + DAY + 9 * HOUR

    def monotonic(self) -> float:
        """As it is."""
        return time.monotonic()


def story() -> Iterator[Seen]:
    """Messages and signs of life of five Wednesdays, oldest first."""
    number = 0
    for week in sorted(WEEKS, reverse=True):
        begin = MIDNIGHT - week * 7 * DAY
        facts: list[tuple[Instant, Seen]] = []
        for n in range(WEEKS[week]):
            number += 1
            at = begin + 8 * HOUR + n * MINUTE
            facts.append((at, MessageSeen(number, 10, 20, 40 + n % 3, "olivia", "A lovely evening, my friends", at)))

        if week != DARK:
            facts += [(at, Sample("alive", 1, at)) for at in range(begin, begin + DAY, 90 * SECOND)]

        yield from (seen for _, seen in sorted(facts, key=lambda fact: fact[0]))


@pytest.fixture
async def monitor(tmp_path: Path) -> AsyncIterator[Monitor]:
    """One that knows the five days, and an incident of the Wednesday; nothing goes on by itself."""
    settings = load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'store.sqlite3'}", timezone="UTC")
    it = Monitor(settings, clock=Morning())
    await it.store.open()
    it.identify(user_id=1, application_id=5, name="Greenroom")
    since = MIDNIGHT + 14 * HOUR
    incident = Incident(1, "error_rate", "", Stage.RESOLVED, Severity.WARNING, since, title="Error rate", unit="rate")
    incident = replace(incident, opened_at=since + MINUTE, resolved_at=since + 47 * MINUTE, peak=0.12)
    assert await it.store.save([Change(incident_document(incident))])
    await it.replay(story(), since=MIDNIGHT - 28 * DAY)
    yield it
    await it.recorder.close()
    it.questions.close()
    await it.store.close()


async def test_a_day_is_held_against_its_weekday(monitor: Monitor) -> None:
    """The median of the Wednesdays that were monitored: 10, 12 and 14; the day before had nothing."""
    found = await monitor.digest(WEDNESDAY)
    assert found.usual is not None
    assert (found.usual.weekday, found.usual.n, found.usual.figures.messages) == ("Wednesday", 3, 12)
    assert (found.shown.messages.value, found.shown.messages.before) == (40, 12)
    assert found.title == "Wed 11 Mar: a good day but for 47\u00a0min"
    assert found.changes[0].replace("\u00a0", " ") == "▲ **Error rate** up to 12 %, for 47 min, incident 1"
    assert found.changes[1].replace("\u00a0", " ") == "▲ **Messages** 40, 233 % more"


async def test_a_notice_says_whether_it_is_about_a_day_or_a_week(monitor: Monitor) -> None:
    """And the same in plain words, for places without embeds."""
    day = await monitor.digests.in_words({"date": WEDNESDAY, "scope": "bot", "late": True})
    assert day.startswith("Wed 11 Mar: a good day but for 47\u00a0min (sent late)\n")
    week = await monitor.digests.in_words({"date": "2026-03-15", "scope": "bot/week", "late": False})
    assert week.startswith("Week 11: 1 alert, nobody acknowledged one\n")


async def test_without_a_date_it_is_the_last_whole_day_or_week(monitor: Monitor) -> None:
    """On a Thursday: Wednesday, and the week to Sunday."""
    assert (await monitor.digest()).date == WEDNESDAY
    assert (await monitor.digests.week()).date == "2026-03-08"
    with pytest.raises(ValueError, match="isoformat"):
        await monitor.digest("no date")
