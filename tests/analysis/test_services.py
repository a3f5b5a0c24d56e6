"""Services and their operations: counts, times, throughput, single ones; levels and efficiency."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from monitoring.analysis.figure import Bands, Figure, Gap, Timing
from monitoring.analysis.services import ServicePage, Worked, monitored, service_page
from monitoring.analysis.singles import failed, newest, of_labels, slowest
from monitoring.analysis.throughput import Flow, Rate, Throughput, throughput
from monitoring.model import DAY, HOUR, MINUTE
from monitoring.operations import Manner, Operations
from monitoring.window import Window
from tests.analysis.tables import at, empty, many, one, series, times

NOON = at("2026-03-11 12:00")
ASKED = Window(NOON, NOON + 10 * HOUR)


def done(service: str, operation: str, guild: str = "1", model: str = "") -> tuple[str, ...]:
    """Labels of an operation."""
    return (service, operation, model, "", guild, "")


TOLD = Worked(
    operation=one(
        "operation",
        {
            done("llm", "llm_inference"): times(*[1.0] * 150, *[3.0] * 50, failed=50),
            done("llm", "llm_inference", "2"): times(*[2.0] * 50),
            done("llm", "embedding"): times(*[0.1] * 100),
            done("tts", "tts_generation"): times(*[0.5] * 10),
            done("bot", "response"): times(*[4.0] * 200, failed=50),
        },
    ),
    operation_before=one("operation", {done("llm", "llm_inference"): times(*[2.0] * 20)}),
    first_at=NOON - DAY,
)


def ask(told: Worked = TOLD, *, service: str = "llm", guild: str | None = None) -> ServicePage:
    """Ten hours of a service."""
    return service_page(ASKED, told, service=service, guild=guild, bands=Bands())


def test_a_service_is_told_by_operation() -> None:
    """250 + 50 inferences in ten hours are 30 an hour and half a one a minute; a sixth of them failed."""
    page = ask()
    inference, embedding = page.rows

    assert (inference.name, inference.timing.n, inference.timing.failures) == ("llm_inference", 300, 50)
    assert inference.timing.rate == pytest.approx(1 / 6)
    assert inference.timing.mean == pytest.approx((150 * 1 + 50 * 3 + 50 * 2) / 250)
    assert (inference.per_minute, inference.per_hour) == (0.5, 30.0)
    assert (embedding.name, embedding.timing.n, embedding.per_hour) == ("embedding", 100, 10.0)
    assert (page.all.timing.n, page.all.per_hour, page.before.mean) == (400, 40.0, 2.0)


def test_quantiles_are_of_the_successes() -> None:
    """Of 250 times: the 125th is 1 s, the 238th and the 248th are 3 s, within a hundredth."""
    timed = ask().rows[0].timing

    assert (timed.p50, timed.p95, timed.p99) == pytest.approx((1.0, 3.0, 3.0), rel=0.01)


def test_throughput_is_over_the_monitored_time() -> None:
    """With five of ten hours dark the same operations are twice as many an hour; with none lit nothing is known."""
    half = ask(replace(TOLD, gaps=(Gap(NOON - HOUR, NOON + 5 * HOUR),)))
    dark = ask(replace(TOLD, gaps=(Gap(NOON, NOON + 10 * HOUR),)))

    assert (half.all.per_minute, half.all.per_hour) == (pytest.approx(400 / 300), 80.0)
    assert (dark.all.per_minute, dark.all.per_hour) == (None, None)


def test_gaps_count_only_inside_the_window() -> None:
    """An hour of each gap lies in it."""
    gaps = (Gap(NOON - DAY, NOON + HOUR), Gap(NOON + 9 * HOUR, NOON + DAY))

    assert monitored(ASKED, gaps) == 8 * HOUR


def test_services_stand_side_by_side() -> None:
    """Most first; whole answers are not added to what was done for them."""
    page = ask(service="")

    assert [(row.name, row.timing.n) for row in page.rows] == [("llm", 400), ("tts", 10)]
    assert page.all.timing.n == 410
    assert page.recent == page.slowest == page.failed == ()


def test_whole_answers_stand_beside_their_parts() -> None:
    """Last, and not added up with them; where the service did nothing else, they are all that it did."""
    part = one("operation", {**TOLD.operation.steps[0], done("bot", "context_building"): times(0.1)})
    page, alone = ask(replace(TOLD, operation=part), service="bot"), ask(service="bot")

    assert [row.name for row in page.rows] == ["context_building", "response"]
    assert page.all.timing.n == 1
    assert alone.all.timing.n == 250


def test_other_guilds_are_not_seen() -> None:
    """Fifty inferences in the second guild."""
    page = ask(guild="2")

    assert [(row.name, row.timing.n) for row in page.rows] == [("llm_inference", 50)]


# --- single operations


def raw(*rows: tuple[int, float, str]) -> Operations:
    """Inferences that began so many minutes after noon, with seconds and kind of failure; odd ones in guild 2."""
    n = len(rows)
    return Operations(
        [done("llm", "llm_inference", model="llama"), done("llm", "llm_inference", "2")],
        [Manner(kind, "f" if kind else "") for _, _, kind in rows],
        np.array([minute % 2 for minute, _, _ in rows], np.int64),
        np.arange(n, dtype=np.int64),
        np.array([NOON + minute * MINUTE for minute, _, _ in rows], np.int64),
        np.array([round(seconds * 1e6) for _, seconds, _ in rows], np.int64),
        *(np.zeros(n, np.int64) for _ in range(9)),
    )


ROWS = raw(
    (0, 1.0, ""), (1, 9.0, "timeout"), (2, 4.0, ""), (3, 4.0, ""), (4, 0.5, "memory"), (5, 2.0, ""), (6, 3.0, "")
)


def test_newest_slowest_and_failed_ones() -> None:
    """Five at most; a failure is not slow, however long it took; of two as slow the earlier comes first."""
    assert [(one.at - NOON) // MINUTE for one in newest(ROWS)] == [6, 5, 4, 3, 2]
    assert [one.duration for one in slowest(ROWS)] == [4.0, 4.0, 3.0, 2.0, 1.0]
    assert (slowest(ROWS)[0].at, slowest(ROWS)[0].model) == (NOON + 2 * MINUTE, "llama")
    assert [(one.kind, one.fingerprint) for one in failed(ROWS)] == [("memory", "f"), ("timeout", "f")]


def test_single_operations_of_one_guild() -> None:
    """Minutes 1, 3 and 5 were in the second guild; of nothing nothing is left."""
    mine = of_labels(ROWS, lambda labels: labels[4] == "2")

    assert [(one.at - NOON) // MINUTE for one in newest(mine)] == [5, 3, 1]
    assert newest(of_labels(raw(), lambda _: True)) == ()
    assert [one.kind for one in ask(replace(TOLD, operations=ROWS), guild="2").failed] == ["timeout"]


# --- throughput


HOURS = Window(NOON, NOON + 3 * DAY, "UTC")
FLOW = Flow(
    work=series("response", NOON, HOUR, *({("Mira", "1", "inferred"): many(30 + k, failures=3)} for k in range(72))),
    work_before=one("response", {("Mira", "1", "inferred"): many(720)}),
    message=series("message", NOON, HOUR, *({("user", "", "1", "9"): many(90)} for _ in range(72))),
    first_at=NOON - 30 * DAY,
)


def flow(told: Flow = FLOW, window: Window = HOURS, *, service: str = "", guild: str | None = None) -> Throughput:
    """Three days of answers."""
    return throughput(window, told, service=service, guild=guild)


def test_answers_by_hour() -> None:
    """30 to 101 an hour, 65.5 in the mean; the last hour was the busiest, at 1.7 a minute."""
    found = flow()

    assert found.per_hour == Figure(65.5, 10.0, 4716)
    assert found.per_minute.value == pytest.approx(65.5 / 60)
    assert found.unit == MINUTE
    assert (found.peak_at, found.peak) == (NOON + 71 * HOUR, pytest.approx(101 / 60))
    assert found.points[0] == Rate(NOON, NOON + HOUR, pytest.approx(27 / 60), pytest.approx(3 / 60))
    assert (found.failures, found.messages_per_hour, found.messages[0].value) == (216, 90.0, 1.5)


def test_rates_are_by_hour_where_a_minute_has_less_than_one() -> None:
    """Thirty an hour are half a one a minute: that is said by the hour."""
    calm = replace(FLOW, work=series("response", NOON, HOUR, {("Mira", "1", "inferred"): many(30)}))

    assert flow(calm).unit == HOUR
    assert flow(calm).points[0].both == 30.0


def test_steps_partly_dark_are_measured_by_their_lit_part() -> None:
    """Half an hour with thirty answers is sixty an hour; five lit minutes tell nothing; a dark hour is no zero."""
    gaps = (
        Gap(NOON, NOON + 30 * MINUTE),
        Gap(NOON + HOUR, NOON + 115 * MINUTE),
        Gap(NOON + 2 * HOUR, NOON + 3 * HOUR),
    )
    work = series("response", NOON, HOUR, *([{("Mira", "1", "inferred"): many(30)}] * 2), {}, {})
    found = flow(replace(FLOW, work=work, gaps=gaps))

    assert [point.both for point in found.points] == [1.0, None, None, 0.0]


def test_the_step_that_goes_on_is_measured_by_what_has_passed() -> None:
    """Ten minutes into an hour with five answers are thirty an hour."""
    window = Window(NOON - 3 * DAY, NOON + HOUR + 15 * MINUTE)
    work = series("response", NOON, HOUR, {}, {("Mira", "1", "inferred"): many(5)})

    assert flow(replace(FLOW, work=work), window).points[1].both == 20.0


def test_throughput_of_a_service_is_of_its_operations() -> None:
    """Whole answers are not counted beside their parts, and messages are no work of a service."""
    work = series("operation", NOON, HOUR, {done("llm", "a"): many(20), done("llm", "b", "2"): many(4)})
    told = replace(FLOW, work=work, work_before=empty("operation"), message=empty("message"))

    assert flow(told, service="llm").per_hour.n == 24
    assert flow(told, service="llm", guild="2").per_hour.n == 4
    assert flow(told, service="tts").per_hour.n == 0
    assert flow(told, service="llm").messages_per_hour is None


def test_nothing_done_has_no_peak() -> None:
    """Three quiet days are zero an hour, and at no time most."""
    found = flow(replace(FLOW, work=series("response", NOON, HOUR, {}, {})))

    assert (found.per_hour.value, found.peak, found.peak_at) == (0.0, None, None)


# --- level and efficiency


@pytest.mark.parametrize(
    ("mean", "word"),
    [
        (0.49, "excellent"),
        (0.5, "good"),
        (0.99, "good"),
        (1.0, "acceptable"),
        (2.0, "poor"),
        (60.0, "poor"),
        (None, ""),
    ],
)
def test_level_is_a_word_for_the_mean(mean: float | None, word: str) -> None:
    """Each begins where the one before ends."""
    assert Timing(10, 0, mean).level == word


@pytest.mark.parametrize(
    ("n", "failures", "mean", "score"),
    [
        (100, 0, 0.0, 100.0),
        (100, 2, 1.5, 82.5),  # (100 − 15 + 100 − 20) / 2
        (100, 10, 1.0, 45.0),  # (90 + 0) / 2
        (100, 50, 20.0, 0.0),
        (100, 0, 20.0, 50.0),
    ],
)
def test_efficiency_is_half_speed_and_half_success(n: int, failures: int, mean: float, score: float) -> None:
    """A point for each 100 ms and a point for each thousandth that fails; neither half is below zero."""
    assert Timing(n, failures, mean).efficiency == pytest.approx(score)


def test_efficiency_of_nothing_is_not_known() -> None:
    """Without a success there is no mean, and no score."""
    assert Timing().efficiency is None
    assert Timing(3, 3).efficiency is None
