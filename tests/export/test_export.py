"""Exports of a store: the figures of the questions, in every form, however the window is cut."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from monitoring.analysis.series import only
from monitoring.answers import Answers
from monitoring.errors import UnknownName
from monitoring.export import reading
from monitoring.export.question import Question, question
from monitoring.export.text import COLUMNS
from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, MINUTE
from monitoring.window import Scope, Window

from .stock import NOW, ToldClock, answering, days_of_work, put, table, taken

pytestmark = pytest.mark.asyncio(loop_scope="module")
BERLIN = "Europe/Berlin"
SUMS = ("count", "failures", "prompt_tokens", "completion_tokens", "cached_tokens")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stocked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Answers]:
    """Three days of work in two guilds, all of it folded."""
    async with answering(tmp_path_factory.mktemp("stocked"), ToldClock(), timezone=BERLIN) as answers:
        await days_of_work(answers.store)
        await answers.store.tend(NOW)
        yield answers


def days(n: int, **more: Any) -> Question:
    """The last days."""
    return question(NOW, BERLIN, since=NOW - n * DAY, **more)


def sums(rows: list[dict[str, str]], *by: str) -> Counter[tuple[str, ...]]:
    """Counts and totals by metric and labels."""
    found: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        for name in (*SUMS, "total", "cost_dollars"):
            found[row["metric"], *(row[label] for label in by), name] += round(float(row[name] or 0) * 1_000_000)

    return +found


async def test_sums_are_those_of_the_questions(stocked: Answers) -> None:
    """Messages, answers, failures, tokens, money, means: whoever adds up the file comes to what /stats says."""
    window = Window(NOW - 2 * DAY, NOW, BERLIN)
    found = sums(table(await taken(stocked, days(2))), "author")
    page = await stocked.overview(window, Scope())
    times = await stocked.performance(window, Scope())
    tokens = await stocked.llm.tokens(window, Scope())
    million = 1_000_000
    assert found["message", "user", "count"] + found["message", "persona", "count"] == page.messages.value * million
    assert found["response", "", "count"] == times.now.n * million
    assert found["response", "", "failures"] == times.now.failures * million
    successes = (found["response", "", "count"] - found["response", "", "failures"]) / million
    assert found["response", "", "total"] / million / successes == pytest.approx(times.now.mean)
    assert found["operation", "", "prompt_tokens"] == tokens.used.prompt * million
    assert found["operation", "", "cost_dollars"] == tokens.used.cost


@pytest.mark.parametrize("form", ["csv", "json"])
async def test_split_windows_put_together_are_the_whole(stocked: Answers, form: str) -> None:
    """Wherever it is cut, byte for byte; also within an hour, which belongs to the window that it begins in."""
    whole = question(NOW, BERLIN, form=form, since=NOW - 2 * DAY, until=NOW)

    async def rows(asked: Question) -> list[str]:
        text = (await taken(stocked, asked)).decode()
        return text.splitlines()[1:] if form == "csv" else [line.rstrip(",") for line in text.splitlines()[1:-1]]

    for cut in (NOW - 31 * HOUR, NOW - 90 * MINUTE):
        before = question(NOW, BERLIN, form=form, since=NOW - 2 * DAY, until=cut)
        after = replace(whole, since=before.until)
        assert [*await rows(before), *await rows(after)] == await rows(whole)


async def test_wider_steps_have_the_same_sums(stocked: Answers) -> None:
    """Minutes, hours and days of the same two local days say the same."""
    start = NOW - 39 * HOUR  # 2026-11-20 00:00 in Berlin
    asked = question(NOW, BERLIN, since=start, until=start + DAY)
    assert (asked.since, asked.until) == (start, start + DAY)
    by_step = {}
    for step in ("minute", "hour", "day"):
        rows = table(await taken(stocked, replace(asked, step=step)))
        assert {row["step"] for row in rows} == {step}
        by_step[step] = sums(rows, "guild", "service", "persona")

    assert by_step["minute"] == by_step["hour"] == by_step["day"]


async def test_rows_are_in_order_and_each_is_there_once(stocked: Answers) -> None:
    """By time, metric and labels; the same question has the same bytes, folded or not."""
    asked = days(3)
    body = await taken(stocked, asked)
    keys = [tuple(row[name] for name in COLUMNS[: COLUMNS.index("count")]) for row in table(body)]
    assert len(keys) == len(set(keys)) > 500
    assert [key[0] for key in keys] == sorted(key[0] for key in keys)
    assert await taken(stocked, asked) == body


async def test_blocks_do_not_show(stocked: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many steps are read together, the file is the same."""
    bodies = set()
    for block in (20, 100_000):
        monkeypatch.setattr(reading, "BLOCK", block)
        bodies.add(await taken(stocked, days(2)))

    assert len(bodies) == 1


async def test_services_are_chosen(stocked: Answers) -> None:
    """Only what is counted by service, of those; one that is not there is refused before anything is written."""
    rows = table(await taken(stocked, days(1, services=("tts",))))
    assert {(row["metric"], row["service"]) for row in rows} == {("operation", "tts")}
    both = table(await taken(stocked, days(1, services=("tts", "llm"))))
    assert {row["service"] for row in both} == {"llm", "tts"}
    with pytest.raises(UnknownName, match=r"no service tss .* did you mean tts\?"):
        await taken(stocked, days(1, services=("tss",)))


async def test_a_guild_sees_its_own(stocked: Answers) -> None:
    """Nothing of another guild, and nothing that is not told by guild: no host, no drops."""
    body = await taken(stocked, days(1, scope=Scope(2)))
    rows = table(body)
    assert {row["guild"] for row in rows} == {"2"}
    assert b",17," not in body
    assert not {"gauge", "drop", "probe"} & {row["metric"] for row in rows}


async def test_what_is_missing_is_said(stocked: Answers) -> None:
    """Steps with dropped facts and the one that goes on are partial; gaps and drops are in the JSON form's head."""
    rows = table(await taken(stocked, days(1)))
    assert {row["time"] for row in rows if row["partial"] == "true"} == {"2026-11-21T13:00:00Z"}
    told = json.loads(await taken(stocked, days(1, form="json")))
    assert told["drops"] == {"full": 1}
    assert told["partial"] is True
    assert told["gaps"] == []
    assert told["zone"] == BERLIN
    later = question(NOW + 10 * MINUTE, BERLIN, since=NOW)
    clock = stocked.questions.clock
    assert isinstance(clock, ToldClock)
    clock.at += 10 * MINUTE
    try:
        await stocked.store.append(_one_answer())
        (row,) = table(await taken(stocked, later))
        assert (row["end"], row["partial"]) == ("2026-11-21T15:00:00Z", "true")
        assert await taken(stocked, replace(later, form="prometheus")) == b"# EOF\n", "what is not over comes later"
    finally:
        clock.at = NOW


def _one_answer() -> Batch:
    batch = Batch()
    put(batch, "response", NOW + MINUTE, ("Luna", "1", "reported"), [1.0])
    return batch


async def test_windows_that_cannot_be_are_refused() -> None:
    """Ends in the wrong order, in the future, or before there was anything."""
    for since, until in ((NOW, NOW), (NOW + HOUR, None), (NOW - HOUR, NOW - DAY), (0, NOW)):
        with pytest.raises(ValueError, match="window is empty"):
            question(NOW, "UTC", since=since, until=until)


async def test_what_is_kept_is_told_in_the_steps_that_are_kept(tmp_path: Path) -> None:
    """Of a year: days, then hours of 90 days, and minutes of 48 hours where they were asked for; nothing twice."""
    async with answering(tmp_path, ToldClock()) as answers:
        for day in range(365):
            batch = Batch()
            put(batch, "response", NOW - day * DAY - HOUR, ("Luna", "1", "reported"), [1.0])
            await answers.store.append(batch)

        asked = question(NOW, "UTC", since=NOW - 366 * DAY, step="minute")
        rows = table(await taken(answers, asked))
        assert Counter(row["step"] for row in rows) == {"day": 274, "hour": 89, "minute": 2}
        assert sum(int(row["count"]) for row in rows) == 365


async def test_f3_memory_does_not_grow_with_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty days need no more of it than two."""
    monkeypatch.setattr(reading, "BLOCK", 200)
    async with answering(tmp_path, ToldClock()) as answers:
        for day in range(20):
            batch = Batch()
            for n in range(200):
                at = NOW - day * DAY - (1 + n // 40) * HOUR
                put(batch, "operation", at, (f"s{n % 40}", "run", "m", "Luna", "1", ""), [n / 7, n / 3, 1.0])

            await answers.store.append(batch)

        await answers.store.tend(NOW)

        async def peak(days: int) -> tuple[int, int]:
            size = 0
            tracemalloc.start()
            try:
                async for chunk in answers.export.chunks(question(NOW, "UTC", since=NOW - days * DAY)):
                    size += len(chunk)

                return tracemalloc.get_traced_memory()[1], size
            finally:
                tracemalloc.stop()

        await peak(2)
        (few, small), (many, large) = await peak(2), await peak(20)
        assert large > 9 * small
        assert many < 1.5 * few, f"{few} bytes for two days, {many} for twenty"


async def test_whoever_reads_slowly_keeps_nobody_from_writing(tmp_path: Path) -> None:
    """While a block waits to be read, the log is carried over to its end: no snapshot is held."""
    async with answering(tmp_path, ToldClock()) as answers:
        await days_of_work(answers.store)
        chunks = answers.export.chunks(question(NOW, "UTC", since=NOW - 3 * DAY))
        await anext(chunks)
        await anext(chunks)
        await answers.store.tend(NOW)

        async def carried(db: Any) -> Any:
            ((busy, log, done),) = await db.execute_fetchall("PRAGMA wal_checkpoint(PASSIVE)")
            return busy, log, done

        writer = answers.store._db._writer
        assert writer is not None
        busy, log, done = await writer.run(carried)
        assert (busy, log) == (0, done)
        await chunks.aclose()


async def test_means_of_a_window_are_not_means_of_means(stocked: Answers) -> None:
    """Totals and counts are told, so that whoever adds up rows gets the mean of all."""
    series = await stocked.questions.whole("response", Window(NOW - DAY, NOW, BERLIN))
    rows = [row for row in table(await taken(stocked, days(1))) if row["metric"] == "response"]
    total = sum(float(row["total"]) for row in rows)
    assert total / sum(int(row["count"]) - int(row["failures"]) for row in rows) == pytest.approx(
        series.sum(only("response")).mean
    )
