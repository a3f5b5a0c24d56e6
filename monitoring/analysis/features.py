"""What is each feature used for, and does it work? And of variants that are tried: which one is better?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitoring.analysis.difference import Difference, newcombe, welch
from monitoring.analysis.figure import Bands, Gap, Timing
from monitoring.analysis.performance import RESPONSE
from monitoring.analysis.series import Keep, label, only, timing
from monitoring.analysis.spending import Used, used
from monitoring.metrics import METRICS
from monitoring.model import Band, Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import Window

_MODEL, _OPERATION, _FEATURE = (METRICS["operation"].labels.index(name) for name in ("model", "operation", "feature"))


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its requests (see `_requests`) with their times, and what all of its operations used."""

    name: str
    timing: Timing
    used: Used
    share: float
    """0..1 of the requests of all features."""
    band: Band = Band.UNKNOWN
    """Of its P95; of its mean where there are too few for one."""
    error_band: Band = Band.UNKNOWN
    hits: float | None = None
    """0..1 of the asks of a cache that it answered; None: none was asked."""
    asks: int = 0


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant of what is tried; the differences (this one − the first) are None for the first."""

    name: str
    timing: Timing
    used: Used
    mean: Difference | None = None
    """In seconds; None where there are too few."""
    errors: Difference | None = None
    """Of the error rates, 0..1."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The variants of one operation; the first is the most used, with which the others are compared."""

    service: str
    operation: str
    variants: tuple[Variant, ...]

    @property
    def n(self) -> int:
        """Operations of all variants."""
        return sum(variant.timing.n for variant in self.variants)


@dataclass(frozen=True, slots=True)
class Features:
    """Features, most requests first, and trials of two variants or more."""

    window: Window
    rows: tuple[Feature, ...] = ()
    trials: tuple[Trial, ...] = ()
    n: int = 0
    """Requests of all features."""
    gaps: tuple[Gap, ...] = ()
    money: bool = True
    """Whether costs are shown."""
    first_at: Instant | None = None

    def without_money(self) -> Features:
        """The same for those who are not shown what it costs."""
        return replace(self, money=False)


@dataclass(frozen=True, slots=True)
class Uses:
    """What `features` is told: the whole window, each series as one step."""

    operation: Series
    """By feature, operation and model."""
    cache: Series
    variant: Series
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None


def features(window: Window, uses: Uses, *, guild: str | None = None, bands: Bands) -> Features:
    """Features and variants of a window, of one guild or the whole bot."""
    keep = only("operation", guild=guild)
    whole = uses.operation.total(label("operation", "feature", keep))
    asked = uses.cache.total(label("cache", "feature", only("cache", guild=guild)))
    requests = {name: _requests(uses.operation, name, keep) for name in whole if name}
    n = sum(one.count for one in requests.values())
    rows = [
        _feature(name, one, whole[name], asked.get(name, Rollup()), n, bands)
        for name, one in requests.items()
        if one.count
    ]

    return Features(
        window=window,
        rows=tuple(sorted(rows, key=lambda row: (-row.timing.n, row.name))),
        trials=_trials(uses.variant, guild),
        n=n,
        gaps=uses.gaps,
        first_at=uses.first_at if uses.first_at and uses.first_at > window.start else None,
    )


def _requests(series: Series, feature: str, keep: Keep) -> Rollup:
    """The operations that stand for a feature's requests, each of which may be many operations.

    Its responses; without any, its operations of a model; without these, the most frequent one.
    """

    def kind(labels: tuple[str, ...]) -> tuple[int, str] | None:
        if not keep(labels) or labels[_FEATURE] != feature:
            return None

        operation = labels[_OPERATION]
        return (2 if operation == RESPONSE else 1 if labels[_MODEL] else 0), operation

    kinds = series.total(kind)
    best = max(kinds, key=lambda one: (one[0], kinds[one].count, one[1]), default=None)
    return Rollup() if best is None else kinds[best]


def _feature(name: str, requests: Rollup, whole: Rollup, asked: Rollup, n: int, bands: Bands) -> Feature:
    timed = timing(requests)
    return Feature(
        name=name,
        timing=timed,
        used=used(whole),
        share=requests.count / n,
        band=bands.p95.band(timed.p95) if timed.p95 is not None else bands.mean.band(timed.mean),
        error_band=bands.errors.band(timed.rate),
        hits=None if asked.rate is None else 1 - asked.rate,
        asks=asked.count,
    )


def _trials(series: Series, guild: str | None) -> tuple[Trial, ...]:
    """What is tried in two variants or more, most operations first."""
    keep = only("variant", guild=guild)
    found: dict[tuple[str, str], dict[str, Rollup]] = {}
    for (name, service, operation), rollup in series.total(lambda ls: ls[:3] if keep(ls) else None).items():
        if name and name != "other":
            found.setdefault((service, operation), {})[name] = rollup

    trials = [Trial(*what, _variants(rows)) for what, rows in found.items() if len(rows) > 1]
    return tuple(sorted(trials, key=lambda trial: (-trial.n, trial.service, trial.operation)))


def _variants(rows: Mapping[str, Rollup]) -> tuple[Variant, ...]:
    """Each variant against the most used one."""
    names = sorted(rows, key=lambda name: (-rows[name].count, name))
    first = rows[names[0]]
    others = (
        Variant(name, timing(rows[name]), used(rows[name]), welch(rows[name], first), newcombe(rows[name], first))
        for name in names[1:]
    )
    return Variant(names[0], timing(first), used(first)), *others
