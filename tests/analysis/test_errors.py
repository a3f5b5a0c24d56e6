"""What fails: totals, rates, kinds, places, the trend, the worst step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from monitoring.analysis.attempts import Place
from monitoring.analysis.errors import Errors, ErrorStep, Failings, Kind, Trend, Worst, error_width, errors, severity
from monitoring.analysis.figure import Bands, Figure, Gap
from monitoring.model import DAY, HOUR, MINUTE, Band, ErrorKind
from monitoring.operations import Manner, Operations
from monitoring.rollup import Rollup, Series
from monitoring.window import SPANS, Window
from tests.analysis.tables import at, empty, many, one, series

START = at("2026-03-11 00:00")
ASKED = Window(START, START + DAY, "UTC", "24h")
NOTHING = Failings(
    failure=empty("failure"),
    failure_before=empty("failure"),
    operation=empty("operation"),
    operation_before=empty("operation"),
    command=empty("command"),
    command_before=empty("command"),
    response=empty("response"),
    response_before=empty("response"),
    first_at=START - 30 * DAY,
)


def fails(service: str, operation: str, kind: str, guild: str = "1") -> tuple[str, ...]:
    """Labels of a failure."""
    return (service, operation, kind, guild)


def done(service: str, operation: str, guild: str = "1") -> tuple[str, ...]:
    """Labels of an operation."""
    return (service, operation, "", "", guild, "")


def hours(tables: dict[int, dict[tuple[str, ...], Rollup]]) -> Series:
    """Failures by the hour of the day they were in."""
    return series("failure", START, HOUR, *(tables.get(hour, {}) for hour in range(24)))


TOLD = replace(
    NOTHING,
    failure=hours(
        {
            2: {fails("llm", "llm_inference", "timeout"): many(3), fails("tts", "tts_generation", "network"): many(1)},
            14: {
                fails("llm", "llm_inference", "timeout"): many(9),
                fails("llm", "llm_inference", "rate_limit", "2"): many(3),
                fails("bot", "response", "timeout"): many(9),
            },
            20: {fails("commands", "imagine", "validation"): many(4)},
        }
    ),
    failure_before=one("failure", {fails("llm", "llm_inference", "timeout"): many(5)}),
    operation=one(
        "operation",
        {
            done("llm", "llm_inference"): many(300, failures=12),
            done("llm", "llm_inference", "2"): many(100, failures=3),
            done("tts", "tts_generation"): many(60, failures=1),
            done("bot", "response"): many(300, failures=12),
        },
    ),
    operation_before=one("operation", {done("llm", "llm_inference"): many(250, failures=5)}),
    command=one("command", {("imagine", "slash", "1"): many(30, failures=4), ("ping", "slash", "1"): many(10)}),
    response=one("response", {("Mira", "1", "reported"): many(300, failures=12)}),
    response_before=one("response", {("Mira", "1", "reported"): many(250, failures=5)}),
    late=one("failure", {fails("llm", "llm_inference", "timeout"): many(12)}),
    earlier=one("failure", {fails("llm", "llm_inference", "timeout"): many(10)}),
)


def ask(told: Failings = TOLD, *, service: str = "", guild: str | None = None) -> Errors:
    """The errors of that day."""
    return errors(ASKED, told, service=service, guild=guild, bands=Bands())


def test_errors_are_failed_operations_and_commands() -> None:
    """3 + 1 + 9 + 3 + 4 = 20 of 300 + 100 + 60 + 40 = 500 attempts; before it was 5 of 250.

    The nine failed answers failed because their operations did: they are not counted a second time.
    """
    found = ask()

    assert found.total == Figure(20.0, 5.0, 500)
    assert found.rate == Figure(0.04, 0.02, 500, Band.WARNING)


def test_answers_keep_the_rate_of_the_overview() -> None:
    """12 of 300 answers, 5 of 250 before; it is this rate that is judged."""
    found = ask()

    assert found.answers == Figure(0.04, 0.02, 300, Band.WARNING)
    assert found.verdict == found.answers


def test_answers_are_the_errors_where_no_part_of_them_is_reported() -> None:
    """A host that reports whole answers alone has its failures too."""
    told = replace(
        NOTHING,
        failure=hours({3: {fails("bot", "response", "memory"): many(2)}}),
        operation=one("operation", {done("bot", "response"): many(40, failures=2)}),
    )

    assert ask(told).total.value == 2
    assert ask(told).rate.value == 0.05


def test_kinds_come_with_severity_share_and_last_time() -> None:
    """Of twenty: twelve timeouts, last in the hour from 14:00."""
    assert ask().kinds == (
        Kind("timeout", "medium", 12, 0.6, START + 14 * HOUR),
        Kind("validation", "low", 4, 0.2, START + 20 * HOUR),
        Kind("rate_limit", "high", 3, 0.15, START + 14 * HOUR),
        Kind("network", "medium", 1, 0.05, START + 2 * HOUR),
    )


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("timeout", "medium"),
        ("rate_limit", "high"),
        ("memory", "high"),
        ("network", "medium"),
        ("validation", "low"),
        ("permission", "medium"),
        ("not_found", "low"),
        ("interrupted", "low"),
        ("unknown", "medium"),
        ("other", "medium"),
    ],
)
def test_severity_of_each_kind(kind: str, word: str) -> None:
    """What found no room under its own kind is as bad as an unknown one."""
    assert severity(kind) == word


def test_every_kind_has_a_severity() -> None:
    """A kind that is added later too."""
    assert all(severity(kind) in {"low", "medium", "high"} for kind in ErrorKind)


def test_places_are_services_and_commands_with_failures() -> None:
    """Commands are a service of their own; what never failed is left out."""
    found = ask()

    assert found.services == (Place("llm", 15, 400), Place("commands", 4, 40), Place("tts", 1, 60))
    assert found.services[0].rate == 0.0375
    assert found.commands == (Place("imagine", 4, 30),)


def test_one_service_is_asked_about() -> None:
    """15 of 400; neither commands nor answers are its own."""
    found = ask(service="llm")

    assert (found.total.value, found.rate.n, found.rate.value) == (15.0, 400, 0.0375)
    assert (found.commands, found.answers.n) == ((), 0)
    assert found.verdict == found.rate
    assert [kind.name for kind in found.kinds] == ["timeout", "rate_limit"]


def test_commands_are_asked_about() -> None:
    """4 of 40."""
    found = ask(service="commands")

    assert (found.total.value, found.rate.n) == (4.0, 40)
    assert found.services == (Place("commands", 4, 40),)


def test_guild_sees_its_own_errors() -> None:
    """Three of a hundred in the second guild, where nobody used a command."""
    found = ask(guild="2")

    assert (found.total.value, found.rate.n, found.commands) == (3.0, 100, ())
    assert [kind.name for kind in found.kinds] == ["rate_limit"]


@pytest.mark.parametrize(
    ("now", "before", "word"),
    [
        (12, 10, "increasing"),
        (11, 10, "stable"),
        (10, 10, "stable"),
        (9, 10, "stable"),
        (8, 10, "decreasing"),
        (10, 0, "increasing"),
        (0, 10, "decreasing"),
    ],
)
def test_trend_is_six_hours_against_six(now: int, before: int, word: str) -> None:
    """A tenth more or less is stable."""
    assert Trend(now, before).word == word


def test_trend_needs_ten_errors_and_twelve_hours_of_records() -> None:
    """Nine errors say nothing, and neither does a bot that began to record this morning."""
    few = one("failure", {fails("llm", "llm_inference", "timeout"): many(4)})

    assert ask().trend == Trend(12, 10)
    assert ask(replace(TOLD, late=few, earlier=few)).trend is None
    assert ask(replace(TOLD, first_at=ASKED.end - 11 * HOUR)).trend is None


def test_steps_are_hours_of_a_day_and_dark_where_nothing_was_monitored() -> None:
    """An hour without errors is none; an unmonitored one is not known; one with errors is known in any case."""
    gaps = (Gap(START + 2 * HOUR, START + 4 * HOUR),)
    steps = ask(replace(TOLD, gaps=gaps)).steps

    assert len(steps) == 24
    assert steps[1:5] == (
        ErrorStep(START + HOUR, START + 2 * HOUR, 0),
        ErrorStep(START + 2 * HOUR, START + 3 * HOUR, 4),
        ErrorStep(START + 3 * HOUR, START + 4 * HOUR, None),
        ErrorStep(START + 4 * HOUR, START + 5 * HOUR, 0),
    )


def test_worst_step_is_named_with_its_kind() -> None:
    """Twelve of twenty from 14:00, nine of them timeouts."""
    assert ask().worst == Worst(START + 14 * HOUR, START + 15 * HOUR, 12, "timeout", 9, True)


def test_few_errors_do_not_stand_out() -> None:
    """Nine errors in an hour are the most there were, but no event."""
    told = replace(TOLD, failure=hours({5: {fails("llm", "llm_inference", "timeout"): many(9)}}))
    found = ask(told).worst

    assert found is not None
    assert (found.count, found.stands_out) == (9, False)


def test_nothing_tried_is_no_rate() -> None:
    """Without attempts there is no rate, no kind and no worst step; zero errors are zero."""
    found = ask(NOTHING)

    assert (found.total, found.rate, found.answers) == (Figure(0.0, None, 0), Figure(None), Figure(None))
    assert (found.kinds, found.worst, found.trend, found.recent) == ((), None, None, ())


def test_window_before_that_recording_began_in_is_no_yardstick() -> None:
    """Of an amount; a rate of what was recorded still is."""
    found = ask(replace(TOLD, first_at=START - HOUR))

    assert found.total.before is None
    assert found.rate.before == 0.02


def raw(*rows: tuple[int, int, str]) -> Operations:
    """Operations that began so many minutes after noon: label set, kind ("": success)."""
    manners = [Manner(kind, f"print-{kind}" if kind else "") for _, _, kind in rows]
    n = len(rows)
    numbers = [np.zeros(n, np.int64) for _ in range(9)]
    return Operations(
        [done("llm", "llm_inference"), done("bot", "response"), done("tts", "tts_generation", "2")],
        manners,
        np.array([which for _, which, _ in rows], np.int64),
        np.arange(n, dtype=np.int64),
        np.array([START + 12 * HOUR + minute * MINUTE for minute, _, _ in rows], np.int64),
        np.full(n, 1_500_000, np.int64),
        *numbers,
    )


def test_recent_ones_are_the_newest_five_failed_operations() -> None:
    """Newest first, no success, no whole answer; the kind's last time is then exact."""
    rows = [(k, 0, "timeout") for k in range(7)] + [(8, 0, ""), (9, 1, "timeout"), (300, 2, "memory")]
    found = ask(replace(TOLD, operations=raw(*rows)))

    assert [(one.kind, one.service, (one.at - START) // MINUTE - 720) for one in found.recent] == [
        ("memory", "tts", 300),
        ("timeout", "llm", 6),
        ("timeout", "llm", 5),
        ("timeout", "llm", 4),
        ("timeout", "llm", 3),
    ]
    assert found.recent[1].fingerprint == "print-timeout"
    assert found.recent[1].duration == 1.5
    guild = ask(replace(TOLD, operations=raw(*rows)), guild="1")
    assert {one.service for one in guild.recent} == {"llm"}


def test_last_time_of_a_kind_is_the_moment_of_its_last_operation() -> None:
    """To the millisecond where the single operations are still known."""
    found = ask(replace(TOLD, operations=raw((200, 0, "timeout"), (201, 0, ""))))

    assert found.kinds[0] == Kind("timeout", "medium", 12, 0.6, START + 12 * HOUR + 200 * MINUTE)


@pytest.mark.parametrize("name", SPANS)
def test_bars_are_neither_few_nor_too_many(name: str) -> None:
    """Twelve to ninety in each window that can be asked for."""
    assert 12 <= SPANS[name] / error_width(Window(0, SPANS[name])) <= 90
