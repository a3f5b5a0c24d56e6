"""How the whole bot did: key figures with small lines, services over time, and who wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.figure import Strip
from monitoring.analysis.overview import Overview
from monitoring.charts import wording
from monitoring.charts.axes import time_ticks
from monitoring.charts.theme import HEALTH_STATES, LEAST, LEFT, RIGHT, ink, shape
from monitoring.model import DAY, Band, Health

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import Plot

HEIGHT = 900
_STRIPS = 4
_FIELD = 240
_STATE_HEIGHTS = {"good": 1.0, "warning": 0.75, "critical": 0.5, "unknown": 0.16}


def title(value: Overview) -> str:
    """The worst thing of the window, or that all is well."""
    if not value.messages.value and not value.p95.n:
        return f"No messages in {wording.these(value.window)}"

    if value.open_incidents:
        return f"{wording.plural(value.open_incidents, 'incident')} open; P95 is {_p95(value)}"

    worst = _worst(value)
    if worst is not None:
        return worst

    if value.errors.band in (Band.WARNING, Band.CRITICAL):
        limit = phrasing.share(value.bands.errors.warning)
        return f"{phrasing.share(value.errors.value)} of responses failed, above {limit}"

    slow = sum(spell.end - spell.start for spell in value.slow_spells) / 1000
    if slow >= 60:
        if slow * 1000 > value.window.length / 4:
            return f"{phrasing.duration(slow)} of slow answers"

        when = (
            "A good day but for" if value.window.length <= DAY + 3_600_000 else f"{wording.length(value.window)} with"
        )
        minutes = round(slow / 60)
        words = wording.plural(minutes, "slow minute") if slow < 7200 else f"{phrasing.duration(slow)} of slow answers"
        return f"{when} {words}"

    if value.p95.band in (Band.WARNING, Band.CRITICAL):
        return f"P95 is {_p95(value)}, above {phrasing.seconds(value.bands.p95.warning)}"

    return "All within limits"


def subtitle(value: Overview) -> tuple[str, ...]:
    """Window, and what arrows are against."""
    against = f"▲▼ against {value.against or f'the {wording.spelled(value.window)} before'}"
    return wording.span(value.window), against if _arrows(value) else ""


def alt(value: Overview) -> str:
    """The figures of the picture in sentences."""
    more, slower, worse = (f" ({change.lstrip('▲▼= ')})" if change else "" for change in _changes(value))
    figures = [
        f"Messages {phrasing.count(value.messages.value)}{more}.",
        f"P95 response {_p95(value)}{slower}{', partial' if value.partial else ''}.",
        f"Errors {phrasing.share(value.errors.value)}{worse}.",
    ]
    who = [f"{wording.name(p.name)} {phrasing.share(p.share)}" for p in value.personas[:8]]
    return wording.alt_text(
        f"Overview of {wording.period(value.window)}.",
        *figures,
        _services_in_words(value),
        f"Who wrote: {wording.listed(who)}." if who else "No persona wrote.",
        wording.told_partial(value.partial),
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Overview) -> None:
    """Three key figures, services, personas."""
    from monitoring.charts.tiles import spark, tile

    width = 318.0
    figures = (
        ("Messages", phrasing.count(value.messages.value), value.messages, value.message_points),
        ("P95, partial" if value.partial else "P95 response", _p95(value), value.p95, value.p95_points),
        ("Errors", phrasing.share(value.errors.value), value.errors, value.error_points),
    )
    for x, change, (label, words, figure, points) in zip((LEFT, 441, 834), _changes(value), figures, strict=True):
        # Colour is for trouble that grew: what got better stays grey, however far it is from good.
        worse = figure.band in (Band.WARNING, Band.CRITICAL) and change.startswith("▲")
        tone = figure.band.value if worse else "mute"
        tile(board, x, board.top, width, (label, words, change), tone=tone)
        spark(board, x, board.top + 168, (width, 60), points, value.gaps, value.window)

    _services(board, value, board.top + 252)
    _who(board, value, board.height - 142)


def _services(board: Board, value: Overview, y: float) -> None:
    from monitoring.charts.plot import Plot

    board.text(LEFT, y + 14, "Services", color="mute")
    if value.gaps:
        board.text(RIGHT, y + 14, wording.grey(value.gaps), size=LEAST, color="mute", ha="right")

    rows = _rows(value)[: int((board.height - 142 - 64 - y - 44) // 46)]
    step = 46
    top = y + 44
    window = (value.window.start, value.window.end)
    plot = Plot(board, _FIELD, top, RIGHT - _FIELD, step * max(len(rows), 1), across=window, up=(0, 1))
    if not rows:
        board.text(_FIELD, y + 14, "none was probed yet", color="mute")
        return

    for index, (name, strips) in enumerate(rows):
        middle = top + (index + 0.5) * step
        board.text(_FIELD - 20, middle, board.cut(name, _FIELD - 20 - LEFT), color="soft", ha="right")
        _strip(plot, strips, middle)

    plot.times(time_ticks(*window, value.window.zone), drop=32)


def _strip(plot: Plot, strips: list[Strip], middle: float) -> None:
    """One bar whose height and colour say the state; the state of several together is the worst."""
    height = 28.0
    plot.board.bar(plot.x, middle - height / 2, plot.width, height, "gap", z=1)
    spells = sorted((spell for strip in strips[:1] for spell in strip.spells), key=lambda spell: spell.start)
    for spell in spells:
        state = HEALTH_STATES[spell.health]
        left, right = max(float(plot.px(spell.start)), plot.x), min(float(plot.px(spell.end)), plot.right)
        if right <= left:
            continue

        if state not in ("good", "unknown"):
            right = min(max(right, left + 8), plot.right)

        tall = height * _STATE_HEIGHTS[state]
        plot.board.bar(left, middle - height / 2, right - left, height, "bg", z=2)
        alpha = 0.55 if state == "good" else 1.0
        plot.board.bar(
            left, middle + height / 2 - tall, right - left, tall, state, alpha=alpha, z=3 + (state != "good")
        )


def _rows(value: Overview) -> list[tuple[str, list[Strip]]]:
    """At most four rows: services that were unwell first, healthy ones that do not fit together in the last."""
    unwell = [strip for strip in value.strips if _unwell(strip)]
    well = [strip for strip in value.strips if not _unwell(strip)]
    rows = [(wording.name(strip.service), [strip]) for strip in unwell + well]
    if len(rows) <= _STRIPS:
        return rows

    rest = rows[_STRIPS - 1 :]
    names = " · ".join(name for name, _ in rest) if len(rest) == 2 else f"{len(rest)} others"
    return [*rows[: _STRIPS - 1], (names, [strip for _, strips in rest for strip in strips])]


def _who(board: Board, value: Overview, y: float) -> None:
    """Persona messages as one bar, the label in the segment and the share below it."""
    height, wide = 66.0, RIGHT - _FIELD
    board.text(LEFT, y + height / 2, "Who wrote", color="mute")
    total = sum(person.count for person in value.personas)
    if not total:
        board.bar(_FIELD, y, wide, height, "panel")
        board.text(_FIELD + wide / 2, y + height / 2, "no persona wrote", color="mute", ha="center")
        return

    x = float(_FIELD)
    shown = [p for p in value.personas[:6] if p.count / total * wide >= 30]
    for person in shown:
        part = person.count / total * wide
        _segment(board, x, y, part, (wording.name(person.name), person.slot, person.count / total))
        x += part

    rest = 1 - sum(person.count for person in shown) / total
    if rest * wide > 2:
        count = len(value.personas) - len(shown)
        _segment(board, x, y, rest * wide, (wording.plural(count, "other"), 0, rest))


def _segment(board: Board, x: float, y: float, part: float, who: tuple[str, int, float]) -> None:
    name, slot, share = who
    fill = board.t.persona(slot)
    board.bar(x + 1, y, part - 3, 66, fill)
    label = board.cut(name, part - 22, LEAST)
    if len(label) > (4 if label[:-1].isascii() else 2) or label == board.cut(name, 1e6, LEAST):
        board.text(x + part / 2, y + 33, label, size=LEAST, color=ink(fill), ha="center")
    elif slot:
        board.mark(x + part / 2 - 1, y + 33, shape(slot), ink(fill), 20)

    figure = phrasing.share(share)
    if board.wide(figure, LEAST) < part - 4:
        board.text(x + part / 2, y + 66 + 30, figure, size=LEAST, color="soft", ha="center")


def _worst(value: Overview) -> str | None:
    """The service that was unhealthy longest, if any was."""
    found = [
        (sum(spell.end - spell.start for spell in strip.spells if spell.health is Health.UNHEALTHY), strip.service)
        for strip in value.strips
    ]
    longest, service = max(found, default=(0, ""))
    if not longest:
        return None

    return f"{wording.title_name(service)} was unhealthy for {phrasing.duration(longest / 1000)}"


def _unwell(strip: Strip) -> str:
    """What was wrong with a service, "" for nothing."""
    words = []
    for health in (Health.UNHEALTHY, Health.DEGRADED):
        spent = sum(spell.end - spell.start for spell in strip.spells if spell.health is health) / 1000
        if spent:
            words.append(f"{health} for {phrasing.duration(spent)}")

    return f"{wording.name(strip.service)} {wording.listed(words)}" if words else ""


def _services_in_words(value: Overview) -> str:
    unwell = [words for strip in value.strips if (words := _unwell(strip))]
    if not unwell:
        return "All services healthy." if value.strips else ""

    rest = "; the others healthy" if len(unwell) < len(value.strips) else ""
    return f"Services: {'; '.join(unwell)}{rest}."


def _p95(value: Overview) -> str:
    few = value.p95.value is None and value.p95.n > 0
    return phrasing.FEW if few else phrasing.seconds(value.p95.value)


def _changes(value: Overview) -> tuple[str, str, str]:
    """The three key figures against the window before, in words."""
    return (
        phrasing.more(value.messages.value, value.messages.before),
        phrasing.slower(value.p95.value, value.p95.before),
        phrasing.points(value.errors.value, value.errors.before),
    )


def _arrows(value: Overview) -> bool:
    return any(figure.before is not None for figure in (value.messages, value.p95, value.errors))
