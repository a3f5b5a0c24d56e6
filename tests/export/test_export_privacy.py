"""What an export never tells: who anybody is, and what a few people did when."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from monitoring.answers import Answers
from monitoring.export.question import question
from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, Instant, MessageSeen
from monitoring.rows import Presence

from .stock import NOW, ToldClock, answering, put, table, taken

pytestmark = pytest.mark.asyncio(loop_scope="module")
FEW, MANY = 11, 22
CANARY = 998_877_665_544_332_211
BERLIN = "Europe/Berlin"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def small(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Answers]:
    """Two days in a guild of two people and in one of three, and messages of somebody whose id is known."""
    async with answering(tmp_path_factory.mktemp("small"), ToldClock(), timezone=BERLIN) as answers:
        batch = Batch()
        for hour in range(48):
            for guild, people in ((FEW, 2), (MANY, 3)):
                at = NOW - (hour + 1) * HOUR
                put(batch, "message", at, ("user", "", str(guild), "7"), [12.0])
                put(batch, "message", at, ("persona", "Luna", str(guild), "7"), [80.0])
                put(batch, "command", at, ("ask", "slash", str(guild)), [0.1])
                put(batch, "detail", at, ("question", "", str(guild)), [1.0])
                put(batch, "satisfaction", at, ("Luna", str(guild), "reaction"), [1.0])
                batch.presences |= {Presence(at, guild, "", f"user{n}") for n in range(people)}

        await answers.store.append(batch)
        yield answers


def told(rows: list[dict[str, str]], metric: str, guild: int, **labels: str) -> list[dict[str, str]]:
    """The rows of a metric in a guild."""
    wanted = {"metric": metric, "guild": str(guild)} | labels
    return [row for row in rows if wanted.items() <= row.items()]


async def test_at_which_hour_a_few_people_did_something_is_not_told(small: Answers) -> None:
    """How much they did is, by the day; what personas did, and what three people did, is told by the hour."""
    rows = table(await taken(small, question(NOW, BERLIN, since=NOW - 2 * DAY)))
    for metric, labels in (("message", {"author": "user"}), ("command", {}), ("detail", {}), ("satisfaction", {})):
        few, many = told(rows, metric, FEW, **labels), told(rows, metric, MANY, **labels)
        assert Counter(row["step"] for row in few) == {"day": 3}
        assert Counter(row["step"] for row in many) == {"hour": 48}
        assert sum(int(row["count"]) for row in few) == sum(int(row["count"]) for row in many) == 48

    assert len(told(rows, "message", FEW, author="persona")) == 48
    days = [(row["time"], row["end"]) for row in told(rows, "command", FEW)]
    assert days == [
        ("2026-11-19T14:00:00Z", "2026-11-19T23:00:00Z"),
        ("2026-11-19T23:00:00Z", "2026-11-20T23:00:00Z"),
        ("2026-11-20T23:00:00Z", "2026-11-21T14:00:00Z"),
    ]


@pytest.mark.parametrize("step", ["minute", "hour", "day"])
@pytest.mark.parametrize("form", ["csv", "prometheus"])
async def test_rows_stay_in_order_where_some_are_days(small: Answers, step: str, form: str) -> None:
    """By time; and the whole comes to the same in every step."""
    body = await taken(small, question(NOW, BERLIN, since=NOW - 2 * DAY, form=form, step=step))
    if form == "csv":
        times = [row["time"] for row in table(body)]
        assert times == sorted(times)
        return

    last: dict[str, Instant] = {}
    for line in body.decode().splitlines():
        if not line.startswith("#"):
            sample, _, at = line.rpartition(" ")
            series = sample.rpartition(" ")[0]
            assert last.get(series, 0) < int(at), series
            last[series] = int(at)


async def test_a_few_votes_are_counted_and_not_told(small: Answers) -> None:
    """What one person felt is in no row, however short the step."""
    rows = table(await taken(small, question(NOW, BERLIN, since=NOW - 2 * DAY)))
    assert {(row["count"], row["total"], row["mean"], row["min"]) for row in told(rows, "satisfaction", MANY)} == {
        ("1", "", "", "")
    }
    assert {row["mean"] for row in told(rows, "satisfaction", FEW) if int(row["count"]) >= 3} == {"1"}


async def test_nobody_is_in_it(tmp_path: Path) -> None:
    """Neither an id, nor its keyed form, nor a word of what was written, in any form of the export."""
    async with answering(tmp_path, ToldClock()) as answers:
        for n in range(12):
            answers.recorder.record(
                MessageSeen(
                    message_id=(NOW - HOUR - 1_420_070_400_000 << 22) + n, guild_id=MANY, channel_id=7, at=NOW - HOUR,
                    author_id=CANARY, author_name="canary-name", content="canary-word canary-word!",
                )
            )  # fmt: skip

        await answers.recorder.close()
        hashed = answers.user_hash.of(CANARY)
        for form in ("csv", "json", "prometheus"):
            body = (await taken(answers, question(NOW, "UTC", form=form, since=NOW - DAY))).decode()
            assert "message" in body
            for secret in (str(CANARY), hashed, "canary"):
                assert secret not in body
