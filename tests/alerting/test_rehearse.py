"""What a rule would have told: by the real judge, over stored hours and minutes, before it is armed."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from monitoring.alerting.judge import judge
from monitoring.alerting.past import Past
from monitoring.alerting.rehearse import NOT_YET, rehearse
from monitoring.alerting.rules import built_in
from monitoring.charts import alt, draw
from monitoring.incident import Incident, Rule, Stage
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.monitor import Monitor
from monitoring.rollup import Rollup, Series, Table
from monitoring.window import Window

from .history import History, monitor_of
from .scene import NOON, ManualClock

SLOW = Rule("slow", "Mean response", "response", "mean", above=3.0, recovery=2.5, minimum=5, hold=60)
BEGIN = NOON - 30 * DAY
WINDOW = Window(BEGIN, NOON, "Europe/Berlin", "30d")
LABELS = ("Mira", "1", "reported")


def steps(values: dict[int, float], width: int, start: Instant, end: Instant, n: int = 20) -> Series:
    """Steps of answers that take a second, but for those given by their place."""
    starts = tuple(range(start, end, width))
    tables: list[Table] = []
    for place in range(len(starts)):
        rollup = Rollup()
        rollup.add(values.get(place, 1.0), weight=n, sketch=True)
        tables.append({LABELS: rollup})

    return Series("response", starts, tuple(at + width for at in starts), tuple(tables))


def past(hours: dict[int, float], minutes: dict[int, float]) -> Past:
    """Thirty days of hours, and minutes of the last 47 hours."""
    return Past(steps(hours, HOUR, BEGIN, NOON), steps(minutes, MINUTE, NOON - 47 * HOUR, NOON))


def test_openings_with_their_time_and_peak() -> None:
    """Two broken hours of the month, and seven broken minutes of yesterday."""
    fine = dict.fromkeys(range(600, 607), 9.0)
    found = rehearse(SLOW, past({100: 4.0, 101: 5.0, 400: 6.0}, fine), WINDOW, BEGIN)
    assert [(one.start, round(one.seconds / 60), one.peak) for one in found.openings] == [
        (BEGIN + 100 * HOUR, 120, 5.0),
        (BEGIN + 400 * HOUR, 60, 6.0),
        (NOON - 47 * HOUR + 602 * MINUTE, 10, 9.0),
    ]
    assert (found.times, found.first, found.last) == (3, BEGIN + 100 * HOUR, found.openings[-1].start)
    assert found.minutes == pytest.approx(190)
    assert found.fine_from == NOON - 47 * HOUR
    assert found.days == pytest.approx(30)


def test_it_is_the_real_judge() -> None:
    """Minute by minute the same openings as judging live would have made."""
    broken = [*range(100, 110), *range(111, 113), *range(300, 301), *range(500, 520), *range(540, 560)]
    minutes = dict.fromkeys(broken, 8.0)
    rule = replace(SLOW, window=60)
    fine = steps(minutes, MINUTE, NOON - 47 * HOUR, NOON)
    live: Incident | None = None
    last: Incident | None = None
    opened: list[Instant] = []
    for end, step in zip(fine.ends, fine.steps, strict=True):
        verdict = judge(rule, step[LABELS], live, end, number=len(opened) + 1, last=last)
        live = verdict.incident
        if "opened" in verdict.changes and live is not None:
            opened.append(live.since)

        if live is not None and live.stage is Stage.RESOLVED:
            live, last = None, live

    assert [one.start for one in rehearse(rule, past({}, minutes), WINDOW, BEGIN).openings] == opened
    assert len(opened) == 2


def test_other_limits_are_tried_too() -> None:
    """A lower one would have told more often."""
    found = rehearse(SLOW, past({100: 4.0, 200: 2.8, 300: 2.9}, {}), WINDOW, BEGIN)
    assert [(round(limit, 2), times) for limit, times in found.others] == [(2.4, 3), (3.75, 1)]


def test_openings_among_failing_answers_are_counted() -> None:
    """Those are worth waking for."""
    failing = steps({}, HOUR, BEGIN, NOON)
    failing.steps[100][LABELS].failures = 10
    found = rehearse(SLOW, past({100: 4.0, 300: 4.0}, {}), WINDOW, BEGIN, failing)
    assert found.failing == 1


def test_what_is_not_on_record_is_said() -> None:
    """A rule of several figures, and a fresh bot."""
    special = next(rule for rule in built_in() if rule.name == "persona_slow")
    assert rehearse(special, past({}, {}), WINDOW, BEGIN).why_not == NOT_YET
    fresh = rehearse(SLOW, Past(Series("response", (), (), ()), Series("response", (), (), ())), WINDOW, NOON - DAY)
    assert (fresh.times, fresh.points, round(fresh.days)) == (0, (), 1)
    assert "Nothing" in alt("rehearse", fresh)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bad_evenings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with a month in which two evenings and half an hour were bad, made once."""
    folder = tmp_path_factory.mktemp("month")
    monitor = await monitor_of(folder, ManualClock())
    history = History()
    history.quiet(BEGIN, NOON, 60)
    for day in (5, 20):
        for minute in range(0, 60, 10):
            history.answers(BEGIN + day * DAY + minute * MINUTE, 60, 12.0)

    for minute in range(200, 230):
        history.answers(NOON - minute * MINUTE, 20, 9.0, persona="Toad", failures=2)

    await history.store(monitor)
    await monitor.store.close()
    return folder


@pytest.fixture
async def month(bad_evenings: Path, tmp_path: Path) -> AsyncIterator[Monitor]:
    """A monitor with this month."""
    shutil.copytree(bad_evenings, tmp_path, dirs_exist_ok=True)
    monitor = await monitor_of(tmp_path, ManualClock())
    yield monitor
    monitor.questions.close()
    await monitor.store.close()


async def test_a_month_is_rehearsed_from_the_store(month: Monitor) -> None:
    """Through the book, well under a second of work, and it can be drawn."""
    rule = month.rules.get("response_time")
    began = time.process_time()
    found = await month.rules.rehearse(rule)
    assert time.process_time() - began < 1.0
    assert found.times == 3
    assert found.openings[-1].start >= NOON - 230 * MINUTE
    # Until answers came again, a while after the last slow one.
    assert 1800 <= found.openings[-1].seconds <= 3600
    assert draw("rehearse", found)[:4] == b"\x89PNG"
    assert "3 times" in alt("rehearse", found)


@pytest.mark.parametrize(
    ("fields", "times"),
    [
        ({"statistic": "rate", "above": 0.08, "failures": 5, "unit": "rate"}, 1),
        ({"statistic": "p95", "above": 8.0, "recovery": 7.0, "minimum": 20}, 3),
        ({"statistic": "mean", "above": 5.0, "by": "persona"}, 3),
        ({"statistic": "count", "above": 90.0, "recovery": None, "unit": ""}, 1),
        ({"statistic": "change", "above": 3.0, "recovery": 1.5, "unit": "times"}, 2),
        ({"statistic": "absence", "above": 90_000.0, "recovery": None, "unit": "span"}, 0),
        ({"statistic": "anomaly", "above": 6.0, "recovery": 3.0, "unit": "σ"}, 3),
        ({"statistic": "mean", "above": 5.0, "window": 7200}, 3),
    ],
)
async def test_every_statistic_can_be_rehearsed(fields: dict[str, object], times: int, month: Monitor) -> None:
    """From hours and minutes, by groups too."""
    rule = replace(SLOW, recovery=4.0)
    rule = replace(rule, **fields)  # type: ignore[arg-type]
    if rule.unit == "rate":
        rule = replace(rule, recovery=0.05)

    assert (await month.rules.rehearse(rule)).times == times
