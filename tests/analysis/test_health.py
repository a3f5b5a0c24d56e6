"""Is everything well: the overall word, what is critical, whom to look at first, and the gauges."""

from __future__ import annotations

import pytest

from monitoring.analysis.figure import Bands, Limits, Point, Timing
from monitoring.analysis.health import by_need, critical_figures, overall, resources
from monitoring.analysis.series import timing
from monitoring.model import MINUTE, Band, Health, Service
from monitoring.window import Window
from tests.analysis.tables import at, series, times

NOON = at("2026-03-11 12:00")
WELL, SLOW, DEAD, UNKNOWN = Health.HEALTHY, Health.DEGRADED, Health.UNHEALTHY, Health.UNKNOWN


def services(*healths: Health, critical: bool = False) -> list[Service]:
    """Services of these healths; the last one may be critical."""
    last = len(healths) - 1
    return [Service(f"s{k}", health, critical=critical and k == last) for k, health in enumerate(healths)]


@pytest.mark.parametrize(
    ("found", "figures", "word"),
    [
        (services(WELL, WELL), (), WELL),
        (services(WELL, SLOW), (), SLOW),
        (services(WELL, DEAD), (), SLOW),
        (services(WELL, DEAD, critical=True), (), DEAD),
        (services(WELL, SLOW, critical=True), (), SLOW),
        (services(WELL, WELL), ("error rate",), SLOW),
        (services(WELL, DEAD, critical=True), ("error rate",), DEAD),
        (services(WELL, UNKNOWN), (), WELL),
        (services(UNKNOWN, UNKNOWN), (), UNKNOWN),
        ([], (), UNKNOWN),
    ],
)
def test_overall_is_as_bad_as_what_matters(found: list[Service], figures: tuple[str, ...], word: Health) -> None:
    """A dead critical service makes the bot unhealthy; any unwell one, or a critical figure, degraded."""
    assert overall(found, figures) is word


def test_those_that_need_attention_come_first() -> None:
    """Dead, slow, unknown, well; then by name."""
    found = by_need(
        [Service("tts", WELL), Service("rag", UNKNOWN), Service("llm", DEAD), Service("db", SLOW), Service("a", WELL)]
    )

    assert [service.name for service in found] == ["llm", "db", "rag", "a", "tts"]


def test_critical_figures_are_named() -> None:
    """Nineteen answers of 2 s and five of 20 s: a mean of 5.75 s and a P95 of 20 s; for a P99 there are too few."""
    assert critical_figures(timing(times(*[2.0] * 19, *[20.0] * 5)), Bands()) == (
        "mean response time",
        "P95 response time",
    )


def test_failures_are_a_critical_figure_above_five_percent() -> None:
    """Two of thirty are 6.7 %; one of twenty is just 5 % and not above."""
    assert critical_figures(timing(times(*[1.0] * 28, failed=2)), Bands()) == ("error rate",)
    assert critical_figures(timing(times(*[1.0] * 19, failed=1)), Bands()) == ()


def test_few_answers_are_never_critical() -> None:
    """Nineteen answers of a minute each do not make the bot degraded."""
    assert critical_figures(timing(times(*[60.0] * 19)), Bands()) == ()
    assert critical_figures(Timing(), Bands()) == ()


@pytest.mark.parametrize(
    ("value", "band"),
    [(None, Band.UNKNOWN), (1.99, Band.GOOD), (2.0, Band.WARNING), (5.0, Band.WARNING), (5.01, Band.CRITICAL)],
)
def test_bands_meet_at_their_limits(value: float | None, band: Band) -> None:
    """Good below the first limit, critical above the second, a warning on both."""
    assert Limits(2, 5).band(value) is band


def test_gauge_shows_means_the_highest_reading_and_the_last() -> None:
    """The mean of each step hides a peak of 90 %, which is named with its step."""
    gauge = series(
        "gauge",
        NOON,
        MINUTE,
        {("cpu_percent",): times(10, 90)},
        {},
        {("cpu_percent",): times(60, 70), ("alive",): times(1)},
    )
    asked = Window(NOON, NOON + 3 * MINUTE)
    (line,) = resources(
        asked, gauge, ["cpu_percent"], last={"cpu_percent": 65.0}, limits={"cpu_percent": 80}, gaps=()
    ).lines

    assert line.points == (Point(NOON, 50.0, 2), Point(NOON + MINUTE, None, 0), Point(NOON + 2 * MINUTE, 65.0, 2))
    assert (line.unit, line.now, line.limit) == ("%", 65.0, 80)
    assert (line.peak, line.peak_at) == (90.0, NOON)


def test_gauge_that_was_never_read_is_unknown() -> None:
    """No reading, no peak, no line."""
    (line,) = resources(
        Window(NOON, NOON + MINUTE), series("gauge", NOON, MINUTE, {}), ["loop_lag"], last={}, limits={}, gaps=()
    ).lines

    assert (line.now, line.peak, line.peak_at, line.limit) == (None, None, None, None)
