"""Response times: P50, P95 and P99 as bands, with the limits as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitoring import phrasing
from monitoring.analysis.figure import Gap, TimingPoint
from monitoring.analysis.performance import Performance
from monitoring.charts import wording
from monitoring.charts.axes import tick_label, time_ticks, value_ticks
from monitoring.charts.opened import opened, told_opened
from monitoring.charts.theme import LEAST, LEFT, RIGHT, STATE_SHAPES
from monitoring.model import Band
from monitoring.phrasing import seconds

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import End, Plot

HEIGHT = 800
_FEW_95, _FEW_99 = 20, 100


def title(value: Performance) -> str:
    """What became of P95: its peak and where it is now, or why there is none."""
    if not value.now.n:
        return f"No responses in {wording.these(value.window)}"

    if value.now.p95 is None:
        return f"Mean is {seconds(value.now.mean)}; too few for a P95"

    if _just_began(value) and value.first_at is not None:
        minutes = phrasing.duration((value.window.end - value.first_at) / 1000)
        return f"P95 is {seconds(value.now.p95)} in the first {minutes}"

    last, limit = _last(value), value.bands.p95.warning
    if value.bands.p95.band(last) in (Band.WARNING, Band.CRITICAL):
        return f"P95 is {seconds(last)}, above {phrasing.in_unit(limit, 's')}{_since(value)}"

    if _peaked(value) and value.peak_at is not None:
        when = wording.moment(value.peak_at, value.window)
        back = f", now back to {seconds(last)}" if last is not None else ""
        return f"P95 peaked at {seconds(value.peak)}{_at(when)}{back}"

    return f"P95 is {seconds(value.now.p95)}, within its limit of {tick_label(limit, 's')}"


def subtitle(value: Performance) -> tuple[str, ...]:
    """Whose response time, over which window, of how many; whether some were dropped."""
    return (
        f"Response time, {_whose(value)}",
        _span(value),
        wording.n(value.now.n),
        wording.partial(value.partial and value.now.n > 0),
    )


def alt(value: Performance) -> str:
    """The figures of the chart in sentences."""
    head = f"Line chart, response time P50, P95 and P99 of {_whose(value)} over {wording.period(value.window)}"
    limits = value.bands.p95
    return wording.alt_text(
        f"{head}, {wording.plural(value.now.n, 'response')}.",
        *_figures(value),
        f"Warning above {seconds(limits.warning)}, critical above {seconds(limits.critical)}.",
        told_opened(value.incidents, value.window),
        wording.told_partial(value.partial),
        _began(value),
        wording.unmonitored(_gaps(value), value.window.zone),
    )


def draw(board: Board, value: Performance) -> None:
    """Bands, lines and limits."""
    from monitoring.charts.plot import Plot, room

    limits = value.bands.p95
    ticks = value_ticks(_highest(value))
    note = _note(value)
    left = LEFT + room(board, [tick_label(tick, "s") for tick in ticks]) + 14
    right = RIGHT - max(room(board, [end.text for end in _ends(value)], bold=True) - 8, 48)
    bottom = board.bottom - 44 - (54 if note else 0)
    window = (value.window.start, value.window.end)
    plot = Plot(board, left, board.top, right - left, bottom - board.top, across=window, up=(0, ticks[-1]))
    plot.grid(ticks, lambda tick: tick_label(tick, "s"))
    plot.times(time_ticks(*window, value.window.zone))
    _limits(plot, limits.warning, limits.critical, ticks[-1])
    _unmonitored(plot, value)

    if value.now.n:
        _lines(plot, value)
        _peak(plot, value)
        plot.ends(_ends(value))
    else:
        plot.verdict(*_silence(value))

    opened(plot, value.incidents, value.window)
    if note:
        board.text(LEFT, board.bottom + 4, note, color="mute", size=LEAST)


def _lines(plot: Plot, value: Performance) -> None:
    from monitoring.charts.plot import broken

    mids = [(point.start + point.end) // 2 for point in value.points]
    few = any(point.timing.p95 is None and point.timing.n for point in value.points)

    def line(statistic: str) -> tuple[Any, Any]:
        return broken(mids, [getattr(point.timing, statistic) for point in value.points], value.gaps)

    xs, p50 = line("p50")
    p95, p99 = line("p95")[1], line("p99")[1]
    plot.band(xs, p95, p99, alpha=0.16)
    plot.band(xs, p50, p95, alpha=0.34)
    if few:
        plot.line(xs, line("mean")[1], color="other", width=5, dashes=(1.2, 1.6), z=3)

    plot.line(xs, p50, color="soft", width=4, dot=14)
    if _stepwise(value):
        plot.line(xs, p95, color="accent", width=7, dot=24, z=5)
    elif value.now.p95 is not None:
        level = float(plot.py(value.now.p95))
        plot.board.line([plot.x, plot.right], [level, level], color="accent", width=5, z=5)


def _limits(plot: Plot, warning: float, critical: float, top: float) -> None:
    plot.limit(warning, f"warning above {tick_label(warning, 's')}")
    if critical <= top:
        plot.limit(critical, f"critical above {tick_label(critical, 's')}")


def _unmonitored(plot: Plot, value: Performance) -> None:
    gaps = _gaps(value)
    if value.first_at is not None and value.first_at > value.window.start:
        plot.gaps(gaps[:1], f"monitoring began{_at(wording.moment(value.first_at, value.window))}")
        gaps = gaps[1:]

    plot.gaps(gaps, "not monitored")


def _peak(plot: Plot, value: Performance) -> None:
    from monitoring.charts.board import Spot

    if not _peaked(value) or value.peak is None:
        return

    x = float(plot.px(next((p.start + p.end) / 2 for p in value.points if p.start == value.peak_at)))
    y = max(float(plot.py(value.peak)), plot.y)
    band = value.bands.p95.band(value.peak)
    plot.board.mark(x, y, STATE_SHAPES[band], band.value, 24, edge=4, z=7)
    spots = [Spot(x - 28, y - 4, "right"), Spot(x + 28, y - 4), Spot(x - 28, y - 44, "right"), Spot(x + 28, y - 44)]
    plot.board.place(seconds(value.peak), spots, color="text", bold=True)


def _ends(value: Performance) -> list[End]:
    from monitoring.charts.plot import End

    if not value.now.n:
        return []

    found = []
    for name, statistic, color in (("P99", "p99", "mute"), ("P95", "p95", "accent"), ("P50", "p50", "soft")):
        whole = getattr(value.now, statistic)
        last = next((at for p in reversed(value.points) if (at := getattr(p.timing, statistic)) is not None), None)
        last = whole if last is None and statistic == "p95" else last
        if whole is None and statistic != "p50":
            near = _last(value) or value.now.mean or 0
            found.append(End(near * (1.5 if statistic == "p99" else 1.2), f"{name} too few", "mute"))
        elif last is not None:
            found.append(End(last, f"{name}  {seconds(last)}", color, statistic == "p95"))

    mean = next((p.timing.mean for p in reversed(value.points) if p.timing.mean is not None), None)
    if mean is not None and not _stepwise(value):
        found.append(End(mean, f"mean  {seconds(mean)}", "mute"))

    return found


def _note(value: Performance) -> str:
    if not value.now.n:
        return ""

    if not _stepwise(value):
        return (
            f"Each step has too few for a P95 of its own (under {_FEW_95})."
            if value.now.p95 is not None
            else (f"A P95 needs {_FEW_95} responses, a P99 {_FEW_99}.")
        )

    if value.now.p99 is None:
        return f"A P99 needs {_FEW_99} responses."

    return "P50, P95 and P99 are partial: facts were dropped under load." if value.partial else ""


def _silence(value: Performance) -> tuple[str, str]:
    monitored = value.window.length - sum(gap.end - gap.start for gap in _gaps(value))
    quiet = "Monitoring was on: silence, not a gap" if monitored > 0.5 * value.window.length else "Monitoring was off"
    if value.last_at is None:
        return "No answer so far", quiet

    day, clock = phrasing.weekday(value.last_at, value.window.zone), phrasing.clock(value.last_at, value.window.zone)
    return f"Last answer: {day}, {clock}", quiet


def _figures(value: Performance) -> list[str]:
    if not value.now.n:
        return ["No responses.", ". ".join(_silence(value)) + "."]

    now = value.now
    figures = (("P50", now.p50), ("P95", now.p95), ("P99", now.p99))
    quantiles = [f"{name} {seconds(at) if at is not None else 'too few'}" for name, at in figures]
    found = [f"Mean {seconds(now.mean)}, {wording.listed(quantiles)}."]
    if value.peak is not None and value.peak_at is not None:
        found.append(f"Highest step {seconds(value.peak)}{_at(wording.moment(value.peak_at, value.window))}.")

    last = _last(value)
    if last is not None:
        found.append(f"Last P95 {seconds(last)}.")

    if value.usual is not None:
        found.append(f"Usual: {value.usual[0]:.1f} to {seconds(value.usual[1])}.")

    return found


def _whose(value: Performance) -> str:
    return wording.name(value.subject) if value.subject else "all personas"


def _span(value: Performance) -> str:
    if not _just_began(value) or value.first_at is None:
        return wording.span(value.window)

    zone = phrasing.zone_name(value.first_at, value.window.zone)
    return f"since {phrasing.clock(value.first_at, value.window.zone)} {zone}"


def _began(value: Performance) -> str:
    if value.first_at is None or value.first_at <= value.window.start:
        return ""

    zone = value.window.zone
    return f"Monitoring began on {phrasing.day(value.first_at, zone)} at {phrasing.clock(value.first_at, zone)}."


def _just_began(value: Performance) -> bool:
    """Whether only the last tenth of the window was monitored at all."""
    return value.first_at is not None and value.window.end - value.first_at < 0.1 * value.window.length


def _gaps(value: Performance) -> tuple[Gap, ...]:
    """The gaps, the time before recording began first as one of them."""
    if value.first_at is None or value.first_at <= value.window.start:
        return value.gaps

    later = tuple(gap for gap in value.gaps if gap.start >= value.first_at)
    return (Gap(value.window.start, value.first_at), *later)


def _stepwise(value: Performance) -> bool:
    return any(point.timing.p95 is not None for point in value.points)


def _last(value: Performance) -> float | None:
    """P95 of the last step that has one; of the window where no step has."""
    found = (point.timing.p95 for point in reversed(value.points) if point.timing.p95 is not None)
    return next(found, value.now.p95)


def _peaked(value: Performance) -> bool:
    """Whether the highest step passed a limit and is one that the chart shows as P95."""
    if value.peak is None or value.bands.p95.band(value.peak) is Band.GOOD:
        return False

    step = next((point for point in value.points if point.start == value.peak_at), None)
    return step is not None and step.timing.p95 is not None


def _since(value: Performance) -> str:
    spell = value.slow_spells[-1] if value.slow_spells else None
    if spell is None or spell.end < value.window.end - 0.05 * value.window.length:
        return ""

    return f" since {wording.moment(spell.start, value.window)}"


def _at(when: str) -> str:
    return f" at {when}" if ":" in when else f" on {when}"


def _highest(value: Performance) -> float:
    """The top of the scale: the limit, P95 in full, and P99 unless it would flatten all else."""
    points: tuple[TimingPoint, ...] = value.points
    p95 = max((p.timing.p95 or p.timing.mean or 0 for p in points), default=0)
    p99 = max((p.timing.p99 or 0 for p in points), default=0)
    highest = max(p95 * 1.08, min(p99, p95 * 1.6), value.now.p95 or 0)
    return max(highest, value.bands.p95.warning * 1.25)
