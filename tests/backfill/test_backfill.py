"""One reading at a time, whatever happens at once; what cannot be asked or stored just now is waited for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from monitoring.history.backfill import Backfill, Later, Page, Unreadable
from monitoring.model import DAY, HOUR, Instant
from monitoring.recording.history import HistoryMessage
from tests.backfill.reading import NOW, Life, everything, life
from tests.backfill.scripts import told
from tests.backfill.test_history import SCRIPT
from tests.recording.stage import CHANNEL, START

ASKED = NOW + 20_000


@dataclass
class Shelf:
    """A source with one channel of messages."""

    messages: list[HistoryMessage]
    asked: int = 0
    troubles: list[Exception] = field(default_factory=list)
    size: int = 4

    async def places(self, only: int | None, since: Instant) -> tuple[list[int], list[int]]:
        """One, after a moment."""
        await asyncio.sleep(0.01)
        return [CHANNEL], []

    async def page(self, channel_id: int, after: int, before: int) -> Page:
        """The next few; first of all the troubles, each once."""
        self.asked += 1
        if self.troubles:
            raise self.troubles.pop(0)

        found = [one for one in self.messages if after < one.seen.message_id < before]
        page = found[: self.size]
        return Page(page, page[-1].seen.message_id if page else after, len(found) > self.size)


def backfill_of(one: Life) -> Backfill:
    """A backfill that does not pause."""
    made = Backfill(one.history, one.recorder, one.clock)
    made.pause = 0.0
    return made


async def ended(backfill: Backfill) -> None:
    """Wait until nothing runs any more."""
    async with asyncio.timeout(20):
        while backfill.running:  # noqa: ASYNC110 - a reading sets no event
            await asyncio.sleep(0.005)


async def test_f15_begun_and_gone_on_with_at_once_it_is_one_reading(tmp_path: Path) -> None:
    """The command comes while the bot looks whether there is something to go on with, and once more."""
    messages = told(SCRIPT)
    async with life(tmp_path / "a.sqlite3") as one:
        backfill, shelf = backfill_of(one), Shelf(messages)
        await asyncio.gather(
            backfill.begin(shelf, ASKED, days=9, only=None, who=""),
            backfill.go_on(shelf),
            backfill.begin(shelf, ASKED, days=9, only=None, who=""),
        )
        await ended(backfill)
        assert backfill.job is not None
        assert (backfill.job.state, backfill.job.counts.read) == ("done", len(messages))
        (figures,) = (await everything(one.store))["message"]
        assert sum(rollup.count for rollup in figures.values()) == len(messages)


async def test_what_was_broken_off_is_gone_on_with(tmp_path: Path) -> None:
    """Ended in the middle, the next process reads the rest; ended by somebody, it does not."""
    messages = told(SCRIPT)
    async with life(tmp_path / "a.sqlite3") as one:
        backfill, shelf = backfill_of(one), Shelf(messages)
        backfill.pause = 0.05
        await backfill.begin(shelf, ASKED, days=9, only=None, who="")
        while shelf.asked < 3:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)

        await backfill.close()

    async with life(tmp_path / "a.sqlite3") as one:
        backfill = backfill_of(one)
        assert await backfill.go_on(Shelf(messages))
        await ended(backfill)
        assert backfill.job is not None
        assert backfill.job.counts.users + backfill.job.counts.personas == len(messages)
        assert not await backfill.go_on(Shelf(messages))


async def test_trouble_with_discord_is_waited_for(tmp_path: Path) -> None:
    """What cannot be asked now is asked again; a channel that closes meanwhile is named, and ends."""
    messages = told(SCRIPT)
    async with life(tmp_path / "a.sqlite3") as one:
        backfill = backfill_of(one)
        shelf = Shelf(messages, troubles=[Later("not now", 0.01), Later("nor now", 0.01)])
        await backfill.begin(shelf, ASKED, days=9, only=None, who="")
        await ended(backfill)
        assert backfill.job is not None
        assert backfill.job.counts.read == len(messages)
        shut = Shelf(messages, troubles=[Unreadable("closed")])
        await backfill.begin(shut, ASKED + DAY, days=9, only=None, who="")
        await ended(backfill)
        assert (backfill.job.state, backfill.job.closed) == ("done", [CHANNEL])
        later = told(SCRIPT, NOW + 30_000)
        one.clock.at = NOW + DAY
        await backfill.begin(Shelf(later), ASKED + DAY, days=9, only=None, who="")
        await ended(backfill)
        assert backfill.job.counts.users + backfill.job.counts.personas == len(later), "what was closed is not read"


async def test_history_that_was_read_is_known_as_monitored(tmp_path: Path) -> None:
    """The span of time is stored, and since when is recorded is told."""
    messages, first = told(SCRIPT), []
    async with life(tmp_path / "a.sqlite3") as one:
        backfill = backfill_of(one)

        async def date_back(at: Instant) -> None:
            first.append(at)

        backfill.date_back = date_back
        await backfill.begin(Shelf(messages), ASKED, days=9, only=None, who="")
        await ended(backfill)
        (spans,) = await one.store.load("backfill", key="spans")
        ((since, until),) = spans.body["spans"]  # type: ignore[misc]  # as it is written
        assert since % HOUR == 0
        assert since <= START <= until
        assert first == [START]
