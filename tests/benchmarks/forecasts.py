"""How honest the insights are: coverage of forecasts, false alarms, and planted causes, on simulated histories.

`python tests/benchmarks/run.py --only forecasts` prints the table.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitoring.analysis.anomalies import anomalies
from monitoring.analysis.figure import Point
from monitoring.analysis.forecast import month_end, reaches
from monitoring.analysis.why import why
from monitoring.model import DAY, HOUR
from monitoring.window import Window
from tests.analysis.planted import CAUSES, WINDOW, Planted, evidence, named

from .frame import Bench, Row

Floats: TypeAlias = NDArray[np.float64]
Kind: TypeAlias = Callable[[np.random.Generator, int], Floats]
HISTORIES = 400
CASES = 20
"""Of each planted cause."""


def _noise(dice: np.random.Generator, days: int, sigma: float = 0.15) -> Floats:
    result: Floats = dice.lognormal(0, sigma, days)
    return result


def _week(dice: np.random.Generator, days: int) -> Floats:
    pattern = dice.uniform(0.6, 1.5, 7)
    result: Floats = pattern[(np.arange(days) + dice.integers(7)) % 7]
    return result


def weekdays(dice: np.random.Generator, days: int) -> Floats:
    """A weekday pattern and noise."""
    return 1000 * _week(dice, days) * _noise(dice, days)


def trend(dice: np.random.Generator, days: int) -> Floats:
    """Growing or falling by up to 2 % a day of the start."""
    result: Floats = weekdays(dice, days) * np.maximum(1 + dice.uniform(-0.008, 0.02) * np.arange(days), 0.1)
    return result


def bursts(dice: np.random.Generator, days: int) -> Floats:
    """Every tenth day two to five times as much."""
    result: Floats = weekdays(dice, days) * np.where(dice.random(days) < 0.1, dice.uniform(2, 5, days), 1.0)
    return result


def shift(dice: np.random.Generator, days: int) -> Floats:
    """Half or twice as much from some day on."""
    where = dice.integers(days // 6, days // 2)
    after = float(dice.choice([0.5, 2.0]))
    result: Floats = weekdays(dice, days) * np.where(np.arange(days) < where, 1.0, after)
    return result


def wandering(dice: np.random.Generator, days: int) -> Floats:
    """A level that wanders by 5 % a day."""
    return weekdays(dice, days) * np.exp(np.cumsum(dice.normal(0, 0.05, days)))


KINDS: dict[str, Kind] = {
    "weekdays": weekdays, "trend": trend, "bursts": bursts, "level shift": shift, "wandering": wandering,
}  # fmt: skip


def covered(kind: Kind, histories: int, seed: int) -> tuple[float, float]:
    """Percent of histories whose month ended within its range, and the median width of the range in percent."""
    dice, hits, widths = np.random.default_rng(seed), 0, []
    for _ in range(histories):
        seen, left = int(dice.integers(14, 60)), int(dice.integers(2, 27))
        days = kind(dice, seen + left + 1)
        found = month_end(days[:seen].tolist(), weekday=seen % 7, days_left=left)
        assert found is not None
        hits += found.low <= days[seen:].sum() <= found.high
        widths.append((found.high - found.low) / found.value)

    return 100 * hits / histories, 100 * float(np.median(widths))


def reached(histories: int, seed: int) -> tuple[float, float]:
    """Percent of leaking gauges that reached their limit within the range, and of those that do not leak, alarmed."""
    dice, hits, told, false = np.random.default_rng(seed), 0, 0, 0
    hours = 24 * 14
    at = [k * HOUR for k in range(hours)]
    for _ in range(histories):
        noise = np.zeros(hours)
        for k in range(1, hours):
            noise[k] = 0.7 * noise[k - 1] + dice.normal(0, 1)

        slope = dice.uniform(0.3, 2.0)
        level = 40 + slope * np.arange(hours) / 24
        when = (dice.uniform(4, 20) + 14) * DAY
        limit = 40 + slope * when / DAY
        found = reaches(list(zip(at, (level + noise).tolist(), strict=True)), limit, now=hours * HOUR)
        if found is not None:
            told += 1
            hits += found.earliest <= when <= (found.latest or when)

        still = reaches(list(zip(at, (60 + noise).tolist(), strict=True)), 85, now=hours * HOUR)
        false += still is not None

    return 100 * hits / max(told, 1), 100 * false / histories


# --- anomalies and causes


def _usual_week() -> Floats:
    """Nobody at night, more in the evening and on weekends: 168 hours, about 1 on average in the day."""
    hours = np.arange(168)
    by_day = np.where(hours % 24 < 7, 0.15, 1 + 0.8 * np.sin((hours % 24 - 7) / 17 * np.pi))
    result: Floats = by_day * np.where(hours // 24 >= 5, 1.3, 1.0)
    return result


def unusual(histories: int, seed: int) -> tuple[float, float]:
    """Percent of three bad hours that are found, and false alarms a week and figure, of messages, mean and errors."""
    dice, hits, alarms, asked = np.random.default_rng(seed), 0, 0, 0
    for _ in range(histories):
        level, weeks = float(dice.choice([20, 60, 200])), int(dice.integers(4, 9))
        expected = level * np.tile(_usual_week(), weeks) * np.repeat(_noise(dice, weeks * 7, 0.12), 24)
        for figure in ("messages", "mean", "errors"):
            values, n = _hours(dice, figure, expected)
            alarms += len(anomalies(figure, _points(values, n), _last_week(len(n))))
            at = len(n) - 100 + (12 - (len(n) - 100)) % 24
            bad = values.copy()
            bad[at : at + 3] = _bad(figure, values[at : at + 3])
            found = anomalies(figure, _points(bad, n), _last_week(len(n)))
            hits += any(one.start <= (at + 1) * HOUR < one.end for one in found)
            asked += 1

    return 100 * hits / asked, alarms / asked


def _bad(figure: str, values: Floats) -> Floats:
    """A tenth of the messages, twice the time and more, or three failures in ten."""
    if figure == "errors":
        return np.full(len(values), 0.3)

    return values * (0.1 if figure == "messages" else 2.2)


def _hours(dice: np.random.Generator, figure: str, expected: Floats) -> tuple[Floats, Floats]:
    """Values of a figure and what they are counted from, by the hour."""
    if figure == "messages":
        n = dice.negative_binomial(8, 8 / (8 + expected)).astype(float)
        return n, n

    n = dice.poisson(expected).astype(float)
    some = np.maximum(n, 1)
    if figure == "errors":
        return dice.binomial(n.astype(np.int64), 0.02) / some, n

    return 1.5 * np.exp(dice.normal(0, 0.6 / np.sqrt(some))), n


def _points(values: Floats, n: Floats) -> list[Point]:
    return [Point(k * HOUR, float(value), int(size)) for k, (value, size) in enumerate(zip(values, n, strict=True))]


def _last_week(hours: int) -> Window:
    return Window((hours - 168) * HOUR, hours * HOUR)


def invented(cases: int) -> float:
    """The share of questions after ordinary windows that name a cause all the same."""
    tops = []
    for seed in range(cases):
        told = evidence(Planted(), Planted(), 5_000 + seed)
        tops += [why(WINDOW, figure, told).top for figure in ("mean", "p95", "errors", "messages")]

    return sum(top is not None for top in tops) / len(tops)


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """Coverage by kind of history: informative, since it is to lie in between and not below."""
    size = bench.size(HISTORIES, 40)
    for number, (name, kind) in enumerate(KINDS.items()):
        share, width = covered(kind, size, number)
        yield Row(f"month's end within its 80 % range: {name}", share, "%")
        yield Row(f"width of that range: {name}", width, "% of the forecast")

    share, false = reached(size // 4, 7)
    yield Row("limit reached within its 80 % range", share, "%")
    yield Row("limit forecast for a gauge that only wavers", false, "%", gate=5)
    seen, alarms = unusual(bench.size(60, 6), 8)
    yield Row("three bad hours found as unusual", seen, "%")
    yield Row("false alarms a week and figure", alarms, "", gate=0.2)
    for cause in CAUSES:
        cases = bench.size(CASES, 4)
        answers = [named(cause, seed) for seed in range(cases)]
        yield Row(f"planted cause not named: {cause.name}", 100 * (cases - answers.count("right")) / cases, "%", gate=5)

    yield Row("cause named where there is none", 100 * invented(bench.size(100, 4)), "%", gate=1)
