"""Variants of what is tried: their means, and the difference to the first with its 95 % interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.analysis.difference import Difference
from monitoring.analysis.features import Features, Trial, Variant
from monitoring.charts import wording
from monitoring.charts.axes import tick_label, value_ticks
from monitoring.charts.theme import LEAST, LEFT, RIGHT
from monitoring.phrasing import FEW, NB, seconds

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import Plot

HEIGHT = 900
_FIELD, _WORDS = 400, 760
_HEAD, _ROW = 62, 110
_VARIANTS, _ROOM = 4, 570


def title(value: Features) -> str:
    """What the largest trial shows."""
    if not value.trials:
        return f"Nothing was tried in {wording.these(value.window)}"

    trial = value.trials[0]
    first, known = trial.variants[0], [v for v in trial.variants[1:] if v.mean is not None]
    if not known:
        return "Too few answers to compare variants"

    shown = [v for v in known if v.mean is not None and v.mean.shown]
    if not shown:
        return f"No difference shown between {wording.plural(len(trial.variants), 'variant')}"

    best = max(shown, key=lambda v: abs(v.mean.value) if v.mean is not None else 0)
    return f"{wording.title_name(best.name, 16)} is {faster(best.mean)} than {wording.title_name(first.name, 16)}"


def faster(found: Difference | None) -> str:
    """A difference of means in words: "0.4 s faster"; what the interval does not show is not told."""
    if found is None:
        return FEW

    if not found.shown:
        return "no difference shown"

    return f"{seconds(abs(found.value))} {'slower' if found.value > 0 else 'faster'}"


def fails(found: Difference | None) -> str:
    """A difference of error rates in words: "fails 2.1 points more"."""
    if found is None:
        return ""

    if not found.shown:
        return "errors: no difference"

    return f"fails {abs(found.value) * 100:.1f} points {'more' if found.value > 0 else 'less'}"


def between(found: Difference) -> str:
    """The interval: "0.2 to 0.6 s", with signs where it reaches both ways."""
    low, high = (found.low, found.high) if found.value >= 0 else (-found.high, -found.low)
    return f"{_number(low)} to {_number(high)}{NB}s"


def subtitle(value: Features) -> tuple[str, ...]:
    """What, window, sample, how many trials are not shown."""
    hidden = len(value.trials) - len(_fitting(value.trials))
    n = sum(trial.n for trial in value.trials)
    return (
        f"Means, 95{NB}% intervals",
        wording.span(value.window),
        wording.n(n),
        f"{hidden} not shown" if hidden else "",
    )


def alt(value: Features) -> str:
    """Every variant shown, with its mean and its difference to the first."""
    trials = [
        f"{wording.name(trial.service)} {wording.name(trial.operation)}: {'; '.join(map(_told, trial.variants))}."
        for trial in _fitting(value.trials)
    ]
    return wording.alt_text(
        f"Means of variants with 95 % intervals over {wording.period(value.window)}: {title(value)}.", *trials
    )


def draw(board: Board, value: Features) -> None:
    """One row a variant; the axis is the difference to the first of its trial."""
    from monitoring.charts.plot import Plot

    trials = _fitting(value.trials)
    bounds = [abs(end) for t in trials for v in t.variants if v.mean is not None for end in (v.mean.low, v.mean.high)]
    ticks = value_ticks(max(bounds, default=0) or 1.0, 2)
    height = sum(_HEAD + _ROW * len(trial.variants) for trial in trials) or 1
    plot = Plot(board, _FIELD, board.top, _WORDS - 40 - _FIELD, height, across=(-ticks[-1], ticks[-1]), up=(0, 1))
    if not trials:
        board.text((LEFT + RIGHT) / 2, board.top + 280, "No operation names a variant", bold=True, ha="center")
        board.text((LEFT + RIGHT) / 2, board.top + 336, "The host names them", color="mute", ha="center")
        return

    edge = ticks[-1]
    plot.times([(-edge, f"−{tick_label(edge, 's')}"), (0.0, "0"), (edge, tick_label(edge, "s"))])
    y = board.top
    for trial in trials:
        top = y + _HEAD
        words = f"{wording.name(trial.service)} · {wording.name(trial.operation)}"
        board.text(LEFT, y + 26, board.cut(words, RIGHT - LEFT), color="mute")
        x = float(plot.px(0))
        board.line([x, x], [top, top + _ROW * len(trial.variants) - 14], color="rule", width=3, z=2)
        for index, variant in enumerate(trial.variants):
            _row(plot, variant, top + _ROW * index + 24, first=index == 0)

        y = top + _ROW * len(trial.variants)


def _row(plot: Plot, variant: Variant, y: float, *, first: bool) -> None:
    board = plot.board
    board.text(LEFT, y, board.cut(wording.name(variant.name, 40), _FIELD - LEFT - 30, bold=True), bold=True)
    note = f"{seconds(variant.timing.mean)} · {wording.n(variant.timing.n)}"
    board.text(LEFT, y + 46, board.cut(note, _FIELD - LEFT - 30, LEAST), color="mute", size=LEAST)
    middle = y + 20
    if first:
        board.mark(float(plot.px(0)), middle, "o", "other", 24)
        board.text(_WORDS, middle, "baseline", color="mute")
        return

    found = variant.mean
    if found is not None:
        color = "accent" if found.shown else "other"
        low, high, here = (float(plot.px(value)) for value in (found.low, found.high, found.value))
        board.line([low, high], [middle, middle], color=color, width=8)
        for end in (low, high):
            board.line([end, end], [middle - 14, middle + 14], color=color, width=5)

        board.mark(here, middle, "o", color, 26, edge=3)

    room = RIGHT + 28 - _WORDS
    board.text(_WORDS, y, board.cut(faster(found), room), bold=found is not None and found.shown)
    board.text(_WORDS, y + 46, board.cut(fails(variant.errors), room, LEAST), color="mute", size=LEAST)


def _fitting(trials: tuple[Trial, ...]) -> tuple[Trial, ...]:
    """The trials that the picture has room for; of each at most four variants."""
    shown: list[Trial] = []
    room = _ROOM
    for trial in trials:
        cut = Trial(trial.service, trial.operation, trial.variants[:_VARIANTS])
        room -= _HEAD + _ROW * len(cut.variants)
        if room < 0 and shown:
            break

        shown.append(cut)

    return tuple(shown)


def _told(variant: Variant) -> str:
    mean = f"{wording.name(variant.name)} {seconds(variant.timing.mean)} ({wording.n(variant.timing.n)})"
    if variant.mean is None:
        return mean if variant.errors is None else f"{mean}, {FEW} to compare"

    errors = fails(variant.errors)
    return f"{mean}, {faster(variant.mean)}, interval {between(variant.mean)}{f', {errors}' if errors else ''}"


def _number(value: float) -> str:
    """Seconds without their unit, with a true minus sign."""
    text = f"{abs(value):.1f}" if abs(value) >= 0.995 else f"{abs(value):.2f}"
    return f"−{text}" if value < 0 and float(text) else text
