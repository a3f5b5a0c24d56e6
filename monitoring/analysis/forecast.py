"""What is to come, always with a range: what a month will amount to, and when a gauge reaches its limit.

Amounts: weekday factors and simple exponential smoothing, whose range comes from drawing its own past one-day errors
again and again (Hyndman, Athanasopoulos: *Forecasting: Principles and Practice*, 3rd ed., 5.5 and 8.1; bootstrapped
residuals). Gauges: the Theil-Sen line with Sen's interval (Sen 1968), its variance widened for readings that hang
together (Yue, Wang 2004). `tests/benchmarks/forecasts.py` holds the ranges against simulated histories.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from monitoring.model import DAY, Instant

LEAST_DAYS = 7
"""Known days of which an amount is forecast at least."""
MOST_DAYS = 56
LEAST_WEEKS = 14
"""Known days of which weekdays are told apart at least."""
OUTER = 0.1
"""What lies beyond each end of the range: 80 % lie within."""
PATHS = 2_000
ALPHAS = (0.05, 0.1, 0.2, 0.35, 0.5)
WANDER = 1.15
"""Levels move by so much more than one-day errors tell: brought to the back-test's 80 %."""
DAMPED = 0.97
"""A trend goes on by so much less each day."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Forecast:
    """A figure to come: eight times in ten between `low` and `high`; made from `n` days."""

    value: float
    low: float
    high: float
    n: int
    days: tuple[tuple[float, float, float], ...] = ()
    """The sum so far by the end of today and of each day to come: (value, low, high)."""


@dataclass(frozen=True, slots=True)
class Reach:
    """When a gauge will reach its limit at the present pace: eight times in ten between `earliest` and `latest`."""

    at: Instant
    earliest: Instant
    latest: Instant | None
    """None: maybe never."""
    level: float
    """Where the trend stands now, in the gauge's unit."""
    per_day: float
    limit: float
    n: int


def month_end(
    daily: Sequence[float | None],
    *,
    weekday: int,
    days_left: int,
    so_far: float = 0.0,
    today: float = 0.0,
    passed: float = 0.0,
) -> Forecast | None:
    """What a month will amount to; None with fewer than seven known days.

    daily: the amounts of complete days up to yesterday, oldest first; None: not monitored. weekday: today's, Monday 0.
    days_left: days of the month after today. so_far: of this month, `today` included; passed: how much of today, 0..1.
    """
    recent = list(daily)[-MOST_DAYS:]
    known = np.array([np.nan if value is None else value for value in recent], dtype=float)
    n = int(np.isfinite(known).sum())
    if n < LEAST_DAYS:
        return None

    factors = _weekdays(known, weekday)
    place = (weekday - len(known) + np.arange(len(known) + days_left + 1)) % 7
    plain = known / factors[place[: len(known)]]
    paths = _paths(_smoothed(plain), _drift(plain), days_left + 1) * factors[place[len(known) :]]
    # What is left of today is the rest of a day, of which today's own amount says as much as has passed.
    rest = (1 - passed) * (passed * today / max(passed, 1e-9) + (1 - passed) * paths[:, 0])
    paths[:, 0] = rest
    sums = so_far + np.cumsum(np.maximum(paths, 0.0), axis=1)
    low, value, high = np.quantile(sums, (OUTER, 0.5, 1 - OUTER), axis=0)
    days = tuple(zip(value.tolist(), low.tolist(), high.tolist(), strict=True))
    return Forecast(*days[-1], n=n, days=days)


def days_left(today: date) -> int:
    """Days of the month after this one."""
    following = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    return (following - today).days - 1


def _weekdays(known: Floats, weekday: int) -> Floats:
    """How much of a mean day each weekday is, drawn towards 1 while there are few weeks."""
    if np.isfinite(known).sum() < LEAST_WEEKS or np.nanmean(known) <= 0:
        return np.ones(7)

    place = (weekday - len(known) + np.arange(len(known))) % 7
    # Against the mean of the week around it, so that growth is not taken for a weekday.
    around = np.convolve(np.nan_to_num(known), [1] * 7, "same") / np.convolve(~np.isnan(known), [1] * 7, "same").clip(1)
    ratio = known / np.where(around > 0, around, np.nan)
    groups = [ratio[(place == day) & np.isfinite(ratio)] for day in range(7)]
    found = np.array([np.median(mine) if len(mine) else 1.0 for mine in groups])
    sizes = np.array([len(mine) for mine in groups])
    within = float(np.mean([np.var(mine) for mine in groups if len(mine)]))
    # Weekdays that differ little for how much they waver by themselves are hardly told apart (empirical Bayes).
    shrink = min(within / max(float(np.var(found)) - within / max(sizes.mean(), 1), 1e-9), 10.0)
    found = (found * sizes + shrink) / (sizes + shrink + 1e-9)
    result: Floats = np.maximum(found / found.mean(), 0.05)
    return result


@dataclass(frozen=True, slots=True)
class _Smoothed:
    """Simple exponential smoothing with one α: the level now, the one-day errors, and how much this α is believed."""

    alpha: float
    level: float
    errors: Floats
    weight: float


def _smoothed(values: Floats) -> list[_Smoothed]:
    """The levels after smoothing with each α. None is chosen: each counts by its likelihood, as α is never known."""
    known = values[np.isfinite(values)]
    found = []
    for alpha in ALPHAS:
        level, errors = float(np.median(known[: min(7, len(known))])), []
        for value in known:
            errors.append(value - level)
            level += alpha * (value - level)

        found.append((alpha, max(level, 0.0), np.array(errors)))

    losses = np.array([np.mean(np.square(errors[2:])) for _, _, errors in found]) + 1e-12
    weights = (losses / losses.min()) ** (-len(known) / 2)
    weights /= weights.sum()
    return [_Smoothed(*one, float(weight)) for one, weight in zip(found, weights, strict=True)]


def _drift(values: Floats) -> tuple[float, float]:
    """What a day adds, and how sure that is (one standard error); (0, 0) where no trend is proven."""
    known = np.flatnonzero(np.isfinite(values))[-28:]
    if len(known) < LEAST_WEEKS:
        return 0.0, 0.0

    line = theil_sen(known.astype(float), values[known])
    if line is None or line.low <= 0 <= line.high:
        return 0.0, 0.0

    return line.slope, (line.high - line.low) / 2 / Z80


def _paths(smoothed: Sequence[_Smoothed], drift: tuple[float, float], days: int) -> Floats:
    """Drawn courses of the days to come. The dice are always the same, so that the same history tells the same."""
    dice = np.random.default_rng(1)
    shares = np.cumsum([0.0, *(one.weight for one in smoothed)])
    ends = np.round(shares / shares[-1] * PATHS).astype(int)
    parts = [_drawn(dice, one, drift, (int(size), days)) for one, size in zip(smoothed, np.diff(ends), strict=True)]
    return np.concatenate(parts)


def _drawn(dice: np.random.Generator, one: _Smoothed, drift: tuple[float, float], shape: tuple[int, int]) -> Floats:
    """Courses for one α: the level moves by α of each drawn error."""
    n, alpha = len(one.errors), one.alpha
    # Errors are smaller than those to come by what was fitted to them: the level and, of two weeks on, six weekdays.
    wide = math.sqrt((n + 1) / max(n - (8 if n >= LEAST_WEEKS else 2), 2))
    steps = dice.choice(one.errors - np.mean(one.errors), shape) * wide
    moved = WANDER * np.concatenate([np.zeros((shape[0], 1)), np.cumsum(steps, axis=1)[:, :-1]], axis=1) * alpha
    doubt = np.std(one.errors) * math.sqrt(alpha / (2 - alpha)) * wide
    start = one.level + dice.normal(0, 1, (shape[0], 1)) * doubt
    slope = drift[0] + dice.normal(0, 1, (shape[0], 1)) * drift[1]
    # The smoothed level lags behind a trend by (1 − α) ÷ α days of it, which are caught up.
    ahead = np.cumsum(DAMPED ** np.arange(1, shape[1] + 1)) + min((1 - alpha) / alpha, 10)
    result: Floats = np.maximum(start + moved + slope * ahead + steps, 0.0)
    return result


# --- when a gauge reaches its limit

Z80 = 1.2816
"""The normal distribution's 90th percentile: 80 % lie within as many standard errors either side."""
LEAST_POINTS = 12
MOST_POINTS = 160
FLATTER = 0.8
"""The later half counts alone where it surely rises by less than so much of the whole."""
FURTHEST = 3
"""A trend is followed for three times as long as it has been seen, no further."""


@dataclass(frozen=True, slots=True)
class Line:
    """A robust line through points: its slope with the ends of the 80 % range, and its height at x = 0."""

    slope: float
    low: float
    high: float
    height: float


def theil_sen(x: Floats, y: Floats) -> Line | None:
    """The median of the slopes between all pairs of points, with Sen's interval; None below four points."""
    n = len(x)
    if n < 4:
        return None

    first, second = np.triu_indices(n, 1)
    apart = x[second] - x[first]
    slopes = np.sort((y[second] - y[first])[apart > 0] / apart[apart > 0])
    if not len(slopes):
        return None

    slope = float(np.median(slopes))
    height = float(np.median(y - slope * x))
    rest = y - slope * x - height
    spread = float(np.dot(rest, rest))
    together = float(np.dot(rest[1:], rest[:-1])) / spread if spread > 0 else 0.0
    together = min(max(together, 0.0), 0.95)
    variance = n * (n - 1) * (2 * n + 5) / 18 * (1 + together) / (1 - together)
    reach = Z80 * math.sqrt(variance) / 2
    middle = (len(slopes) - 1) / 2
    low = slopes[max(0, math.floor(middle - reach))]
    high = slopes[min(len(slopes) - 1, math.ceil(middle + reach))]
    return Line(slope, float(low), float(high), height)


def reaches(points: Sequence[tuple[Instant, float | None]], limit: float, *, now: Instant) -> Reach | None:
    """When a gauge reaches its limit; None where it is not on its way there, too far from it, or too little is known.

    Points (instant, value) in order of time. Only what came after the last steep fall counts (a restart, a clean-up);
    where the later half rises more slowly than the whole, only that (a cache that has filled).
    """
    known = [(at, value) for at, value in points if value is not None]
    risen = _since_fall(known)
    line, x, y = _rise(*_thinned(risen), now)
    if line is None or line.low <= 0:
        return None

    level = line.height
    if level >= limit:
        return Reach(now, now, now, level, line.slope, limit, len(x))

    spread = float(np.median(np.abs(y - line.slope * x - line.height))) * 1.4826
    missing, seen = limit - level, (risen[-1][0] - risen[0][0]) / DAY
    if missing / line.slope > FURTHEST * seen:
        return None

    latest = now + round((missing + spread) / line.low * DAY) if line.low > line.slope / 10 else None
    return Reach(
        at=now + round(missing / line.slope * DAY),
        earliest=now + round(max(missing - spread, 0.0) / line.high * DAY),
        latest=latest,
        level=level,
        per_day=line.slope,
        limit=limit,
        n=len(x),
    )


def _since_fall(known: list[tuple[Instant, float]]) -> list[tuple[Instant, float]]:
    """The points after the last fall by more than two fifths of what they span."""
    values = np.array([value for _, value in known])
    if len(values) < 2:
        return known

    steep = np.flatnonzero(np.diff(values) < -0.4 * (values.max() - values.min()))
    return known[int(steep[-1]) + 1 :] if len(steep) else known


def _thinned(known: list[tuple[Instant, float]]) -> tuple[Floats, Floats]:
    """At most 160 points: neighbours as their medians."""
    size = max(1, -(-len(known) // MOST_POINTS))
    parts = [known[k : k + size] for k in range(0, len(known), size)]
    x = np.array([np.median([at for at, _ in part]) for part in parts])
    return x, np.array([np.median([value for _, value in part]) for part in parts])


def _rise(at: Floats, y: Floats, now: Instant) -> tuple[Line | None, Floats, Floats]:
    """The line through all points or, where it flattens, through the later half; x in days from now."""
    x = (at - now) / DAY
    if len(x) < LEAST_POINTS:
        return None, x, y

    whole, half = theil_sen(x, y), len(x) // 2
    later = theil_sen(x[half:], y[half:])
    if whole is not None and later is not None and later.high < FLATTER * whole.slope:
        return later, x[half:], y[half:]

    return whole, x, y
