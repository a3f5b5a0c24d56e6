"""Each built-in rule tells of what it is for, and of nothing in a month like any other."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from monitoring.alerting.judge import judge
from monitoring.alerting.rule_units import SPECIAL
from monitoring.alerting.rules import Thresholds, built_in
from monitoring.analysis.slo import Promises
from monitoring.charts import draw
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.monitor import Monitor
from monitoring.rollup import Rollup
from monitoring.special_figures import SpecialFigures
from tests.recording.stage import Stage

from .history import EVENING, PERSONAS, START, History, looked, monitor_of, open_rules
from .scene import ManualClock


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with five quiet weeks, made once."""
    folder = tmp_path_factory.mktemp("weeks")
    monitor = await monitor_of(folder, ManualClock(EVENING - 6 * HOUR))
    history = History()
    history.quiet(START, EVENING - 30 * HOUR, 60)
    history.quiet(EVENING - 30 * HOUR, EVENING - 6 * HOUR)
    await history.store(monitor)
    await monitor.store.close()
    return folder


@pytest.fixture
async def evening(weeks: Path, tmp_path: Path) -> AsyncIterator[tuple[Monitor, ManualClock, History]]:
    """A monitor at 20:00 after these weeks, the last hours of which are still to be told."""
    shutil.copytree(weeks, tmp_path, dirs_exist_ok=True)
    clock = ManualClock(EVENING)
    monitor = await monitor_of(tmp_path, clock, budget_month_dollars=20)
    yield monitor, clock, History(seed=8)
    monitor.questions.close()
    await monitor.store.close()


def errors(history: History, at: Instant) -> None:
    """Errors three to four times as usual, still below the limit of the error rate."""
    for minute in range(5):
        history.answers(at - minute * MINUTE, 40, failures=2)


def budget(history: History, at: Instant) -> None:
    """A day that cost nearly as much as the month may."""
    history.answers(at - HOUR, 10, cost=1_900_000)


def restarts(history: History, at: Instant) -> None:
    """Four starts within ten minutes."""
    for minute in (1, 3, 5, 7):
        history.add("event", at - minute * MINUTE, ("start", "0"), Rollup(1))


def burn(history: History, at: Instant) -> None:
    """An hour in which a fifth of the answers fails."""
    for minute in range(0, 60, 2):
        history.answers(at - minute * MINUTE, 4, failures=1)


def slow_persona(history: History, at: Instant) -> None:
    """Toad needs four times as long as the others."""
    for minute in range(0, 60, 5):
        for persona in PERSONAS:
            history.answers(at - minute * MINUTE, 3, 6.0 if persona == "Toad" else 1.5, persona=persona)


def failing_persona(history: History, at: Instant) -> None:
    """Every other answer of Toad fails, the others work."""
    for minute in range(0, 60, 5):
        for persona in PERSONAS:
            history.answers(at - minute * MINUTE, 3, persona=persona, failures=3 if persona == "Toad" else 0)


def falling(history: History, at: Instant) -> None:
    """Mira liked Nyx yesterday."""
    for hours, value in ((30, 80.0), (2, 50.0), (1, 48.0)):
        history.add("affinity", at - hours * HOUR, ("Mira", "Nyx", "1"), history.times(value))


def raid(history: History, at: Instant) -> None:
    """Ten times as many messages as at any other evening."""
    for minute in range(20):
        history.messages(at - minute * MINUTE, 40)


CASES = {
    "error_spike": errors,
    "budget": budget,
    "restart_storm": restarts,
    "slo_burn": burn,
    "slo_burn_slow": burn,
    "persona_slow": slow_persona,
    "persona_failing": failing_persona,
    "affinity_fall": falling,
    "unusual_traffic": raid,
}


@pytest.mark.parametrize("name", CASES)
async def test_a_built_in_rule_tells_of_what_it_is_for(
    name: str, evening: tuple[Monitor, ManualClock, History]
) -> None:
    """What was planted opens an incident of the rule, at the first looks."""
    monitor, clock, history = evening
    only = tuple(rule for rule in built_in(Thresholds(budget_month_dollars=20)) if rule.name == name)
    monitor.watch.set_rules(only)
    history.quiet(EVENING - 6 * HOUR, EVENING)
    CASES[name](history, EVENING)
    await history.store(monitor)
    # What is planted is over soon, where it is not of an hour.
    await looked(monitor, clock, 60 if name in ("error_spike", "unusual_traffic") else 30)
    if not await open_rules(monitor):
        for second in range(60, 660, 60):
            CASES[name](history, EVENING + second * 1000)
            await history.store(monitor)
            await looked(monitor, clock, 60)

    assert await open_rules(monitor) == {name}
    [incident] = await monitor.watch.incidents(open_only=True)
    card = await monitor.card(incident.number)
    assert card.points[-1].value is not None
    assert draw("incident", card)[:4] == b"\x89PNG"


async def test_silence_of_one_persona_is_told_and_of_all_users_too(
    evening: tuple[Monitor, ManualClock, History],
) -> None:
    """Toad says nothing all afternoon; later nobody does."""
    monitor, clock, history = evening
    names = {"persona_silent", "no_active_user"}
    monitor.watch.set_rules(tuple(rule for rule in built_in() if rule.name in names))
    history.quiet(EVENING - 6 * HOUR, EVENING)
    for table in history.deltas.values():
        for labels in [one for one in table if "Toad" in one]:
            del table[labels]

    await history.store(monitor)
    clock.at = EVENING - 5 * MINUTE
    await looked(monitor, clock, 900)
    found = await monitor.watch.incidents(open_only=True)
    assert [(one.rule, one.group) for one in found] == [("persona_silent", "Toad")]

    await looked(monitor, clock, 5400, 60)
    assert "no_active_user" in await open_rules(monitor)


async def test_banter_without_end_is_told(evening: tuple[Monitor, ManualClock, History]) -> None:
    """Turns are counted while they go on, not when they are over."""
    monitor, clock, _ = evening
    stage = Stage()
    for turn in range(60):
        stage.persona(turn * 5, "hm", turn + 1, by="Luna" if turn % 2 else "Max")

    special = SpecialFigures(
        monitor.questions, monitor.habits, promises=Promises(), budget=None, open_turns=stage.conversations.open_turns
    )
    rule = next(rule for rule in built_in() if rule.name == "banter_length")
    [(group, rollup, value)] = await special.read("banter_turns", rule, clock.now())
    found = judge(rule, rollup, None, clock.now(), number=1, value=value, group=group)
    assert found.incident is not None
    assert (found.changes, found.incident.value) == (("opened",), 60.0)


async def test_a_month_like_any_other_is_quiet(evening: tuple[Monitor, ManualClock, History]) -> None:
    """Two days, now and then, for what is read from afar, thirty days rehearsed for the rest: nothing opens."""
    monitor, clock, history = evening
    history.quiet(EVENING - 6 * HOUR, EVENING)
    await history.store(monitor)
    for rule in monitor.rules.all():
        if rule.metric != SPECIAL and rule.enabled:
            assert not (await monitor.rules.rehearse(rule)).openings, rule.name

    clock.at = EVENING - 2 * DAY
    far = [rule for rule in monitor.rules.all() if rule.metric == SPECIAL]
    monitor.watch.set_rules(far)
    for _ in range(8):
        clock.go(6 * 3600)
        await monitor.outlook.refresh()
        await monitor.watch.tick()
        assert not await open_rules(monitor)


async def test_a_small_quiet_bot_is_left_alone(tmp_path: Path) -> None:
    """A handful of messages a day, one of which failed, with hours of silence: no habit, and no alarm."""
    clock = ManualClock(EVENING - 2 * DAY)
    monitor = await monitor_of(tmp_path, clock, budget_month_dollars=20)
    history = History(users=0.02)
    history.quiet(START, EVENING, 60)
    history.answers(EVENING - 5 * MINUTE, 1, failures=1)
    await history.store(monitor)
    for _ in range(8):
        clock.go(6 * 3600)
        await monitor.outlook.refresh()
        await monitor.watch.tick()
        assert not await open_rules(monitor)

    monitor.questions.close()
    await monitor.store.close()


def test_every_rule_says_what_to_do() -> None:
    """And which figure it is, in words that fit into a title."""
    for rule in built_in():
        assert rule.advice.endswith("."), rule.name
        assert 3 <= len(rule.title) <= 45, rule.name


async def test_every_special_rule_has_its_figure(evening: tuple[Monitor, ManualClock, History]) -> None:
    """None asks for one that is not there, and none is there that nobody asks for."""
    monitor, _, _ = evening
    asked = {dict(rule.where)["figure"] for rule in built_in() if rule.metric == SPECIAL}
    assert asked == monitor.outlook._special.names  # type: ignore[attr-defined]
