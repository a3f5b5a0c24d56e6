"""What is worth doing about models: money, waste, long prompts, cache misses, a better model for a feature."""

from __future__ import annotations

import math
from collections.abc import Iterator

from monitoring.analysis.advice import Clues, Priority, Recommendation
from monitoring.analysis.noise import mean_error, rate_error, together
from monitoring.analysis.series import Keep, label, only
from monitoring.phrasing import NB, count, money, seconds, share
from monitoring.rollup import Rollup
from monitoring.safe_text import code_text, safe_text

LEAST_CALLS = 100
"""Calls of a model of which something is said of it."""
DEAR, DEAR_SHARE, DEAR_SUM = 3.0, 0.4, 500_000
"""A model is dear at three times another's price, if it has two fifths of all cost, and half a dollar of it."""
WASTED, WASTED_TOKENS = 0.1, 20_000
"""Of a model's calls, the failed ones that are a waste; and how many tokens they cost at least."""
LONG_PROMPT, LITTLE_CACHED, LONG_RATIO = 3_000, 0.3, 15
MISSES = 0.5
LEAST_ASKS = 50
FASTER = 0.2
"""A model is better for a feature if it takes a fifth less."""
SURE = 3.0
WORSE_LIKED = 0.3
"""Of 5: what a model may be liked less than another without being worse."""
LEAST_VOTES = 10


def model_advice(clues: Clues, guild: str | None = None) -> Iterator[Recommendation]:
    """All that is worth doing about models."""
    keep = only("operation", guild=guild)
    models = {name: r for name, r in clues.operation.now.total(label("operation", "model", keep)).items() if name}
    yield from _dear(clues, models, guild)
    yield from _wasteful(models)
    yield from _prompts(clues, keep)
    yield from _misses(clues, guild)
    yield from _better(clues, keep, guild)


def _price(rollup: Rollup) -> float | None:
    """Micro-dollars of a thousand tokens; None where it is not known of all."""
    return None if rollup.unpriced or not rollup.tokens else 1000 * rollup.cost / rollup.tokens


def _dear(clues: Clues, models: dict[str, Rollup], guild: str | None) -> Iterator[Recommendation]:
    """A model that costs three times as much a token as another that does as well."""
    liking = _liking(clues, guild)
    whole = sum(r.cost for r in models.values())
    for name, rollup in models.items():
        price = _price(rollup)
        if price is None or rollup.cost < DEAR_SUM or rollup.cost < DEAR_SHARE * whole:
            continue

        others = [
            (other_price, other)
            for other, r in models.items()
            if other != name
            and r.count >= LEAST_CALLS
            and (other_price := _price(r)) is not None
            and other_price * DEAR <= price
            and not _fails_more(r, rollup)
            and not _liked_less(liking.get(other), liking.get(name))
        ]
        if not others:
            continue

        cheap, other = min(others)
        saved = rollup.cost - cheap * rollup.tokens / 1000
        yield Recommendation(
            "expensive",
            name,
            Priority.MEDIUM,
            f"`{code_text(name)}` is dear",
            f"{money(rollup.cost)}, {share(rollup.cost / whole)} of all cost, at {money(price)} for 1,000 tokens; "
            f"`{code_text(other)}` costs {money(cheap)} and fails no more often. n{NB}{count(rollup.count)}.",
            f"Try `{code_text(other)}` where answers are short or simple: up to {money(saved)} less in such a window.",
            rollup.count,
            saved / 1e6,
        )


def _fails_more(other: Rollup, than: Rollup) -> bool:
    error = rate_error(other, than)
    if error is None or other.rate is None or than.rate is None:
        return True

    return other.rate - than.rate > max(2 * error, 0.01)


def _liking(clues: Clues, guild: str | None) -> dict[str, float]:
    """How models are liked (of 5), by at least ten votes."""
    found = clues.liking.total(label("model_liking", "model", only("model_liking", guild=guild)))
    return {name: r.mean for name, r in found.items() if r.count >= LEAST_VOTES and r.mean is not None}


def _liked_less(other: float | None, than: float | None) -> bool:
    return other is not None and than is not None and than - other > WORSE_LIKED


def _wasteful(models: dict[str, Rollup]) -> Iterator[Recommendation]:
    """A model whose calls fail often, after their tokens were paid."""
    for name, rollup in models.items():
        if rollup.count < LEAST_CALLS or (rollup.rate or 0) < WASTED:
            continue

        lost = rollup.tokens * (rollup.rate or 0)
        if lost < WASTED_TOKENS:
            continue

        yield Recommendation(
            "wasteful",
            name,
            Priority.MEDIUM,
            f"`{code_text(name)}` wastes calls",
            f"{share(rollup.rate)} of {count(rollup.count)}{NB}calls fail; calls have "
            f"{count(rollup.tokens / rollup.count)} tokens on average.",
            "Retry less, check what is sent before it is sent, or use another model for what fails.",
            rollup.count,
            rollup.rate or 0,
        )


def _prompts(clues: Clues, keep: Keep) -> Iterator[Recommendation]:
    """Prompts that are long, hardly cached, and far longer than what comes back."""
    found = clues.operation.now.total(lambda labels: (labels[5], labels[2]) if keep(labels) and labels[2] else None)
    long = []
    for (feature, model), rollup in found.items():
        mean = rollup.prompt / max(rollup.count, 1)
        cached = rollup.cached / max(rollup.prompt, 1)
        if rollup.count >= LEAST_CALLS and mean >= LONG_PROMPT and cached < LITTLE_CACHED:
            long.append((rollup.prompt, feature, model, mean, cached, rollup))

    if not long:
        return

    _, feature, model, mean, cached, rollup = max(long, key=lambda one: one[0])
    where = f" of `{code_text(feature)}`" if feature else ""
    ratio = rollup.prompt / max(rollup.completion, 1)
    yield Recommendation(
        "prompts",
        feature or model,
        Priority.MEDIUM if ratio >= LONG_RATIO else Priority.LOW,
        "Prompts are long",
        f"Prompts{where} to `{code_text(model)}` have {count(mean)} tokens on average, {count(ratio)} times the "
        f"answer, {share(cached)} of them cached. n{NB}{count(rollup.count)}.",
        "Put what never changes first so that the provider can cache it, and send less history.",
        rollup.count,
        mean / LONG_PROMPT,
    )


def _misses(clues: Clues, guild: str | None) -> Iterator[Recommendation]:
    """A cache that seldom has the answer."""
    keep = only("cache", guild=guild)
    found = clues.cache.total(lambda labels: (labels[0], labels[1]) if keep(labels) else None)
    for (service, feature), rollup in found.items():
        if rollup.count < LEAST_ASKS or (rollup.rate or 0) < MISSES:
            continue

        name = f"`{code_text(service)}`" + (f" for `{code_text(feature)}`" if feature else "")
        yield Recommendation(
            "cache",
            service,
            Priority.LOW,
            f"The cache of {name} misses",
            f"{share(rollup.rate)} of {count(rollup.count)}{NB}asks found nothing.",
            "Make its keys coarser (trim, lower case, no times or names in them), or keep answers for longer.",
            rollup.count,
            (rollup.rate or 0) * math.log10(rollup.count),
        )


def _better(clues: Clues, keep: Keep, guild: str | None) -> Iterator[Recommendation]:
    """For a feature that is done by several models, one that is surely faster and in nothing worse than the usual."""
    liking = _liking(clues, guild)
    features: dict[tuple[str, str], dict[str, Rollup]] = {}
    found = clues.operation.now.total(lambda row: (row[5], row[1], row[2]) if keep(row) and row[2] and row[5] else None)
    for (feature, operation, model), rollup in found.items():
        if rollup.successes >= LEAST_CALLS:
            features.setdefault((feature, operation), {})[model] = rollup

    for (feature, _), models in features.items():
        usual = max(models, key=lambda name: models[name].count)
        mine = models[usual]
        better = [
            (r.mean, name)
            for name, r in models.items()
            if name != usual
            and r.mean is not None
            and _beats(r, mine)
            and not _liked_less(liking.get(name), liking.get(usual))
        ]
        if not better or mine.mean is None:
            continue

        mean, name = min(better)
        yield Recommendation(
            "model",
            feature,
            Priority.LOW,
            f"`{code_text(name)}` is better for {safe_text(feature)}",
            f"{seconds(mean)} against {seconds(mine.mean)} with `{code_text(usual)}`, and no more failures. "
            f"n{NB}{count(models[name].successes)} and {count(mine.successes)}.",
            f"Use `{code_text(name)}` for {safe_text(feature)}.",
            mine.successes + models[name].successes,
            1 - mean / mine.mean,
        )


def _beats(other: Rollup, usual: Rollup) -> bool:
    """Surely faster by a fifth, not failing more often, and not dearer."""
    error = together(mean_error(other), mean_error(usual))
    if error is None or other.mean is None or usual.mean is None or _fails_more(other, usual):
        return False

    price, had = _price(other), _price(usual)
    dearer = price is not None and had is not None and price > had * 1.05
    return not dearer and usual.mean - other.mean > max(SURE * error, FASTER * usual.mean)
