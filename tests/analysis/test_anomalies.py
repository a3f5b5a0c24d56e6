"""A figure against its own habit at that hour of the week."""

from __future__ import annotations

import numpy as np

from monitoring.analysis.anomalies import Anomaly, anomalies, hourly, since
from monitoring.analysis.figure import Point
from monitoring.analysis.series import only
from monitoring.model import DAY, HOUR
from monitoring.window import Window
from tests.analysis.tables import BERLIN, at, many, series

MONDAY = at("2026-03-02 00:00")
"""The first of five weeks; the clocks do not change in them."""
WINDOW = Window(MONDAY + 28 * DAY, MONDAY + 35 * DAY)


def usual(hour: int) -> float:
    """Nobody at night, a hundred messages at noon, more on weekends."""
    of_day = hour % 24
    return 0.0 if of_day < 7 else (100 if hour // 24 % 7 < 5 else 160) * (1 - abs(of_day - 15) / 12)


def weeks(figure: str = "messages", **changed: float) -> list[Point]:
    """Five weeks of hours; `changed` by "day_hour" of the last week."""
    dice = np.random.default_rng(5)
    points = []
    for hour in range(35 * 24):
        n = int(dice.poisson(usual(hour)))
        value: float | None = float(n)
        if figure == "errors":
            value = dice.binomial(n, 0.02) / n if n else None
        elif figure == "mean":
            value = float(1.5 * np.exp(dice.normal(0, 0.5 / np.sqrt(n)))) if n else None

        week_hour = hour - 28 * 24
        if week_hour >= 0:
            value = changed.get(f"h{week_hour // 24}_{week_hour % 24}", value)

        points.append(Point(MONDAY + hour * HOUR, value, n))

    return points


def spans(found: tuple[Anomaly, ...]) -> list[tuple[int, int]]:
    """Hours since the window began."""
    return [((one.start - WINDOW.start) // HOUR, (one.end - WINDOW.start) // HOUR) for one in found]


def test_a_quiet_night_is_no_alarm_nor_is_a_usual_week() -> None:
    """Nobody writes at night, and more do on weekends: as always."""
    assert anomalies("messages", weeks(), WINDOW) == ()


def test_a_quiet_afternoon_is() -> None:
    """On Wednesday nobody wrote from two to five, when a hundred do."""
    found = anomalies("messages", weeks(h2_14=4, h2_15=2, h2_16=5), WINDOW)

    assert spans(found) == [(2 * 24 + 14, 2 * 24 + 17)]
    assert found[0].score < 0
    assert found[0].usual > 60
    assert found[0].peak <= 5
    assert found[0].weeks == 4


def test_a_crowd_at_night_is_unusual_though_noon_has_more() -> None:
    """Eighty messages at four in the morning."""
    found = anomalies("messages", weeks(h3_4=80, h3_5=70), WINDOW)

    assert spans(found) == [(3 * 24 + 4, 3 * 24 + 6)]
    assert found[0].score > 0


def test_slow_hours_are_told_and_fast_ones_are_not() -> None:
    """Only what got worse is worth a word; of messages both."""
    assert spans(anomalies("mean", weeks("mean", h1_15=4.0, h1_16=4.5), WINDOW)) == [(24 + 15, 24 + 17)]
    assert anomalies("mean", weeks("mean", h1_15=0.5, h1_16=0.5), WINDOW) == ()


def test_failures_of_one_hour_are_told_if_they_are_many() -> None:
    """A third of an afternoon's answers failed; a twentieth once in a while is chance."""
    assert spans(anomalies("errors", weeks("errors", h4_15=0.33, h4_16=0.3), WINDOW)) == [(4 * 24 + 15, 4 * 24 + 17)]
    assert anomalies("errors", weeks("errors", h4_15=0.06), WINDOW) == ()


def test_without_three_weeks_there_is_no_habit() -> None:
    """Two weeks before the window say nothing."""
    changed = weeks(h2_14=0, h2_15=0, h2_16=0)
    assert anomalies("messages", changed[14 * 24 :], WINDOW) == ()
    assert spans(anomalies("messages", changed[7 * 24 :], WINDOW)) == [(2 * 24 + 14, 2 * 24 + 17)]


def test_hours_that_were_not_monitored_are_not_judged() -> None:
    """A gap is neither quiet nor habit; an hour that is going on is not judged yet."""
    assert since(WINDOW) == WINDOW.start - 56 * DAY
    start = at("2026-03-02 00:00", BERLIN)
    found = series("message", start, HOUR, {("user", "", "1", ""): many(5)}, {}, {("user", "", "2", ""): many(9)})
    span = Window(start, start + 2 * HOUR + 30 * 60_000, BERLIN)

    points = hourly("messages", found, only("message", guild="1"), span, (), start)
    assert points == (Point(start, 5.0, 5), Point(start + HOUR, 0.0, 0))
    assert hourly("messages", found, only("message"), span, (), start + HOUR) == (Point(start + HOUR, 0.0, 0),)
    assert hourly("messages", found, only("message"), span, (), None) == ()
