"""Made-up values of tokens, cost, models, features and variants in every state a chart must bear."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from chart_stories import BANDS, CROWD, ODD, instant, window

from monitoring.analysis.difference import Difference
from monitoring.analysis.features import Feature, Features, Trial, Variant
from monitoring.analysis.figure import Figure, Gap, Point, Timing
from monitoring.analysis.forecast import Forecast
from monitoring.analysis.model_moves import Move
from monitoring.analysis.models import Model, Models
from monitoring.analysis.spending import Cost, Share, Used
from monitoring.analysis.tokens import Step, Tokens
from monitoring.model import DAY, HOUR
from monitoring.window import SPANS, next_step, step_start

LONG = ("W" * 32, "王" * 32, "m" * 32)
FEATURES = ("chat", "grammar", "quiz", "voice", "scenario")
NOTHING = Used(cost=0)


def states() -> Iterator[tuple[str, str, object]]:
    """Kind, state, value."""
    for state, value in _tokens().items():
        yield "tokens", state, value

    for state, bill in _costs().items():
        yield "cost", state, bill

    for state, page in _models().items():
        yield "models", state, page

    for state, uses in _features().items():
        yield "features", state, uses

    for state, trials in _variants().items():
        yield "variants", state, trials


# --- tokens


def _tokens() -> dict[str, Tokens]:
    hour = tokens("24h")
    first = hour.steps[-1]
    return {
        "month": tokens("30d"),
        "quarter": tokens("90d"),
        "week": tokens("7d"),
        "day": hour,
        "hour": tokens("1h"),
        "few": tokens("7d", each=400),
        "one point": replace(hour, steps=(first,), gaps=(Gap(hour.window.start, first.at),), usual=None),
        "nothing": no_tokens(),
        "as usual": replace(tokens("30d"), usual=tokens("30d").latest.total),
        "no cache": replace(tokens("7d"), usual=None),
        "crowd": tokens("30d", names=CROWD),
        "odd": tokens("30d", names=ODD),
    }


def tokens(name: str = "30d", each: float = 22e6, names: tuple[str, ...] = ("llama3.1:8b", "gpt-4o-mini")) -> Tokens:
    """Tokens by day, with a day without monitoring; or by hour."""
    dice, over = random.Random(3), window(name)
    by_day = SPANS[name] > 2 * DAY
    step = DAY if by_day else HOUR
    starts = [step_start(over.start, step, over.zone)]
    while (following := next_step(starts[-1], step, over.zone)) < over.end:
        starts.append(following)

    gap = Gap(starts[len(starts) // 3], starts[len(starts) // 3] + step) if len(starts) > 3 else None
    steps = tuple(
        Step(at, None if gap is not None and at == gap.start else _used(each * dice.uniform(0.85, 1.15)))
        for at in starts
    )
    known = [one.used for one in steps if one.used is not None]
    whole = Used(sum(u.prompt for u in known), sum(u.completion for u in known), sum(u.cached for u in known), 0)
    latest = known[-1] if by_day else whole
    parts = tuple(Share(who, whole, 0.5 / (k + 1), slot=k + 1) for k, who in enumerate(names))
    return Tokens(
        over,
        Figure(whole.total, whole.total * 0.9, 40_000),
        whole,
        61.0,
        latest,
        starts[-1] if by_day else over.start,
        latest.total / 1.09,
        steps,
        parts,
        parts,
        parts,
        () if gap is None else (gap,),
    )


def _used(total: float) -> Used:
    return Used(round(total * 0.78), round(total * 0.22), round(total * 0.29), 2_630_000)


def no_tokens() -> Tokens:
    """A day on which no model was asked."""
    over = window()
    steps = tuple(Step(at, NOTHING) for at in range(over.start, over.end, HOUR))
    return Tokens(over, Figure(0.0), NOTHING, None, NOTHING, over.start, None, steps)


# --- cost


def _costs() -> dict[str, Cost]:
    march = cost()
    return {
        "month": march,
        "no budget": replace(march, budget=None),
        "small budget": replace(march, budget=20e6),
        "large budget": replace(march, budget=5_000e6),
        "no forecast": replace(march, forecast=None),
        "first day": cost(days=1, forecast=False),
        "second day": cost(days=2),
        "last day": cost(days=31),
        "cents": cost(each=0.004e6, budget=None),
        "thousands": cost(each=1_900e6, budget=70_000e6),
        "unpriced": replace(march, month=replace(march.month, unpriced=1_234)),
        "no price": replace(no_cost(), month=Used(900, 100, 0, None, 12), total=Figure(None)),
        "local": replace(no_cost(), month=Used(900, 100, 0, 0), budget=100e6),
        "nothing": no_cost(),
        "gap": replace(march, gaps=(Gap(march.month_start + 3 * DAY, march.month_start + 5 * DAY),)),
    }


def cost(days: int = 11, each: float = 2.8e6, budget: float | None = 100e6, *, forecast: bool = True) -> Cost:
    """March until the evening of a day."""
    dice = random.Random(8)
    start, end = instant("2026-03-01 00:00"), instant("2026-04-01 00:00")
    over = window("24h", instant(f"2026-03-{days:02} 18:00"))
    amounts = [each * dice.uniform(0.8, 1.25) for _ in range(days)]
    at, spent, running = start, 0.0, [Point(start, 0.0)]
    for amount in amounts:
        at = min(next_step(at, DAY, over.zone), over.end)
        spent += amount
        running.append(Point(at, spent))

    rows = tuple(
        (spent + each * (0.25 + k), spent + each * (0.2 + k * 0.83), spent + each * (0.3 + k * 1.2))
        for k in range(32 - days)
    )
    ahead = Forecast(*rows[-1], n=40, days=rows) if forecast else None
    used = _used(24e6)
    parts = (Share("gpt-4o-mini", used, 0.4, 0.7), Share("claude-haiku-4-5", used, 0.2, 0.3))
    month = Used(8 * 10**8, 10**8, 10**8, round(spent))
    return Cost(
        over, Figure(amounts[-1], amounts[0]), used, parts, parts, parts, round(amounts[-1]), month, start, end,
        tuple(running), ahead, budget,
    )  # fmt: skip


def no_cost() -> Cost:
    """A month in which no model was asked."""
    march = cost()
    flat = tuple(replace(point, value=0.0) for point in march.running)
    return Cost(
        march.window, Figure(0.0), NOTHING, today=0, month=NOTHING, month_start=march.month_start,
        month_end=march.month_end, running=flat,
    )  # fmt: skip


# --- models


def _models() -> dict[str, Models]:
    story = models()
    return {
        "day": story,
        "month": replace(story, window=window("30d")),
        "hour": replace(story, window=window("1h"), rows=story.rows[:2]),
        "viewer": story.without_money(),
        "one": replace(story, rows=story.rows[:1]),
        "too few": replace(story, rows=(model("llama3.1:8b", 1.9, 12),), n=12),
        "only failures": replace(story, rows=(replace(story.rows[0], timing=Timing(40, 40)),)),
        "nothing": Models(window(), (), 0),
        "crowd": models(tuple(f"provider/model-{k}-instruct" for k in range(40))),
        "odd": models(ODD),
        "long": models(LONG),
        "large": replace(story, rows=tuple(model(f"m{k}", 14.2 + 20 * k, 3_000_000) for k in range(4)), n=12_000_000),
        "partial": replace(story, partial=True),
    }


def model(name: str, mean: float, n: int, micro: int | None = 0, rate: float = 0.01) -> Model:
    """One model whose thousand tokens cost so many micro-dollars; 0: local."""
    p95 = mean * 2.2 if n >= 20 else None
    timed = Timing(n, round(n * rate), mean, mean * 0.8, p95, None, 0.3, mean * 4)
    spent = Used(n * 800, n * 200, 0, None if micro is None else n * micro, n if micro is None else 0)
    return Model(
        name, timed, spent, min(n / 14_120, 1.0), BANDS.p95.band(p95), BANDS.errors.band(rate),
        Timing(n, 0, mean / 4), 120 / mean, 4.6 if n > 500 else None, n // 9,
    )  # fmt: skip


def models(names: tuple[str, ...] = ()) -> Models:
    """The four of the story; or as many as there are names."""
    if names:
        rows = tuple(
            model(name, 1.1 + 0.4 * k, 900 - 9 * k, (300, None, 0)[k % 3], 0.01 * k) for k, name in enumerate(names)
        )
        return Models(window(), rows, sum(row.timing.n for row in rows))

    rows = (
        model("gpt-4o-mini", 1.1, 1_980, 300, 0.005),
        model("claude-haiku-4-5", 1.3, 560, 1_800, 0.0),
        model("llama3.1:8b", 1.9, 8_610, 0, 0.023),
        model("qwen2.5:14b", 2.6, 2_970, 0, 0.034),
    )
    move = Move("hal9000", "llm_inference", "qwen2.5:14b", "gpt-4o-mini", 1.5, 1.4, 1.6, 9e6, 900)
    return Models(window(), rows, 14_120, move)


# --- features and variants


def _features() -> dict[str, Features]:
    story = features()
    return {
        "day": story,
        "month": replace(story, window=window("30d")),
        "hour": replace(story, window=window("1h")),
        "one": replace(story, rows=story.rows[:1]),
        "failing": features(rate=0.08),
        "too few": replace(story, rows=(feature("quiz", 3),), n=3),
        "nothing": Features(window()),
        "crowd": features(tuple(f"feature_{k}" for k in range(40))),
        "odd": features(ODD),
        "long": features(LONG),
    }


def feature(name: str, n: int, rate: float = 0.005, hits: float | None = 0.42) -> Feature:
    """One feature."""
    timed = Timing(n, round(n * rate), 1.4, 1.1, 2.4 if n >= 20 else None, None, 0.3, 9.0)
    rates = BANDS.errors.band(rate)
    return Feature(name, timed, _used(n * 900), n / 9_860, BANDS.p95.band(timed.p95), rates, hits, n)


def features(
    names: tuple[str, ...] = ("chat", "grammar", "quiz", "voice", "scenario"), rate: float = 0.005
) -> Features:
    """Five features, of which the last asks no cache."""
    rows = tuple(
        feature(name, 5_200 // (k + 1), rate * (k + 1), None if k == 4 else 0.4 + 0.01 * k)
        for k, name in enumerate(names)
    )
    return Features(window(), rows, n=sum(row.timing.n for row in rows))


def _variants() -> dict[str, Features]:
    pair = trial("short prompt", "long prompt")
    return {
        "pair": Features(window(), trials=(pair,)),
        "month": Features(window("30d"), trials=(pair, trial("warm", "cold", gain=0.02))),
        "none shown": Features(window("1h"), trials=(trial("a", "b", gain=0.02),)),
        "too few": Features(window(), trials=(trial("a", "b", n=12),)),
        "many": Features(window(), trials=(trial(*(f"v{k}" for k in range(12))),)),
        "trials": Features(window(), trials=tuple(trial("on", "off", service=f"service_{k}") for k in range(10))),
        "odd": Features(window(), trials=(trial(*ODD[:5]), trial(*ODD[5:8], service=ODD[2]))),
        "long": Features(window(), trials=(trial(*LONG, service="W" * 32),)),
        "nothing": Features(window()),
    }


def trial(*names: str, gain: float = -0.4, n: int = 900, service: str = "llm") -> Trial:
    """Variants, each a little further from the first than the one before."""
    rows = []
    for k, name in enumerate(names):
        timed = Timing(n - k, n // 50, 1.6 + gain * k, None, None, None, 0.2, 9.0)
        mean = Difference(gain * k, gain * k - 0.09, gain * k + 0.09) if k and n >= 20 else None
        rows.append(Variant(name, timed, _used(n * 800), mean, Difference(0.021, -0.004, 0.05) if k else None))

    return Trial(service, "llm_inference", tuple(rows))
