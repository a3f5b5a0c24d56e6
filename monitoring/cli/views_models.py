"""Views of models: side by side, tokens and cost, features."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from monitoring.analysis.features import Features
from monitoring.analysis.figure import Figure, Point
from monitoring.analysis.models import Models
from monitoring.analysis.spending import Cost, Used
from monitoring.analysis.tokens import Tokens
from monitoring.cli.figures import bar, beyond, figures, named, spark, under, window_words
from monitoring.cli.tables import table
from monitoring.phrasing import FEW, count, money, more, seconds, share


def models(value: Models, zone: str) -> RenderableType:
    """Models side by side."""
    rows = [
        (
            named(one.name),
            count(one.timing.n),
            share(one.share),
            seconds(one.timing.mean),
            seconds(one.timing.p95) if one.timing.p95 is not None else FEW,
            share(one.timing.rate),
            count(one.used.total),
            _cost(one.used),
            beyond(one.band),
        )
        for one in value.rows
    ]
    heads = ("model", ">done", ">share?", ">mean?", ">P95", ">failed", ">tokens?", ">cost", "")
    return under("Models", table(heads, rows, "No model was used in this window."), note=window_words(value.window))


def tokens(value: tuple[Tokens, Cost], zone: str) -> RenderableType:
    """Tokens and what they cost."""
    used, cost = value
    rows = [(named(one.name), count(one.used.total), bar(one.share), _cost(one.used)) for one in used.models]
    course = [Point(one.at, None if one.used is None else float(one.used.total)) for one in used.steps]
    month = f"this month {money(cost.month.cost)}" + (f" of {money(cost.budget)}" if cost.budget else "")
    if cost.forecast is not None:
        low, high = money(cost.forecast.low), money(cost.forecast.high)
        month += f", expected {money(cost.forecast.value)} ({low} to {high}, 8 times in 10)"

    today = Figure(None if cost.today is None else float(cost.today))
    return Group(
        under(
            "Tokens and cost",
            figures(
                [("Tokens", used.total, count, more), ("Cost", cost.total, money, more), ("Today", today, money, None)]
            ),
            note=window_words(used.window),
        ),
        spark(course),
        Text(month, style="dim"),
        under("By model", table(("model", ">tokens", "share", ">cost"), rows, "No tokens were used.")),
    )


def features(value: Features, zone: str) -> RenderableType:
    """What each feature is used for."""
    rows = [
        (
            named(one.name),
            count(one.timing.n),
            share(one.share),
            seconds(one.timing.mean),
            share(one.timing.rate),
            count(one.used.total),
            share(one.hits) if one.hits is not None else "",
            beyond(one.error_band),
        )
        for one in value.rows
    ]
    tried = [
        (named(f"{trial.service} {trial.operation}"), named(one.name), count(one.timing.n), seconds(one.timing.mean))
        for trial in value.trials
        for one in trial.variants
    ]
    heads = ("feature", ">requests", ">share?", ">mean", ">failed", ">tokens?", ">cached?", "")
    shown = under("Features", table(heads, rows, "No feature is reported."), note=window_words(value.window))
    variants = under("Tried against each other", table(("of", "variant", ">n", ">mean"), tried, ""))
    return Group(shown, *([variants] if tried else []))


def _cost(used: Used) -> str:
    return "local" if used.local else money(used.cost)
